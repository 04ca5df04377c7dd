"""The lot of a record is not known, was shipped, or has no such unit: it waits, and somebody who leads decides."""

import uuid
from datetime import timedelta

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.lots.models import Participation
from qc_service.signing import Signature
from tests.attacks import found as broken
from tests.floor_life import record
from tests.procedure_life import SIGNED

STANDS = ("accepted", [], True, True)
WAITS = ("unconfirmed", ["unmatched", "maker_unknown"], False, False)


def match(who, name, lot="A", **more):
    return who("POST", f"/inspections/{name}/match", json={**SIGNED, "lot": lot, **more})


@pytest.fixture
def strange(floor, mia, ines):
    """A record of lot B, which nobody knows; A is known."""
    floor.lot("A", "MIA")
    name = floor.inspect(ines, "B")
    assert floor.standing(name) == WAITS
    return name


def test_somebody_who_leads_says_which_lot_it_was_and_it_counts_there(floor, boss, strange):
    told = match(boss, strange, note="The label was smeared.")
    assert told.status_code == 200, told.text
    assert {name: told.json[name] for name in ("lot", "lot_sent", "state", "line")} == {
        "lot": "A", "lot_sent": "B", "state": "accepted", "line": "L1",
    }  # fmt: skip
    assert floor.standing(strange) == STANDS
    assert floor.count("A")["inspected"] == 10
    assert floor.count("B") is None
    assert [one["meaning"] for one in told.json["signatures"]] == ["inspected", "inspection_matched"]
    listed = boss.done("GET", "/inspections?lot=A")["data"]
    assert [(one["uuid"], one["lot_sent"]) for one in listed] == [(strange, "B")]
    with connected():
        assert broken() == []


def test_a_lot_that_turns_up_afterwards_does_not_take_it_away(floor, boss, strange):
    match(boss, strange)
    floor.lot("B", "MIA")
    floor.plant.work()
    assert floor.get(strange)["lot"] == "A"
    assert floor.count("B") is None


def test_the_maker_of_that_lot_turns_out_to_have_inspected_their_own(floor, mia, boss):
    floor.lot("A", "MIA")
    name = floor.inspect(mia, "B")
    match(boss, name)
    assert floor.standing(name) == ("quarantined", ["self_check"], False, False)
    with connected():
        assert {row.role for row in Participation.select()} == {"maker", "self_check"}


def test_who_inspected_it_or_made_the_lot_leaves_it_to_another_person(floor, mia, boss, strange):
    own = floor.inspect(boss, "C")
    floor.lot("D", "BOSS")
    answers = [match(boss, own), match(boss, strange, "D")]
    assert [(one.status_code, one.json["code"]) for one in answers] == [(409, "same_person")] * 2
    assert [one.json["detail"] for one in answers] == [
        "Who inspected it leaves it to another person to say which lot it was.",
        "Who made the lot leaves it to another person to say that it was this one.",
    ]
    assert floor.standing(strange) == WAITS


def test_it_is_said_once_by_somebody_who_leads_of_a_record_that_waits_for_a_lot_that_is_there(
    floor, mia, ines, omar, boss, strange
):  # fmt: skip
    known = floor.inspect(omar, "A")
    refused = {
        "not a leader": match(omar, strange), "no such lot": match(boss, strange, "Z"),
        "no such record": match(boss, str(uuid.uuid4())), "lot known": match(boss, known),
        "unsigned": boss("POST", f"/inspections/{strange}/match", json={"lot": "A"}),
    }  # fmt: skip
    assert {name: (one.status_code, one.json["code"]) for name, one in refused.items()} == {
        "not a leader": (403, "scope_missing"), "no such lot": (404, "not_found"),
        "no such record": (404, "not_found"), "lot known": (409, "illegal_transition"),
        "unsigned": (422, "validation_failed"),
    }  # fmt: skip
    assert match(boss, strange).status_code == 200
    assert match(boss, strange).json["code"] == "illegal_transition"
    with connected():
        assert Signature.select().where(Signature.meaning == "inspection_matched").count() == 1


# --- lots that were shipped, and units that a lot does not have ---


def test_a_lot_that_had_been_shipped_waits_for_a_word_and_stands_with_it(floor, mia, ines, boss):
    floor.lot("A", "MIA", shipped_at=clock.iso(clock.now() - timedelta(hours=1)))
    name = floor.inspect(ines)
    assert floor.standing(name) == ("unconfirmed", ["lot_shipped", "unmatched"], False, False)
    told = floor.get(name)
    assert told["sentence"] == "It waits for a supervisor's word: its lot had been shipped before it was inspected."
    assert told["notes"] == []
    boss.done("POST", f"/inspections/{name}/confirm", SIGNED)
    assert floor.standing(name) == STANDS


def test_what_was_inspected_before_the_lot_was_shipped_counts_whenever_that_is_told(floor, mia, ines):
    floor.lot("A", "MIA")
    name = floor.inspect(ines)
    floor.lot("A", shipped_at=clock.iso(clock.now()))
    floor.plant.work()
    assert floor.standing(name) == STANDS


def test_a_unit_that_the_lot_does_not_have_waits_until_the_lot_has_it(floor, mia, ines):
    floor.lot("A", "MIA", units=["U-1", "U-2"])
    name = floor.inspect(ines, unit="U-3", units_inspected=1)
    assert floor.standing(name) == ("unconfirmed", ["unit_unknown", "unmatched"], False, False)
    assert floor.get(name)["sentence"] == "It waits for a supervisor's word: its lot has no such unit."
    assert floor.count() is None
    floor.lot("A", units=["U-3"])
    floor.plant.work()
    assert floor.standing(name) == STANDS
    assert floor.count()["inspected"] == 1


def test_a_lot_whose_units_nobody_listed_takes_any(floor, mia, ines):
    floor.lot("A", "MIA")
    assert floor.standing(floor.inspect(ines, unit="U-3", units_inspected=1)) == STANDS


def test_what_several_doubts_hold_back_stands_by_one_word(floor, mia, ines, boss):
    floor.lot("A", "MIA", units=["U-1"], shipped_at=clock.iso(clock.now() - timedelta(hours=1)))
    name, _ = floor.send(ines, record("INES", unit="U-2", units_inspected=1))
    floor.plant.work()
    assert floor.standing(name) == ("unconfirmed", ["lot_shipped", "unit_unknown", "unmatched"], False, False)
    assert floor.get(name)["notes"] == ["Its lot has no such unit."]
    boss.done("POST", f"/inspections/{name}/confirm", SIGNED)
    assert floor.standing(name) == STANDS
