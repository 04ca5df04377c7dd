// What measuring and counting share: keys, the verdict, the samples in their order.

import { keypad } from "./keypad.js";
import { implausible, limits, plain, read, verdict } from "./numbers.js";
import { button, el, mark, say } from "./ui.js";
import { decimalSign, t, written } from "./words.js";

const PAUSE = 700; // ms without a key, after which the verdict is also said

export function numbered({ check, draft, answer, defect }, { decimals, unit, sign }) {
  const asked = check.samples ?? 1;
  const taken = []; // { typed, plain, side }
  const earlier = [draft.answers[check.id]?.value].flat().filter((one) => typeof one === "string");
  let doubted = null;
  let timer = null;

  const shown = el("output", { class: "number__value", id: "value" }, "–");
  const judged = el("p", { class: "verdict", id: "verdict" });
  const scale = el("div", { class: "scale", "aria-hidden": "true" });
  const strip = el("ol", { class: "strip" });
  const actions = el("div", { class: "number__actions" });
  const longest = 14;
  const pad = keypad({ longest, decimals: decimals > 0, sign: sign && below0(check), typed: judge });
  draw();
  return {
    nodes: [el("div", { class: "number" }, el("div", { class: "number__read" }, shown, judged, scale, asked > 1 ? strip : null, actions), pad.pad)],
    end: () => { clearTimeout(timer); pad.end(); },
  };

  function judge(text) {
    const number = read(text.replace("−", "-"), decimals);
    shown.textContent = text ? `${text} ${unit}` : "–";
    const found = number && verdict(number, check);
    judged.className = `verdict ${found ? `verdict--${found.side === "within" ? "ok" : "bad"}` : ""}`;
    judged.replaceChildren(...(found ? [mark(found.side === "within" ? "✔" : "✘"), ` ${sentence(found)}`] : text ? [hint()] : []));
    clearTimeout(timer);
    if (found) timer = setTimeout(() => say(sentence(found)), PAUSE);
    doubted = null;
    place(number);
    offer(text, number, found);
  }

  function hint() {
    return decimals ? t("number.decimals", { count: decimals }) : t("number.whole");
  }

  function sentence({ side, by }) {
    return side === "within" ? t("number.within") : t(`number.${side}`, { by: `${written(by)} ${unit}`.trim() });
  }

  function offer(text, number, found) {
    if (!number) { actions.replaceChildren(); return; }
    const keep = () => {
      if (doubted !== text && implausible(number, check)) {
        doubted = text;
        judged.replaceChildren(mark("!"), ` ${t("number.implausible", { value: `${text} ${unit}`.trim() })}`);
        say(judged.textContent, { urgent: true });
        return;
      }
      take({ typed: text, plain: plain(number), side: found.side });
    };
    const out = found.side !== "within";
    actions.replaceChildren(...(out
      ? [button(t("number.again"), again, { kind: "button--quiet", name: "again" }), button([mark("✘"), el("span", {}, t("number.as_defect"))], keep, { kind: "button--bad", name: "save" })]
      : [button([mark("✔"), el("span", {}, t("number.save"))], keep, { kind: "button--main", name: "save" })]));
  }

  // Measured once more: what was measured first is kept beside it.
  function again() {
    const text = pad.text();
    draft.remeasured = [...(draft.remeasured ?? []), { check: check.id, sample: taken.length + 1, value: text, at: new Date().toISOString() }];
    pad.clear();
  }

  function take(sample) {
    taken.push(sample);
    if (taken.length < asked) {
      pad.clear();
      draw();
      say(t("number.sample", { n: taken.length + 1, of: asked }));
      return;
    }
    const outside = taken.filter((one) => one.side !== "within").length;
    const value = asked === 1 ? taken[0].plain : taken.map((one) => one.plain);
    const raw = { typed: taken.map((one) => one.typed), separator: decimalSign() };
    if (outside > (check.accept ?? 0)) defect({ value, raw });
    else answer(value, { raw });
  }

  function draw() {
    strip.replaceChildren(...Array.from({ length: asked }, (_, n) => {
      const one = taken[n];
      const now = n === taken.length;
      return el("li", { class: `slot ${now ? "slot--now" : ""}`, "aria-current": now ? "step" : null },
        one ? [mark(one.side === "within" ? "✔" : "✘"), ` ${written(one.plain)}`] : earlier[n] ? `(${written(earlier[n])})` : "–");
    }));
    judged.replaceChildren(asked > 1 ? t("number.sample", { n: taken.length + 1, of: asked }) : "");
  }

  function place(number) {
    const [lower, upper] = limits(check);
    if (!number || !lower || !upper) { scale.replaceChildren(); return; }
    const as = (one) => Number(plain(one));
    const span = as(upper) - as(lower) || 1;
    const at = Math.max(0, Math.min(24, Math.round(((as(number) - as(lower)) / span) * 12 + 6)));
    scale.replaceChildren(...Array.from({ length: 25 }, (_, n) => el("span", { class: n === at ? "scale__here" : n >= 6 && n <= 18 ? "scale__in" : "scale__out" })));
  }
}

// A minus key only where a number below zero can be right.
function below0(check) {
  const [lower] = limits(check);
  return !lower || lower.digits < 0n;
}
