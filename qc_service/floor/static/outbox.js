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

// The oldest that wait.
export async function waiting(most) {
  return run(["outbox"], "readonly", (at) => ask(at("outbox").index("state").getAll(IDBKeyRange.bound(["waiting", 0], ["waiting", Infinity]), most)));
}

export const count = (state) => run(["outbox"], "readonly", (at) => ask(at("outbox").index("state").count(IDBKeyRange.bound([state, 0], [state, Infinity]))));

// The newest first.
export function newest(most) {
  return run(["outbox"], "readonly", (at) => new Promise((resolve, reject) => {
    const found = [];
    const request = at("outbox").index("seq").openCursor(null, "prev");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor || found.length === most) return resolve(found);
      found.push(cursor.value);
      cursor.continue();
    };
  }));
}

// A record's standing is changed only as it stands now, so that two tabs cannot undo one another.
export function mark(uuid, change) {
  return run(["outbox"], "readwrite", async (at) => {
    const entry = await ask(at("outbox").get(uuid));
    if (!entry || entry.state === "sent") return;
    await ask(at("outbox").put({ ...entry, ...change(entry) }));
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

// Everything that was not answered for yet, each record with its own hash and seal: it is taken once by its address.
export async function copy(device) {
  const records = await run(["outbox"], "readonly", (at) => ask(at("outbox").index("seq").getAll()));
  const left = records.filter((entry) => entry.state !== "sent").map(({ uuid, seq, body, sha256: digest, seal }) => ({ uuid, seq, body, sha256: digest, seal }));
  const made = new Date().toISOString();
  const name = `qc-${device.name.replace(/[^A-Za-z0-9]+/g, "-")}-${made.slice(0, 16).replace(/[:T]/g, "-")}.json`;
  return { name, json: JSON.stringify({ device: device.id, made_at: made, records: left }, null, 1) };
}
