"""Lots on hold at the desk: who may hold one, what it takes to let it go, and what everybody can read of it."""

import re

import pytest

from tests.procedure_life import PASSWORD, SIGNED
from tests.reader import Desk, readable

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
WHY = "Two cans leaked on the pallet."
GOOD = "Every can was pressed again."


@pytest.fixture
def good(floor, mia, ines):
    """A lot that may go."""
    floor.lot("A", "MIA")
    floor.inspect(ines)
    assert floor.release() == ("allow", [])


def part(desk) -> str:
    """What the page of the lot says of its holds."""
    found = re.search(r'<h2 id="holds">(.*?)</section>', desk.answer.text, re.DOTALL)
    return readable(found[1])


def test_a_lot_is_held_and_two_quality_managers_let_it_go(floor, good, desk, chief):
    desk.get("/lots/A")
    assert "It was never on hold." in part(desk)
    desk.post("/lots/A/hold?site=S1", reason=WHY)
    desk.follow()
    assert "On hold: it stays here until two quality managers let it go." in desk.text
    assert f"{WHY} Put on hold by Name of BOSS" in part(desk)
    assert floor.release() == ("hold", ["held"])

    desk.post("/lots/A/release?site=S1", reason=GOOD, password=PASSWORD)
    desk.follow()
    assert f"Asked to let it go: {GOOD} Name of BOSS (BOSS)" in part(desk)
    assert "You asked for it yourself, so another quality manager agrees." in part(desk)
    assert floor.release() == ("hold", ["held"])

    other = Desk(floor.life.app, "HEAD")
    other.get("/lots/A")
    other.post("/lots/A/release/agree?site=S1", password=PASSWORD)
    other.follow()
    assert "You agreed, and signed: the lot is not on hold any more." in other.text
    assert re.search(rf"To let it go: {re.escape(GOOD)} Name of BOSS .*; agreed: Name of HEAD \(HEAD\)", part(other))
    assert floor.release() == ("allow", [])


def test_a_lot_goes_without_a_second_person_only_by_two_and_is_listed(floor, mia, desk, chief):
    floor.lot("A", "MIA")
    desk.get("/lots/A")
    desk.post("/lots/A/override?site=S1", reason="The customer is waiting.", password=PASSWORD)
    desk.follow()
    assert "Asked to let it go without a second person: The customer is waiting." in part(desk)
    desk.get("/overrides")
    assert "Waits for another quality manager." in desk.text
    chief.done("POST", "/lots/A/override/agree", SIGNED)
    desk.get("/overrides")
    assert "The customer is waiting. In effect. Name of BOSS (BOSS)" in desk.text
    assert "agreed: Name of HEAD (HEAD)" in desk.text
    desk.get("/lots/A")
    assert "Let go without a second person: The customer is waiting." in part(desk)


@ONE_ENGINE
def test_what_was_asked_waits_where_everything_waits_until_another_quality_manager_agrees(
    floor, good, desk, boss, chief
):
    boss.done("POST", "/lots/A/hold", {"reason": WHY})
    boss.done("POST", "/lots/A/release", {**SIGNED, "reason": GOOD})
    desk.get("/inspections/waiting")
    assert "Lots that somebody asked to let go 1" in desk.text
    assert f"Lot A L1 {GOOD} Name of BOSS (BOSS)" in desk.text
    chief.done("POST", "/lots/A/release/agree", SIGNED)
    desk.get("/inspections/waiting")
    assert "Lots that somebody asked to let go" not in desk.text


@ONE_ENGINE
def test_who_made_it_reads_why_another_lets_it_go(floor, good, boss, desk):
    floor.lot("A", "BOSS")
    floor.plant.work()
    boss.done("POST", "/lots/A/hold", {"reason": WHY})
    desk.get("/lots/A")
    assert "Let it go: You made this lot, so another quality manager lets it go." in part(desk)
    desk.post("/lots/A/release?site=S1", reason=GOOD, password=PASSWORD)
    assert desk.answer.status_code == 409
    assert "Who made the lot cannot let it go: ask another quality manager." in desk.text


@ONE_ENGINE
def test_whoever_may_not_let_it_go_reads_whose_it_is_and_may_still_hold_it(floor, good, boss, ines):
    boss.done("POST", "/lots/A/hold", {"reason": WHY})
    desk = Desk(floor.life.app, "INES")
    desk.get("/lots/A")
    assert "Let it go: That needs one of the roles quality manager." in part(desk)
    assert "Put this lot on hold" in part(desk)
    desk.post("/lots/A/release?site=S1", reason=GOOD, password=PASSWORD)
    assert desk.answer.status_code == 403


@ONE_ENGINE
def test_a_form_that_is_refused_keeps_the_reason_and_says_what_is_wrong_beside_its_field(floor, good, desk):
    desk.get("/lots/A")
    desk.post("/lots/A/hold?site=S1", reason=" ")
    assert desk.answer.status_code == 422
    assert list(desk.errors) == ["hold-reason"]
    desk.post("/lots/A/hold?site=S1", reason=WHY)
    desk.get("/lots/A")
    desk.post("/lots/A/release?site=S1", reason=GOOD, password="not this one")
    assert desk.answer.status_code == 422
    assert list(desk.errors) == ["release-password"]
    assert GOOD in desk.text
    desk.post("/lots/A/release?site=S1", reason="short", password=PASSWORD)
    assert list(desk.errors) == ["release-reason"]
    desk.post("/lots/A/hold?site=S1", reason=WHY)
    desk.follow()
    assert "It is on hold for that already." in desk.text


@ONE_ENGINE
def test_the_list_has_the_newest_first_and_those_that_were_let_go_apart(floor, good, desk, boss, chief):
    desk.get("/holds")
    assert "No lot is on hold." in desk.text
    floor.lot("B", "MIA")
    for lot in ("A", "B"):
        boss.done("POST", f"/lots/{lot}/hold", {"reason": f"{WHY} {lot}"})
    desk.get("/holds")
    assert re.findall(r"Lot (\w)<", desk.answer.text) == ["B", "A"]
    boss.done("POST", "/lots/A/release", {**SIGNED, "reason": GOOD})
    chief.done("POST", "/lots/A/release/agree", SIGNED)
    desk.get("/holds")
    assert re.findall(r"Lot (\w)<", desk.answer.text) == ["B"]
    desk.get("/holds", state="released", line="L1")
    assert re.findall(r"Lot (\w)<", desk.answer.text) == ["A"]
    desk.get("/holds", cursor="made-up")
    assert re.findall(r"Lot (\w)<", desk.answer.text) == ["B"]


@ONE_ENGINE
def test_a_long_list_is_read_page_by_page(floor, desk, boss, monkeypatch):
    from qc_service.desk import holds

    monkeypatch.setattr(holds, "PAGE", 2)
    for lot in ("A", "B", "C"):
        floor.lot(lot)
        boss.done("POST", f"/lots/{lot}/hold", {"reason": WHY})
    desk.get("/holds")
    assert re.findall(r"Lot (\w)<", desk.answer.text) == ["C", "B"]
    older = re.search(r'href="([^"]*cursor=[^"]*)">Older ones', desk.answer.text)[1]
    desk.get(older.replace("&amp;", "&"))
    assert re.findall(r"Lot (\w)<", desk.answer.text) == ["A"]
    assert "The newest" in desk.text
