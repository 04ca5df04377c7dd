// The floor's start: what is known of this tablet, which screen is shown, and the frame around each.

import { run, ask } from "./db.js";
import { able, load, signOut, speakOwn, state } from "./device.js";
import { button, el, mark, notice, say, show } from "./ui.js";
import { t } from "./words.js";

const SCREENS = {
  enrol: () => import("./screens/enrol.js"),
  line: () => import("./screens/line.js"),
  home: () => import("./screens/home.js"),
  who: () => import("./screens/who.js"),
  unit: () => import("./screens/unit.js"),
  work: () => import("./screens/work.js"),
  made: () => import("./screens/made.js"),
  trouble: () => import("./screens/trouble.js"),
  deviate: () => import("./screens/deviate.js"),
  read: () => import("./screens/read.js"),
  check: () => import("./screens/check.js"),
  defect: () => import("./screens/defect.js"),
  review: () => import("./screens/review.js"),
  sent: () => import("./screens/sent.js"),
  stop: () => import("./screens/stop.js"),
  yours: () => import("./screens/yours.js"),
};

let turn = 0; // a screen that took long to come does not take the place of a later one
let leave = null; // what the screen that is shown wants done when it is left

export const app = { state, go, back, frame, scanned: null, here: null, storage: null, stored: null };

// Show a screen. The browser's own Back leads to the one before.
async function go(name, params = {}, { instead = false } = {}) {
  const place = allowed(name, params);
  history[instead ? "replaceState" : "pushState"](place, "");
  await render(place);
}

function back() {
  history.back();
}

function allowed(name, params) {
  if (!state.token) return { name: "enrol", params: {} };
  if (!state.line && name !== "line") return { name: "line", params: {} };
  if (!able(state.person, name, params)) return { name: "who", params: { next: name, params } };
  return { name, params };
}

async function render(place) {
  const mine = ++turn;
  const screen = await SCREENS[place.name]();
  if (mine !== turn) return;
  leave?.();
  leave = null;
  app.scanned = null;
  app.stored = null;
  app.here = place;
  leave = (await screen.open(app, place.params)) ?? null;
}

addEventListener("popstate", (event) => {
  const { name, params } = event.state ?? { name: "home", params: {} };
  const place = allowed(name, params);
  if (place.name !== name) history.replaceState(place, "");
  render(place);
});

// --- the frame: the same four zones on every screen ---

// `place`: what stands at the head, such as the lot; `backTo`: where Back leads, null for no Back; `beside`: buttons
// beside it; `foot`: those at the other end.
function frame(title, nodes, { place = [], beside = [], foot = [], backTo = back, progress = null } = {}) {
  const line = state.line ? el("strong", {}, state.line.name || state.line.code) : null;
  show([
    el("a", { class: "skip", href: "#main" }, t("skip")),
    el("header", { class: "head" },
      el("div", { class: "head__place" }, line, ...place.map((text) => el("span", {}, text))),
      el("div", { class: "head__who" }, person(), el("span", { id: "waiting", class: "waiting" }))),
    el("main", { id: "main", class: "main" }, progress, el("h1", {}, title), el("div", { id: "notices" }), ...nodes),
    el("footer", { class: "foot" },
      el("div", { class: "foot__part" }, backTo ? button([mark("‹"), t("back")], backTo, { kind: "button--quiet", name: "back" }) : null, ...beside),
      el("div", { class: "foot__part" }, ...foot, ...calls())),
  ], title);
  told();
}

// Whoever stands there can stop the line, signed in or not; what they are at goes with it.
function calls() {
  if (!state.token || !state.line || app.here?.name === "stop") return [];
  const to = (kind) => () => go("stop", { kind, draft: app.here?.params?.uuid ?? null });
  return [
    button(t("stop.button.help"), to("help"), { kind: "button--quiet", name: "help" }),
    button([mark("■"), t("stop.button.stop")], to("stop"), { kind: "button--bad", name: "stop" }),
  ];
}

function person() {
  if (!state.person) return null;
  const { name, badge } = state.person;
  return button([`${name} · ${badge}`], () => { signOut(); go("who", { next: "home", params: {} }); },
    { kind: "button--quiet button--who", name: "who", "aria-label": `${t("who.signed", { name, badge })}. ${t("who.sign_out")}` });
}

// What is waiting to be sent, and what the tablet cannot do, as it now stands.
export async function told() {
  const place = document.getElementById("waiting");
  if (!place || !state.token) return;
  const records = IDBKeyRange.bound(["waiting", 0], ["waiting", Infinity]);
  const count = await run(["outbox", "deeds", "calls", "media"], "readonly", async (at) => (
    await ask(at("outbox").index("state").count(records)) + await ask(at("deeds").index("state").count(records))
    + await ask(at("calls").index("state").count("waiting"))
    + await ask(at("media").index("waiting").count())));
  const here = document.getElementById("waiting");
  if (!here) return;
  const text = count ? t("waiting", { count }) : t("all_sent");
  const whole = navigator.onLine ? text : `${t("offline")} · ${text}`;
  if (here.textContent !== whole) here.replaceChildren(mark(count ? "●" : "✔"), ` ${whole}`);
}

app.notice = (text, kind) => {
  document.getElementById("notices")?.replaceChildren(notice(text, kind));
  say(text, { urgent: kind === "bad" });
};

// --- the start ---

// What the first screen of a new tablet is made of, besides what every screen is made of.
const OF_A_NEW_TABLET = ["codes.js", "scan.js"];

// The first screen's modules are fetched while its words are: behind a slow link each turn is half a second.
function ahead(name) {
  SCREENS[name]().catch(() => {});
  if (name !== "enrol") return;
  for (const one of OF_A_NEW_TABLET) document.head.append(el("link", { rel: "modulepreload", href: `/floor/static/${one}` }));
}

async function begin() {
  await load();
  const { name = "home", params = {} } = history.state ?? {};
  const words = speakOwn();
  ahead(allowed(name, params).name);
  await words;
  await go(name, params, { instead: true });
  const { follow } = await import("./living.js");
  await follow(app, told);
}

begin();
