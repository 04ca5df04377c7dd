"""The supervisor's pages of inspections in a real browser: for everybody, at every width, by keyboard, at length."""

import json
import re

import pytest
from playwright.sync_api import Page

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.inspections.models import Nonconformity
from qc_service.lines.models import Site
from qc_service.people import access, credentials, signin
from qc_service.people.models import Person
from tests.browser.looking import IN_EACH, LONGEST, shuts_nobody_out
from tests.browser.walking import PASSWORD, Walk, press, refused, sent_empty, tab_to, to
from tests.floor_life import OK, Floor, record
from tests.plant import Plant
from tests.procedure_life import SIGNED, Life, Somebody, document

pytestmark = pytest.mark.browser
LOT = "PALLET-2026-11-22-0044"
FIRST = "5d0f31c6-0c53-4f6f-9a9e-0d1f6f8a4a11"
CORRECTION = "5d0f31c6-0c53-4f6f-9a9e-0d1f6f8a4a12"
DOUBTFUL = "5d0f31c6-0c53-4f6f-9a9e-0d1f6f8a4a13"
NOWHERE = "5d0f31c6-0c53-4f6f-9a9e-0d1f6f8a4a14"
WHY = "I looked at the seam of the lid and not at the one of the bottom."


def moment(second: int) -> str:
    return f"2026-11-20T06:00:{second:02}Z"


FOUND = {
    "tight": {"value": "cannot_check", "reason": "The lamp over the bench is broken and comes back on Monday."},
    "weight": {"value": ["337", "341", "346"], "shown_at": moment(4), "at": moment(31)},
    "lid": {"value": ["dented"], "shown_at": moment(31), "at": moment(40)},
    "dust": {"value": "3"},
    "note": {"value": "The third can of the second row leaks where the label begins."},
}
MORE = [
    {"id": "lid", "step": "seal", "type": "choose", "text": "How does the lid look?", "severity": "minor",
     "choices": [{"id": "good", "text": "Flat, bright", "ok": True}, {"id": "dented", "text": "Dented", "ok": False}]},
    {"id": "dust", "step": "seal", "type": "count", "text": "Grains of dust under the lid", "severity": "minor",
     "max": 5, "unit": "grains"},
    {"id": "note", "step": "seal", "type": "text", "text": "What else did you see?", "severity": "minor"},
]  # fmt: skip


@pytest.fixture(scope="module")
def served(served):
    """A floor with something of each that waits for a decision."""
    life = Life(served.app)
    with connected():
        floor = Floor(life, Plant(served.app))
    doc = document()
    doc["checks"] += MORE
    life.published(life.somebody("ANNA"), life.somebody("BO"), doc=doc)
    mia, ines = (floor.person(badge, site="Hall A") for badge in ("MIA", "INES"))
    omar = floor.person("OMAR", site="Hall A", reads=False)
    for code, makers in ((LOT, ["MIA"]), ("PALLET-2", ["MIA"]), ("PALLET-3", []), ("PALLET-4", ["MIA"])):
        floor.lot(code, *makers, site="Hall A", units=["1", "2"])
    parts = [
        {"check": "weight", "defect_code": "LIGHT", "units": 3, "disposition": "hold"},
        {"check": "lid", "defect_code": "DENT", "units": 1, "disposition": "rework"},
    ]
    floor.inspect(ines, LOT, at=FIRST, answers=FOUND, nonconformities=parts)
    other = json.dumps(record("INES", LOT, units_inspected=9, answers=FOUND))
    assert ines("PUT", f"/inspections/{FIRST}", data=other, content_type="application/json").status_code == 409
    floor.inspect(ines, LOT, at=CORRECTION, amends=FIRST, reason=WHY)
    floor.inspect(omar, "PALLET-2", at=DOUBTFUL)
    floor.inspect(ines, "PALLET-3", unit="2", units_inspected=1)
    floor.inspect(mia, "PALLET-4")
    floor.inspect(ines, "PALLET-9", at=NOWHERE)
    ines.done("POST", f"/inspections/{FIRST}/void", {**SIGNED, "reason": WHY})
    with connected():
        held = Nonconformity.get((Nonconformity.uuid == FIRST) & (Nonconformity.number == 1)).id
    told = {**SIGNED, "disposition": "scrap", "units": 1, "reason": "This one is too light to be filled up."}
    boss = floor.life.somebody("BOSS")
    boss.done("POST", f"/nonconformities/{held}/dispositions", told)
    _held(floor, ines, boss)
    _with_gaps(floor, boss)
    served.speaking(("en", *LONGEST), "quality_manager", "supervisor")
    return served


def _held(floor: Floor, ines: Somebody, boss: Somebody) -> None:
    """Lots that somebody asked to let go: one from its hold, one without a second person."""
    floor.lot("PALLET-5", "MIA", site="Hall A")
    floor.inspect(ines, "PALLET-5")
    ines.done("POST", "/lots/PALLET-5/hold", {"reason": "Two cans of the lowest layer leaked on the pallet."})
    why = {**SIGNED, "reason": "Every can of the two lowest layers was pressed again and looked at."}
    boss.done("POST", "/lots/PALLET-5/release", why)
    boss.done("POST", "/lots/PALLET-4/override", why)


def _with_gaps(floor: Floor, boss: Somebody) -> None:
    """A tablet of which numbers never arrived: one that was explained as lost came late."""
    with connected():
        device, token = access.enrol_device(audit.COMMAND, "Tablet 4", site_id=Site.get(Site.code == "Hall A").id)
        credentials.set_pin(audit.COMMAND, Person.get(Person.code == "MIA").id, "739154")
        tablet = Somebody(floor.life, "MIA", signin.sign_in_on_tablet("MIA", "739154", token, clock.now()).token)
    for number in (1, 3, 7):
        floor.send(tablet, record("MIA", "PALLET-4", device_seq=number, answers=OK))
    boss.done("POST", f"/devices/{device.id}/gaps", {**SIGNED, "first": 2, "reason": "The tablet fell into the brine."})
    floor.send(tablet, record("MIA", "PALLET-4", device_seq=2, answers=OK))
    floor.plant.work()


@pytest.fixture
def page(signed) -> Page:
    """A quality manager's page."""
    return signed("Q-en")


def opened(path: str, inside: str) -> Walk:
    """The page with a form open."""

    def walk(page: Page) -> None:
        page.goto(path)
        page.click(f"{inside} summary")

    return walk


def not_signed(path: str, form: str) -> Walk:
    """The form as it answers when it is sent without a password."""

    def walk(page: Page) -> None:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        refused(page, f"form[action^='{form}'] button")

    return walk


def maker_unknown_to_all(page: Page) -> None:
    page.goto("/inspections/waiting")
    page.fill("input[id^=makers-]", "NOBODY")
    refused(page, "form[action*='/makers'] button")


def alert_of_held_lots(page: Page) -> None:
    page.goto("/inbox")
    page.click(".item:has(.chip--leaning) a.item__sentence")


def evidence_of_held_lots(page: Page) -> None:
    alert_of_held_lots(page)
    page.click("a[href^='/evidence/']")


ONE, CHANGED, WAITING = f"/inspections/{FIRST}", f"/inspections/{CORRECTION}", "/inspections/waiting"
STATES: dict[str, Walk] = {
    "list": to("/inspections"), "nothing fits": to("/inspections?lot=none"),
    "asked wrongly": to("/inspections?since=tomorrow"),
    "waiting": to(WAITING), "waiting, not signed": not_signed(WAITING, f"/inspections/{DOUBTFUL}/confirm"),
    "waiting, maker unknown": maker_unknown_to_all,
    "waiting, gap not signed": not_signed(WAITING, "/devices/"), "explained numbers": to("/gaps"),
    "tablets": to("/tablets"), "no file": sent_empty("/tablets/copies"),
    "inbox": to("/inbox"), "alert of held lots": alert_of_held_lots, "its evidence": evidence_of_held_lots,
    "waiting, no line": not_signed(WAITING, f"/inspections/{NOWHERE}/lot"),
    "waiting, lot not said": not_signed(WAITING, f"/inspections/{NOWHERE}/match"),
    "one": to(ONE), "deciding about units": opened(ONE, ".insp-found"),
    "units, not decided": not_signed(ONE, "/nonconformities/"),
    "not agreed": not_signed(ONE, f"{ONE}/void/agree"),
    "correction": to(CHANGED), "not asked": not_signed(CHANGED, f"{CHANGED}/void"),
    "lot unknown": to(f"/inspections/{NOWHERE}"),
    "lot": to(f"/lots/{LOT}"), "lot without makers": to("/lots/PALLET-3"),
    "lot on hold": not_signed("/lots/PALLET-5", "/lots/PALLET-5/release/agree"), "holds": to("/holds"),
    "overrides": to("/overrides"), "print": to(f"{ONE}/print"), "labels of a lot": to(f"/lots/{LOT}/labels"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("language", IN_EACH)
def test_a_page_shuts_nobody_out(signed, language, name):
    page = signed(f"Q-{language}")
    STATES[name](page)
    shuts_nobody_out(page, language)


def test_a_supervisor_gives_their_word_by_keyboard_alone(page):
    page.goto(WAITING)
    tab_to(page, f"details:has(form[action='/inspections/{DOUBTFUL}/confirm']) summary", most=90)
    page.keyboard.press("Enter")
    tab_to(page, f"[id='confirm-{DOUBTFUL}-password']")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem-title")
    tab_to(page, "#problem-title ~ ul a")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == f"confirm-{DOUBTFUL}-password"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".flash--success")
    assert "You gave your word, and signed." in page.inner_text("main")


def test_the_print_view_leaves_out_what_only_a_screen_needs(page):
    page.goto(ONE)
    press(page, "text=Print")
    page.wait_for_url(re.compile(r"/print$"))
    page.emulate_media(media="print")
    assert not page.is_visible(".screen-only")
    assert page.is_visible("text=asked to void it")
