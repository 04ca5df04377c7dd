"""How well is checked, the filters of a list and the question whose an inspection was, in a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from qc_service import clock
from qc_service.db import connected
from tests.browser.looking import IN_EACH, LONGEST, resize, shuts_nobody_out
from tests.browser.walking import Walk, press, refused, tab_to, to
from tests.floor_life import Floor, record
from tests.plant import Plant
from tests.procedure_life import PASSWORD, Life, document
from tests.tablet_life import signed_in_again

pytestmark = pytest.mark.browser
LONG = "Is the seam of the lid closed all round, and nowhere wider than the mark on the gauge?"
OWN = {language: f"5d0f31c6-0c53-4f6f-9a9e-0d1f6f8a4b0{number}" for number, language in enumerate(("en", *LONGEST))}


def answers(tight: str = "ok", seconds: float = 14) -> dict:
    shown = clock.now() - timedelta(minutes=5)
    times = {"shown_at": clock.iso(shown), "at": clock.iso(shown + timedelta(seconds=seconds))}
    return {"tight": {"value": tight, **times}, "weight": {"value": ["340", "341", "339"], **times}}


@pytest.fixture(scope="module")
def served(served):
    """Two people who do not always find the same, one who was too fast, and what whoever looks sent in another name."""
    life = Life(served.app)
    with connected():
        floor = Floor(life, Plant(served.app))
    doc = document()
    doc["checks"][0]["text"] = LONG
    life.published(life.somebody("ANNA"), life.somebody("BO"), doc=doc)
    ines, omar = (floor.person(badge, site="Hall A") for badge in ("INES", "OMAR"))
    floor.lot("BIG", "ANNA", site="Hall A", quantity=10_000)
    for number in range(22):
        unit = {"unit": f"U-{number}", "units_inspected": 1}
        floor.send(ines, record("INES", "BIG", answers=answers("ok" if number % 5 else "defect"), **unit))
        floor.send(omar, record("OMAR", "BIG", answers=answers("ok" if number % 7 else "defect", 19.5), **unit))
    floor.send(omar, record("OMAR", "BIG", answers=answers(seconds=1.5)))
    served.speaking(("en", *LONGEST), "quality_manager", "supervisor")
    for number, (language, name) in enumerate(OWN.items()):
        unit = {"unit": f"W-{number}", "units_inspected": 1}
        floor.send(signed_in_again(floor, f"Q-{language}"), record("INES", "BIG", **unit), at=name)
    floor.plant.work()
    return served


@pytest.fixture
def page(signed) -> Page:
    """A quality manager's page."""
    return signed("Q-en")


def opened(path: str) -> Walk:
    def walk(page: Page) -> None:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    return walk


def not_said(page: Page) -> None:
    """The question of the list, sent without an answer."""
    page.goto("/inspections")
    page.click("#own ~ .items summary")
    refused(page, "form[action$='/own'] button")


STATES: dict[str, Walk] = {
    "nothing chosen": to("/checking"), "chosen": opened("/checking?procedure=CAN"),
    "by part of the day": to("/checking?procedure=CAN&by=shift"),
    "nothing fits": to("/checking?procedure=CAN&until=2020-01-01"),
    "asked wrongly": to("/checking?since=tomorrow&line=L99"),
    "not said whose": not_said,
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("language", IN_EACH)
def test_a_page_shuts_nobody_out(signed, language, name):
    page = signed(f"Q-{language}")
    STATES[name](page)
    shuts_nobody_out(page, language)


def test_filters_are_one_line_above_the_list_but_at_a_desk_and_open_without_a_script(page):
    page.goto("/inspections?lot=BIG&reason=self_check")
    assert page.is_visible("#lot")
    assert not page.is_visible(".insp-filters summary")
    resize(page, 390)
    assert not page.is_visible("#lot")
    assert page.inner_text(".insp-filters summary") == "Filter: 2 set"
    assert page.is_visible("text=Nothing fits")
    tab_to(page, ".insp-filters summary")
    page.keyboard.press("Enter")
    page.fill("#lot", "U-none")
    press(page, "text=Search")
    assert not page.is_visible("#lot")


def test_an_observation_leads_to_its_record_and_whose_one_was_is_said_by_keyboard_alone(page):
    page.goto("/checking")
    press(page, "a:text('CAN · CAN')")
    press(page, "text=Answered faster than anybody")
    assert "Lot BIG" in page.inner_text("h1")
    page.goto(f"/inspections/{OWN['en']}")
    tab_to(page, "input[name=mine]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    tab_to(page, "input[type=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".flash--success")
    assert "You said that it was yours, and signed." in page.inner_text("main")
