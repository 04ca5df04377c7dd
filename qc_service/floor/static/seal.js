// A PIN, or a card's secret, for the service's eyes alone, bound to one record. What the tablet keeps gives nothing away.

import { meta } from "./db.js";

const ALGORITHM = { name: "RSA-OAEP", hash: "SHA-256" };

const url64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export async function sealed(secret, digest) {
  const { kty, n, e } = await meta("seal_key");
  const key = await crypto.subtle.importKey("jwk", { kty, n, e, alg: "RSA-OAEP-256" }, ALGORITHM, false, ["encrypt"]);
  const nonce = url64(crypto.getRandomValues(new Uint8Array(12)));
  const told = new TextEncoder().encode(JSON.stringify({ ...secret, nonce, sha256: digest }));
  return url64(await crypto.subtle.encrypt(ALGORITHM, key, told));
}
