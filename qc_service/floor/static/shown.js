// How a procedure is shown to whoever works by it or reads it: hazards, tools, steps, their pictures and values.

import { addressOf } from "./pictures.js";
import { el, mark } from "./ui.js";
import { language, languageName, t, written } from "./words.js";

export const wordsOf = (kept) => kept.texts[language()] ?? kept.texts[kept.document.language];

// Texts that are not there in the reader's language, or not as they should be, say so: each way once.
export function chips(words, paths) {
  const texts = new Set(paths.map((path) => words.marks[path]).filter(Boolean).map(({ state, language: own }) => (
    state === "missing" ? t("not_translated", { language: languageName(own) }) : state === "outdated" ? t("outdated") : t("draft_text"))));
  return [...texts].map((text) => el("p", { class: "chip" }, text));
}

// A text with the language that it is in, where that is not the reader's.
const said = (words, path, text) => el("span", { lang: words.marks[path]?.language ?? null }, text);

const of = (list, ids) => (list ?? []).filter((one) => !ids || ids.includes(one.id));
const paths = (name, list, ...parts) => list.flatMap((one) => parts.map((part) => `${name}.${one.id}.${part}`));

// What can hurt and what is needed, each under its heading; nothing where there is none. `ids`: only those.
export function ahead(words, ids = {}) {
  const [hurts, needs] = [of(words.hazards, ids.hazards), of(words.tools, ids.tools)];
  return {
    hazards: hurts.length ? el("section", { class: "hazards" }, el("h2", {}, t("work.hazards")), el("ul", {}, hurts.map((one) => el("li", {}, mark("⚠"),
      el("div", {}, el("strong", {}, said(words, `hazards.${one.id}.text`, one.text)), el("p", {}, said(words, `hazards.${one.id}.control`, one.control))))))) : null,
    tools: needs.length ? el("section", { class: "tools" }, el("h2", {}, t("work.tools")),
      el("ul", {}, needs.map((one) => el("li", {}, said(words, `tools.${one.id}.text`, one.text))))) : null,
    paths: [...paths("hazards", hurts, "text", "control"), ...paths("tools", needs, "text")],
  };
}

// What is to be set or reached in a step that has a kind.
export function values(step) {
  const unit = step.unit ? ` ${step.unit}` : step.type === "timer" ? " s" : "";
  const as = (one) => `${written(one)}${unit}`;
  const { nominal, tolerance, min, max, at_least: least, within, choices } = step;
  return [
    nominal === undefined ? null : t("work.set", { value: tolerance === undefined ? as(nominal) : `${written(nominal)} ± ${as(tolerance)}` }),
    min !== undefined && max !== undefined ? t("work.between", { min: written(min), max: as(max) }) : null,
    min !== undefined && max === undefined ? t("work.least", { value: as(min) }) : null,
    max !== undefined && min === undefined ? t("work.most", { value: as(max) }) : null,
    step.type === "timer" && least !== undefined ? t("work.least", { value: as(least) }) : null,
    within === undefined ? null : t("work.most", { value: as(within) }),
    choices ? t("work.right", { choices: choices.filter((one) => one.ok).map((one) => one.text).join(", ") }) : null,
  ].filter(Boolean);
}

const SIGNS = { good: "✔", bad: "✘", shows: "◉" };

// Pictures, each with what it shows; they come when they are here. Gives the node, and what gives their addresses back.
export function pictures(words, step) {
  const addresses = [];
  let ended = false;
  const nodes = (step.photos ?? []).map((one, n) => {
    const path = `steps.${step.id}.photos.${n}`;
    const place = el("div", { class: "shot__seen" });
    addressOf(one.id).then((address) => {
      if (address && ended) return URL.revokeObjectURL(address);
      if (address) addresses.push(address);
      return place.replaceChildren(address ? el("img", { src: address, alt: one.text }) : el("p", { class: "soft" }, t("work.no_picture")));
    });
    return el("figure", { class: `shot shot--${one.kind}`, "data-kind": one.kind }, place,
      el("figcaption", {}, el("strong", {}, mark(SIGNS[one.kind]), ` ${t(`work.picture.${one.kind}`)}`), " ", said(words, `${path}.text`, one.text)));
  });
  return { node: nodes.length ? el("div", { class: "shots" }, nodes) : null, end: () => { ended = true; addresses.forEach((one) => URL.revokeObjectURL(one)); } };
}

// One step as it is worked by. `heading`: as a part of the whole, with its text, and what is not translated said above all.
export function step(words, one, { heading = false } = {}) {
  const seen = pictures(words, one);
  const path = `steps.${one.id}`;
  const { hazards, tools, paths: around } = ahead(words, { hazards: one.hazards ?? [], tools: one.tools ?? [] });
  const shots = (one.photos ?? []).map((_, n) => `${path}.photos.${n}.text`);
  const told = [
    ...(heading ? [el("h3", {}, said(words, `${path}.text`, one.text))] : chips(words, [`${path}.text`, `${path}.detail`, ...around, ...shots])),
    hazards,
    one.detail ? el("p", { class: "detail" }, said(words, `${path}.detail`, one.detail)) : null,
    ...values(one).map((text) => el("p", { class: "requirement requirement--set" }, text)),
    tools,
  ].filter(Boolean);
  return { node: el("section", { class: "stepping", "data-step": one.id }, told.length ? el("div", { class: "stepping__told" }, told) : null, seen.node), end: seen.end };
}
