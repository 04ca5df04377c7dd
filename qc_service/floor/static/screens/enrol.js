// A new tablet: a supervisor shows a code, the tablet's camera opens it, and from then on it belongs to the plant.

import { readCode } from "../codes.js";
import { enrol } from "../device.js";
import { NoNetwork } from "../net.js";
import { readsItself, scanner, useless } from "../scan.js";
import { button, el, notice } from "../ui.js";
import { t } from "../words.js";

export async function open(app) {
  const given = new URLSearchParams(location.hash.slice(1)).get("enrol");
  const secure = window.isSecureContext;
  const field = el("input", { id: "code", class: "field", autocomplete: "off", autocapitalize: "off", spellcheck: "false", value: given ?? "" });
  const form = el("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); use(); } },
    el("label", { for: "code", class: "label" }, t("enrol.type")), field,
    el("button", { type: "submit", class: "button button--main", "data-name": "enrol" }, t("enrol.done")));
  // A photo is read by the service, which does not know this tablet yet.
  const scan = readsItself() ? scanner(app, { again: () => open(app), fits: (read) => ["tablet", "bare"].includes(read.kind), typing: field }) : null;
  app.frame(t("enrol.title"), [secure ? null : notice(t("no_secure"), "bad"), el("p", { class: "lede" }, t("enrol.how")), scan, form].filter(Boolean), { backTo: null });
  app.scanned = scanned;
  if (given) await use();

  function scanned(text) {
    const read = readCode(text);
    if (read.kind === "card") return app.notice(useless(read), "bad"); // its secret is not shown
    field.value = text;
    return use();
  }

  async function use() {
    const read = readCode(field.value);
    const token = read.token ?? read.code;
    if (read.why === "empty") return field.focus();
    if (!token) return app.notice(useless(read), "bad");
    field.value = token;
    try {
      if (!(await enrol(token))) return app.notice(t("enrol.refused"), "bad");
    } catch (error) {
      if (!(error instanceof NoNetwork)) throw error;
      return app.notice(t("enrol.no_network"), "bad");
    }
    history.replaceState(null, "", location.pathname);
    await app.go("line", {}, { instead: true });
  }
}
