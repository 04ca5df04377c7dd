// Check your answers: what is wrong first, then the rest, and the one button that ends it.

import { get } from "../db.js";
import { missing, package_, screens } from "../draft.js";
import { submit } from "../outbox.js";
import { wake } from "../sender.js";
import { button, el, mark, tapped } from "../ui.js";
import { language, t, written } from "../words.js";

const TOO_FAST = 800; // ms between a check's being shown and its answer

export async function open(app, { uuid }) {
  const draft = await get("drafts", uuid);
  if (!draft) return app.go("sent", {}, { instead: true });
  const kept = await package_(draft.procedure, draft.version);
  const words = kept.texts[language()] ?? kept.texts[kept.document.language];
  const checks = screens(kept, draft).flat();
  const left = missing(kept, draft);
  const rows = checks.map((check, place) => ({ check, place, answer: draft.answers[check.id], said: words.checks.find((one) => one.id === check.id) })).filter((row) => row.answer);
  const plainly = rows.filter(({ check, answer }) => quiet(check, answer));
  const { name, badge } = app.state.person;
  const send = button(t("review.submit"), press, { kind: "button--main button--submit", name: "submit" });
  const all = el("ul", { class: "review", hidden: true }, plainly.map(row));
  app.frame(t("review.title"), [
    left.length ? el("p", { class: "notice notice--warning" }, mark("!"), el("span", {}, t("review.missing", { count: left.length }))) : null,
    el("ul", { class: "review" }, rows.filter((one) => !plainly.includes(one)).map(row)),
    plainly.length ? el("p", { class: "review__ok" }, mark("✔"), ` ${t("review.ok", { count: plainly.length })} `, button(t("review.show_all"), (event) => { all.hidden = false; event.currentTarget.remove(); }, { kind: "button--quiet", name: "all" })) : null,
    all,
    el("p", { class: "statement" }, t("review.statement"), " ", el("strong", {}, t("review.signed", { name, badge }))),
    left.length ? button(t("continue"), () => app.go("check", { uuid, change: left[0].id }), { kind: "button--main", name: "missing" }) : send,
  ].filter(Boolean), { place: [draft.lot, t("version", { code: draft.procedure, version: draft.version })], backTo: () => app.go("check", { uuid, change: checks.at(-1)?.id }, { instead: true }) });
  return null;

  function quiet(check, answer) {
    return !draft.nonconformities[check.id] && !["not_applicable", "cannot_check"].includes(answer.value) && !fast(answer);
  }

  function fast(answer) {
    return Date.parse(answer.at) - Date.parse(answer.shown_at) < TOO_FAST;
  }

  function row({ check, place, answer, said }) {
    const wrong = draft.nonconformities[check.id];
    const sign = wrong ? "✘" : ["not_applicable", "cannot_check"].includes(answer.value) ? "–" : "✔";
    const told = [wrong ? t(`defect.${wrong.disposition}`) : null, wrong?.photo ? t("photo.count", { count: 1 }) : null, answer.reason, fast(answer) ? t("review.fast") : null, value(check, answer, said)].filter(Boolean);
    return el("li", { class: wrong ? "review__row review__row--bad" : "review__row", "data-check": check.id },
      mark(sign), el("div", { class: "review__what" }, el("strong", {}, `${place + 1} ${said.text}`), told.length ? el("span", { class: "soft" }, told.join(" · ")) : null),
      button(t("change"), () => app.go("check", { uuid, change: check.id }), { kind: "button--quiet", name: "change", "aria-label": t("change.of", { check: said.text }) }));
  }

  function value(check, answer, said) {
    if (["measure", "count", "timer"].includes(check.type)) return `${[answer.value].flat().map(written).join(", ")} ${said.unit ?? ""}`.trim();
    if (check.type === "choose") return said.choices.filter((one) => [answer.value].flat().includes(one.id)).map((one) => one.text).join(", ");
    if (check.type === "photo") return t("photo.count", { count: [answer.value].flat().length });
    return check.type === "text" ? answer.value : null;
  }

  async function press() {
    if (send.disabled) return;
    send.disabled = true;
    send.textContent = t("review.saving");
    draft.taps = tapped();
    try {
      const entry = await submit(kept, draft, app.state.person.secret);
      await app.go("sent", { uuid: entry.uuid, taps: draft.taps }, { instead: true });
      wake();
    } catch {
      send.disabled = false;
      send.textContent = t("review.submit");
      app.notice(t("check.not_saved"), "bad");
    }
  }
}
