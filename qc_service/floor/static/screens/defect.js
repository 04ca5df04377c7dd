// A defect: what it is, what happens to it, and a picture where the check asks for one.

import { get } from "../db.js";
import { HANDLED, changes, note, package_, save, screens } from "../draft.js";
import { camera } from "../photos.js";
import { button, el, mark, tapped } from "../ui.js";
import { language, t } from "../words.js";

const MOST_TILES = 8;

export async function open(app, { uuid, check: name, shown_at, change, value = "defect", raw = null }) {
  const draft = await get("drafts", uuid);
  if (!draft) return app.go("sent", {}, { instead: true });
  const kept = await package_(draft.procedure, draft.version);
  const check = kept.document.checks.find((one) => one.id === name);
  const words = kept.texts[language()] ?? kept.texts[kept.document.language];
  const found = { defect_code: null, units: draft.units_inspected === 1 ? 1 : null, disposition: null };
  type();
  return null;

  function type() {
    const texts = Object.fromEntries((words.defects ?? []).map((one) => [one.code, one.text]));
    const codes = (check.defect_codes ?? []).slice(0, MOST_TILES);
    const tiles = codes.map((code) => button([el("strong", {}, texts[code] ?? code), el("span", { class: "soft" }, code)], () => typed(code), { kind: "tile", name: `code-${code}` }));
    app.frame(t("defect.title"), [el("div", { class: "tiles" }, ...tiles, button(t("defect.other"), () => typed(null), { kind: "tile", name: "code-other" }))], frame());
  }

  function typed(code) {
    found.defect_code = code;
    if (found.units === null) units();
    else what();
  }

  async function units() {
    const { keypad } = await import("../keypad.js");
    const shown = el("p", { class: "number__value", id: "count" }, "–");
    const pad = keypad({ longest: 6, typed: (text) => { shown.textContent = text || "–"; } });
    const next = button(t("continue"), () => {
      const many = Number(pad.text());
      if (many < 1 || many > draft.units_inspected) return;
      pad.end();
      found.units = many;
      what();
    }, { kind: "button--main", name: "continue" });
    app.frame(t("defect.units"), [el("div", { class: "number" }, shown, pad.pad, next)], frame(() => { pad.end(); type(); }));
  }

  function what() {
    const tiles = HANDLED.map((one) => button(t(`defect.${one}`), () => { found.disposition = one; photo(); }, { kind: "tile tile--big", name: `what-${one}` }));
    app.frame(t("defect.what_now"), [el("div", { class: "tiles" }, tiles)], frame(type));
  }

  function photo() {
    if (!check.photo_on_defect) { keep(); return; }
    const preview = el("div", { class: "photos" });
    const use = button(t("photo.use"), () => keep(), { kind: "button--main", name: "use" });
    use.hidden = true;
    const input = camera("camera", (one) => {
      found.photo = one.sha256;
      draft.media = [...new Set([...(draft.media ?? []), one.sha256])];
      note(draft, "photo", { check: name });
      preview.replaceChildren(el("img", { src: one.url, alt: t("defect.photo"), class: "photo" }));
      use.hidden = false;
    }, () => app.notice(t("photo.bad"), "bad"));
    const take = button([mark("◉"), el("span", {}, t("photo.take"))], () => input.click(), { kind: "answer answer--ok", name: "take" });
    app.frame(t("defect.photo"), [preview, el("div", { class: "answers" }, take), input, use], frame(what));
  }

  async function keep() {
    const next = structuredClone(draft);
    next.answers[name] = { value, ...(raw ? { raw } : {}), shown_at, at: new Date().toISOString(), language: language(), ...changes(draft.answers[name]) };
    next.nonconformities[name] = found;
    next.taps = tapped();
    const list = screens(kept, next);
    const at = list.findIndex((checks) => checks.some((one) => one.id === name));
    if (!change && at === next.at && list[at].every((one) => next.answers[one.id])) next.at += 1;
    try {
      await save(next);
    } catch {
      app.notice(t("check.not_saved"), "bad");
      return;
    }
    await app.go(change ? "review" : "check", { uuid }, { instead: true });
  }

  function frame(backTo = app.back) {
    return { place: [draft.lot, t("version", { code: draft.procedure, version: draft.version })], backTo };
  }
}
