// Pictures that are recorded and not judged.

import { note } from "../draft.js";
import { camera } from "../photos.js";
import { button, el, mark } from "../ui.js";
import { t } from "../words.js";

export function partial({ app, check, draft, answer }) {
  const least = check.at_least ?? 1;
  const taken = [draft.answers[check.id]?.value ?? []].flat().map((sha256) => ({ sha256, url: null }));
  const strip = el("div", { class: "photos" });
  const count = el("p", { class: "soft", role: "status" });
  const use = button(t("photo.use"), () => answer(taken.map((one) => one.sha256)), { kind: "button--main", name: "use" });
  const input = camera("camera", (one) => {
    if (!taken.some((other) => other.sha256 === one.sha256)) taken.push(one);
    draft.media = [...new Set([...(draft.media ?? []), one.sha256])];
    note(draft, "photo", { check: check.id });
    draw();
  }, () => app.notice(t("photo.bad"), "bad"));
  const take = button([mark("◉"), el("span", {}, t("photo.take"))], () => input.click(), { kind: "answer answer--ok", name: "take" });
  draw();
  return { nodes: [strip, count, el("div", { class: "answers" }, take), input, use], end: () => taken.forEach((one) => one.url && URL.revokeObjectURL(one.url)) };

  function draw() {
    strip.replaceChildren(...taken.filter((one) => one.url).map((one, n) => el("img", { src: one.url, alt: t("photo.count", { count: n + 1 }), class: "photo" })));
    count.textContent = t("photo.count", { count: taken.length });
    use.hidden = taken.length < least;
  }
}
