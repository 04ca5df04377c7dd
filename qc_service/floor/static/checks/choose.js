// One of a list, or several.

import { button, el, mark } from "../ui.js";
import { t } from "../words.js";

export function partial({ check, said, draft, answer, defect }) {
  const several = check.several ?? false;
  const right = Object.fromEntries(check.choices.map((one) => [one.id, one.ok]));
  const chosen = new Set(several ? [draft.answers[check.id]?.value].flat().filter((one) => one in right) : []);
  const done = () => {
    const value = several ? [...chosen] : [...chosen][0];
    if ([...chosen].every((one) => right[one])) answer(value);
    else defect({ value });
  };
  const next = several ? button(t("check.next"), () => { if (chosen.size) done(); }, { kind: "button--main", name: "next" }) : null;
  const tiles = said.choices.map((one) => {
    const tile = button([mark(chosen.has(one.id) ? "☑" : several ? "☐" : "○"), el("span", {}, one.text)], () => {
      if (!several) chosen.clear();
      if (chosen.has(one.id)) chosen.delete(one.id);
      else chosen.add(one.id);
      if (!several) { done(); return; }
      tile.setAttribute("aria-pressed", String(chosen.has(one.id)));
      tile.firstChild.textContent = chosen.has(one.id) ? "☑" : "☐";
    }, { kind: "tile tile--choice", rapid: several, name: `choice-${one.id}`, "aria-pressed": String(chosen.has(one.id)) });
    return tile;
  });
  return { nodes: [el("div", { class: "tiles" }, tiles), ...(next ? [next] : [])] };
}
