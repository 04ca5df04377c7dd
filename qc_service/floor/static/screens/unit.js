// Which lot, which unit of it, how many, and by which procedure: asked only as far as the tablet does not know it.

import { meta } from "../db.js";
import { inForce, lots } from "../device.js";
import { begin, package_ } from "../draft.js";
import { keypad } from "../keypad.js";
import { button, el, mark, notice } from "../ui.js";
import { t } from "../words.js";

const MOST = 6; // digits of how many units

export async function open(app) {
  const all = await lots();
  const mine = app.state.person;
  let pad = null;
  choose();
  return () => pad?.end();

  function choose() {
    const tiles = all.map((lot) => {
      const own = lot.makers.some((one) => one.badge === mine.badge && one.unit === null);
      return button([
        el("strong", {}, lot.code),
        el("span", { class: "soft" }, [lot.product, lot.quantity].filter(Boolean).join(" · ")),
        own ? el("span", { class: "own" }, mark("!"), ` ${t("unit.own")}`) : null,
      ].filter(Boolean), () => { if (own) app.notice(t("unit.own")); else units(lot); }, { kind: "tile", name: "lot", "data-lot": lot.code, "aria-disabled": own ? "true" : null });
    });
    const field = el("input", { id: "lot", class: "field", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: "64" });
    const form = el("form", { class: "typed", novalidate: true, onsubmit: (event) => { event.preventDefault(); named(field.value.trim()); } },
      el("label", { for: "lot", class: "label" }, t("unit.type")), field, el("button", { type: "submit", class: "button", "data-name": "typed" }, t("continue")));
    app.frame(t("unit.title"), [el("p", { class: "lede" }, t("unit.scan")), el("div", { class: "tiles" }, tiles), form]);
    app.scanned = named;
  }

  // A code that was scanned or typed: a unit's, a lot's, or one that the tablet does not know.
  function named(code) {
    if (!code) return;
    const lot = all.find((one) => one.code === code);
    if (lot) return units(lot);
    const of = all.find((one) => one.units.includes(code));
    if (of) return which(of, code, 1);
    app.notice(t("unit.unknown", { lot: code }));
    return quantity({ code, product: null, quantity: null, procedure: null, makers: [], units: [] });
  }

  function units(lot) {
    if (!lot.units.length) return quantity(lot);
    const tiles = lot.units.map((unit) => button(el("strong", {}, unit), () => which(lot, unit, 1), { kind: "tile", name: "unit" }));
    app.frame(t("unit.which", { lot: lot.code }), [el("div", { class: "tiles" },
      button(el("strong", {}, t("unit.whole")), () => quantity(lot), { kind: "tile", name: "whole" }), ...tiles)], { backTo: choose });
    app.scanned = (code) => { if (lot.units.includes(code)) which(lot, code, 1); };
  }

  function quantity(lot) {
    const shown = el("p", { class: "number__value", id: "count" }, "–");
    pad?.end();
    pad = keypad({ longest: MOST, typed: (text) => { shown.textContent = text || "–"; } });
    const go = button(t("continue"), () => { const many = Number(pad.text()); if (many > 0) which(lot, null, many); }, { kind: "button--main", name: "continue" });
    app.frame(t("unit.how_many"), [el("div", { class: "number" }, shown, pad.pad, go)], { place: [lot.code], backTo: choose });
  }

  async function which(lot, unit, many) {
    const versions = await meta("versions", []);
    const codes = lot.procedure ? [lot.procedure] : [...new Set(versions.map((one) => one.code))];
    if (codes.length === 1) return start(lot, unit, many, codes[0]);
    const tiles = codes.map((code) => button([el("strong", {}, versions.findLast((one) => one.code === code)?.title ?? code), el("span", { class: "soft" }, code)],
      () => start(lot, unit, many, code), { kind: "tile", name: "procedure" }));
    return app.frame(t("unit.procedure"), [el("div", { class: "tiles" }, tiles)], { place: [lot.code], backTo: choose });
  }

  async function start(lot, unit, many, code, { knowing = false } = {}) {
    const version = await inForce(code);
    const kept = version && await package_(code, version.version);
    if (!kept) return app.frame(t("unit.title"), [notice(t("unit.no_package"), "bad")], { place: [lot.code], backTo: choose });
    const own = lot.makers.some((one) => one.badge === mine.badge && (one.unit === null || one.unit === unit));
    if (own) { choose(); return app.notice(t("unit.own")); }
    if (!mine.qualified?.includes(code) && !knowing) {
      return app.frame(t("unit.title"), [notice(t("unit.not_qualified")), button(t("continue"), () => start(lot, unit, many, code, { knowing: true }), { name: "continue" })], { place: [lot.code], backTo: choose });
    }
    const draft = await begin({ lot: lot.code, unit, units: many, procedure: code, version: version.version, person: mine, line: app.state.line });
    return app.go("check", { uuid: draft.uuid }, { instead: true });
  }
}
