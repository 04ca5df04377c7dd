// "I made it": who says so, what it means, and the one button that ends the work.

import { keepDeed } from "../deeds.js";
import { wake } from "../sender.js";
import { button, el, notice } from "../ui.js";
import { workOf } from "../work.js";
import { t } from "../words.js";
import { placeOf, what } from "./work.js";

export async function open(app, { uuid }) {
  const work = await workOf(uuid);
  if (!work) return app.go("sent", {}, { instead: true });
  const { name, badge } = app.state.person;
  const back = () => app.go("work", { uuid }, { instead: true });
  if (work.by.badge !== badge) return back();
  const say = button(t("made.say"), press, { kind: "button--main button--submit", name: "made" });
  app.frame(t(work.unit ? "made.unit" : "made.lot"), [
    el("p", { class: "big" }, what(work)),
    notice(t("made.means")),
    el("p", { class: "statement" }, el("strong", {}, t("review.signed", { name, badge }))),
    say,
  ], { place: placeOf(work), backTo: back });
  return null;

  async function press() {
    if (say.disabled) return;
    say.disabled = true;
    const { lot, unit, procedure, version, begun_at } = work;
    try {
      await keepDeed(uuid, "made", { lot, ...(unit ? { unit } : {}), procedure, version, begun_at }, { jumped: work.jumped });
    } catch {
      say.disabled = false;
      app.notice(t("deed.not_kept"), "bad");
      return;
    }
    await app.go("sent", { uuid }, { instead: true });
    wake();
  }
}
