// Building what is seen, and taking taps: the document is made of nodes and texts, never of markup.

export const DEAD_TIME = 450; // ms after each screen in which nothing can be pressed: a second tap is no answer

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "disabled" || key === "checked") made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

// A button acts when the finger leaves it. `rapid` ones, such as digits, may be pressed at once and again at once.
export function button(label, onTap, { kind = "", rapid = false, name = null, ...more } = {}) {
  const labels = Array.isArray(label) ? label : [label];
  return el("button", { type: "button", class: `button ${kind}`.trim(), "data-rapid": rapid, "data-name": name, onclick: onTap, ...more }, labels);
}

export const mark = (sign) => el("span", { class: "mark", "aria-hidden": "true" }, sign);

let armedAt = 0;
let timer = null;
let taps = 0;

export const tapped = () => taps;

export function countFrom(number) {
  taps = number;
  document.body.dataset.taps = String(taps);
}

// From now on, for the dead time, taps do nothing and buttons are dim.
export function rest() {
  armedAt = performance.now() + DEAD_TIME;
  document.body.classList.add("resting");
  clearTimeout(timer);
  timer = setTimeout(() => document.body.classList.remove("resting"), DEAD_TIME);
}

document.addEventListener("click", (event) => {
  const on = event.target.closest?.("button, a, summary, label");
  if (!on) return;
  if (!on.hasAttribute("data-rapid")) {
    if (performance.now() < armedAt) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    rest(); // what this tap leads to may take a moment to be shown
  }
  countFrom(taps + 1);
}, { capture: true });

// Said to who cannot see it; what is said twice is said again.
export function say(text, { urgent = false } = {}) {
  const place = document.getElementById(urgent ? "warned" : "said");
  place.textContent = "";
  setTimeout(() => { place.textContent = text; }, 50);
}

// One screen takes the place of another: its nodes, its title, and the focus on its heading.
export function show(nodes, title) {
  const app = document.getElementById("app");
  const first = !app.hasChildNodes(); // no tap has led to it, so none can have a second half
  app.replaceChildren(...nodes);
  document.title = `${title} · QC`;
  if (!first) rest();
  const heading = app.querySelector("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  window.scrollTo(0, 0);
}

// How far one is, to be seen from afar; the words for it stand beside.
export function bar(at, of) {
  const cells = Array.from({ length: of }, (_, place) => el("span", { class: place < at ? "bar__done" : place === at ? "bar__now" : "bar__next" }));
  return el("div", { class: "bar", "aria-hidden": "true" }, cells);
}

export function notice(text, kind = "warning") {
  return el("p", { class: `notice notice--${kind}` }, mark(kind === "good" ? "✔" : kind === "bad" ? "✘" : "!"), el("span", {}, text));
}

// What is wrong with what was sent, above all else, with a link to each field.
export function problem(title, items) {
  return el("div", { class: "problem", role: "alert", tabindex: "-1" }, el("h2", {}, title),
    el("ul", {}, items.map(({ text, field }) => el("li", {}, field ? el("a", { href: `#${field}`, "data-rapid": true, onclick: (event) => { event.preventDefault(); document.getElementById(field)?.focus(); } }, text) : text))));
}
