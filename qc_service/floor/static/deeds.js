// What somebody does here beside inspecting: made it, read it, reports a step, asks to deviate. Kept as a record is:
// frozen, sealed with their PIN or card, and sent until the service has answered for it.

import { ask, meta, run } from "./db.js";
import { state } from "./device.js";
import { sha256 } from "./outbox.js";
import { sealed } from "./seal.js";
import { language } from "./words.js";

// Throws where the tablet cannot keep it. The same uuid again is the same deed: pressed twice.
export async function keepDeed(uuid, kind, told, { media = [], jumped = false } = {}) {
  const { badge, name, secret } = state.person;
  const { code, site } = state.line;
  const at = new Date().toISOString();
  const body = JSON.stringify({
    kind, badge, line: code, site, observed_at: at, clock_offset_ms: await meta("clock_offset_ms"), clock_jumped: jumped, ...told,
  });
  return add({ uuid, kind, body, media, badge, name, at, told }, secret);
}

// Signed once more, because the PIN or the card was not right: the same deed at the same time under another number.
export async function signAgain(entry) {
  return add({ ...entry, uuid: crypto.randomUUID(), again: entry.uuid }, state.person.secret);
}

async function add({ uuid, kind, body, media, badge, name, at, told, again = null }, secret) {
  const digest = await sha256(new TextEncoder().encode(body));
  const entry = {
    uuid, kind, state: "waiting", body, sha256: digest, seal: await sealed(secret, digest), media, badge, name, at, told,
    language: language(), tries: 0, error: null, reason: null, notes: [], receipt: null, sent_at: null,
  };
  await run(["deeds", "works", "media", "meta"], "readwrite", async (at_) => {
    if (await ask(at_("deeds").get(uuid))) return;
    const seq = (await ask(at_("meta").get("next_deed")))?.value ?? 1;
    at_("deeds").add({ ...entry, seq });
    at_("meta").put({ name: "next_deed", value: seq + 1 });
    at_("works").delete(uuid); // work that was said to be done is no longer in hand
    const before = again && (await ask(at_("deeds").get(again)));
    if (before) at_("deeds").put({ ...before, again: uuid });
    for (const name_ of media) {
      const kept = await ask(at_("media").get(name_));
      if (kept) at_("media").put({ ...kept, waiting: uuid });
    }
  });
  return entry;
}

