// Where the tablet stands. It is asked once, and by whoever moves it.

import { readCode } from "../codes.js";
import { meta } from "../db.js";
import { refresh, stand } from "../device.js";
import { NoNetwork } from "../net.js";
import { scanner, useless } from "../scan.js";
import { button, el } from "../ui.js";
import { t } from "../words.js";

export async function open(app) {
  const lines = await meta("lines", []);
  const several = new Set(lines.map((line) => line.site)).size > 1;
  const tiles = lines.map((line) => button([el("strong", {}, line.name || line.code), el("span", { class: "soft" }, several ? `${line.site} · ${line.code}` : line.code)], () => choose(line), { kind: "tile", name: "line" }));
  const scan = scanner(app, { again: () => open(app), fits: (read) => ["line", "bare"].includes(read.kind) });
  const shown = lines.length ? [el("p", { class: "lede" }, t("line.scan")), scan, el("div", { class: "tiles" }, tiles)] : [el("p", { class: "lede" }, t("line.none"))];
  app.frame(t("line.title"), shown, { backTo: app.state.line ? app.back : null });
  app.scanned = scanned;

  function scanned(text) {
    const read = readCode(text);
    const code = read.line ?? read.code;
    const [found, ...others] = lines.filter((line) => line.code === code && [undefined, line.site].includes(read.site));
    if (found && !others.length) choose(found);
    else app.notice(code ? t("line.unknown", { line: code }) : useless(read), "bad");
  }

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
