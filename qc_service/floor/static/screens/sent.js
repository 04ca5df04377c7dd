// What this tablet holds: what waits, what arrived, and what needs help.

import { copy } from "../copy.js";
import { all, get } from "../db.js";
import { fetchPackage } from "../device.js";
import { again, package_ } from "../draft.js";
import { NoNetwork } from "../net.js";
import { count, newest, one } from "../outbox.js";
import { listen, refused, wake } from "../sender.js";
import { button, el, mark, notice, say } from "../ui.js";
import { t, time } from "../words.js";
import { deedRow } from "./sent_deeds.js";

const MOST = 50;
const done = (row) => row.at ?? row.submitted_at;
const SIGNS = { waiting: "●", sent: "✔", attention: "!" };

export async function open(app, { uuid = null } = {}) {
  const list = el("ul", { class: "sent" });
  const head = el("div", { id: "standing" });
  const mine = app.state.person?.badge;
  const made = uuid && (await get("deeds", uuid))?.kind === "made";
  app.frame(t("sent.title"), [head, list, el("div", { class: "aside" }, button(t("sent.now"), () => wake(), { name: "now" }), button(t("sent.copy"), save, { kind: "button--quiet", name: "copy" }))], {
    backTo: () => app.go("home", {}, { instead: true }),
    foot: [made ? button(t("home.work"), () => app.go("unit", { work: true }, { instead: true }), { kind: "button--main", name: "work" }) : button(t("sent.next"), () => app.go("unit", {}, { instead: true }), { kind: "button--main", name: "next" })],
  });
  await draw();
  if (uuid && ((await one(uuid)) ?? (await get("deeds", uuid)))) say(t("sent.safe"));
  return listen(draw);

  async function draw() {
    const rows = [...(await newest(MOST)), ...(await newest(MOST, "deeds"))].sort((row, other) => done(other).localeCompare(done(row)));
    const of = (row) => row.badge ?? row.inspector.badge;
    const others = rows.filter((row) => mine && of(row) !== mine).length;
    const stopped = await refused();
    const waiting = (await count("waiting")) + (await count("waiting", "deeds"));
    if (!list.isConnected) return;
    head.replaceChildren(
      stopped ? notice(t("sent.reconnect", { count: waiting }), "bad") : el("p", { class: "lede", id: "safe" }, rows.length ? t("sent.safe") : t("sent.none")));
    list.replaceChildren(...rows.filter((row) => !mine || of(row) === mine).map((row) => (row.kind ? deedRow(app, row, draw) : item(row))), ...(others ? [el("li", { class: "soft" }, t("sent.of_others", { count: others }))] : []));
  }

  // What has not arrived, as a file that somebody carries to a desk.
  async function save() {
    const { name, json, records, pictures, left } = await copy(app.state);
    if (!records && !pictures) return app.notice(t("all_sent"), "good");
    const url = URL.createObjectURL(new Blob([json], { type: "application/json" }));
    const link = el("a", { href: url, download: name, hidden: true, "data-rapid": true }); // pressed by the tap that just rested
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return app.notice([t("sent.copied", { records, pictures }), left ? t("sent.copied.left", { count: left }) : ""].join(" ").trim(), left ? "warning" : "good");
  }

  function item(row) {
    const text = row.state === "sent" ? t("sent.sent", { time: time(row.sent_at) }) : row.state === "attention" ? t("sent.help") : t("sent.waiting");
    const why = row.state !== "attention" ? null : row.error === "revision_conflict" ? t("sent.variant") : t("sent.refused", { code: row.error });
    return el("li", { class: `sent__row sent__row--${row.state}`, "data-uuid": row.uuid, "data-state": row.state },
      el("strong", {}, row.unit ? t("line_and_unit", { line: row.lot, unit: row.unit }) : row.lot), el("span", { class: "soft" }, `${row.inspector.badge} · ${time(row.submitted_at)}`),
      el("span", { class: "sent__state" }, mark(SIGNS[row.state]), ` ${text}`),
      row.receipt ? el("span", { class: "soft" }, t("sent.receipt", { receipt: row.receipt.slice(0, 8) })) : null, why ? el("p", {}, why) : null,
      told(row));
  }

  // What the service made of it: where it does not count, that is said first, and what to do about it.
  function told(row) {
    const { standing } = row;
    if (!standing || standing.state === "received") return null;
    const bad = standing.state === "quarantined" || standing.state === "unconfirmed";
    const lines = [el("p", { class: bad ? "sent__told sent__told--bad" : "sent__told" }, bad ? mark("!") : null, ` ${standing.sentence}`),
      ...standing.notes.map((note) => el("p", { class: "soft" }, note))];
    if (standing.missing.length && standing.version && !row.rechecked && row.inspector.badge === mine) {
      lines.push(row.body === null ? el("p", {}, t("sent.recheck.gone")) : button(t("sent.recheck", { count: standing.missing.length }), () => recheck(row), { kind: "button--main", name: "recheck" }));
    }
    return el("div", { class: "sent__standing" }, lines);
  }

  async function recheck(row) {
    const { missing, version } = row.standing;
    const begun = (await all("drafts")).find((draft) => draft.amends === row.uuid);
    if (!begun && !(await known(row.procedure, version))) return app.notice(t("unit.no_package"), "bad");
    const draft = begun ?? await again(row, { missing, version, person: app.state.person, reason: t("sent.recheck.reason") });
    return app.go("check", { uuid: draft.uuid });
  }

  async function known(code, version) {
    try {
      return (await package_(code, version)) ?? (await fetchPackage({ code, version }));
    } catch (error) {
      if (error instanceof NoNetwork) return null;
      throw error;
    }
  }
}
