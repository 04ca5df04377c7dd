// Where the tablet stands. It is asked once, and by whoever moves it.

import { meta } from "../db.js";
import { refresh, stand } from "../device.js";
import { NoNetwork } from "../net.js";
import { button, el } from "../ui.js";
import { t } from "../words.js";

export async function open(app) {
  const lines = await meta("lines", []);
  const several = new Set(lines.map((line) => line.site)).size > 1;
  const tiles = lines.map((line) => button([el("strong", {}, line.name || line.code), el("span", { class: "soft" }, several ? `${line.site} · ${line.code}` : line.code)], () => choose(line), { kind: "tile", name: "line" }));
  app.frame(t("line.title"), [lines.length ? el("div", { class: "tiles" }, tiles) : el("p", { class: "lede" }, t("line.none"))], { backTo: app.state.line ? app.back : null });

  async function choose(line) {
    await stand(line);
    try {
      await refresh();
    } catch (error) {
      if (!(error instanceof NoNetwork)) throw error;
    }
    await app.go("home", {}, { instead: true });
  }
}
