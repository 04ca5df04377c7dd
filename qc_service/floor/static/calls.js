// "Stop the line" and "come here": kept before it is sent, and sent until the service has it.

import { all, ask, drop, get, put, run } from "./db.js";
import { state } from "./device.js";
import { NoNetwork, call } from "./net.js";

const PATIENCE = 4000; // ms: whoever waits longer has to pull the cord
const KEPT_FOR = 7 * 24 * 3600_000;
const REFUSED = [400, 404, 409, 413, 415, 422];

let last = null; // where the tablet's memory takes nothing any more it is sent all the same

// What somebody pressed, written down before anything else is done.
export async function press(kind, { lot = null, procedure = null, check = null } = {}) {
  const { code, site } = state.line;
  const made = {
    uuid: crypto.randomUUID(), state: "waiting", pressed_at: new Date().toISOString(), error: null, reply: null,
    body: { kind, line: code, site, lot, procedure, check, who: state.person?.badge ?? null },
  };
  last = made;
  await put("calls", made).catch(() => {});
  return made;
}

export const one = async (uuid) => (await get("calls", uuid)) ?? (last?.uuid === uuid ? last : null);

export const waiting = () => run(["calls"], "readonly", (at) => ask(at("calls").index("state").getAll("waiting")));

// Try to send it; gives it as it then stands. What the service cannot be told is told again later, whole: both times
// are by this tablet's clock, and how far they are apart says whether it is still an alarm.
export async function send(made) {
  let reply;
  try {
    reply = await call("PUT", `/v1/calls/${made.uuid}`, {
      token: state.token, patience: PATIENCE,
      json: { ...made.body, pressed_at: made.pressed_at, sent_at: new Date().toISOString() },
    });
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
    return mark(made, { error: "network" });
  }
  if ((reply.status === 200 || reply.status === 201) && reply.body?.uuid === made.uuid) {
    return mark(made, { state: "sent", error: null, reply: reply.body });
  }
  const error = reply.body?.code ?? String(reply.status);
  return mark(made, { error, state: REFUSED.includes(reply.status) ? "refused" : "waiting" });
}

// Another tab may have sent it meanwhile: that stays.
async function mark(made, change) {
  try {
    return await marked(made, change);
  } catch {
    return { ...made, ...change };
  }
}

function marked(made, change) {
  return run(["calls"], "readwrite", async (at) => {
    const now = (await ask(at("calls").get(made.uuid))) ?? made;
    if (now.state === "sent" && change.state !== "sent") return now;
    const next = { ...now, ...change };
    await ask(at("calls").put(next));
    return next;
  });
}

// Everything that waits, the oldest first.
export async function sendWaiting() {
  const rows = (await waiting()).sort((one, other) => one.pressed_at.localeCompare(other.pressed_at));
  for (const row of rows) {
    if ((await send(row)).error === "network") return;
  }
  await forget();
}

async function forget() {
  const before = new Date(Date.now() - KEPT_FOR).toISOString();
  for (const row of await all("calls")) {
    if (row.state !== "waiting" && row.pressed_at < before) await drop("calls", row.uuid);
  }
}

// How it stands, as the service says; null where it cannot be asked.
export async function look(uuid) {
  try {
    const reply = await call("GET", `/v1/calls/${uuid}`, { token: state.token, patience: PATIENCE });
    return reply.status === 200 ? reply.body : null;
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
    return null;
  }
}
