// Which lot, which unit of it, how many, and by which procedure: asked only as far as the tablet does not know it.

import { readCode } from "../codes.js";
import { meta } from "../db.js";
import { inForce, lots, makers, people, toRead } from "../device.js";
import { begin, package_ } from "../draft.js";
import { keypad } from "../keypad.js";
import { scanner, useless } from "../scan.js";
import { button, el, mark, notice } from "../ui.js";
import { beginWork } from "../work.js";
import { t } from "../words.js";

const MOST = 6; // digits of how many units
const NAMED = ["lot", "unit", "bare"]; // what a code may say here
const unknown = (code) => ({ code, product: null, quantity: null, procedure: null, makers: [], units: [] });

// `work`: it is to be made, not to be inspected.
export async function open(app, { work = false } = {}) {
  const all = await lots();
  const mine = app.state.person;
  const title = work ? t("unit.title.work") : t("unit.title");
  let pad = null;
  choose();
  return () => pad?.end();

  function choose() {
    const tiles = all.map((lot) => {
      const own = !work && lot.makers.some((one) => one.badge === mine.badge && one.unit === null);
      return button([
        el("strong", {}, lot.code),
        el("span", { class: "soft" }, [lot.product, lot.quantity].filter(Boolean).join(" · ")),
        own ? el("span", { class: "own" }, mark("!"), ` ${t("unit.own")}`) : null,
      ].filter(Boolean), () => { if (own) app.notice(t("unit.own")); else units(lot); }, { kind: "tile", name: "lot", "data-lot": lot.code, "aria-disabled": own ? "true" : null });
    });
    const field = el("input", { id: "lot", class: "field", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: "2000" });
    const form = el("form", { class: "typed", novalidate: true, onsubmit: (event) => { event.preventDefault(); named(field.value); } },
      el("label", { for: "lot", class: "label" }, t("unit.type")), field, el("button", { type: "submit", class: "button", "data-name": "typed" }, t("continue")));
    const scan = scanner(app, { again: choose, fits: (read) => NAMED.includes(read.kind), typing: field });
    app.frame(title, [el("p", { class: "lede" }, t("unit.scan")), scan, el("div", { class: "tiles" }, tiles), form]);
    app.scanned = named;
  }

  // A code that was scanned or typed: a unit's, a lot's, or one that the tablet does not know.
  function named(text) {
    const read = readCode(text);
    if (read.why === "empty") return null;
    if (!NAMED.includes(read.kind)) return app.notice(useless(read), "bad");
    if (read.site && read.site !== app.state.line.site) return app.notice(t("scan.other_site", { site: read.site }), "bad");
    return read.unit ? unit(read) : lotOr(read.lot ?? read.code, read.kind === "bare");
  }

  function lotOr(code, orUnit) {
    const lot = all.find((one) => one.code === code);
    if (lot) return units(lot);
    const of = orUnit && all.find((one) => one.units.includes(code));
    if (of) return which(of, code, 1);
    app.notice(t("unit.unknown", { lot: code }));
    return quantity(unknown(code));
  }

  // A unit's label names its lot; a serial number alone is known only by the lots that are here.
  function unit({ lot: code, unit: name }) {
    const lot = code ? all.find((one) => one.code === code) ?? unknown(code) : all.find((one) => one.units.includes(name));
    return lot ? which(lot, name, 1) : app.notice(t("unit.no_lot", { unit: name }), "bad");
  }

  function units(lot) {
    if (!lot.units.length) return quantity(lot);
    const tiles = lot.units.map((unit) => button(el("strong", {}, unit), () => which(lot, unit, 1), { kind: "tile", name: "unit" }));
    app.frame(t("unit.which", { lot: lot.code }), [el("div", { class: "tiles" },
      button(el("strong", {}, t("unit.whole")), () => quantity(lot), { kind: "tile", name: "whole" }), ...tiles)], { backTo: choose });
    app.scanned = named;
  }

  function quantity(lot) {
    if (work) return which(lot, null, null);
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
    if (!kept) return app.frame(title, [notice(t("unit.no_package"), "bad")], { place: [lot.code], backTo: choose });
    if (!work && (await made(lot, unit))) { choose(); return app.notice(t("unit.own")); }
    const unread = (await toRead(mine.badge)).find((one) => one.procedure === code);
    if (!knowing && !(await qualified(code, unread))) return doubted(lot, unread, () => start(lot, unit, many, code, { knowing: true }));
    const begun = { lot: lot.code, unit, procedure: code, version: version.version, person: mine, line: app.state.line };
    if (work) return app.go("work", { uuid: (await beginWork({ ...begun, steps: kept.document.steps.length })).uuid }, { instead: true });
    return app.go("check", { uuid: (await begin({ ...begun, units: many })).uuid }, { instead: true });
  }

  // Whoever said so on this tablet made it too, also where the tablet knows nothing else of the lot.
  async function made(lot, unit) {
    const every = [...lot.makers, ...(await makers(lot.code))];
    return every.some((one) => one.badge === mine.badge && (one.unit === null || one.unit === unit));
  }

  // As the service said, or because what was missing has been read here since.
  async function qualified(code, unread) {
    const told = (await people()).find((one) => one.badge === mine.badge) ?? mine;
    return Boolean(told.qualified?.includes(code)) || (!unread && Boolean(told.to_read?.some((one) => one.procedure === code)));
  }

  function doubted(lot, unread, goOn) {
    const text = !unread ? t("unit.not_skilled") : work ? t("unit.not_read") : t("unit.not_qualified");
    app.frame(title, [notice(text), el("div", { class: "aside" },
      unread ? button(t("read.now"), () => app.go("read", unread), { kind: "button--main", name: "read-now" }) : null,
      button(t("continue"), goOn, { name: "continue" }))], { place: [lot.code], backTo: choose });
  }
}
