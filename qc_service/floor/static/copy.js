// What has not arrived, as a file that somebody carries to a desk, with the proof that this tablet made it.

import { ask, keep, meta, run } from "./db.js";

const FORMAT = "qc-copy-1";
const MOST_PICTURES = 45_000_000; // characters: the desk takes a file of 64 MB

// Everything that was not answered for yet: each record with its own hash and seal, by whose address it is taken once.
// `left`: pictures that did not fit; they come before the others in the next copy.
export async function copy({ token, device, line }) {
  const records = (await unanswered("outbox")).map(({ uuid, seq, body, sha256: digest, seal }) => ({ uuid, seq, sha256: digest, seal, body }));
  const deeds = (await unanswered("deeds")).map(({ uuid, body, sha256: digest, seal }) => ({ uuid, sha256: digest, seal, body }));
  const { pictures, left } = await fitting(line?.site ?? null);
  const made = new Date().toISOString();
  const told = { format: FORMAT, device: device.id, made_at: made, records, deeds, pictures };
  const name = `qc-${device.name.replace(/[^A-Za-z0-9]+/g, "-")}-${made.slice(0, 16).replace(/[:T]/g, "-")}.json`;
  const json = JSON.stringify({ ...told, hmac: await proof(token, told) }, null, 1);
  return { name, json, records: records.length + deeds.length, pictures: pictures.length, left };
}

const unanswered = async (store) => (await run([store], "readonly", (at) => ask(at(store).index("seq").getAll()))).filter((entry) => !entry.receipt);

async function fitting(site) {
  const names = await run(["media"], "readonly", (at) => ask(at("media").index("waiting").getAllKeys()));
  const before = new Set(await meta("copied_pictures", []));
  const pictures = [];
  let size = 0;
  for (const digest of [...names.filter((one) => !before.has(one)), ...names.filter((one) => before.has(one))]) {
    const kept = await run(["media"], "readonly", (at) => ask(at("media").get(digest)));
    if (!kept?.blob) continue;
    const data = await base64(kept.blob);
    if (size + data.length > MOST_PICTURES) break;
    size += data.length;
    pictures.push({ sha256: digest, site, data });
  }
  const left = names.length - pictures.length;
  await keep("copied_pictures", left ? [...new Set([...before, ...pictures.map((one) => one.sha256)])] : []);
  return { pictures, left };
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

// HMAC-SHA-256 over what the file says without its bodies and pictures, which their own hashes stand for. The fields are
// in the order of their names and nothing stands between them: the form that RFC 8785 gives them. The service keeps no
// token, only its SHA-256, and so that is the key.
async function proof(token, { deeds, device, format, made_at, pictures, records }) {
  const said = JSON.stringify({
    deeds: deeds.map(({ uuid, sha256: digest, seal }) => ({ seal, sha256: digest, uuid })),
    device, format, made_at,
    pictures: pictures.map(({ sha256: digest, site }) => ({ sha256: digest, site })),
    records: records.map(({ uuid, seq, sha256: digest, seal }) => ({ seal, seq, sha256: digest, uuid })),
  });
  const bytes = (text) => new TextEncoder().encode(text);
  const secret = await crypto.subtle.digest("SHA-256", bytes(token));
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const made = await crypto.subtle.sign("HMAC", key, bytes(said));
  return [...new Uint8Array(made)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
