// Stop the line, or call a supervisor: two taps, and then who was told, who comes, and a clock that runs until it ends.

import { look, one, press, send } from "../calls.js";
import { get, meta } from "../db.js";
import { people } from "../device.js";
import { package_, screens } from "../draft.js";
import { button, el, mark, notice, say } from "../ui.js";
import { t, time } from "../words.js";

const EVERY = 2000; // ms
const TAKEN_EVERY = 10_000; // somebody is coming
const LONGEST = 30_000;

export async function open(app, { kind = "stop", draft = null, uuid = null }) {
  const line = app.state.line.name || app.state.line.code;
  return uuid ? running(app, kind, line, uuid) : confirm(app, kind, line, draft);
}

// --- the second tap ---

async function confirm(app, kind, line, draft) {
  const where = await place(draft);
  const leading = kind === "help" ? (await people()).filter((person) => person.answers) : [];
  const other = kind === "stop" ? "help" : "stop";
  let pressed = false;
  app.frame(t(`stop.ask.${kind}`, { line }), [
    leading.length ? el("p", { class: "soft" }, t("stop.goes_to")) : null,
    leading.length ? el("ul", { class: "leading" }, leading.map((person) => el("li", {}, person.name))) : null,
    el("div", { class: "answers" },
      button([mark("■"), ` ${t(`stop.yes.${kind}`, { line })}`], go, { kind: kind === "stop" ? "answer answer--stop" : "answer", name: "confirm" }),
      button(t("stop.cancel"), app.back, { kind: "answer", name: "cancel" })),
    el("div", { class: "aside" }, button(t(`stop.button.${other}`), () => app.go("stop", { kind: other, draft }, { instead: true }), { kind: "button--quiet", name: "other" })),
  ].filter(Boolean), { place: where.lot ? [where.lot] : [], backTo: null });

  async function go() {
    if (pressed) return;
    pressed = true;
    const made = await press(kind, where);
    await app.go("stop", { kind, uuid: made.uuid }, { instead: true });
  }
}

// What somebody was at, where they were at something.
async function place(uuid) {
  const work = uuid ? await get("works", uuid) : null;
  if (work) return { lot: work.lot, procedure: work.procedure };
  const draft = uuid ? await get("drafts", uuid) : null;
  if (!draft) return {};
  const kept = await package_(draft.procedure, draft.version);
  return { lot: draft.lot, procedure: draft.procedure, check: screens(kept, draft)[draft.at]?.[0]?.id ?? null };
}

// --- what became of it ---

async function running(app, kind, line, uuid) {
  let made = await one(uuid);
  if (!made) return app.go("home", {}, { instead: true });
  const phone = await meta("phone");
  const clock = el("p", { class: "clock", id: "clock", role: "timer" });
  const standing = el("div", { class: "standing", id: "standing" });
  let pause = EVERY;
  let timer = null;
  let asking = false;
  let left = false;
  let told = null;
  app.frame(t(`stop.title.${kind}`, { line }), [clock, standing]);
  const ticking = setInterval(tick, 500);
  const again = () => { clearTimeout(timer); pause = EVERY; turn(); };
  addEventListener("online", again);
  draw(false);
  turn();
  return () => { left = true; clearTimeout(timer); clearInterval(ticking); removeEventListener("online", again); };

  // Sends it until it is there, then asks what became of it; less often where nothing answers.
  async function turn() {
    if (asking || left) return;
    asking = true;
    const heard = await hear();
    asking = false;
    if (left) return;
    draw(!heard);
    if (made.state === "refused" || made.reply?.ended || made.reply?.late) return;
    pause = heard ? (made.reply.answers.length ? TAKEN_EVERY : EVERY) : Math.min(pause * 2, LONGEST);
    timer = setTimeout(turn, pause);
  }

  async function hear() {
    if (made.state !== "sent") {
      made = await send(made);
      return made.state === "sent";
    }
    const reply = await look(uuid);
    if (reply) made = { ...made, reply };
    return reply !== null;
  }

  function tick() {
    const { ended, received_at: since } = made.reply ?? {};
    const ms = ended ? Date.parse(ended.at) - Date.parse(since) : Date.now() - Date.parse(made.pressed_at);
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const text = [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
    if (clock.textContent !== text) clock.textContent = text;
    clock.hidden = Boolean(made.reply?.late);
  }

  function draw(silent) {
    tick();
    const nodes = made.state === "sent" ? there(made.reply, kind, silent) : notThere(made, kind, phone);
    standing.dataset.state = made.state === "sent" ? made.reply.state : made.error ? "not_sent" : "sending";
    standing.replaceChildren(...nodes);
    const text = nodes[0].textContent;
    if (text !== told) say(text, { urgent: standing.dataset.state === "not_sent" });
    told = text;
  }
}

function notThere(made, kind, phone) {
  if (!made.error) return [el("p", { class: "lede" }, t("stop.sending"))];
  const why = made.error === "network" ? t("stop.not_sent") : t("stop.not_taken", { code: made.error });
  return [notice(`${why} ${instead(kind, phone)}`, "bad"), ...(made.state === "waiting" ? [el("p", {}, t("stop.kept"))] : [])];
}

function instead(kind, phone) {
  if (kind === "stop") return phone ? t("stop.cord_or_phone", { phone }) : t("stop.cord");
  return phone ? t("stop.fetch_or_phone", { phone }) : t("stop.fetch");
}

function there(call, kind, silent) {
  const names = (people_) => people_.map((person) => person.name).join(", ");
  if (call.late) return [notice(t("stop.late"))];
  const { ended, answers, told, telling, not_told: missed } = call;
  const nodes = [];
  if (ended) nodes.push(notice(t(`stop.ended.${kind}`, { name: ended.name, time: time(ended.at), reason: ended.reason }), "good"));
  else if (answers.length) nodes.push(el("div", { id: "answered" }, notice(t("stop.answered", { names: names(answers), time: time(answers[0].at) }), "good")));
  else if (!told.length && !telling.length && missed.length) nodes.push(notice(`${t("stop.told_nobody")} ${instead(kind, call.phone)}`));
  else if (!told.length && !telling.length) nodes.push(el("p", { class: "lede" }, t("stop.taken")));
  if (told.length) nodes.push(el("p", { class: "lede", id: "told" }, t("stop.told", { names: names(told) })));
  if (telling.length) nodes.push(el("p", {}, t("stop.telling", { names: telling.join(", ") })));
  if (missed.length) nodes.push(el("p", { class: "soft" }, t("stop.not_told", { names: names(missed) })));
  if (silent) nodes.push(notice(t("stop.no_news")));
  return nodes;
}
