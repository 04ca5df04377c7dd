// Our own keys for digits: no keyboard slides over the screen, and every key is as large as a gloved finger.

import { button, el, mark } from "./ui.js";
import { decimalSign, t } from "./words.js";

// `typed` is called with the text after each key. `decimals`: whether there is a decimal sign; `sign`: plus and minus.
export function keypad({ typed, longest, decimals = false, sign = false }) {
  let text = "";
  const set = (next) => { if (next.length <= longest) { text = next; typed(text); } };
  const key = (label, press, more = {}) => button(label, press, { kind: "key", rapid: true, ...more });
  const digit = (one) => key(one, () => set(text + one), { name: `key-${one}` });
  const keys = [
    ..."789456123".split("").map(digit),
    sign ? key("±", () => set(text.startsWith("-") ? text.slice(1) : `-${text}`), { name: "key-sign", "aria-label": t("number.sign") }) : el("span"),
    digit("0"),
    decimals ? key(decimalSign(), () => { if (!/[.,]/.test(text)) set(`${text || "0"}${decimalSign()}`); }, { name: "key-decimal" }) : el("span"),
  ];
  const rub = key([mark("⌫")], () => set(text.slice(0, -1)), { name: "key-delete", "aria-label": t("number.delete") });
  const pad = el("div", { class: "keypad" }, ...keys, rub);
  const pressed = (event) => {
    if (event.target.matches?.("input, textarea, button") && event.key === "Enter") return;
    if (/^[0-9]$/.test(event.key)) set(text + event.key);
    else if (decimals && /^[.,]$/.test(event.key) && !/[.,]/.test(text)) set(`${text || "0"}${decimalSign()}`);
    else if (event.key === "Backspace") set(text.slice(0, -1));
    else if (sign && event.key === "-") set(text.startsWith("-") ? text.slice(1) : `-${text}`);
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", pressed);
  return { pad, clear: () => { text = ""; typed(text); }, end: () => document.removeEventListener("keydown", pressed), text: () => text };
}
