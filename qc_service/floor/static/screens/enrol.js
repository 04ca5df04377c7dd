// A new tablet: a supervisor shows a code, the tablet's camera opens it, and from then on it belongs to the plant.

import { enrol } from "../device.js";
import { NoNetwork } from "../net.js";
import { button, el, notice } from "../ui.js";
import { t } from "../words.js";

export async function open(app) {
  const given = new URLSearchParams(location.hash.slice(1)).get("enrol");
  const secure = window.isSecureContext;
  const field = el("input", { id: "code", class: "field", autocomplete: "off", autocapitalize: "off", spellcheck: "false", value: given ?? "" });
  const form = el("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); use(); } },
    el("label", { for: "code", class: "label" }, t("enrol.type")), field,
    el("button", { type: "submit", class: "button button--main", "data-name": "enrol" }, t("enrol.done")));
  app.frame(t("enrol.title"), [secure ? null : notice(t("no_secure"), "bad"), el("p", { class: "lede" }, t("enrol.how")), form].filter(Boolean), { backTo: null });
  if (given) await use();

  async function use() {
    const token = field.value.trim();
    if (!token) return field.focus();
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
