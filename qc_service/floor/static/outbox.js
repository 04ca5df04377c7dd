// From a finished draft to a record that cannot be lost: frozen, numbered, sealed, and sent until it is answered.

import { ask, get, meta, run } from "./db.js";
import { record } from "./draft.js";
import { sealed } from "./seal.js";

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const sha256 = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

// The draft becomes a record and takes the tablet's next number, in one transaction: both are there or neither is.
// The seal is bound to the record's bytes and so to its number; where another tab took that one meanwhile, it is made anew.
export async function submit(kept, draft, secret) {
  for (;;) {
    const seq = await meta("next_seq", 1);
    const body = JSON.stringify(await record(kept, draft, seq));
    const digest = await sha256(new TextEncoder().encode(body));
    const entry = {
      uuid: draft.uuid, seq, state: "waiting", body, sha256: digest, seal: await sealed(secret, digest),
      media: draft.media ?? [], amends: draft.amends ?? null, procedure: draft.procedure, version: draft.version, line: draft.line, units: draft.units_inspected,
      lot: draft.lot, unit: draft.unit, inspector: draft.inspector,
      submitted_at: new Date().toISOString(), tries: 0, error: null, receipt: null, sent_at: null,
    };
    if (await taken(entry)) return entry;
  }
}

function taken(entry) {
  return run(["drafts", "outbox", "meta", "media"], "readwrite", async (at) => {
    if (await ask(at("outbox").get(entry.uuid))) return true; // it was submitted before: pressed twice
    const next = (await ask(at("meta").get("next_seq")))?.value ?? 1;
    if (next !== entry.seq) return false;
    at("outbox").add(entry);
    at("drafts").delete(entry.uuid);
    const corrected = entry.amends && (await ask(at("outbox").get(entry.amends)));
    if (corrected) at("outbox").put({ ...corrected, rechecked: true });
    for (const sha256 of entry.media) {
      const kept = await ask(at("media").get(sha256));
      if (kept) at("media").put({ ...kept, waiting: entry.uuid });
    }
    at("meta").put({ name: "next_seq", value: next + 1 });
    return true;
  });
}

// The oldest that wait; without a number all of them.
export async function waiting(store, most) {
  return run([store], "readonly", (at) => ask(at(store).index("state").getAll(IDBKeyRange.bound(["waiting", 0], ["waiting", Infinity]), most)));
}

export const count = (state, store = "outbox") => run([store], "readonly", (at) => ask(at(store).index("state").count(IDBKeyRange.bound([state, 0], [state, Infinity]))));

// The newest first.
export function newest(most, store = "outbox") {
  return run([store], "readonly", (at) => new Promise((resolve, reject) => {
    const found = [];
    const request = at(store).index("seq").openCursor(null, "prev");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor || found.length === most) return resolve(found);
      found.push(cursor.value);
      cursor.continue();
    };
  }));
}

// How far a record or a deed has come is changed only as it stands now, so that two tabs cannot undo one another.
export function mark(uuid, change, store = "outbox") {
  return run([store], "readwrite", async (at) => {
    const entry = await ask(at(store).get(uuid));
    if (!entry || entry.receipt) return;
    await ask(at(store).put({ ...entry, ...change(entry) }));
  });
}

// Sent, and not judged for good: the service may still say something new of it.
export const unsettled = (most) => run(["outbox"], "readonly", (at) => ask(at("outbox").index("unsettled").getAll(null, most)));

export function settle(standings, settled) {
  return run(["outbox"], "readwrite", async (at) => {
    for (const standing of standings) {
      const { unsettled: before, ...entry } = (await ask(at("outbox").get(standing.uuid))) ?? {};
      if (!entry.uuid) continue;
      const open = !settled.includes(standing.state) || standing.second_person === null;
      at("outbox").put({ ...entry, standing, ...(open && before ? { unsettled: 1 } : {}) });
    }
  });
}

export const one = (uuid) => get("outbox", uuid);
