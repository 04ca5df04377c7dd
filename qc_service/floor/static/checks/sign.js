// A signature: one's name, under what it means; the PIN that is sealed with the record stands for it.

import { button, el, mark } from "../ui.js";
import { t } from "../words.js";

export function partial({ app, answer }) {
  return {
    nodes: [el("div", { class: "answers" },
      button([mark("✎"), el("span", {}, t("sign.sign", { name: app.state.person.name }))], () => answer("signed"), { kind: "answer answer--ok", name: "sign" }))],
  };
}
