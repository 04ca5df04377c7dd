// "This does not work": what kind of trouble, and a picture and words for whoever likes.

import { keepDeed } from "../deeds.js";
import { package_ } from "../draft.js";
import { camera } from "../photos.js";
import { wake } from "../sender.js";
import { wordsOf } from "../shown.js";
import { button, el, mark, notice } from "../ui.js";
import { workOf } from "../work.js";
import { t } from "../words.js";
import { placeOf } from "./work.js";

const KINDS = ["cannot", "unclear", "missing", "wrong", "unsafe", "other"];
const LONGEST = 300;

export async function open(app, { uuid, step }) {
  const work = await workOf(uuid);
  if (!work) return app.go("home", {}, { instead: true });
  const kept = await package_(work.procedure, work.version);
  const text = wordsOf(kept).steps.find((one) => one.id === step).text;
  const deed = crypto.randomUUID();
  let photo = null;
  kinds();
  return () => photo && URL.revokeObjectURL(photo.url);

  function kinds() {
    const tiles = KINDS.map((kind) => button(t(`trouble.is.${kind}`), () => more(kind), { kind: "tile tile--big", name: `trouble-${kind}` }));
    app.frame(t("trouble.title"), [el("p", { class: "lede" }, text), el("div", { class: "tiles" }, tiles)], { place: placeOf(work) });
  }

  function more(kind) {
    const preview = el("div", { class: "photos" });
    const input = camera("camera", (one) => { photo = one; draw(); }, () => app.notice(t("photo.bad"), "bad"));
    const take = button([mark("◉"), ` ${t("photo.take")}`], () => input.click(), { name: "take" });
    const field = el("textarea", { id: "words", class: "field", rows: "3", maxlength: String(LONGEST) });
    const send = button(t("trouble.send"), () => report(kind, field.value.trim(), send), { kind: "button--main button--submit", name: "send" });
    draw();
    app.frame(t(`trouble.is.${kind}`), [
      kind === "unsafe" ? notice(t("trouble.stop"), "bad") : null,
      el("p", { class: "lede" }, text), preview, el("div", { class: "aside" }, take), input,
      el("div", {}, el("label", { for: "words", class: "label" }, t("trouble.words")), field), send,
    ].filter(Boolean), { place: placeOf(work), backTo: kinds });

    function draw() {
      preview.replaceChildren(...(photo ? [el("img", { src: photo.url, alt: t("photo.count", { count: 1 }), class: "photo" })] : []));
    }
  }

  async function report(kind, words, send) {
    if (send.disabled) return;
    send.disabled = true;
    const said = [t(`trouble.is.${kind}`), words].filter(Boolean).join(": ");
    const told = { procedure: work.procedure, version: work.version, step, trouble: kind, text: said, lot: work.lot, ...(photo ? { photo: photo.sha256 } : {}) };
    try {
      await keepDeed(deed, "step_report", told, { media: photo ? [photo.sha256] : [] });
    } catch {
      send.disabled = false;
      app.notice(t("deed.not_kept"), "bad");
      return;
    }
    await app.go("work", { uuid, note: "trouble.kept" }, { instead: true });
    wake();
  }
}
