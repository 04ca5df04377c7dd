"""The pages of gauges in a real browser: for everybody, at every width, by keyboard, at length."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from qc_service import clock
from qc_service.db import connected
from tests.browser.looking import IN_EACH, LONGEST, shuts_nobody_out
from tests.browser.walking import Walk, press, refused, tab_to, to
from tests.floor_life import OK, Floor
from tests.plant import Plant
from tests.procedure_life import Life

pytestmark = pytest.mark.browser
SITE = "Hall A"
BENT = "SCALE_AT_THE_FILLER_OF_LINE_4_WITH_THE_NEW_TRAY_OF_2026_11_22"  # as long as it may be
BAD = f"/gauges/{BENT}"
GAUGES = {  # until when each may be used, in days
    BENT: ("Scale at the filler, the one with the new tray", 300), "CALIPER-7": ("Caliper 7", 300),
    "PROBE-2": ("Probe of the cold store", 12), "THERMO-1": ("Thermometer", -3),
}  # fmt: skip


def moment(days: float) -> str:
    return clock.iso(clock.now() + timedelta(days=days))


@pytest.fixture(scope="module")
def served(served):
    """A floor with a gauge in each state, one of which measured lots that are held, and one that was shipped."""
    life = Life(served.app)
    with connected():
        floor = Floor(life, Plant(served.app))
    life.published(life.somebody("ANNA"), life.somebody("BO"))
    floor.person("MIA", site=SITE)
    ines = floor.person("INES", site=SITE)
    for code, (name, days) in GAUGES.items():
        due = (clock.now() + timedelta(days=days)).date().isoformat()
        told = {"code": code, "name": name, "site": SITE, "unit": "g", "calibrated_at": moment(-30), "due_on": due}
        ines.done("POST", "/gauges", told)
    answers = {**OK, "weight": {**OK["weight"], "gauge": BENT}}
    for lot, more in {"PALLET-2026-11-22-0044": {}, "PALLET-2": {"shipped_at": moment(0)}}.items():
        floor.lot(lot, "MIA", site=SITE, **more)
        floor.inspect(ines, lot, answers=answers)
    note = "It reads 2 g too much: the tray is bent where the forklift touched it."
    ines.done("POST", f"{BAD}/calibrations", {"result": "out_of_tolerance", "note": note})
    floor.plant.work()
    served.speaking(("en", *LONGEST), "quality_manager", "supervisor")
    return served


@pytest.fixture
def page(signed) -> Page:
    """A quality manager's page."""
    return signed("Q-en")


def opened(page: Page, path: str) -> None:
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def not_calibrated(page: Page) -> None:
    opened(page, BAD)
    refused(page, "form[action*='/calibrations'] button")


def not_taken(page: Page) -> None:
    opened(page, "/gauges")
    refused(page, "form[method='post'][action='/gauges'] button")


STATES: dict[str, Walk] = {
    "list": to("/gauges"), "not taken into use": not_taken, "in doubt": to(BAD), "not calibrated": not_calibrated,
    "due": lambda page: opened(page, "/gauges/PROBE-2"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("language", IN_EACH)
def test_a_page_shuts_nobody_out(signed, language, name):
    page = signed(f"Q-{language}")
    STATES[name](page)
    shuts_nobody_out(page, language)


def test_a_calibration_is_recorded_by_keyboard_alone(page):
    page.goto("/inspections")
    press(page, "nav >> text=Gauges")
    press(page, "text=Thermometer")
    assert "Its calibration ran out on" in page.inner_text("main")
    tab_to(page, "details:has(form[action*='/calibrations']) summary")
    page.keyboard.press("Enter")
    tab_to(page, "#calibration-result")
    page.keyboard.press("Space")
    tab_to(page, "#calibration-note")
    page.keyboard.type("Compared at 0 and 100 degrees.")
    tab_to(page, "form[action*='/calibrations'] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem-title")
    tab_to(page, "#problem-title ~ ul a")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "calibration-due_on"
    assert page.is_checked("#calibration-result")
    page.keyboard.type("12312099")
    page.keyboard.press("Enter")
    page.wait_for_selector(".flash--success")
    assert "It may be used until 31 Dec 2099." in page.inner_text("main")
