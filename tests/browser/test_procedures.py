"""The author's pages of procedures in a real browser: for everybody, at every width, in the longest languages."""

import copy
from pathlib import Path

import pytest
from playwright.sync_api import Page

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from sops.files import read_yaml
from tests.browser.looking import LONGEST, shuts_nobody_out
from tests.browser.walking import PASSWORD, Walk, press, refused, sent_empty, tab_to, to
from tests.procedure_life import document
from tests.site_procedures import acting, proof

pytestmark = pytest.mark.browser

LIBRARY = Path(__file__).parents[2] / "sops" / "library"
CAN = "/procedures/CAN-FILL"
DRAFT = f"{CAN}/versions/2"


@pytest.fixture(scope="module")
def served(served):
    """A procedure in force with its translations, a draft of its next version, one in review, and one approved."""
    from qc_service.procedures import decisions, drafts, publication
    from qc_service.procedures.drafts import Draft

    with connected():
        people = {}
        for badge, name in (("P-11", "Writing Wen"), ("P-12", "Approving Abe")):
            people[badge] = staff.add_person(audit.COMMAND, badge, name, ["quality_manager"], password=PASSWORD)
        author, boss = (acting(people[one], None, "quality_manager", "supervisor") for one in ("P-11", "P-12"))
        first = drafts.normal(read_yaml((LIBRARY / "CAN-FILL.yaml").read_bytes()))
        drafts.create_procedure(author, "CAN-FILL", first["title"], owner="P-11", site=None)
        drafts.start_version(author, "CAN-FILL", Draft(first, "First"))
        decisions.submit(author, "CAN-FILL", 1)
        decisions.approve(boss, "CAN-FILL", 1, proof(people["P-12"]))
        publication.publish(boss, "CAN-FILL", 1, proof(people["P-12"]))
        drafts.start_version(author, "CAN-FILL", Draft(changed(first), "Tighter limits"), base=1)
        drafts.start_version(author, "CAN-FILL", Draft(changed(first), "Tighter limits, reviewed"), base=1)
        decisions.submit(author, "CAN-FILL", 3)
        drafts.start_version(author, "CAN-FILL", Draft(first, "The same again"), base=1, line="L4")
        decisions.submit(author, "CAN-FILL", 4)
        decisions.approve(boss, "CAN-FILL", 4, proof(people["P-12"]))
        drafts.create_procedure(author, "BIG", "A procedure with two hundred checks", owner=None, site=None)
        drafts.start_version(author, "BIG", Draft(drafts.normal(big())))
        drafts.create_procedure(author, "EMPTY", "Nothing yet", owner=None, site=None)
    served.speaking(LONGEST, "quality_manager")
    return served


def changed(first: dict) -> dict:
    """Another wording, another limit, one check less, one step more."""
    made = copy.deepcopy(first)
    for check in made["checks"]:
        if check["type"] == "measure" and "max" in check:
            whole, _, part = check["max"].partition(".")
            check["max"] = f"{int(whole) + 1}{'.' + part if part else ''}"
    made["steps"][0]["text"] += " Then look at it once more."
    made["steps"].append({"id": "tidy-up", "text": "Tidy up."})
    return made


def big() -> dict:
    doc = document()
    doc["steps"] = [{"id": f"s{place}", "text": f"Step {place} of a long day."} for place in range(20)]
    doc["checks"] = [
        {"id": f"c{place}", "step": f"s{place // 10}", "type": "confirm", "severity": "major",
         "text": f"Is part {place} where it should be?"}
        for place in range(200)
    ]  # fmt: skip
    return doc


@pytest.fixture
def author(signed) -> Page:
    return signed("P-11")


@pytest.fixture
def boss(signed) -> Page:
    return signed("P-12")


def _wrong_limits(page: Page) -> None:
    page.goto(f"{DRAFT}/edit/checks?step=tidy-up")
    page.select_option("#type", "measure")
    press(page, "text=Show its fields")
    page.fill("#text", "Weight")
    page.fill("#min", "12,5")
    page.fill("#max", "3")
    refused(page)


def _choices(page: Page) -> None:
    page.goto(f"{DRAFT}/edit/checks?step=tidy-up")
    page.select_option("#type", "choose")
    press(page, "text=Show its fields")
    press(page, "text=More rows")


def _wrong_password(page: Page) -> None:
    page.goto(f"{CAN}/versions/4/compare")
    page.fill("#publish-password", "wrong")
    refused(page, "#publish .button--primary")


STATES: dict[str, Walk] = {
    "list": to("/procedures"), "nothing fits": to("/procedures?q=zebra"), "new": to("/procedures/new"),
    "new with mistakes": sent_empty("/procedures/new"), "procedure": to(CAN),
    "nothing in force": to("/procedures/EMPTY"),
    "new version": to(f"{CAN}/versions/new"), "version": to(f"{CAN}/versions/1"), "draft": to(DRAFT),
    "outline": to(f"{DRAFT}/edit"), "head": to(f"{DRAFT}/edit/head/all"), "add a step": to(f"{DRAFT}/edit/steps"),
    "hazard": to(f"{DRAFT}/edit/hazards"), "defect word": to(f"{DRAFT}/edit/defects"),
    "check with mistakes": _wrong_limits, "choices": _choices, "remove": to(f"{DRAFT}/edit/steps/tidy-up/remove"),
    "preview": to(f"{DRAFT}/preview"), "compare a draft": to(f"{DRAFT}/compare"),
    "compare in review": to(f"{CAN}/versions/3/compare"), "compare approved": to(f"{CAN}/versions/4/compare"),
    "compare in force": to(f"{CAN}/versions/1/compare"), "wrong password": _wrong_password,
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_a_page_of_procedures_shuts_nobody_out(boss, name):
    STATES[name](boss)
    shuts_nobody_out(boss)


ADDRESSES = {
    "list": "/procedures", "new": "/procedures/new", "procedure": CAN, "new version": f"{CAN}/versions/new",
    "outline": f"{DRAFT}/edit", "check": f"{DRAFT}/edit/checks", "preview": f"{DRAFT}/preview?lang=fil",
    "compare": f"{CAN}/versions/3/compare", "publish": f"{CAN}/versions/4/compare", "version": f"{CAN}/versions/1",
}  # fmt: skip


@pytest.mark.campaign
@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("language", LONGEST)
def test_the_longest_languages_fit(signed, language, name):
    page = signed(f"Q-{language}")
    page.goto(ADDRESSES[name])
    shuts_nobody_out(page, language)


def test_a_check_is_added_and_moved_without_a_mouse(author):
    author.goto(f"{CAN}/versions/new")
    tab_to(author, ".skip", most=1)
    author.keyboard.press("Enter")
    tab_to(author, "#change_note")
    author.keyboard.type("By hand")
    tab_to(author, "button.button--primary")
    author.keyboard.press("Enter")
    author.wait_for_selector("#steps")
    number = author.url.rpartition("/edit")[0].rpartition("/")[2].split("#")[0]

    author.goto(f"{CAN}/versions/{number}/edit/checks")
    tab_to(author, "#text")
    author.keyboard.type("Is it dry?")
    author.keyboard.press("Control+Home")
    tab_to(author, "main .actions .button--primary")
    author.keyboard.press("Enter")
    author.wait_for_selector("text=Saved.")

    assert author.locator("#checks-is-it-dry").is_visible()
    author.focus("#checks-is-it-dry a.button")
    tab_to(author, "#checks-is-it-dry form button", most=2)
    author.keyboard.press("Enter")
    author.wait_for_selector("text=Saved.")


def test_enter_in_a_field_saves_the_form(author):
    author.goto(f"{DRAFT}/edit/tools")
    author.fill("#text", "Lamp")
    author.press("#text", "Enter")
    author.wait_for_selector("text=Saved.")
    assert author.locator("#tools-lamp").is_visible()


def test_two_hundred_checks_are_still_an_outline_to_work_with(author):
    author.goto("/procedures/BIG/versions/1/edit")
    assert author.locator(".outline__checks li").count() == 200
    author.click("#checks-c199 a.button")
    author.fill("#text", "Is the last one there?")
    author.click("main .actions .button--primary")
    author.wait_for_selector("text=Is the last one there?")
    assert author.evaluate("document.querySelector('#checks-c199').getBoundingClientRect().top < innerHeight")
