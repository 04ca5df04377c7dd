// The station: what somebody can begin here, and what somebody began.

import { all } from "../db.js";
import { toRead } from "../device.js";
import { button, el, mark, notice } from "../ui.js";
import { t, time } from "../words.js";

export async function open(app) {
  const drafts = (await all("drafts")).sort((one, other) => other.updated_at.localeCompare(one.updated_at));
  const open_ = drafts.map((draft) => button([
    el("strong", {}, t("home.resume", { lot: draft.unit ? t("line_and_unit", { line: draft.lot, unit: draft.unit }) : draft.lot })),
    el("span", { class: "soft" }, `${draft.inspector.name} · ${t("home.resume.of", { n: draft.at + 1, of: draft.of ?? "–", time: time(draft.begun_at) })}`),
  ], () => app.go("check", { uuid: draft.uuid }), { kind: "tile tile--open", name: "resume" }));
  const works = (await all("works")).sort((one, other) => other.updated_at.localeCompare(one.updated_at)).map((work) => button([
    el("strong", {}, t("home.resume", { lot: work.unit ? t("line_and_unit", { line: work.lot, unit: work.unit }) : work.lot })),
    el("span", { class: "soft" }, `${work.by.name} · ${t("home.work.at", { n: work.at, of: work.of, time: time(work.begun_at) })}`),
  ], () => app.go("work", { uuid: work.uuid }), { kind: "tile tile--open", name: "go-on" }));
  const mine = app.state.person;
  const unread = mine ? (await toRead(mine.badge)).length : 0;
  const storage = el("div", { id: "storage" });
  app.stored = () => storage.replaceChildren(...(app.storage ? [notice(t(app.storage))] : []));
  const camera = el("div", { class: "standing" });
  const nodes = [
    storage,
    unread ? el("div", { id: "unread" }, notice(t("home.unread", { count: unread }))) : null,
    el("div", { class: "tiles" }, ...works, ...open_,
      button([el("strong", {}, mark("✔"), ` ${t("home.inspect")}`), el("span", { class: "soft" }, t("home.inspect.of"))], () => app.go("unit"), { kind: "tile tile--main", name: "inspect" }),
      button([el("strong", {}, mark("▶"), ` ${t("home.work")}`), el("span", { class: "soft" }, t("home.work.of"))], () => app.go("unit", { work: true }), { kind: "tile tile--main", name: "work" }),
      button([el("strong", {}, unread ? t("home.unread", { count: unread }) : t("home.read")), el("span", { class: "soft" }, t("home.read.of"))], () => app.go("read"), { kind: "tile", name: "read" }),
      button([el("strong", {}, t("home.sent"))], () => app.go("sent"), { kind: "tile", name: "sent" })),
    camera,
    app.state.fetchedAt ? el("p", { class: "soft" }, t("home.fetched", { time: time(app.state.fetchedAt) })) : null,
  ];
  app.frame(t("home.title", { line: app.state.line.name || app.state.line.code }), nodes.filter(Boolean), {
    backTo: null, foot: [button(t("home.another_line"), () => app.go("line"), { kind: "button--quiet", name: "another" })],
  });
  app.stored();
  app.scanned = async (text) => (await import("../enter.js")).atHome(app, text);
  if (!app.state.person) offer(app, camera);
}

// What can come a moment later is no part of what is waited for.
async function offer(app, place) {
  const { scanner } = await import("../scan.js");
  place.replaceChildren(el("p", { class: "soft" }, t("home.scan")), scanner(app, { again: () => open(app), fits: (read) => read.kind === "card" }));
}
