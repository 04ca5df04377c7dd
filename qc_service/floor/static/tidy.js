// What arrived does not stay on the tablet for ever. What did not arrive stays, and so does what somebody is at.

import { run } from "./db.js";
import { serviceTime } from "./device.js";

const DAY = 24 * 3600_000; // ms
const BODY_FOR = 7 * DAY;
const RECEIPT_FOR = 90 * DAY;

let done = null; // by the tablet's own clock, which may be set: then it is done once more, and nothing is the worse for it

export async function tidyDaily() {
  if (done !== null && Math.abs(Date.now() - done) < DAY) return;
  done = Date.now();
  await tidy(await serviceTime());
}

// `now`: by the service's clock, as far as the tablet knows it.
export async function tidy(now) {
  for (const store of ["outbox", "deeds"]) await tidyOf(store, now);
}

// Of a deed that the service refused the body stays as long as it may be signed once more.
function tidyOf(store, now) {
  return run([store], "readwrite", (at) => new Promise((resolve, reject) => {
    const request = at(store).openCursor();
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve();
      const entry = cursor.value;
      const age = entry.receipt ? now - (entry.answered_at ?? Date.parse(entry.sent_at)) : 0;
      if (age > RECEIPT_FOR) cursor.delete();
      else if (age > BODY_FOR && entry.state === "sent" && entry.body !== null) cursor.update({ ...entry, body: null, seal: null });
      cursor.continue();
    };
  }));
}
