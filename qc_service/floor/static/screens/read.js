// Read and understood: what is to be read, what changed in it first, then all of it, and a signature at the end.

import { keepDeed } from "../deeds.js";
import { fetchPackage, toRead } from "../device.js";
import { meta } from "../db.js";
import { package_ } from "../draft.js";
import { NoNetwork } from "../net.js";
import { wake } from "../sender.js";
import { ahead, chips, step as stepNodes, wordsOf } from "../shown.js";
import { button, el, mark, notice } from "../ui.js";
import { language, t } from "../words.js";

export async function open(app, { procedure = null, version = null, note = null } = {}) {
  const ends = [];
  const home = () => app.go("home", {}, { instead: true });
  if (procedure) await show();
  else await list();
  return () => ends.forEach((end) => end());

  async function list() {
    const asked = await toRead(app.state.person.badge);
    const titles = Object.fromEntries((await meta("versions", [])).map((one) => [one.code, one.title]));
    const tiles = asked.map((one) => button([el("strong", {}, titles[one.procedure] ?? one.procedure), el("span", { class: "soft" }, t("version", { code: one.procedure, version: one.version }))],
      () => app.go("read", one), { kind: "tile", name: "to-read", "data-procedure": one.procedure }));
    app.frame(t("read.title"), [asked.length ? el("div", { class: "tiles" }, tiles) : el("p", { class: "lede" }, t("read.none"))], { backTo: home });
    if (!note) return;
    history.replaceState({ name: "read", params: {} }, ""); // it is said once
    app.notice(t("read.signed", note), "good");
  }

  async function show() {
    const kept = await known();
    const place = [t("version", { code: procedure, version })];
    if (!kept) return app.frame(t("read.title"), [notice(t("unit.no_package"), "bad")], { place });
    const words = wordsOf(kept);
    const steps = words.steps.map((one) => stepNodes(words, one, { heading: true }));
    ends.push(...steps.map((one) => one.end));
    const { hazards, tools } = ahead(words);
    const { name } = app.state.person;
    const sign = button([mark("✎"), el("span", {}, t("sign.sign", { name }))], () => press(sign), { kind: "answer answer--next", name: "sign" });
    return app.frame(words.title, [
      ...chips(words, Object.keys(words.marks)), changed(kept), el("p", { class: "lede" }, words.purpose), hazards, tools,
      el("section", { class: "whole" }, el("h2", {}, t("read.steps")), el("ol", {}, steps.map((one, n) => el("li", {}, el("span", { class: "soft" }, t("work.step", { n: n + 1, of: steps.length })), one.node)))),
      checks(words),
      el("p", { class: "statement" }, t("read.statement", { code: procedure, version })),
      el("div", { class: "answers" }, sign),
    ].filter(Boolean), { place });
  }

  function changed(kept) {
    const lines = kept.changed?.[language()] ?? [];
    return el("section", { class: "changed" }, el("h2", {}, t("read.changed")),
      lines.length ? el("ul", {}, lines.map((one) => el("li", {}, one.sentence ?? one))) : el("p", {}, t("read.all_new")));
  }

  function checks(words) {
    if (!words.checks?.length) return null;
    return el("section", { class: "whole" }, el("h2", {}, t("read.checks")), el("ul", {}, words.checks.map((one) => el("li", {},
      el("strong", {}, one.text), words.requirements[one.id] ? el("p", { class: "soft" }, words.requirements[one.id]) : null))));
  }

  async function known() {
    try {
      return (await package_(procedure, version)) ?? (await fetchPackage({ code: procedure, version }));
    } catch (error) {
      if (error instanceof NoNetwork) return null;
      throw error;
    }
  }

  async function press(sign) {
    if (sign.disabled) return;
    sign.disabled = true;
    try {
      await keepDeed(crypto.randomUUID(), "read", { procedure, version, language: language(), meaning: "read_and_understood" });
    } catch {
      sign.disabled = false;
      app.notice(t("deed.not_kept"), "bad");
      return;
    }
    await app.go("read", { note: { code: procedure, version } }, { instead: true });
    wake();
  }
}
