// An inspection that somebody is in the middle of. Every answer is on the disk before the next check is shown.

import { ask, drop, get, meta, run } from "./db.js";
import { language } from "./words.js";

export const package_ = (code, version) => get("procedures", [code, version]);

// The draft in the database, and here: who changes it gives it to `save`.
export async function begin({ lot, unit, units, procedure, version, person, line }) {
  const draft = {
    uuid: crypto.randomUUID(), lot, unit, units_inspected: units, procedure, version, line,
    inspector: { badge: person.badge, name: person.name, language: person.language },
    answers: {}, nonconformities: {}, at: 0, taps: 0, begun_at: new Date().toISOString(), updated_at: null,
    clock: clock(), jumped: false,
  };
  await save(draft);
  return draft;
}

// The same inspection once more by the version that is in force: what has not changed is answered, the rest is asked.
export async function again(entry, { missing, version, person, reason }) {
  const before = JSON.parse(entry.body);
  const answers = Object.fromEntries(Object.entries(before.answers).filter(([name]) => !missing.includes(name)));
  const wrong = before.nonconformities.filter((one) => !missing.includes(one.check)).map(({ check, ...one }) => [check, one]);
  const draft = {
    uuid: crypto.randomUUID(), lot: entry.lot, unit: entry.unit, units_inspected: entry.units, procedure: entry.procedure, version,
    line: entry.line, inspector: { badge: person.badge, name: person.name, language: person.language },
    answers, nonconformities: Object.fromEntries(wrong), at: 0, taps: 0, begun_at: new Date().toISOString(), updated_at: null,
    clock: clock(), jumped: false, amends: entry.uuid, reason, only: missing,
  };
  await save(draft);
  return draft;
}

export async function save(draft) {
  draft.updated_at = new Date().toISOString();
  draft.jumped ||= leapt(draft.clock);
  surroundings(draft);
  draft.clock = clock();
  await run(["drafts"], "readwrite", (at) => ask(at("drafts").put(draft)));
}

export const discard = (uuid) => drop("drafts", uuid);

// --- what happened while it was filled in, beside the answers ---

const MOST_EVENTS = 200;
const MOST_CHANGES = 20; // of one answer

export function note(draft, what, more = {}) {
  draft.events = [...(draft.events ?? []), { what, at: new Date().toISOString(), ...more }].slice(-MOST_EVENTS);
}

// The answer that another takes the place of, and those before it.
export function changes(before) {
  return before ? { changes: [...(before.changes ?? []), { value: before.value, at: before.at }].slice(-MOST_CHANGES) } : {};
}

// Looked at with every answer: is there a network, and in which language is it read?
function surroundings(draft) {
  const online = navigator.onLine;
  const spoken = language();
  if ((draft.online ?? true) !== online) note(draft, online ? "online" : "offline");
  if ((draft.spoken ?? spoken) !== spoken) note(draft, "language", { from: draft.spoken, to: spoken });
  Object.assign(draft, { online, spoken });
}

// The wall clock beside the one that nobody can set: where the two part, somebody set the first.
const SAME = 120_000; // ms
const STARTED = crypto.randomUUID(); // of this page: the second clock begins anew with each

export function clock() {
  return { wall: Date.now(), running: performance.now(), page: STARTED };
}

export function leapt(before) {
  const now = clock();
  if (!before) return false; // a draft of a release that did not look
  if (now.page !== before.page) return now.wall < before.wall;
  return Math.abs(now.wall - before.wall - (now.running - before.running)) > SAME;
}

// Only one tab works at a draft. What is given back ends that.
export function hold(uuid) {
  return new Promise((resolve) => {
    navigator.locks.request(`draft:${uuid}`, { ifAvailable: true }, (lock) => {
      if (!lock) { resolve(null); return undefined; }
      return new Promise((release) => resolve(release));
    });
  });
}

// --- which checks are asked ---

const given = (answer) => answer !== undefined && answer.value !== undefined && answer.value !== null;

function met(check, answers) {
  if (!check.show_if) return true;
  const value = answers[check.show_if.check]?.value;
  return value === check.show_if.equals || (Array.isArray(value) && value.includes(check.show_if.equals));
}

// The screens to go through: lists of checks, without those whose condition is not met.
export function screens(kept, draft) {
  const checks = Object.fromEntries((kept.document.checks ?? []).map((one) => [one.id, one]));
  return kept.screens
    .map((names) => names.map((name) => checks[name]).filter((check) => met(check, draft.answers) && (!draft.only || draft.only.includes(check.id))))
    .filter((checks) => checks.length);
}

export const missing = (kept, draft) => screens(kept, draft).flat().filter((check) => !given(draft.answers[check.id]));

// What was answered to a check that turned out not to be asked is left out of the record.
export function due(kept, draft) {
  const names = new Set(screens(kept, { ...draft, only: null }).flat().map((check) => check.id));
  return Object.fromEntries(Object.entries(draft.answers).filter(([name]) => names.has(name)));
}

// --- the record ---

export const HANDLED = ["rework", "scrap", "hold"];

export async function record(kept, draft, seq) {
  const answers = due(kept, draft);
  const found = Object.entries(draft.nonconformities).filter(([name]) => name in answers);
  return {
    lot: draft.lot, ...(draft.unit ? { unit: draft.unit } : {}), site: draft.line.site,
    procedure: draft.procedure, version: draft.version, inspector: draft.inspector.badge,
    answers, nonconformities: found.map(([check, one]) => ({ check, ...one })),
    units_inspected: draft.units_inspected, observed_at: new Date().toISOString(),
    clock_offset_ms: await meta("clock_offset_ms"), clock_jumped: draft.jumped, device_seq: seq,
    ...(draft.events?.length ? { events: draft.events } : {}),
    ...(draft.amends ? { amends: draft.amends, reason: draft.reason } : {}),
  };
}

