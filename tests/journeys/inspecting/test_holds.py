"""Lots on hold: who and what holds them, and the two people whom it takes to let them go."""

from datetime import timedelta

import peewee
import pytest

from qc_service import audit, clock
from qc_service.db import connected, db
from qc_service.lots.models import Lot, LotHold, OpenHold
from tests.floor_life import OK
from tests.plant import Plant
from tests.procedure_life import SIGNED, document
from workers.tasks import holds as task

WHY = {"reason": "The labels are wrong."}
DONE = {**SIGNED, "reason": "The labels were put right."}


@pytest.fixture
def good(floor, mia, ines):
    """A lot that may go."""
    floor.lot("A", "MIA")
    name = floor.inspect(ines)
    assert floor.release() == ("allow", [])
    return name


def holds(floor, lot: str = "A") -> list[tuple[str, str]]:
    answer = floor.plant.call("GET", f"/v1/lots/{lot}/holds")
    assert answer.status_code == 200, answer.text
    return [(one["kind"], one["state"]) for one in answer.json["data"]]


def let_go(boss, chief, lot: str = "A") -> None:
    boss.done("POST", f"/lots/{lot}/release", DONE)
    chief.done("POST", f"/lots/{lot}/release/agree", SIGNED)


# --- said by people ---


def test_anybody_on_the_floor_and_a_system_may_hold_a_lot(floor, mia, good):
    auditor = floor.life.somebody("AUDITOR", "auditor", site="S1")
    assert auditor.refused("POST", "/lots/A/hold", WHY) == (403, "scope_missing")
    operator = floor.life.somebody("OLGA", "operator", site="S1")
    assert operator("POST", "/lots/A/hold", WHY).status_code == 201
    assert floor.plant.call("POST", "/v1/lots/A/hold", {"reason": "The customer called."}).status_code == 201
    assert floor.release() == ("hold", ["held"])
    with connected():
        reader = Plant(floor.life.app, scopes=("lots:read",))
    assert reader.call("POST", "/v1/lots/A/hold", WHY).status_code == 403


def test_the_same_words_again_are_the_same_hold_until_it_is_released(floor, mia, good, boss, chief):
    first = mia("POST", "/lots/A/hold", WHY)
    again = boss("POST", "/lots/A/hold", WHY)
    assert (first.status_code, again.status_code, again.json["id"]) == (201, 200, first.json["id"])
    let_go(boss, chief)
    anew = mia("POST", "/lots/A/hold", WHY)
    assert (anew.status_code, anew.json["id"] == first.json["id"]) == (201, False)
    assert holds(floor) == [("said", "released"), ("said", "open")]


def test_a_held_lot_goes_once_two_quality_managers_have_signed(floor, mia, good, boss, chief):
    mia.done("POST", "/lots/A/hold", WHY)
    assert mia.refused("POST", "/lots/A/release", DONE) == (403, "scope_missing")
    assert chief.refused("POST", "/lots/A/release/agree", SIGNED) == (409, "illegal_transition")
    boss.done("POST", "/lots/A/release", DONE)
    assert floor.release() == ("hold", ["held"])
    assert boss.refused("POST", "/lots/A/release/agree", SIGNED) == (409, "same_person")
    chief.done("POST", "/lots/A/release/agree", SIGNED)
    assert floor.release() == ("allow", [])
    assert boss.refused("POST", "/lots/A/release", DONE) == (409, "illegal_transition")
    [one] = mia.done("GET", "/lots/A/holds")["data"]
    assert (one["state"], one["reason"], one["person"]["badge"]) == ("released", WHY["reason"], "MIA")
    signed = [one["release"][part] for part in ("asked", "agreed")]
    assert [(part["badge"], part["meaning"]) for part in signed] == [
        ("BOSS", "lot_release_asked"), ("HEAD", "lot_release_agreed"),
    ]  # fmt: skip


def test_a_hold_that_came_after_somebody_asked_stays(floor, mia, good, boss, chief):
    mia.done("POST", "/lots/A/hold", WHY)
    boss.done("POST", "/lots/A/release", DONE)
    mia.done("POST", "/lots/A/hold", {"reason": "And the date as well."})
    chief.done("POST", "/lots/A/release/agree", SIGNED)
    assert holds(floor) == [("said", "released"), ("said", "open")]
    assert floor.release() == ("hold", ["held"])


def test_who_made_the_lot_lets_it_not_go_under_any_account(floor, mia, good, boss, chief):
    admin = floor.life.somebody("ADMIN", "admin")
    maker, third = floor.life.somebody("MAKER"), floor.life.somebody("THIRD")
    floor.lot("A", "MAKER")
    mia.done("POST", "/lots/A/hold", WHY)
    assert maker.refused("POST", "/lots/A/release", DONE) == (409, "same_person")
    boss.done("POST", "/lots/A/release", DONE)
    assert maker.refused("POST", "/lots/A/release/agree", SIGNED) == (409, "same_person")
    admin.done("POST", "/people/THIRD/same-as", {"badge": "MAKER"})
    assert third.refused("POST", "/lots/A/release/agree", SIGNED) == (409, "same_person")
    admin.done("POST", "/people/HEAD/same-as", {"badge": "BOSS"})
    assert chief.refused("POST", "/lots/A/release/agree", SIGNED) == (409, "same_person")


def test_a_release_falls_away_at_once_where_one_of_the_two_turns_out_to_have_made_it(floor, mia, good, boss, chief):
    mia.done("POST", "/lots/A/hold", WHY)
    let_go(boss, chief)
    floor.lot("A", "HEAD")
    assert floor.release() == ("hold", ["held"])
    floor.plant.work()
    assert holds(floor) == [("said", "open")]
    let_go(boss, floor.life.somebody("OTHER"))
    assert floor.release() == ("allow", [])


def test_a_release_falls_away_while_the_two_are_taken_for_one_human_being(floor, mia, good, boss, chief):
    admin = floor.life.somebody("ADMIN", "admin")
    mia.done("POST", "/lots/A/hold", WHY)
    let_go(boss, chief)
    admin.done("POST", "/people/HEAD/same-as", {"badge": "BOSS"})
    assert floor.release() == ("hold", ["held"])
    floor.plant.work()
    assert holds(floor) == [("said", "open")]
    admin.done("POST", "/people/HEAD/same-as", {"badge": "HEAD"})
    assert floor.release() == ("allow", [])
    floor.plant.work()
    assert holds(floor) == [("said", "released")]


def test_the_list_of_holds_is_asked_by_line_and_state(floor, mia, good, boss, chief):
    floor.plant.line("L2", "S1")
    floor.plant.call("PUT", "/v1/lots/B", {"line": "L2", "makers": ["MIA"]})
    for lot in ("A", "B"):
        mia.done("POST", f"/lots/{lot}/hold", WHY)
    let_go(boss, chief)
    queries = ("", "?line=L2", "?state=open", "?line=L1&state=open", "?line=L1&state=released")
    asked = {query: [one["lot"] for one in mia.done("GET", f"/holds{query}")["data"]] for query in queries}
    assert asked == {
        "": ["A", "B"], "?line=L2": ["B"], "?state=open": ["B"], "?line=L1&state=open": [],
        "?line=L1&state=released": ["A"],
    }  # fmt: skip


def test_the_database_itself_keeps_a_hold_that_nobody_released(floor, mia, good, boss):
    mia.done("POST", "/lots/A/hold", WHY)
    boss.done("POST", "/lots/A/release", DONE)
    with connected():
        for statement in ("DELETE FROM open_hold", "UPDATE open_hold SET cause = 'x'"):
            with pytest.raises(peewee.DatabaseError, match="a hold"):
                db.execute_sql(statement)
        row = OpenHold.get()
        with pytest.raises(peewee.IntegrityError), db.atomic():
            OpenHold.insert(hold_id=row.hold_id, lot_id=row.lot_id, kind=row.kind, cause=row.cause).execute()


# --- what holds by itself ---


def test_a_withdrawn_version_holds_every_lot_inspected_by_it_once(floor, mia, ines, good, boss, chief):
    floor.lot("B", "MIA")
    floor.lot("GONE", "MIA", shipped_at=clock.iso(clock.now()))
    floor.inspect(ines, "B")
    floor.inspect(ines, "GONE")
    floor.lot("NEW", "MIA")
    boss.done("POST", "/procedures/CAN/versions/1/withdraw", {**SIGNED, "reason": "The seam opens."})
    floor.plant.work()
    assert [holds(floor, lot) for lot in ("A", "B", "GONE", "NEW")] == [
        [("version_withdrawn", "open")], [("version_withdrawn", "open")], [], [],
    ]  # fmt: skip
    told = mia.done("GET", "/lots/A/holds")["data"][0]
    assert told["reason"] == "It was inspected by version 1 of CAN, which was withdrawn."
    let_go(boss, chief)
    with connected():
        for _ in range(2):
            task.version_withdrawn({"procedure": "CAN", "version": 1}, clock.now())
    assert holds(floor) == [("version_withdrawn", "released")]


def test_what_was_inspected_before_a_withdrawal_and_arrives_after_it_is_held_too(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    before = clock.iso(clock.now())
    boss.done("POST", "/procedures/CAN/versions/1/withdraw", {**SIGNED, "reason": "The seam opens."})
    floor.plant.work()
    name = floor.inspect(ines, observed_at=before)
    assert floor.get(name)["state"] == "accepted"
    assert holds(floor) == [("version_withdrawn", "open")]


def test_an_inspection_by_a_version_that_was_withdrawn_holds_its_lot(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    boss.done("POST", "/procedures/CAN/versions/1/withdraw", {**SIGNED, "reason": "The seam opens."})
    name = floor.inspect(ines)
    assert floor.standing(name) == ("quarantined", ["version_withdrawn"], False, False)
    assert holds(floor) == [("inspection", "open")]
    assert floor.release() == ("hold", ["held", "version_withdrawn", "no_second_person"])


def test_a_version_that_changes_what_is_safe_holds_what_was_inspected_before_it(floor, mia, ines, good, boss, chief):
    author = floor.life.somebody("WRITER")
    number = floor.life.draft(author, doc=document("344"))
    author.done("POST", f"/procedures/CAN/versions/{number}/submit", {"change_class": "safety"})
    chief.done("POST", f"/procedures/CAN/versions/{number}/approve", SIGNED)
    soon = clock.now() + timedelta(hours=1)
    chief.done("POST", f"/procedures/CAN/versions/{number}/publish", {**SIGNED, "effective_at": clock.iso(soon)})
    floor.plant.work()
    assert floor.release() == ("allow", [])
    with connected():
        task.version_superseded({"procedure": "CAN", "version": number}, soon)
        task.version_superseded({"procedure": "CAN", "version": number}, soon)
    assert holds(floor) == [("version_superseded", "open")]
    told = mia.done("GET", "/lots/A/holds")["data"][0]
    assert told["reason"] == f"It was inspected before version {number} of CAN, which changes what is safe."


def test_a_version_that_changes_a_check_or_words_holds_nothing(floor, good, boss, chief):
    for doc in (document("344"), document("344", purpose="Every can leaves tight, full and clean.")):
        number = floor.life.published(boss, chief, doc=doc)
        with connected():
            task.version_superseded({"procedure": "CAN", "version": number}, clock.now() + timedelta(days=1))
    assert holds(floor) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_many_lots_are_held_a_part_at_a_time(floor, mia, ines, boss, monkeypatch):
    monkeypatch.setattr("qc_service.inspections.holding.MOST", 2)
    for number in range(5):
        floor.lot(f"N{number}", "MIA")
        floor.inspect(ines, f"N{number}")
    boss.done("POST", "/procedures/CAN/versions/1/withdraw", {**SIGNED, "reason": "The seam opens."})
    floor.plant.work()
    with connected():
        assert LotHold.select().count() == OpenHold.select().count() == Lot.select().count() == 5


# --- without a second person ---


def test_two_quality_managers_may_let_a_lot_go_that_no_second_person_inspected(floor, mia, boss, chief):
    floor.lot("A", "MIA")
    name = floor.inspect(mia)
    assert floor.release() == ("hold", ["no_second_person"])
    boss.done("POST", "/lots/A/override", DONE)
    assert floor.release() == ("hold", ["no_second_person"])
    assert boss.refused("POST", "/lots/A/override/agree", SIGNED) == (409, "same_person")
    chief.done("POST", "/lots/A/override/agree", SIGNED)
    answer = floor.plant.call("GET", "/v1/lots/A/release-check").json
    assert (answer["decision"], answer["reasons"]) == ("allow", [])
    assert [one["code"] for one in answer["notes"]] == ["second_person_overridden"]
    assert floor.standing(name) == ("quarantined", ["self_check"], False, False)
    assert floor.count() is None
    assert boss.refused("POST", "/lots/A/override", DONE) == (409, "illegal_transition")
    [one] = mia.done("GET", "/overrides?line=L1")["data"]
    assert (one["lot"], one["state"], one["agreed"]["badge"]) == ("A", "in_effect", "HEAD")


def test_an_override_lapses_where_one_of_the_two_made_the_lot(floor, mia, boss, chief):
    floor.lot("B")
    assert boss.refused("POST", "/lots/B/override", DONE) == (409, "illegal_transition")
    floor.lot("A", "MIA")
    boss.done("POST", "/lots/A/override", {**DONE, "reason": "The customer waits."})
    boss.done("POST", "/lots/A/override", DONE)
    chief.done("POST", "/lots/A/override/agree", SIGNED)
    floor.lot("A", "BOSS")
    assert floor.release() == ("hold", ["no_second_person"])
    assert boss.refused("POST", "/lots/A/override", DONE) == (409, "same_person")
    states = [one["state"] for one in mia.done("GET", "/overrides")["data"]]
    assert states == ["replaced", "lapsed"]


def test_an_override_lets_nothing_else_pass(floor, mia, ines, boss, chief):
    floor.lot("A", "MIA")
    floor.inspect(mia, answers={**OK, "tight": {"value": "defect"}})
    boss.done("POST", "/lots/A/override", DONE)
    chief.done("POST", "/lots/A/override/agree", SIGNED)
    mia.done("POST", "/lots/A/hold", WHY)
    assert floor.release() == ("hold", ["held"])


def test_what_was_held_and_let_go_is_whole_in_the_trail(floor, mia, good, boss, chief):
    mia.done("POST", "/lots/A/hold", WHY)
    let_go(boss, chief)
    with connected():
        told = [row.type for row in audit.Event.select().where(audit.Event.type.startswith("lot.")).order_by(
            audit.Event.recorded_at
        )]  # fmt: skip
    assert told[-3:] == ["lot.held", "lot.release.asked", "lot.released"]
