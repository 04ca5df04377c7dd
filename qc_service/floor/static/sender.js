// Sending what waits: one tab at a time, calls first, then what was read, records and all other deeds, the oldest of each
// first; and nothing counts as sent without the service's receipt.

import { sendWaiting as sendCalls } from "./calls.js";
import { ask, keep, meta, run } from "./db.js";
import { serviceTime, state } from "./device.js";
import { NoNetwork, call } from "./net.js";
import { mark, settle, unsettled, waiting } from "./outbox.js";
import { tidyDaily } from "./tidy.js";
import { language } from "./words.js";

const EVERY = 15_000; // ms
const LONGEST = 300_000;
const SOME = 50; // records read at a time: after three days without a network there are thousands
const LONG_PATIENCE = 60_000; // for a picture

let pause = EVERY;
let timer = null;
const listeners = new Set();

export const listen = (heard) => { listeners.add(heard); return () => listeners.delete(heard); };

// A screen need not be drawn anew for each of two hundred records.
const CALM = 200; // ms
let told = null;
const others = new BroadcastChannel("sending"); // the tabs that do not send show what is left as well
others.onmessage = () => { for (const heard of listeners) heard(); };

function tell() {
  told ??= setTimeout(() => {
    told = null;
    for (const heard of listeners) heard();
    others.postMessage(null);
  }, CALM);
}

// What is on the disk already is not written again: a write that must last costs more than the sending.
async function note(name, value) {
  if ((await meta(name)) !== value) await keep(name, value);
}

export function start() {
  addEventListener("online", () => wake());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wake(); });
  wake();
}

// Now, and not after the pause.
export function wake() {
  pause = EVERY;
  return round();
}

async function round() {
  clearTimeout(timer);
  let after = 0;
  try {
    await tidyDaily().catch(() => {}); // a memory that cannot be tidied must not keep anything from being sent
    after = await navigator.locks.request("flush", { ifAvailable: true }, (lock) => (lock ? flush() : 0));
  } finally {
    tell();
    const next = after || pause;
    timer = setTimeout(round, next + Math.random() * next * 0.2);
    pause = Math.min(pause * 2, LONGEST);
  }
}

// What stops the queue, or 0 where all was answered: ms until it is worth trying again.
async function flush() {
  if (!state.token) return 0;
  await sendCalls(); // ahead of everything, and in nobody's way
  for (const [kind, fits] of ORDER) {
    const stop = await sendAll(kind, fits);
    if (stop) return stop;
  }
  const stop = (await sendPictures()) || (await learn());
  if (!stop) pause = EVERY;
  return stop;
}

async function sendAll(kind, fits) {
  for (;;) {
    const some = (await waiting(kind.store, kind.most)).filter(fits);
    if (!some.length) return 0;
    for (const entry of some) {
      const stop = await send(entry, kind);
      if (stop) return stop;
      tell();
    }
  }
}

// What is sent: where it is kept, where it goes, and how it stands once the service has answered for it. Of a record the
// service says later what became of it, of a deed at once.
const RECORD = { store: "outbox", most: SOME, path: (entry) => `/v1/inspections/${entry.uuid}`, answered: () => ({ state: "sent", unsettled: 1 }) };
const DEED = {
  store: "deeds", path: (entry) => `/v1/floor/deeds/${entry.uuid}?${new URLSearchParams({ lang: entry.language })}`,
  answered: ({ state: became, reason, notes }) => ({ done: { state: "sent", notes }, refused: { state: "refused", reason } })[became],
};

// Who read a version and then inspected by it is judged with the reading known.
const READ = (entry) => entry.kind === "read";
const ORDER = [[DEED, READ], [RECORD, () => true], [DEED, (entry) => !READ(entry)]];

async function send(entry, { store, path, answered }) {
  const marked = (change) => mark(entry.uuid, change, store);
  let reply;
  try {
    reply = await call("PUT", path(entry), {
      token: state.token, bytes: entry.body, headers: { "QC-Seal": entry.seal },
    });
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
    return pause;
  }
  const right = reply.body?.receipt === entry.uuid && reply.body?.sha256 === entry.sha256;
  const became = right && answered(reply.body);
  if ((reply.status === 200 || reply.status === 201) && became) {
    const answeredAt = await serviceTime();
    await marked(() => ({ ...became, answered_at: answeredAt, receipt: reply.body.receipt, sent_at: new Date().toISOString(), error: null }));
    await note("refused", null);
    return 0;
  }
  if (reply.status === 401 || reply.status === 403) {
    await note("refused", reply.status);
    return LONGEST;
  }
  if ([400, 409, 413, 415, 422].includes(reply.status)) {
    await marked((now) => ({ state: "attention", error: reply.body?.code ?? String(reply.status), tries: now.tries + 1 }));
    return 0;
  }
  await marked((now) => ({ tries: now.tries + 1, error: String(reply.status) }));
  return (reply.after ?? 0) * 1000 || pause;
}

// Pictures go after the records that name them; each is known by the hash of its bytes, so twice is once.
async function sendPictures() {
  const names = await run(["media"], "readonly", (at) => ask(at("media").index("waiting").getAllKeys()));
  for (const sha256 of names) {
    const stop = await sendPicture(sha256);
    if (stop) return stop;
    tell();
  }
  return 0;
}

async function sendPicture(sha256) {
  const kept = await run(["media"], "readonly", (at) => ask(at("media").get(sha256)));
  if (!kept?.blob) return 0;
  let reply;
  try {
    reply = await call("PUT", `/v1/media/${sha256}?${new URLSearchParams({ site: state.line.site })}`, {
      token: state.token, bytes: kept.blob, type: "image/jpeg", patience: LONG_PATIENCE,
    });
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
    return pause;
  }
  if (reply.status !== 200 && reply.status !== 201) return reply.after * 1000 || pause;
  await run(["media"], "readwrite", (at) => ask(at("media").delete(sha256)));
  return 0;
}

// What became of the records that were sent: asked until it is certain, in the language of whoever holds the tablet.
const MOST = 50;
const SETTLED = ["accepted", "superseded", "void"];

async function learn() {
  const open_ = (await unsettled(MOST)).map((entry) => entry.uuid);
  if (!open_.length) return 0;
  let reply;
  try {
    reply = await call("GET", `/v1/floor/standings?${new URLSearchParams({ uuids: open_.join(","), lang: language() })}`, { token: state.token });
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
    return pause;
  }
  if (reply.status !== 200) return 0;
  await settle(reply.body.data, SETTLED);
  return reply.body.data.some((one) => one.state === "received") ? EVERY : 0;
}

export const refused = () => meta("refused");
