"""Reading, signing, deviations and reports in a real browser: for everybody, at every width, by keyboard, at length."""

import copy
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.people import staff
from qc_service.procedures.shipping import publish_first
from sops.library import load
from tests.browser.conftest import PASSWORD, sign_in
from tests.browser.test_languages import LONGEST, OVERLAPS
from tests.browser.test_pages import CLICK, RULES, WIDTHS, sideways, too_small
from tests.procedure_life import SIGNED, Life

pytestmark = pytest.mark.browser
REPORT = "/procedures/WELD/versions/2/report"
READ = "/procedures/WELD/versions/2/read"
ON_PAPER = re.compile(r'alt="[^"]*?(/p/WELD[^"]+)"')


@pytest.fixture(scope="module")
def served(served):
    """The plant with a procedure that changed, deviations in two states, and a report that waits for an answer."""
    life = Life(served.plant.app)
    weld = next(one for one in load() if one.code == "WELD")
    anna, bo = life.somebody("ANNA"), life.somebody("BO")
    with connected():
        publish_first(audit.COMMAND, "WELD", weld.document, weld.translations)
    place = {"line": "L3", "site": "Hall A"}
    anna.done("PUT", "/procedures/WELD/lines", {"lines": [place]})
    anna.done("POST", "/procedures/WELD/versions/1/acknowledgements", SIGNED)
    changed = copy.deepcopy(weld.document)
    changed["hazards"][0]["control"] = "Wear a welding helmet of shade 11 and closed clothes."
    changed["checks"][2]["max"] = "6.5"
    life.published(anna, bo, "WELD", changed)
    asked = {
        "procedure": "WELD", "check": "leg", **place, "quantity": 40, "lot": "PL-2026-0044",
        "reason": "The plate is 5.8 mm thick, for which the drawing allows 4.8 mm.",
        "expires_at": clock.iso(clock.now() + timedelta(days=3)),
    }  # fmt: skip
    first, _ = anna.done("POST", "/deviations", asked), anna.done("POST", "/deviations", asked)
    grant = {**SIGNED, "grant": True, "note": "Agreed with the designer."}
    bo.done("POST", f"/deviations/{first['id']}/decide", grant)
    bo.done("POST", f"/deviations/{first['id']}/uses", {"quantity": 4, "reference": "Pallet 12"})
    told = {"step": "light", **place, "text": "The meter reads 470 whatever I do."}
    anna.done("POST", "/procedures/WELD/versions/2/reports", told)
    with connected():
        for language in ("en", *LONGEST):
            staff.add_person(
                audit.COMMAND, f"Q-{language}", "Sofia Lindqvist", ["quality_manager", "supervisor"],
                password=PASSWORD, language=language,
            )  # fmt: skip
    return served


@pytest.fixture
def page(stranger) -> Page:
    """A quality manager's page."""
    return sign_in(stranger, "Q-en")


# --- the pages in their states ---


def to(path: str) -> Callable[[Page], None]:
    return lambda page: page.goto(path)


def sent_empty(path: str, button: str = CLICK) -> Callable[[Page], None]:
    def send(page: Page) -> None:
        page.goto(path)
        page.click(button)
        page.wait_for_selector("#problem-title")

    return send


def first_of(path: str, then: Callable[[Page], None] | None = None) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(path)
        page.click(".item__sentence")
        page.wait_for_selector("h1")
        if then is not None:
            then(page)

    return go


def refuse(page: Page, button: str) -> None:
    page.click(button)
    page.wait_for_selector("#problem-title")


def end(page: Page) -> None:
    page.click("text=End it early")
    refuse(page, "details button")


def scanned(page: Page, *, good: bool) -> None:
    page.goto("/procedures/WELD/versions/2/print")
    address = ON_PAPER.search(page.content())[1].replace("&amp;", "&")
    page.goto(address if good else "/p/WELD?v=1&d=0000000000000000")
    page.wait_for_selector(".paper-verdict")


STATES: dict[str, Callable[[Page], None]] = {
    "reading": to("/reading"), "read": to(READ), "read, not signed": sent_empty(READ),
    "scanned": to("/p/WELD?line=L3"), "scanned paper": partial(scanned, good=True),
    "scanned old paper": partial(scanned, good=False),
    "still to read": to("/procedures/WELD/pending"),
    "skill not confirmed": sent_empty("/procedures/WELD/pending"),
    "deviations": to("/deviations"), "granted": to("/deviations?tab=granted"), "over": to("/deviations?tab=over"),
    "where to deviate": to("/deviations/new"), "ask": to("/deviations/new?procedure=WELD&line=L3"),
    "ask with mistakes": sent_empty("/deviations/new?procedure=WELD&line=L3"),
    "decide": first_of("/deviations"),
    "decide with mistakes": first_of("/deviations", partial(refuse, button="button[value=yes]")),
    "end with a mistake": first_of("/deviations?tab=granted", end),
    "reports": to("/step-reports"), "no reports": to("/step-reports?tab=answered"),
    "report": to(f"{REPORT}?step=light"),
    "report with mistakes": sent_empty(REPORT), "answer": first_of("/step-reports"),
    "answer with mistakes": first_of("/step-reports", partial(refuse, button=CLICK)),
    "print": to("/procedures/WELD/versions/2/print"), "print blank": to("/procedures/WELD/versions/2/print?blank=1"),
}  # fmt: skip
NEEDS_ENGLISH = ("end with a mistake",)  # it presses what it finds by its words


@pytest.mark.parametrize("name", STATES)
def test_a_page_shuts_nobody_out(page, name):
    STATES[name](page)
    page.wait_for_load_state("networkidle")

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{width}: {found.generate_report()}"
        assert too_small(page) == [], width
        assert sideways(page) <= 0, width
    page.set_viewport_size({"width": 320, "height": 700})
    assert sideways(page) <= 0
    for width in (1280, 640):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert sideways(page) <= 0, f"{width} with text at 200 %"
    assert page.locator("h1").count() == 1
    assert page.title().endswith(" · QC")


@pytest.mark.parametrize("language", LONGEST)
def test_nothing_is_cut_off_or_stands_on_other_words_in_the_longest_languages(stranger, language):
    page, wrong = sign_in(stranger, f"Q-{language}"), []
    for name, go in STATES.items():
        if name in NEEDS_ENGLISH:
            continue
        go(page)
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            over = sideways(page)
            wrong += [f"{name} at {width}: {over} px too wide"] if over > 0 else []
            wrong += [f"{name} at {width}: {pair}" for pair in page.evaluate(OVERLAPS)]
    assert wrong == []


# --- by keyboard ---


def test_a_version_is_read_and_signed_by_keyboard_alone(page):
    page.goto("/reading")
    _tab_to(page, f"a[href='{READ}']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#password")
    _tab_to(page, "#password")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem-title")
    _tab_to(page, "#problem-title ~ ul a")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "password"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/reading")
    assert "Signed: you have read and understood WELD, version 2." in page.inner_text("main")


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached by Tab")
