// Ask to deviate: from which check, why, for how many units and how long. It is a request and permits nothing yet.

import { keepDeed } from "../deeds.js";
import { serviceTime } from "../device.js";
import { package_ } from "../draft.js";
import { keypad } from "../keypad.js";
import { wake } from "../sender.js";
import { wordsOf } from "../shown.js";
import { button, el, notice } from "../ui.js";
import { workOf } from "../work.js";
import { t } from "../words.js";
import { placeOf } from "./work.js";

const REASONS = ["material", "tool", "value", "other"];
const DAYS = [1, 3, 7];
const DAY = 24 * 3600_000; // ms
const LONGEST = 300;
const DIGITS = 6;

export async function open(app, { uuid, step }) {
  const work = await workOf(uuid);
  if (!work) return app.go("home", {}, { instead: true });
  const kept = await package_(work.procedure, work.version);
  const texts = Object.fromEntries(wordsOf(kept).checks.map((one) => [one.id, one.text]));
  const of = kept.document.checks.filter((one) => one.step === step);
  const checks = of.length ? of : kept.document.checks;
  const asked = { check: checks[0].id, reason: null, quantity: null, days: null };
  const deed = crypto.randomUUID();
  let pad = null;
  if (checks.length === 1) why();
  else which();
  return () => pad?.end();

  function screen(title, nodes, backTo = app.back) {
    pad?.end();
    app.frame(title, nodes, { place: placeOf(work), backTo });
  }

  function tiles(list) {
    return el("div", { class: "tiles" }, list.map(({ text, name, tap }) => button(text, tap, { kind: "tile", name })));
  }

  function which() {
    screen(t("deviate.which"), [only(), tiles(checks.map(({ id }) => ({ text: texts[id], name: `check-${id}`, tap: () => { asked.check = id; why(); } })))]);
  }

  function why() {
    const list = REASONS.map((one) => ({ text: t(`deviate.reason.${one}`), name: `reason-${one}`, tap: () => { asked.reason = one; many(); } }));
    screen(t("deviate.why"), [only(), el("p", { class: "lede" }, texts[asked.check]), tiles(list)], checks.length === 1 ? app.back : which);
  }

  function many() {
    const shown = el("p", { class: "number__value", id: "count" }, "–");
    const keys = keypad({ longest: DIGITS, typed: (text) => { shown.textContent = text || "–"; } });
    const go = button(t("continue"), () => { asked.quantity = Number(keys.text()); if (asked.quantity > 0) long(); }, { kind: "button--main", name: "continue" });
    screen(t("deviate.many"), [el("div", { class: "number" }, shown, keys.pad, go)], why);
    pad = keys;
  }

  function long() {
    screen(t("deviate.long"), [tiles(DAYS.map((days) => ({ text: t("deviate.days", { days }), name: `days-${days}`, tap: () => { asked.days = days; last(); } })))], many);
  }

  // Words are asked for where no tile says why.
  function last() {
    const needed = asked.reason === "other";
    const field = el("textarea", { id: "words", class: "field", rows: "3", maxlength: String(LONGEST) });
    const send = button(t("deviate.send"), () => {
      const words = field.value.trim();
      if (!needed || words) return ask(words, send);
      field.focus();
      return app.notice(t("deviate.say_why"), "bad");
    }, { kind: "button--main button--submit", name: "send" });
    screen(t("deviate.title"), [
      only(),
      el("p", { class: "lede" }, texts[asked.check]),
      el("p", { class: "statement" }, [t(`deviate.reason.${asked.reason}`), t("deviate.units", { count: asked.quantity }), t("deviate.days", { days: asked.days })].join(" · ")),
      el("div", {}, el("label", { for: "words", class: "label" }, t(needed ? "deviate.words_needed" : "trouble.words")), field), send,
    ], long);
  }

  function only() {
    return notice(t("deviate.only_asked"));
  }

  async function ask(words, send) {
    if (send.disabled) return;
    send.disabled = true;
    const { check, reason, quantity, days } = asked;
    const said = [reason === "other" ? null : t(`deviate.reason.${reason}`), words].filter(Boolean).join(": ");
    const { procedure, version, lot } = work;
    const until = new Date((await serviceTime()) + days * DAY).toISOString();
    try {
      await keepDeed(deed, "deviation", { procedure, version, check, step, lot, reason: said, quantity, expires_at: until });
    } catch {
      send.disabled = false;
      app.notice(t("deed.not_kept"), "bad");
      return;
    }
    await app.go("work", { uuid, note: "deviate.kept" }, { instead: true });
    wake();
  }
}
