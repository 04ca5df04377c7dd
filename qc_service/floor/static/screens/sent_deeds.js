// A deed among what was sent: what it was, whether it counts, and what to do where it does not.

import { signAgain } from "../deeds.js";
import { wake } from "../sender.js";
import { button, el, mark } from "../ui.js";
import { t, time } from "../words.js";

const SIGNS = { waiting: "●", sent: "✔", refused: "!", attention: "!" };

export function deedRow(app, row, redraw) {
  const { lot, unit, procedure, version } = row.told;
  const of = row.kind === "made" ? (unit ? t("line_and_unit", { line: lot, unit }) : lot) : t("version", { code: procedure, version });
  const help = row.state === "refused" || row.state === "attention";
  const text = row.state === "sent" ? t("sent.sent", { time: time(row.sent_at) }) : help ? t("sent.help") : t("sent.waiting");
  return el("li", { class: `sent__row sent__row--${help ? "attention" : row.state}`, "data-uuid": row.uuid, "data-state": row.state, "data-deed": row.kind },
    el("strong", {}, t(`deed.${row.kind}`, { of })), el("span", { class: "soft" }, `${row.badge} · ${time(row.at)}`),
    el("span", { class: "sent__state" }, mark(SIGNS[row.state]), ` ${text}`),
    row.receipt ? el("span", { class: "soft" }, t("sent.receipt", { receipt: row.receipt.slice(0, 8) })) : null,
    help ? el("div", { class: "sent__standing" }, el("p", { class: "sent__told sent__told--bad" }, mark("!"), ` ${why(row)}`), again(app, row, redraw)) : null,
    row.notes?.length ? el("div", { class: "sent__standing" }, row.notes.map((one) => el("p", { class: "soft" }, one.detail))) : null);
}

const why = (row) => row.reason?.detail ?? (row.error === "revision_conflict" ? t("sent.variant") : t("sent.refused", { code: row.error }));

// A PIN that was not right is put right by whoever did it, and by nobody else.
function again(app, row, redraw) {
  if (row.reason?.code !== "identity_unconfirmed" || row.again || app.state.person?.badge !== row.badge) return null;
  return button(t("deed.sign_again"), async () => {
    await signAgain(row);
    await redraw();
    wake();
  }, { kind: "button--main", name: "sign-again" });
}
