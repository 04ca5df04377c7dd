"""The translator's pages in a real browser: at every width, with large text, in the longest languages, by keyboard."""

import pytest
from playwright.sync_api import Page

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from qc_service.people.models import Person
from sops.translations import source_sha, texts
from tests.browser.looking import IN_EACH, LONGEST, shuts_nobody_out
from tests.browser.walking import CLICK, Walk, press, refused, sent_empty, sign_in, tab_to, to
from tests.procedure_life import Life, document

pytestmark = pytest.mark.browser
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
def served(served):
    """A version in force that is translated, and a newer one with texts in every state."""
    with connected():
        made = Life(served.app)
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
    served.speaking(("en", *LONGEST), "quality_manager")
    return served


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
def page(signed) -> Page:
    return signed("ANNA")


def _with_mistakes(page: Page) -> None:
    page.goto(f"{ONE}?show=all")
    page.locator("textarea", has_text="Vej den").fill("Vej den: {min} til {maks} {unit}.")
    refused(page)


def _file_taken(page: Page) -> None:
    rows = (
        "path,source,target\ntitle,Fill and seal a can,Fyld dåsen\nsteps.gone.text,a,b\n"
        "checks.weight.text,Weigh it: {min} to {max} {unit}.,Vej\n"
    )
    page.goto(f"{ONE}/import")
    page.set_input_files("#file", files=[{"name": "CAN.csv", "mimeType": "text/csv", "buffer": rows.encode()}])
    page.check("#dry_run")
    press(page, CLICK)
    page.wait_for_selector("table")


STATES: dict[str, Walk] = {
    "languages": to("/procedures/CAN/translate"), "texts": to(ONE), "all texts": to(f"{ONE}?show=all"),
    "texts that fit nothing": to(f"{ONE}?q=nowhere"),
    "a long one": to("/procedures/LONG/versions/1/translate/ca?page=7"),
    "texts with mistakes": _with_mistakes, "a file to take in": to(f"{ONE}/import"), "a file checked": _file_taken,
    "no file": sent_empty(f"{ONE}/import"), "gaps": to(f"{VERSION}/translation-override"),
    "gaps without a reason": sent_empty(f"{VERSION}/translation-override"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("language", IN_EACH)
def test_a_page_shuts_nobody_out(signed, language, name):
    page = signed(f"Q-{language}")
    STATES[name](page)
    shuts_nobody_out(page, language)


def test_a_field_is_in_the_language_that_is_written_in_it(page):
    page.goto(ONE)

    assert {one.get_attribute("lang") for one in page.query_selector_all("textarea")} == {"da"}
    assert {one.get_attribute("lang") for one in page.query_selector_all(".pair__side:nth-child(2) .words")} == {"en"}


def test_somebody_without_a_mouse_translates_and_reviews(stranger):
    page = sign_in(stranger, "ANNA")
    page.goto(f"{ONE}?show=missing&section=hazards")
    tab_to(page, "textarea")
    page.keyboard.type("To hænder på knapperne.")
    tab_to(page, "main .button--primary")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Texts saved: 1.")

    press(page, "text=Sign out")
    sign_in(page, "BO")
    page.goto(f"{ONE}?show=draft&section=hazards")
    tab_to(page, "input[type=checkbox]")
    page.keyboard.press("Space")
    tab_to(page, "main .button--primary")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Texts reviewed: 1.")
