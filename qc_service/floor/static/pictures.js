// The pictures of procedures: fetched ahead, so that whoever works without a network sees them too.

import { all, drop, get, put } from "./db.js";
import { state } from "./device.js";
import { NoNetwork, call } from "./net.js";

const PATIENCE = 60_000; // ms

// Each that a procedure here shows, as far as the service says that it is to be kept; what none shows any more is let go.
export const fetchPictures = () => ahead().catch(unreachable);

async function ahead() {
  const named = new Set((await all("procedures")).flatMap((one) => one.media ?? []));
  const here = new Set((await all("pictures")).map((one) => one.sha256));
  for (const sha256 of here) if (!named.has(sha256)) await drop("pictures", sha256);
  for (const sha256 of named) if (!here.has(sha256)) await fetched(sha256);
}

async function fetched(sha256) {
  const reply = await call("GET", `/v1/media/${sha256}`, { token: state.token, patience: PATIENCE, picture: true });
  if (reply.status !== 200 || !(reply.body instanceof Blob)) return null;
  await put("pictures", { sha256, blob: reply.body });
  return reply.body;
}

// An address for a picture, or null where it is not here and cannot be fetched. Whoever asked gives it back.
export async function addressOf(sha256) {
  const blob = (await get("pictures", sha256))?.blob ?? (await fetched(sha256).catch(unreachable));
  return blob ? URL.createObjectURL(blob) : null;
}

function unreachable(error) {
  if (error instanceof NoNetwork) return null;
  throw error;
}
