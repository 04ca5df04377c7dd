// Speaking to the service. Whatever else answers, such as the login page of a Wi-Fi, is no answer.

import { keep, meta } from "./db.js";

const PATIENCE = 10_000; // ms

export class NoNetwork extends Error {}

// The answer as { status, body }. Throws NoNetwork where the service was not reached, or something else answered.
export async function call(method, path, { token, json, bytes, type, headers = {}, patience = PATIENCE, picture = false } = {}) {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), patience);
  try {
    const sent = { ...headers };
    if (token) sent.Authorization = `Bearer ${token}`;
    if (json !== undefined || bytes !== undefined) sent["Content-Type"] = type ?? "application/json";
    const reply = await fetch(path, {
      method, headers: sent, body: json === undefined ? bytes : JSON.stringify(json),
      signal: ended.signal, cache: "no-store", credentials: "omit", redirect: "error",
    });
    const ours = reply.headers.has("X-Request-Id");
    const told = (reply.headers.get("Content-Type") ?? "").includes("json") ? await reply.json() : picture && reply.ok ? await reply.blob() : null;
    if (!ours) throw new NoNetwork("something else answered");
    await setClock(reply.headers.get("Date"));
    return { status: reply.status, body: told, after: Number(reply.headers.get("Retry-After")) || 0 };
  } catch (error) {
    if (error instanceof NoNetwork) throw error;
    throw new NoNetwork(String(error));
  } finally {
    clearTimeout(timer);
  }
}

// How far the tablet's clock is ahead of the service's, as it was at the last contact. A second is not worth a write.
let known = null;

async function setClock(date) {
  const at = Date.parse(date ?? "");
  if (Number.isNaN(at)) return;
  const ahead = Date.now() - at;
  known ??= await meta("clock_offset_ms");
  if (known !== null && Math.abs(known - ahead) < 1500) return;
  known = ahead;
  await keep("clock_offset_ms", ahead);
}
