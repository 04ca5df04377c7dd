"""Every screen of the floor, in each language: nobody is shut out, and a gloved finger finds everything."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Page

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from qc_service.procedures.models import Procedure
from qc_service.words import LANGUAGES
from tests.browser.floor.camera import READS_ITSELF
from tests.browser.floor.kinds import EVERY_KIND, answer_group, answer_rest, nobody_looks
from tests.browser.floor.working import TABLET, Station, armed, enrol, fetched, keys, scan, sign_in, tap
from tests.browser.looking import RULES, SIDEWAYS
from tests.floor_life import record
from tests.procedure_life import SIGNED
from tests.tablet_life import set_pin

pytestmark = [pytest.mark.browser, pytest.mark.waits]

PIN = "605173"
WIDTHS = (1180, 820, 390, 320)
EXAMINED = (1180, 320)  # by axe, which takes longer than all else
SHOTS = os.environ.get("QC_FILM")  # a folder: each screen is also saved there

# Whatever can be pressed and is seen: at least 72 px high and wide, an answer 128 px high. Links inside a text and
# what is only there for the keyboard are none.
TOO_SMALL = """() => [...document.querySelectorAll('button, input:not([type=file]), textarea, summary, a')]
  .filter(one => one.getClientRects().length && !one.closest('.skip, .hidden-text'))
  .map(one => ({one, box: one.getBoundingClientRect(), least: one.matches('.answer') ? 128 : 72}))
  .filter(({box, least}) => box.height < least - 0.5 || box.width < 72 - 0.5)
  .map(({one, box}) => `${Math.round(box.width)} × ${Math.round(box.height)}: ${one.outerHTML.slice(0, 120)}`)"""
# Closer to one another than a glove tells apart.
TOO_CLOSE = """() => {
  const seen = [...document.querySelectorAll('button, input:not([type=file]), textarea')]
    .filter(one => one.getClientRects().length && !one.closest('.hidden-text'))
    .map(one => ({one, box: one.getBoundingClientRect()}));
  const apart = (a, b) => Math.max(b.left - a.right, a.left - b.right, b.top - a.bottom, a.top - b.bottom);
  return seen.flatMap((a, place) => seen.slice(place + 1).filter(b => apart(a.box, b.box) < 15.5)
    .map(b => `${a.one.textContent || a.one.id} / ${b.one.textContent || b.one.id}`));
}"""
LARGE = "size => { document.documentElement.style.fontSize = size }"


class Looker:
    """Looks at each screen as it stands, at every width, and keeps what is wrong."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language, self.wrong = page, language, list[str]()
        self.number = 0

    def __call__(self, name: str) -> None:
        armed(self.page)
        self.number += 1
        for width in WIDTHS:
            self._size(width)
            faults = [f"small: {one}" for one in self.page.evaluate(TOO_SMALL)]
            faults += [f"close: {one}" for one in self.page.evaluate(TOO_CLOSE)]
            faults += self.page.evaluate(SIDEWAYS)
            if width in EXAMINED:
                faults += self._axe()
            self.wrong += [f"{self.language} {name} {width}: {one}" for one in faults]
            if SHOTS and width in (1180, 390):
                Path(SHOTS).mkdir(parents=True, exist_ok=True)
                file = Path(SHOTS) / f"{self.language}-{width}-{self.number:02}-{name.replace(' ', '-')}.png"
                self.page.screenshot(path=file, full_page=True)
        self.page.evaluate(LARGE, "200%")
        for width in (1180, 640):
            self._size(width)
            self.wrong += [f"{self.language} {name} 200 %: {one}" for one in self.page.evaluate(SIDEWAYS)]
        self.page.evaluate(LARGE, "")
        self._size(TABLET["width"])

    def _size(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 844 if width < 600 else TABLET["height"]})

    def _axe(self) -> list[str]:
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        options = {"runOnly": RULES, "resultTypes": ["violations"]}
        found: list[Any] = self.page.evaluate("options => axe.run(options).then(found => found.violations)", options)
        return [f"{one['help']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.fixture
def badge(station: Station, language: str) -> str:
    """Somebody who speaks it, and has read what is in force."""
    name = f"I-{language}"
    with connected():
        known = staff.person_with(name)
    if known is None:
        person = station.floor.person(name)
        if not Procedure.select().where(Procedure.code == "KINDS").exists():
            station.publish("KINDS", EVERY_KIND, "OMAR")
        for code in ("MEASURED", "PICTURED", "KINDS"):
            person.done("POST", f"/procedures/{code}/versions/1/acknowledgements", SIGNED)
        with connected():
            staff.change_person(audit.COMMAND, staff.person_with(name).id, language=language)  # type: ignore[union-attr]
        set_pin(name, PIN)
    return name


@pytest.fixture
def context(browser: Any, station: Station, language: str) -> Any:
    made: BrowserContext = browser.new_context(
        base_url=station.url, viewport=TABLET, locale=language, reduced_motion="reduce"
    )
    made.add_init_script(READS_ITSELF)
    yield made
    made.close()


@pytest.mark.campaign
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_shuts_nobody_out_and_is_made_for_gloves(station, context, badge, language):
    look = Looker(context.new_page(), language)
    _set_up(look, station)
    station.lot(f"L-{language}", "MEASURED", f"U-{language}")
    station.lot(f"P-{language}", "PICTURED")
    _sign_in(look, badge, station)
    _find_a_defect(look, f"P-{language}")
    look.page = context.new_page()
    _measure(look, badge, f"U-{language}")
    _send(look)
    station.lot(f"K-{language}", "KINDS", f"KU-{language}")
    _every_kind(look, badge, f"KU-{language}")

    assert not look.wrong, "\n".join(look.wrong)


def _set_up(look: Looker, station: Station) -> None:
    look.page.goto("/floor")
    look.page.wait_for_selector("#code")
    look("set-up")
    look.page.fill("#code", "qcd_wrong")
    tap(look.page, "enrol")
    look.page.wait_for_selector(".notice--bad")
    look("set-up refused")
    enrol(look.page, station)
    look("home")
    tap(look.page, "another")
    look.page.wait_for_selector("[data-name=line]")
    look("line")
    tap(look.page, "back")
    look.page.wait_for_selector("[data-name=inspect]")
    for kind in ("stop", "help"):
        tap(look.page, kind)
        look.page.wait_for_selector("[data-name=confirm]")
        look(f"{kind} asked")
        tap(look.page, "cancel")
        look.page.wait_for_selector("[data-name=inspect]")


def _sign_in(look: Looker, badge: str, station: Station) -> None:
    page = look.page
    fetched(page)
    tap(page, "inspect")
    page.wait_for_selector("[data-name=person]")
    look("who")
    tap(page, "person")
    page.wait_for_selector(".keypad")
    look("pin")
    keys(page, "000000")
    page.wait_for_selector(".notice--bad")
    look("pin wrong")
    tap(page, "back")
    for lot in (f"Y-{look.language}-1", f"Y-{look.language}-2"):
        station.floor.lot(lot, "MIA")
        station.tablet.judged(record(badge, lot), "111213")
    sign_in(page, badge, PIN)
    page.wait_for_selector("[data-asked]")
    look("were these yours")
    armed(page)
    page.locator("[data-name=not]").first.click()
    look("were these yours but one")
    tap(page, "yours")
    page.wait_for_selector("[data-name=lot]")
    look("unit")


def _find_a_defect(look: Looker, lot: str) -> None:
    page = look.page
    scan(page, lot)
    page.wait_for_selector(".keypad")
    look("how many")
    keys(page, "5")
    tap(page, "continue")
    page.wait_for_selector("[data-name=ok]")
    look("check")
    tap(page, "cannot-check")
    page.wait_for_selector("[data-name=reason-no_sight]")
    look("cannot check")
    tap(page, "reason-no_sight")
    tap(page, "defect")
    page.wait_for_selector("[data-name=code-LEAK]")
    look("defect type")
    tap(page, "code-LEAK")
    page.wait_for_selector(".keypad")
    look("defect units")
    keys(page, "2")
    tap(page, "continue")
    page.wait_for_selector("[data-name=what-hold]")
    look("defect what now")
    tap(page, "what-hold")
    page.wait_for_selector("[data-name=take]")
    look("defect photo")


def _measure(look: Looker, badge: str, unit: str) -> None:
    page = look.page
    page.goto("/floor")
    page.wait_for_selector("[data-name=resume]")
    look("home with a draft")
    tap(page, "inspect")
    sign_in(page, badge, PIN)
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    for _ in range(10):
        tap(page, "ok")
    page.wait_for_selector("[data-type=measure]")
    armed(page)
    keys(page, "1,4")
    look("measure outside")
    tap(page, "again")
    keys(page, "1,25")
    look("measure within")
    tap(page, "save")
    armed(page)
    keys(page, "1,25")
    tap(page, "save")


def _send(look: Looker) -> None:
    page = look.page
    tap(page, "all")
    look("review")
    page.context.set_offline(True)
    tap(page, "submit")
    page.wait_for_selector("[data-state=waiting]")
    look("sent offline")
    tap(page, "help")
    tap(page, "confirm")
    page.wait_for_selector("[data-state=not_sent]")
    look("help not sent")
    page.context.set_offline(False)
    page.wait_for_selector("#standing:not([data-state=not_sent])")
    look("help sent")
    tap(page, "back")
    page.wait_for_selector("[data-uuid][data-state=sent]")
    look("sent")


def _take_over(page: Page, badge: str, pin: str | None = None, look: Callable[[str], object] = nobody_looks) -> None:
    tap(page, "who")
    sign_in(page, badge, pin)
    tap(page, "resume")
    page.wait_for_selector("[data-name=take-over]")
    look("taking over")
    tap(page, "take-over")


def _every_kind(look: Looker, badge: str, unit: str) -> None:
    page = look.page
    fetched(page)
    page.goto("about:blank")
    page.goto("/floor")
    tap(page, "inspect")
    sign_in(page, badge, PIN)
    page.wait_for_selector("[data-name=lot]")
    tap(page, "scan")
    page.wait_for_selector("#viewfinder")
    look("scan")
    tap(page, "back")
    page.wait_for_selector("[data-name=lot]")
    scan(page, unit)
    answer_group(page, look)
    _take_over(page, "OMAR")
    _take_over(page, badge, PIN, look)
    tap(page, "choice-blue")
    answer_rest(page, look)
    page.wait_for_selector("[data-name=submit]")
    look("review of every kind")
