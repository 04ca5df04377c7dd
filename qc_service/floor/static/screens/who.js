// Who are you? A badge that is scanned, or one's name, and a PIN. Without a network the PIN goes to the service sealed.

import { readCode } from "../codes.js";
import { able, people, signIn } from "../device.js";
import { keypad } from "../keypad.js";
import { NoNetwork, call } from "../net.js";
import { scanner, useless } from "../scan.js";
import { button, el, say } from "../ui.js";
import { t } from "../words.js";

const DIGITS = 6;

export async function open(app, { next = "home", params = {} } = {}) {
  const roster = (await people()).filter((one) => (one.inspects || one.makes) && able(one, next, params));
  const tiles = roster.map((one) => button([el("strong", {}, one.name), el("span", { class: "soft" }, one.badge)], () => ask(one), { kind: "tile", name: "person", "data-badge": one.badge }));
  app.frame(t("who.title"), [
    el("p", { class: "lede" }, roster.length ? t("who.scan") : t("who.nobody")),
    roster.length ? scanner(app, { again: () => open(app, { next, params }), fits: (read) => ["badge", "bare"].includes(read.kind) }) : null,
    el("div", { class: "tiles tiles--people" }, tiles),
  ].filter(Boolean));
  app.scanned = scanned;
  let pad = null;
  return () => pad?.end();

  function scanned(text) {
    const read = readCode(text);
    const badge = read.badge ?? read.code;
    const found = roster.find((one) => one.badge === badge);
    if (found) ask(found);
    else app.notice(badge ? t("who.unknown", { badge }) : useless(read), "bad");
  }

  function ask(person, { secret = null } = {}) {
    pad?.end();
    const dots = el("p", { class: "dots", "aria-hidden": "true" }, "○".repeat(DIGITS));
    let busy = false;
    pad = keypad({
      longest: DIGITS,
      typed: async (text) => {
        dots.textContent = "●".repeat(text.length) + "○".repeat(DIGITS - text.length);
        if (text.length < DIGITS || busy) return;
        busy = true;
        await enter(person, secret ?? text, secret ? text : null);
        busy = false;
      },
    });
    app.scanned = null;
    app.frame(secret ? t("who.new_pin") : t("who.pin", { name: person.name }), [
      secret ? el("p", { class: "lede" }, t("who.must_change")) : null, el("div", { class: "pin" }, dots, pad.pad),
    ].filter(Boolean), { backTo: () => open(app, { next, params }) });
  }

  async function enter(person, pin, fresh) {
    let reply = null;
    try {
      reply = await call("POST", "/v1/sessions", { json: { badge: person.badge, pin, device: app.state.token, ...(fresh ? { new_pin: fresh } : {}) } });
    } catch (error) {
      if (!(error instanceof NoNetwork)) throw error;
    }
    if (reply === null) return enterAs(person, fresh ?? pin, null, t("who.unchecked"));
    if (reply.status === 201) return enterAs({ ...person, name: reply.body.person.name, language: reply.body.person.language }, fresh ?? pin, reply.body.token);
    const must = reply.body?.errors?.some((one) => one.code === "must_change");
    if (must && !fresh) return ask(person, { secret: pin });
    pad.clear();
    app.notice(reply.body?.errors?.[0]?.detail ?? (reply.body?.code === "credentials_wrong" ? t("who.wrong") : reply.body?.detail ?? t("who.wrong")), "bad");
  }

  async function enterAs(person, pin, session, note = null) {
    pad.end();
    await signIn({ badge: person.badge, name: person.name, language: person.language, qualified: person.qualified, inspects: person.inspects, makes: person.makes, pin, session });
    await app.go(next, params, { instead: true });
    if (note) app.notice(note);
    else say(t("who.signed", { name: person.name, badge: person.badge }));
  }
}
