// Reading a code with the tablet's camera: at once where the browser reads codes, else by a photo that the service reads.

import { readCode } from "./codes.js";
import { NoNetwork, call } from "./net.js";
import { button, el, mark } from "./ui.js";
import { t } from "./words.js";

const LONGEST = 2000; // px: a code has finer lines than what a person looks at
const EVERY = 150; // ms between two looks
const PATIENCE = 30_000; // ms: a photo on a slow network
const FORMATS = ["qr_code", "data_matrix", "code_128", "code_39", "code_93", "aztec", "pdf417", "ean_13", "ean_8", "upc_a", "upc_e", "itf", "codabar"];

const there = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats().catch(() => []) : [];
const KNOWN = FORMATS.filter((one) => there.includes(one));

export const readsItself = () => KNOWN.includes("qr_code") && Boolean(navigator.mediaDevices?.getUserMedia);

// Why a code is of no use on the screen that shows.
export const useless = ({ secret, ...read }) => t(`scan.is.${read.kind}`, read);

// "Scan". What is read goes to `app.scanned`. `again` shows the screen anew that the camera's picture took the place of,
// `fits` says which codes it can use, and `typing` is the field for those who cannot scan.
export function scanner(app, { again, fits, typing = null }) {
  const input = el("input", { type: "file", accept: "image/*", capture: "environment", id: "scan", class: "hidden-text", tabindex: "-1", "aria-hidden": "true" });
  const scan = button([mark("▣"), ` ${t("scan.scan")}`], () => (readsItself() ? watch() : photo()), { name: "scan" });
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = "";
    if (file) send(file);
  });
  return el("div", { class: "scan" }, scan, input);

  function photo() {
    if (navigator.onLine) input.click();
    else unreachable();
  }

  function unreachable() {
    app.notice(t("scan.no_network"));
    typing?.focus();
  }

  async function send(file) {
    const mine = () => scan.isConnected; // nobody has gone on to another screen
    let reply = null;
    try {
      const { shrunk } = await import("./photos.js");
      const bytes = await shrunk(file, LONGEST);
      if (!mine()) return;
      app.notice(t("scan.reading"));
      reply = await call("POST", "/v1/floor/decode", { token: app.state.token, bytes, type: "image/jpeg", patience: PATIENCE });
    } catch (error) {
      if (!mine()) return;
      if (error instanceof NoNetwork) unreachable();
      else app.notice(t("photo.bad"), "bad");
      return;
    }
    if (!mine()) return;
    if (reply.status === 200) taken(reply.body.codes.map((one) => one.text));
    else app.notice(t([413, 422].includes(reply.status) ? "photo.bad" : "scan.failed"), "bad");
  }

  // --- the camera's own picture ---

  async function watch() {
    let stream = null;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
    } catch {
      app.notice(t("scan.no_camera"), "bad");
      typing?.focus();
      return;
    }
    if (!scan.isConnected) return stop(stream);
    const video = el("video", { class: "viewfinder", id: "viewfinder", playsinline: true, muted: true, "aria-label": t("scan.title") });
    video.muted = true;
    video.srcObject = stream;
    app.frame(t("scan.title"), [el("p", { class: "lede" }, t("scan.hold")), video], { backTo: () => { stop(stream); again(); } });
    await video.play().catch(() => {});
    const texts = await look(new BarcodeDetector({ formats: KNOWN }), video);
    stop(stream);
    if (!texts) return;
    await again();
    taken(texts);
  }

  // What is seen first; null where the picture was left before.
  async function look(detector, video) {
    while (video.isConnected) {
      const found = await detector.detect(video).catch(() => []);
      if (found.length && video.isConnected) return found.map((one) => one.rawValue);
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
    return null;
  }

  function stop(stream) {
    for (const track of stream.getTracks()) track.stop();
  }

  // --- what was read ---

  function taken(texts) {
    const useful = texts.filter((text) => fits(readCode(text)));
    if (useful.length > 1) return choose(useful);
    if (!texts.length) return app.notice(t("scan.none"), "bad");
    return app.scanned?.(useful[0] ?? texts[0]);
  }

  function choose(texts) {
    const tiles = texts.map((text) => button(el("strong", {}, named(readCode(text))), async () => { await again(); app.scanned?.(text); }, { kind: "tile", name: "code" }));
    app.frame(t("scan.several"), [el("div", { class: "tiles" }, tiles)], { backTo: again });
  }
}

const named = (read) => [read.lot, read.unit, read.line, read.badge, read.code].filter(Boolean).join(" · ");
