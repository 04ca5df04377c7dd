// Were these yours? Inspections under the name of whoever has just signed in, of which the service is not certain. It can wait.

import { signed } from "../enter.js";
import { NoNetwork, call } from "../net.js";
import { button, el, mark, say } from "../ui.js";
import { t, time } from "../words.js";

export async function open(app, { next = "home", params = {} } = {}) {
  const { person } = app.state;
  const asked = person.unsure ?? [];
  const denied = new Set();
  if (!asked.length) return leave();
  const send = button(t("yours.yes"), () => answer((uuid) => !denied.has(uuid)), { kind: "button--main", name: "yours" });
  const none = button(t("yours.no"), () => answer(() => false), { name: "not-yours" });
  app.frame(t("yours.title"), [
    el("p", { class: "lede" }, t("yours.why")), el("ul", { class: "sent" }, asked.map(row)), el("div", { class: "aside" }, send, none),
  ], { backTo: null, foot: [button(t("yours.later"), leave, { kind: "button--quiet", name: "later" })] });
  return null;

  function row({ uuid, lot, unit, line, happened_at: at }) {
    const what = el("div", { class: "review__what" },
      el("strong", {}, unit ? t("line_and_unit", { line: lot, unit }) : lot), el("span", { class: "soft" }, [line, time(at)].filter(Boolean).join(" · ")));
    if (asked.length === 1) return el("li", { class: "review__row", "data-asked": uuid }, what);
    const not = button(t("yours.not"), () => toggle(uuid, not), { name: "not", "aria-pressed": "false", rapid: true });
    return el("li", { class: "review__row", "data-asked": uuid }, what, not);
  }

  function toggle(uuid, pressed) {
    const no = !denied.has(uuid);
    if (no) denied.add(uuid);
    else denied.delete(uuid);
    pressed.setAttribute("aria-pressed", String(no));
    pressed.replaceChildren(...(no ? [mark("✘"), ` ${t("yours.not")}`] : [t("yours.not")]));
    none.hidden = denied.size > 0;
    send.textContent = denied.size ? t("yours.send") : t("yours.yes");
  }

  async function answer(mine) {
    if (send.disabled) return;
    for (const one of [send, none]) one.disabled = true;
    if (await told(asked.map(({ uuid }) => ({ uuid, mine: mine(uuid) })))) {
      await leave();
      say(t("yours.said"));
      return;
    }
    for (const one of [send, none]) one.disabled = false;
    app.notice(t("yours.not_sent"), "bad");
  }

  // Each is decided by itself; one that was answered elsewhere meanwhile needs no answer any more.
  async function told(answers) {
    try {
      return (await call("POST", "/v1/inspections/own", { token: person.session, json: { ...signed(person), answers } })).status === 200;
    } catch (error) {
      if (error instanceof NoNetwork) return false;
      throw error;
    }
  }

  function leave() {
    person.unsure = [];
    return app.go(next, params, { instead: true });
  }
}
