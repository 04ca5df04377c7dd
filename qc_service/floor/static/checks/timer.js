// How long it takes: a clock that is started and stopped.

import { read, verdict } from "../numbers.js";
import { button, el, mark } from "../ui.js";
import { t, written } from "../words.js";

export function partial({ check, answer, defect }) {
  let began = null;
  let timer = null;
  const shown = el("output", { class: "number__value", id: "value" }, t("timer.seconds", { seconds: written("0.0") }));
  const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
  const press = button([mark("▶"), el("span", {}, t("timer.start"))], () => {
    if (began === null) {
      began = performance.now();
      press.replaceChildren(mark("■"), el("span", {}, t("timer.stop")));
      timer = setInterval(() => { shown.textContent = t("timer.seconds", { seconds: written(seconds()) }); }, 100);
      return;
    }
    clearInterval(timer);
    const value = seconds();
    const limits = { min: check.at_least, max: check.within };
    if (verdict(read(value, 1), limits).side === "within") answer(value);
    else defect({ value });
  }, { kind: "answer answer--ok", name: "timer" });
  return { nodes: [el("div", { class: "number" }, shown), el("div", { class: "answers" }, press)], end: () => clearInterval(timer) };
}
