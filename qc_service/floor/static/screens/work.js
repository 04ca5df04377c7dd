// The work, step by step: what is dangerous and needed first, then one step a screen, and at the end "I made it".

import { inForce } from "../device.js";
import { hold, package_ } from "../draft.js";
import { ahead, chips, step as stepNodes, wordsOf } from "../shown.js";
import { bar, button, el, mark, notice } from "../ui.js";
import { leaveWork, saveWork, workOf } from "../work.js";
import { t } from "../words.js";

export const what = ({ lot, unit }) => (unit ? t("line_and_unit", { line: lot, unit }) : lot);
export const placeOf = (work) => [what(work), t("version", { code: work.procedure, version: work.version })];

export async function open(app, { uuid, note = null }) {
  const work = await workOf(uuid);
  if (!work) return app.go("sent", {}, { instead: true });
  const home = () => app.go("home", {}, { instead: true });
  if (work.by.badge !== app.state.person.badge) {
    app.frame(t("home.resume", { lot: what(work) }), [notice(t("work.of_another", { name: work.by.name }))], { place: placeOf(work), backTo: home });
    return null;
  }
  const unlock = await hold(uuid);
  if (!unlock) {
    app.frame(t("home.work"), [notice(t("work.in_other_tab"), "bad")], { backTo: home });
    return null;
  }
  const kept = await package_(work.procedure, work.version);
  const words = wordsOf(kept);
  const current = await inForce(work.procedure);
  const old = current?.version === work.version ? null : notice(current ? t("work.old_version", { version: current.version }) : t("work.withdrawn"), "bad");
  let end = null;
  here();
  if (note) {
    history.replaceState({ name: "work", params: { uuid } }, ""); // it is said once
    app.notice(t(note), "good");
  }
  return () => { end?.(); unlock(); };

  function here() {
    return work.at ? one(words.steps[work.at - 1]) : first();
  }

  // Before the first step: everything that can hurt, and everything to have at hand.
  function first() {
    const { hazards, tools, paths } = ahead(words);
    app.frame(t("work.before"), [
      old, ...chips(words, ["title", "purpose", ...paths]),
      el("p", { class: "lede" }, el("strong", {}, words.title), el("br"), words.purpose), hazards, tools, next("work.begin"),
    ].filter(Boolean), {
      place: placeOf(work), backTo: home,
      beside: [button(t("work.leave"), async () => { await leaveWork(uuid); await home(); }, { kind: "button--quiet", name: "leave" })],
    });
  }

  function one(step) {
    end?.();
    const shown = stepNodes(words, step);
    end = shown.end;
    app.frame(step.text, [
      el("p", { class: "soft step", id: "step" }, t("work.step", { n: work.at, of: work.of })),
      old, shown.node, next("check.next"),
    ].filter(Boolean), { place: placeOf(work), progress: bar(work.at - 1, work.of), backTo: () => move(-1), beside: aside(step) });
    document.querySelector("h1").lang = words.marks[`steps.${step.id}.text`]?.language ?? "";
  }

  function next(name) {
    return el("div", { class: "answers" }, button([el("span", {}, t(name)), mark("›")], () => move(1), { kind: "answer answer--next", name: "next" }));
  }

  // The place is on the disk before the step is shown: a reload goes on there.
  async function move(by) {
    if (work.at + by > work.of) return app.go("made", { uuid }, { instead: true });
    try {
      await saveWork({ ...work, at: work.at + by });
    } catch {
      return app.notice(t("deed.not_kept"), "bad");
    }
    work.at += by;
    return here();
  }

  function aside(step) {
    const to = (screen) => () => app.go(screen, { uuid, step: step.id });
    const can = kept.document.checks?.length;
    return [
      button(t("work.trouble"), to("trouble"), { kind: "button--quiet", name: "trouble" }),
      can ? button(t("work.deviate"), to("deviate"), { kind: "button--quiet", name: "deviate" }) : null,
    ];
  }
}
