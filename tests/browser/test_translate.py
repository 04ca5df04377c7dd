"""The translator's pages in a real browser: at every width, with large text, in the longest languages, by keyboard."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from qc_service.people.models import Person
from sops.translations import source_sha, texts
from tests.browser.test_keyboard import tab_to
from tests.browser.test_languages import OVERLAPS
from tests.browser.test_pages import RULES, sideways, too_small
from tests.procedure_life import PASSWORD, Life, document

pytestmark = pytest.mark.browser

WIDTHS = (1280, 820, 390, 320)
LONGEST = ("fil", "da", "ca")
VERSION = "/procedures/CAN/versions/2"
ONE = f"{VERSION}/translate/da"
FIRST = {
    "title": "Fyld og luk en dåse",
    "purpose": "Hver dåse forlader linjen tæt og fuld.",
    "steps.seal.text": "Læg låget på, og fals det hele vejen rundt.",
    "tools.gauge.text": "Falsmåler",
    "checks.tight.text": "Lukket hele vejen rundt?",
    "checks.weight.text": "Vej den: {min} til {max} {unit}.",
}


def can(**changes):
    made = document(tools=[{"id": "gauge", "text": "Seam gauge"}], **changes)
    made["checks"][1]["text"] = "Weigh it: {min} to {max} {unit}."
    made["steps"][0]["detail"] = "Hold the seam gauge flat against the rim.\nTurn the can once, without haste."
    return made


@pytest.fixture(scope="module")
def life(served):
    """A version in force that is translated, and a newer one with texts in every state."""
    with connected():
        made = Life(served.plant.app)
        people = [made.somebody(badge) for badge in ("ANNA", "BO")]
        made.somebody("DITTE", "operator", site="S1")
        staff.change_person(audit.COMMAND, Person.get(Person.code == "DITTE").id, language="da")
    anna, bo = people
    write(anna, made.draft(anna, code="OTHER", doc=can()), {"purpose": "Hver dåse er tæt og fuld."}, can(), "OTHER")
    first = can()
    number = made.approved(anna, bo, doc=first)
    write(anna, number, FIRST, first)
    bo.done("POST", f"/procedures/CAN/versions/{number}/translations/da/review", {"all": True})
    second = can(hazards=[{"id": "crush", "text": "The head crushes fingers.", "control": "Two hands on the buttons."}])
    second["steps"][0]["text"] = "Close the lid and crimp it well all round, twice."
    number = made.approved(anna, bo, doc=second)
    write(anna, number, {"hazards.crush.text": "Hovedet klemmer fingre."}, second)
    write(bo, number, {"title": "Fyld og fals en dåse"}, second)
    made.draft(anna, code="LONG", doc=long())
    return made


def long():
    made = document(
        steps=[{"id": f"s{n}", "text": f"Step {n} of the work.", "detail": f"Slowly, {n} times."} for n in range(200)]
    )
    made["checks"] = [
        {"id": f"c{n}", "step": "s0", "type": "choose", "text": f"Which one, number {n}?", "severity": "minor",
         "help": "Look at it.",
         "choices": [{"id": one, "text": f"{one} {n}", "ok": one == "red"} for one in ("red", "blue")]}
        for n in range(200)
    ]  # fmt: skip
    return made


def write(who, number, words, doc, code="CAN"):
    sent = {path: {"text": text, "source_sha": source_sha(texts(doc)[path])} for path, text in words.items()}
    who.done("PUT", f"/procedures/{code}/versions/{number}/translations/da", {"texts": sent})


@pytest.fixture
def page(stranger, life) -> Page:
    return sign_in(stranger, "ANNA")


def sign_in(page: Page, badge: str) -> Page:
    page.goto("/sign-in")
    page.fill("#badge", badge)
    page.fill("#password", PASSWORD)
    page.click("button.button--primary")
    page.wait_for_selector("h1")
    return page


def _to(path: str) -> Callable[[Page], None]:
    return lambda page: page.goto(path)


def _with_mistakes(page: Page) -> None:
    page.goto(f"{ONE}?show=all")
    page.locator("textarea", has_text="Vej den").fill("Vej den: {min} til {maks} {unit}.")
    page.click("main .button--primary")
    page.wait_for_selector("#problem-title")


def _file_taken(page: Page) -> None:
    rows = (
        "path,source,target\ntitle,Fill and seal a can,Fyld dåsen\nsteps.gone.text,a,b\n"
        "checks.weight.text,Weigh it: {min} to {max} {unit}.,Vej\n"
    )
    page.goto(f"{ONE}/import")
    page.set_input_files("#file", files=[{"name": "CAN.csv", "mimeType": "text/csv", "buffer": rows.encode()}])
    page.check("#dry_run")
    page.click("main .button--primary")
    page.wait_for_selector("table")


def _file_refused(page: Page) -> None:
    page.goto(f"{ONE}/import")
    page.click("main .button--primary")
    page.wait_for_selector("#problem-title")


def _without_reason(page: Page) -> None:
    page.goto(f"{VERSION}/translation-override")
    page.click("main .button--primary")
    page.wait_for_selector("#problem-title")


STATES: dict[str, Callable[[Page], None]] = {
    "languages": _to("/procedures/CAN/translate"), "texts": _to(ONE), "all texts": _to(f"{ONE}?show=all"),
    "texts that fit nothing": _to(f"{ONE}?q=nowhere"),
    "a long one": _to("/procedures/LONG/versions/1/translate/ca?page=7"),
    "texts with mistakes": _with_mistakes, "a file to take in": _to(f"{ONE}/import"), "a file checked": _file_taken,
    "no file": _file_refused, "gaps": _to(f"{VERSION}/translation-override"), "gaps without a reason": _without_reason,
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_a_page_shuts_nobody_out(page, name):
    STATES[name](page)

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{width}: {found.generate_report()}"
        assert too_small(page) == [], width
        assert sideways(page) <= 0, width
        assert page.evaluate(OVERLAPS) == [], width
    for width in (1280, 640):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert sideways(page) <= 0, f"{width} with text at 200 %"
    assert page.locator("h1").count() == 1
    assert page.title().endswith(" · QC")


@pytest.mark.parametrize("language", LONGEST)
def test_nothing_is_cut_off_in_the_longest_languages(stranger, life, language):
    badge = f"T-{language}"
    with connected():
        if Person.get_or_none(Person.code == badge) is None:
            staff.add_person(
                audit.COMMAND, badge, "Sofia Lindqvist", ["quality_manager"], password=PASSWORD, language=language
            )
    sign_in(stranger, badge)
    wrong = []
    for name, go in STATES.items():
        go(stranger)
        for width in WIDTHS:
            stranger.set_viewport_size({"width": width, "height": 900})
            wrong += [f"{name} at {width}: {sideways(stranger)} px too wide"] if sideways(stranger) > 0 else []
            wrong += [f"{name} at {width}: {pair}" for pair in stranger.evaluate(OVERLAPS)]
        found = Axe().run(stranger, options={"runOnly": RULES, "resultTypes": ["violations"]})
        wrong += [f"{name}: {found.generate_report()}"] if found.violations_count else []
    assert wrong == []


def test_a_field_is_in_the_language_that_is_written_in_it(page):
    page.goto(ONE)

    assert {one.get_attribute("lang") for one in page.query_selector_all("textarea")} == {"da"}
    assert {one.get_attribute("lang") for one in page.query_selector_all(".pair__side:nth-child(2) .words")} == {"en"}


def test_somebody_without_a_mouse_translates_and_reviews(page, life):
    page.goto(f"{ONE}?show=missing&section=hazards")
    tab_to(page, "textarea")
    page.keyboard.type("To hænder på knapperne.")
    tab_to(page, "main .button--primary")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Texts saved: 1.")

    page.click("text=Sign out")
    sign_in(page, "BO")
    page.goto(f"{ONE}?show=draft&section=hazards")
    tab_to(page, "input[type=checkbox]")
    page.keyboard.press("Space")
    tab_to(page, "main .button--primary")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Texts reviewed: 1.")
