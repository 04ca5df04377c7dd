"""Reading, signing, deviations and reports in a real browser: for everybody, at every width, by keyboard, at length."""

import copy
import re
from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import Page

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.procedures.shipping import publish_first
from sops.library import load
from tests.browser.looking import IN_EACH, LONGEST, shuts_nobody_out
from tests.browser.walking import PASSWORD, Walk, first_of, refused, sent_empty, tab_to, to
from tests.procedure_life import SIGNED, Life

pytestmark = pytest.mark.browser
REPORT = "/procedures/WELD/versions/2/report"
READ = "/procedures/WELD/versions/2/read"
ON_PAPER = re.compile(r'alt="[^"]*?(/p/WELD[^"]+)"')


@pytest.fixture(scope="module")
def served(served):
    """The plant with a procedure that changed, deviations in two states, and a report that waits for an answer."""
    life = Life(served.app)
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
    served.speaking(("en", *LONGEST), "quality_manager", "supervisor")
    return served


@pytest.fixture
def page(signed) -> Page:
    """A quality manager's page."""
    return signed("Q-en")


# --- the pages in their states ---


def end(page: Page) -> None:
    page.click("main details summary")
    refused(page, "details button")


def scanned(page: Page, *, good: bool) -> None:
    page.goto("/procedures/WELD/versions/2/print")
    address = ON_PAPER.search(page.content())[1].replace("&amp;", "&")
    page.goto(address if good else "/p/WELD?v=1&d=0000000000000000")
    page.wait_for_selector(".paper-verdict")


STATES: dict[str, Walk] = {
    "reading": to("/reading"), "read": to(READ), "read, not signed": sent_empty(READ),
    "scanned": to("/p/WELD?line=L3"), "scanned paper": partial(scanned, good=True),
    "scanned old paper": partial(scanned, good=False),
    "still to read": to("/procedures/WELD/pending"),
    "skill not confirmed": sent_empty("/procedures/WELD/pending"),
    "deviations": to("/deviations"), "granted": to("/deviations?tab=granted"), "over": to("/deviations?tab=over"),
    "where to deviate": to("/deviations/new"), "ask": to("/deviations/new?procedure=WELD&line=L3"),
    "ask with mistakes": sent_empty("/deviations/new?procedure=WELD&line=L3"),
    "decide": first_of("/deviations"),
    "decide with mistakes": first_of("/deviations", partial(refused, button="button[value=yes]")),
    "end with a mistake": first_of("/deviations?tab=granted", end),
    "reports": to("/step-reports"), "no reports": to("/step-reports?tab=answered"),
    "report": to(f"{REPORT}?step=light"),
    "report with mistakes": sent_empty(REPORT), "answer": first_of("/step-reports"),
    "answer with mistakes": first_of("/step-reports", refused),
    "print": to("/procedures/WELD/versions/2/print"), "print blank": to("/procedures/WELD/versions/2/print?blank=1"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("language", IN_EACH)
def test_a_page_shuts_nobody_out(signed, language, name):
    page = signed(f"Q-{language}")
    STATES[name](page)
    shuts_nobody_out(page, language)


# --- by keyboard ---


def test_a_version_is_read_and_signed_by_keyboard_alone(page):
    page.goto("/reading")
    tab_to(page, f"a[href='{READ}']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#password")
    tab_to(page, "#password")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem-title")
    tab_to(page, "#problem-title ~ ul a")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "password"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/reading")
    assert "Signed: you have read and understood WELD, version 2." in page.inner_text("main")
