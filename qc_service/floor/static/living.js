// What goes on beside the screens: sending, fetching ahead, locking the tablet, reading codes, and new releases.

import { all } from "./db.js";
import { refresh, signOut, state } from "./device.js";
import { NoNetwork } from "./net.js";
import { read } from "./reader.js";
import { listen, start } from "./sender.js";
import { button, el } from "./ui.js";
import { t } from "./words.js";

const FETCH_EVERY = 5 * 60_000; // ms
const IDLE = 5 * 60_000;
const WARNED_BEFORE = 60_000;

export async function follow(app, told) {
  listen(told);
  addEventListener("online", () => { told(); fetchAhead(); });
  addEventListener("offline", told);
  start();
  read(app);
  lock(app);
  await keepShell(app);
  await fetchAhead();
  await watchStorage(app);
}

// --- the tablet's own memory ---

const FULL = 0.8;
const LOOK_EVERY = 10 * 60_000; // ms

// Without the browser's promise it may clear what an app that is not installed has kept.
async function watchStorage(app) {
  const promised = (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.());
  const { usage = 0, quota = 1 } = (await navigator.storage?.estimate?.()) ?? {};
  app.storage = usage / quota > FULL ? "storage_full" : promised ? null : "storage_refused";
  app.stored?.();
  setTimeout(() => watchStorage(app), LOOK_EVERY);
}

// --- what is fetched ahead ---

let ahead = null;

async function fetchAhead() {
  clearTimeout(ahead);
  try {
    if (state.token && state.line) await refresh();
    document.body.dataset.fetched = state.fetchedAt ?? "";
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
  }
  ahead = setTimeout(fetchAhead, FETCH_EVERY);
}

// --- the files of the form itself ---

// A new release is fetched beside the one in use. It begins when the app is opened anew, or by itself while the station's
// own screen is shown, nobody is signed in and no draft is open: never under somebody's hands.

const RENEWED_EVERY = 15 * 60_000; // ms: an app that nobody closes asks itself
const FREE_EVERY = 3_000;

let rule = null;

async function keepShell(app) {
  if (!("serviceWorker" in navigator)) return;
  const url = "/sw.js";
  rule ??= window.trustedTypes?.createPolicy("sw", { createScriptURL: (text) => { if (text === url) return text; throw new TypeError(text); } });
  const kept = await navigator.serviceWorker.register(rule ? rule.createScriptURL(url) : url, { updateViaCache: "none" });
  navigator.serviceWorker.ready.then(() => { document.body.dataset.kept = ""; });
  navigator.serviceWorker.addEventListener("controllerchange", taken);
  setInterval(() => kept.update().catch(() => {}), RENEWED_EVERY);
  setInterval(() => renew(app, kept), FREE_EVERY);
}

let asked = false;

async function renew(app, kept) {
  if (!kept.waiting || app.here?.name !== "home" || state.person || !(await atRest())) return;
  asked = true;
  kept.waiting?.postMessage("take over");
}

async function taken() {
  if (asked && (await atRest())) location.reload();
}

// Nobody is in the middle of anything.
const atRest = async () => !(await all("drafts")).length && !(await all("works")).length;

// --- nobody there ---

function lock(app) {
  let seen = performance.now(); // a clock that nobody can set
  const stay = () => { seen = performance.now(); document.getElementById("idle")?.remove(); };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, stay, { passive: true });
  setInterval(() => {
    if (!state.person) return;
    const idle = performance.now() - seen;
    if (idle >= IDLE) {
      stay();
      const { name, params } = app.here;
      signOut();
      app.go(...(name === "home" ? ["home", {}] : ["who", { next: name, params }]), { instead: true });
    } else if (idle >= IDLE - WARNED_BEFORE && !document.getElementById("idle")) {
      document.getElementById("app").prepend(el("div", { id: "idle", class: "idle", role: "alert" },
        el("p", {}, t("idle.warning")), button(t("idle.stay"), stay, { rapid: true })));
    }
  }, 1000);
}
