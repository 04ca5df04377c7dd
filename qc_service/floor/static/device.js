// What this tablet is, who holds it, and what it knows of its line.

import { all, ask, keep, meta, replace, run } from "./db.js";
import { call } from "./net.js";
import { speak } from "./words.js";

// `person` is who is signed in: badge, name, language, and their secret, { pin } or { card }, for as long as the tablet is not locked. It
// is never written anywhere: what is kept of it is sealed for the service with each record.
export const state = { token: null, device: null, line: null, person: null, fetchedAt: null };

export async function load() {
  state.token = await meta("token");
  state.device = await meta("device");
  state.line = await meta("line");
  state.fetchedAt = await meta("fetched_at");
}

// The words of the tablet itself, until somebody signs in.
export async function speakOwn() {
  await speak(known(await meta("language", navigator.language.split("-")[0]))).catch(() => {});
}

const known = (code) => ({ in: "id", tl: "fil" }[code] ?? (["en", "id", "ms", "ca", "fil", "da"].includes(code) ? code : "en"));

export async function enrol(token) {
  const reply = await call("GET", "/v1/floor", { token });
  if (reply.status !== 200) return false;
  Object.assign(state, { token, device: { id: reply.body.id, name: reply.body.name } });
  await keep("token", token);
  await keep("device", state.device);
  await keep("lines", reply.body.lines);
  await keep("seal_key", (await call("GET", "/v1/seal-key", { token })).body);
  return true;
}

export async function stand(line) {
  state.line = line;
  await keep("line", line);
  await keep("phone", line.phone ?? null);
}

// Everything of the line anew. What is on the tablet stays as it is where any of it fails.
export async function refresh() {
  const { token, line } = state;
  const query = new URLSearchParams({ line: line.code, site: line.site });
  const reply = await call("GET", `/v1/floor/station?${query}`, { token });
  if (reply.status !== 200) return reply.status;
  const station = reply.body;
  for (const one of station.procedures) await fetchPackage(one);
  await replace("roster", station.people);
  await replace("lots", station.lots);
  await keep("versions", station.procedures);
  await keep("phone", station.line.phone);
  const key = await call("GET", "/v1/seal-key", { token });
  if (key.status === 200) await keep("seal_key", key.body);
  state.fetchedAt = new Date().toISOString();
  await keep("fetched_at", state.fetchedAt);
  const { fetchPictures } = await import("./pictures.js");
  await fetchPictures();
  return 200;
}

export async function fetchPackage({ code, version }) {
  const reply = await call("GET", `/v1/floor/procedures/${encodeURIComponent(code)}/versions/${version}`, { token: state.token });
  if (reply.status !== 200) return null;
  await run(["procedures"], "readwrite", (at) => ask(at("procedures").put(reply.body)));
  return reply.body;
}

export const people = () => all("roster");

// What was done here and has not come back with the station yet: what the service did not take does not count.
const done = async (kind) => (await all("deeds")).filter((one) => one.kind === kind && !["refused", "attention"].includes(one.state));

// The lots with their makers, those included who said so on this tablet.
export async function lots() {
  const here = await done("made");
  return (await all("lots")).map((lot) => ({ ...lot, makers: [...lot.makers, ...makersOf(lot.code, here)] }));
}

// Who made a lot of which the tablet knows nothing else.
export const makers = async (code) => makersOf(code, await done("made"));

const makersOf = (code, deeds) => deeds.filter((one) => one.told.lot === code).map((one) => ({ badge: one.badge, unit: one.told.unit ?? null }));

// What somebody has to read at this line and has not said to have read.
export async function toRead(badge) {
  const asked = (await people()).find((one) => one.badge === badge)?.to_read ?? [];
  const read = (await done("read")).filter((one) => one.badge === badge).map((one) => one.told);
  return asked.filter((one) => !read.some((other) => other.procedure === one.procedure && other.version === one.version));
}

// Whether somebody may go to a screen. Null is nobody.
const OF_WORK = ["work", "made", "trouble", "deviate"];
const OF_INSPECTING = ["check", "defect", "review"];

export function able(person, screen, params = {}) {
  if (OF_WORK.includes(screen) || (screen === "unit" && params.work)) return Boolean(person?.makes);
  if (OF_INSPECTING.includes(screen) || screen === "unit") return Boolean(person?.inspects);
  return !["read", "yours"].includes(screen) || Boolean(person);
}

// What time the service has it, whatever the tablet's clock says.
export const serviceTime = async () => Date.now() - ((await meta("clock_offset_ms")) ?? 0);

// The version of a procedure that is in force, as far as the tablet knows.
export async function inForce(code) {
  const now = await serviceTime();
  const versions = (await meta("versions", [])).filter((one) => one.code === code);
  const begun = versions.filter((one) => Date.parse(one.effective_at) <= now && !(one.withdrawn_at && Date.parse(one.withdrawn_at) <= now));
  const current = versions.find((one) => one.in_force);
  const later = begun.filter((one) => current && Date.parse(one.effective_at) > Date.parse(current.effective_at));
  return later.at(-1) ?? (begun.includes(current) ? current : null);
}

export function signIn(person) {
  state.person = person;
  return speak(person.language).catch(() => {});
}

export function signOut() {
  state.person = null;
}
