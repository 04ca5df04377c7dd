// Signing in with what somebody typed or scanned, { pin } or { card }. Without a network the service finds out later.

import { readCode } from "./codes.js";
import { able, people, signIn } from "./device.js";
import { NoNetwork, call } from "./net.js";
import { useless } from "./scan.js";
import { say } from "./ui.js";
import { t } from "./words.js";

const PATIENCE = 3000; // ms: a question that can wait keeps nobody waiting

// Who works here at all.
export const may = (person) => person.inspects || person.makes;

// What a signature or a sign-in sends of a secret. The seal holds the secret alone: the record names the badge.
export const signed = ({ badge, secret }) => (secret.card ? { card: `QCB1:${badge}:${secret.card}` } : { pin: secret.pin });

// The person holds the tablet from now on, and goes on to `next`. Given back is the service's refusal, or nothing.
export async function enter(app, person, secret, { fresh = null, next = "home", params = {} } = {}) {
  const asked = secret.card ? {} : { badge: person.badge, ...(fresh ? { new_pin: fresh } : {}) };
  const reply = await reached(() => call("POST", "/v1/sessions", { json: { ...asked, ...signed({ ...person, secret }), device: app.state.token } }));
  if (reply && reply.status !== 201) return reply;
  const { name, language } = reply?.body.person ?? person;
  const session = reply?.body.token ?? null;
  const unsure = session ? await doubtful(session) : [];
  await signIn({ badge: person.badge, name, language, qualified: person.qualified, inspects: person.inspects, makes: person.makes, secret: fresh ? { pin: fresh } : secret, session, unsure });
  if (unsure.length) await app.go("yours", { next, params }, { instead: true });
  else await app.go(next, params, { instead: true });
  if (reply) say(t("who.signed", { name, badge: person.badge }));
  else app.notice(t(secret.card ? "who.unchecked_card" : "who.unchecked"));
  return null;
}

let busy = false;

// A card that was scanned where somebody may sign in: not a single tap.
export async function byCard(app, { badge, secret }, { next = "home", params = {} } = {}) {
  if (busy) return;
  busy = true;
  try {
    const person = (await people()).find((one) => one.badge === badge && may(one) && able(one, next, params));
    if (!person) return app.notice(t("who.unknown", { badge }), "bad");
    const refused = await enter(app, person, { card: secret }, { next, params });
    if (refused) app.notice(refused.body?.code === "credentials_wrong" ? t("who.card_wrong") : refused.body?.detail ?? t("who.card_wrong"), "bad");
  } finally {
    busy = false;
  }
}

// At the station only a card says what is to be done with it.
export function atHome(app, text) {
  const read = readCode(text);
  if (read.kind === "card") return byCard(app, read);
  return read.kind === "bare" ? null : app.notice(useless(read), "bad");
}

// The inspections under this name of which the service is not certain; none where it cannot be asked.
async function doubtful(session) {
  const reply = await reached(() => call("GET", "/v1/inspections/own", { token: session, patience: PATIENCE }));
  return reply?.status === 200 ? reply.body.data : [];
}

async function reached(asking) {
  try {
    return await asking();
  } catch (error) {
    if (error instanceof NoNetwork) return null;
    throw error;
  }
}
