// Work that somebody is in the middle of: which step they are at is on the disk before the next is shown.

import { drop, get, put } from "./db.js";
import { clock, leapt } from "./draft.js";

export async function beginWork({ lot, unit, procedure, version, steps, person, line }) {
  const work = {
    uuid: crypto.randomUUID(), lot, unit, procedure, version, line, at: 0, of: steps, by: { badge: person.badge, name: person.name },
    begun_at: new Date().toISOString(), updated_at: null, clock: clock(), jumped: false,
  };
  await saveWork(work);
  return work;
}

export async function saveWork(work) {
  work.updated_at = new Date().toISOString();
  work.jumped ||= leapt(work.clock);
  work.clock = clock();
  await put("works", work);
}

export const workOf = (uuid) => get("works", uuid);
export const leaveWork = (uuid) => drop("works", uuid);
