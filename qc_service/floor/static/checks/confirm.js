// All right or a defect: two large answers.

import { button, el, mark } from "../ui.js";
import { t } from "../words.js";

export function partial({ check, draft, answer, defect }) {
  const given = draft.answers[check.id]?.value;
  return {
    nodes: [el("div", { class: "answers" },
      button([mark("✔"), el("span", {}, t("check.ok"))], () => answer("ok"), { kind: "answer answer--ok", name: "ok", "aria-pressed": given === "ok" ? "true" : "false" }),
      button([mark("✘"), el("span", {}, t("check.defect"))], defect, { kind: "answer answer--defect", name: "defect", "aria-pressed": given === "defect" ? "true" : "false" }))],
  };
}
