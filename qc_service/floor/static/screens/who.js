// Who are you? A badge card that is scanned, or one's name, and a PIN.

import { readCode } from "../codes.js";
import { able, people } from "../device.js";
import { byCard, enter, may } from "../enter.js";
import { keypad } from "../keypad.js";
import { scanner, useless } from "../scan.js";
import { button, el } from "../ui.js";
import { t } from "../words.js";

const DIGITS = 6;
const FITTING = ["card", "badge", "bare"];

export async function open(app, { next = "home", params = {} } = {}) {
  const roster = (await people()).filter((one) => may(one) && able(one, next, params));
  const tiles = roster.map((one) => button([el("strong", {}, one.name), el("span", { class: "soft" }, one.badge)], () => ask(one), { kind: "tile", name: "person", "data-badge": one.badge }));
  app.frame(t("who.title"), [
    el("p", { class: "lede" }, roster.length ? t("who.scan") : t("who.nobody")),
    roster.length ? scanner(app, { again: () => open(app, { next, params }), fits: (read) => FITTING.includes(read.kind) }) : null,
    el("div", { class: "tiles tiles--people" }, tiles),
  ].filter(Boolean));
  app.scanned = scanned;
  let pad = null;
  return () => pad?.end();

  function scanned(text) {
    const read = readCode(text);
    if (read.kind === "card") return byCard(app, read, { next, params });
    const badge = read.badge ?? read.code;
    const found = roster.find((one) => one.badge === badge);
    if (found) return ask(found);
    return app.notice(badge ? t("who.unknown", { badge }) : useless(read), "bad");
  }

  function ask(person, { secret = null } = {}) {
    pad?.end();
    const dots = el("p", { class: "dots", "aria-hidden": "true" }, "○".repeat(DIGITS));
    let busy = false;
    pad = keypad({
      longest: DIGITS,
      typed: async (text) => {
        dots.textContent = "●".repeat(text.length) + "○".repeat(DIGITS - text.length);
        if (text.length < DIGITS || busy) return;
        busy = true;
        await typed(person, secret ?? text, secret ? text : null);
        busy = false;
      },
    });
    app.frame(secret ? t("who.new_pin") : t("who.pin", { name: person.name }), [
      secret ? el("p", { class: "lede" }, t("who.must_change")) : null, el("div", { class: "pin" }, dots, pad.pad),
    ].filter(Boolean), { backTo: () => open(app, { next, params }) });
  }

  async function typed(person, pin, fresh) {
    const reply = await enter(app, person, { pin }, { fresh, next, params });
    if (!reply) return null;
    const must = reply.body?.errors?.some((one) => one.code === "must_change");
    if (must && !fresh) return ask(person, { secret: pin });
    pad.clear();
    return app.notice(reply.body?.errors?.[0]?.detail ?? (reply.body?.code === "credentials_wrong" ? t("who.wrong") : reply.body?.detail ?? t("who.wrong")), "bad");
  }
}
