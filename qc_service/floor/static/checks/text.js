// Words.

import { el } from "../ui.js";
import { t } from "../words.js";

export function partial({ check, draft, answer }) {
  const field = el("textarea", { id: `text-${check.id}`, class: "field", rows: "3", maxlength: String(check.max_length ?? 200), value: draft.answers[check.id]?.value ?? "" });
  return {
    nodes: [el("form", { class: "block", novalidate: true, onsubmit: (event) => { event.preventDefault(); if (field.value.trim()) answer(field.value.trim()); else field.focus(); } },
      el("label", { for: `text-${check.id}`, class: "label" }, t("text.label")), field,
      el("button", { type: "submit", class: "button button--main", "data-name": "next" }, t("check.next")))],
  };
}
