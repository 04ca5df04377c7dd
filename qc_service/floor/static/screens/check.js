// One check at a time (or a few easy ones): its question, its answers, and nothing that could be pressed by mistake.

import { get } from "../db.js";
import { changes, hold, note, package_, save, screens } from "../draft.js";
import { chips } from "../shown.js";
import { bar, button, countFrom, el, notice, tapped } from "../ui.js";
import { language, t } from "../words.js";

const KINDS = {
  confirm: () => import("../checks/confirm.js"),
  measure: () => import("../checks/measure.js"),
  count: () => import("../checks/count.js"),
  choose: () => import("../checks/choose.js"),
  text: () => import("../checks/text.js"),
  photo: () => import("../checks/photo.js"),
  timer: () => import("../checks/timer.js"),
  sign: () => import("../checks/sign.js"),
};
const REASONS = {
  not_applicable: ["not_part", "other_variant"],
  cannot_check: ["no_access", "no_sight", "no_tool", "no_time"],
};

export async function open(app, { uuid, change = null }) {
  const draft = await get("drafts", uuid);
  if (!draft) return app.go("sent", {}, { instead: true });
  const kept = await package_(draft.procedure, draft.version);
  const unlock = await hold(uuid);
  if (!unlock) {
    app.frame(t("unit.title"), [notice(t("unit.in_other_tab"), "bad")]);
    return null;
  }
  countFrom(draft.taps);
  let end = null;
  if (draft.inspector.badge === app.state.person.badge) await here();
  else takeOver();
  return () => { end?.(); unlock(); };

  // Nobody goes on with another's work without saying so: it is in the record who did.
  function takeOver() {
    const values = { name: app.state.person.name, other: draft.inspector.name };
    app.frame(t("who.take_over", values), [button(t("continue"), async () => {
      const { badge, name, language: own } = app.state.person;
      note(draft, "handed_over", { from: draft.inspector.badge, to: badge, check: screens(kept, draft)[draft.at]?.[0].id ?? null });
      draft.inspector = { badge, name, language: own };
      await save(draft);
      await here();
    }, { kind: "button--main", name: "take-over" })], { place: [draft.lot] });
  }

  async function here() {
    end?.();
    end = null;
    const list = screens(kept, draft);
    if (!change && draft.at >= list.length) return app.go("review", { uuid }, { instead: true });
    const at = change ? list.findIndex((checks) => checks.some((one) => one.id === change)) : draft.at;
    draft.of = list.length;
    await show(list[at], at, list.length);
    return null;
  }

  async function show(checks, at, of) {
    const shown = new Date().toISOString();
    const words = kept.texts[language()] ?? kept.texts[kept.document.language];
    const ends = [];
    const blocks = [];
    for (const check of checks) {
      const said = words.checks.find((one) => one.id === check.id);
      const kind = await KINDS[check.type]();
      const part = kind.partial({
        app, check, said, draft, requirement: words.requirements[check.id], grouped: checks.length > 1,
        answer: (value, more = {}) => answered(check, value, { shown_at: shown, ...more }, checks),
        defect: (more = {}) => app.go("defect", { uuid, check: check.id, shown_at: shown, change, ...(more.value === undefined ? {} : more) }),
      });
      if (part.end) ends.push(part.end);
      blocks.push(block(check, said, words, part.nodes, checks.length > 1));
    }
    end = () => ends.forEach((one) => one());
    const single = checks.length === 1 ? checks[0] : null;
    const heading = single ? words.checks.find((one) => one.id === single.id).text : t("check.title", { n: at + 1, of });
    app.frame(heading, [
      el("p", { class: "soft step", id: "step" }, t("check.title", { n: at + 1, of })), ...blocks,
    ], {
      beside: single ? aside(single, shown) : [],
      place: [draft.unit ? t("line_and_unit", { line: draft.lot, unit: draft.unit }) : draft.lot, t("version", { code: draft.procedure, version: draft.version })],
      progress: bar(at, of), backTo: () => previous(at),
    });
  }

  async function previous(at) {
    if (change || at === 0) return app.go(change ? "review" : "home", { uuid }, { instead: true });
    draft.at = at - 1;
    await save(draft);
    return here();
  }

  // The answer is on the disk before it is taken for one: until then the draft stays as it was.
  async function answered(check, value, more, checks) {
    const next = structuredClone(draft);
    next.answers[check.id] = { value, ...more, at: new Date().toISOString(), language: language(), ...changes(draft.answers[check.id]) };
    delete next.nonconformities[check.id];
    const all = checks.every((one) => next.answers[one.id]);
    if (all && !change) next.at += 1;
    next.taps = tapped();
    try {
      await save(next);
    } catch {
      app.notice(t("check.not_saved"), "bad");
      return;
    }
    Object.assign(draft, next);
    if (change) await app.go("review", { uuid }, { instead: true });
    else await here();
  }

  // The two answers that every check takes, each with its reason.
  function aside(check, shown) {
    const choose = (kind) => {
      end?.();
      end = null;
      const title = t(kind === "not_applicable" ? "check.why_not_applicable" : "check.why_cannot");
      const tiles = REASONS[kind].map((reason) => button(t(`reason.${reason}`), () => answered(check, kind, { shown_at: shown, reason: t(`reason.${reason}`) }, [check]), { kind: "tile", name: `reason-${reason}` }));
      app.frame(title, [el("div", { class: "tiles" }, tiles)], { backTo: here });
    };
    return [
      button(t("check.not_applicable"), () => choose("not_applicable"), { kind: "button--quiet", name: "not-applicable" }),
      button(t("check.cannot_check"), () => choose("cannot_check"), { kind: "button--quiet", name: "cannot-check" }),
    ];
  }
}

function block(check, said, words, nodes, grouped) {
  const requirement = words.requirements[check.id];
  const head = [
    grouped ? el("h2", {}, said.text) : null,
    ...chips(words, [`checks.${check.id}.text`]),
    said.help ? el("p", { class: "help" }, said.help) : null,
    requirement ? el("p", { class: "requirement" }, requirement) : null,
  ].filter(Boolean);
  return el("section", { class: grouped ? "block block--group" : "block", "data-check": check.id, "data-type": check.type }, ...head, ...nodes);
}
