"""A record is never changed: it is corrected by another one, or made void, and each of that takes two people."""

import pytest

from tests.floor_life import OK
from tests.procedure_life import SIGNED

BAD = {**OK, "tight": {"value": "defect"}}
WHY = "I looked at the wrong seam."


@pytest.fixture
def first(floor, mia, ines):
    floor.lot("A", "MIA")
    return floor.inspect(ines, answers=BAD)


def test_a_correction_takes_the_place_once_another_person_gave_their_word(floor, ines, boss, first):
    second = floor.inspect(ines, amends=first, reason=WHY)
    assert floor.standing(second) == ("unconfirmed", ["correction_unconfirmed"], False, False)
    assert floor.standing(first) == ("accepted", [], True, True)
    boss.done("POST", f"/inspections/{second}/confirm", SIGNED)
    assert floor.standing(second) == ("accepted", [], True, True)
    assert floor.standing(first) == ("superseded", [], False, False)
    assert floor.count()["defective"] == 0
    assert floor.get(second)["amends"] == first


def test_nobody_confirms_their_own_correction_nor_one_of_what_they_made(floor, ines, first):
    lead = floor.person("LEAD", "supervisor", "inspector")
    second = floor.inspect(lead, amends=first, reason=WHY)
    assert lead.refused("POST", f"/inspections/{second}/confirm", SIGNED) == (409, "same_person")
    maker = floor.person("MAKER", "supervisor")
    floor.lot("A", "MAKER")
    assert maker.refused("POST", f"/inspections/{second}/confirm", SIGNED) == (409, "same_person")


def test_one_record_is_corrected_once_and_then_its_correction_is(floor, ines, boss, first):
    names = [floor.inspect(ines, amends=first, reason=WHY) for _ in range(2)]
    boss.done("POST", f"/inspections/{names[0]}/confirm", SIGNED)
    assert boss.refused("POST", f"/inspections/{names[1]}/confirm", SIGNED) == (409, "illegal_transition")
    third = floor.inspect(ines, amends=names[0], reason=WHY, answers=BAD)
    boss.done("POST", f"/inspections/{third}/confirm", SIGNED)
    assert [floor.get(name)["state"] for name in (first, names[0], third)] == ["superseded", "superseded", "accepted"]
    assert floor.count()["defective"] == 1


def test_a_correction_that_moves_a_record_to_its_right_lot_moves_its_numbers(floor, ines, boss, first):
    floor.lot("B", "MIA")
    second = floor.inspect(ines, lot="B", amends=first, reason="It was the other lot.")
    boss.done("POST", f"/inspections/{second}/confirm", SIGNED)
    assert floor.get(first)["state"] == "superseded"
    assert floor.count("A")["inspected"] is None
    assert floor.count("B")["inspected"] == 10


def test_a_record_is_void_once_a_second_person_agrees_and_stays_to_be_read(floor, ines, boss, first):
    asked = {**SIGNED, "reason": WHY}
    ines.done("POST", f"/inspections/{first}/void", asked)
    assert floor.standing(first) == ("accepted", [], True, True)
    assert ines.refused("POST", f"/inspections/{first}/void", asked) == (409, "illegal_transition")
    assert boss.done("POST", f"/inspections/{first}/void/agree", SIGNED)["state"] == "void"
    assert floor.standing(first) == ("void", [], False, False)
    assert floor.count()["inspected"] is None
    assert floor.release() == ("hold", ["no_second_person"])
    told = [(one["badge"], one["meaning"], one["method"]) for one in floor.get(first)["signatures"]]
    assert told == [
        ("INES", "inspected", "session"), ("INES", "inspection_void_asked", "password"),
        ("BOSS", "inspection_voided", "password"),
    ]  # fmt: skip


def test_an_inspector_asks_only_for_their_own_record_and_nobody_agrees_with_themselves(floor, ines, boss, first):
    omar = floor.person("OMAR")
    assert omar.refused("POST", f"/inspections/{first}/void", {**SIGNED, "reason": WHY}) == (403, "scope_missing")
    assert boss.refused("POST", f"/inspections/{first}/void/agree", SIGNED) == (409, "illegal_transition")
    boss.done("POST", f"/inspections/{first}/void", {**SIGNED, "reason": WHY})
    assert boss.refused("POST", f"/inspections/{first}/void/agree", SIGNED) == (409, "same_person")


def test_nobody_corrects_another_sites_record_and_another_lots_units_are_not_reworked_here(floor, ines, boss, first):
    floor.plant.line("M1", "S2")
    floor.plant.call("PUT", "/v1/lots/FAR", {"line": "M1", "quantity": 10, "makers": ["MIA"]})
    floor.lot("B", "MIA")
    far = floor.plant.call("PUT", "/v1/inspections/6f1c0f0e-0000-4000-8000-000000000001", {
        "lot": "FAR", "procedure": "CAN", "version": 1, "inspector": "INES", "answers": OK, "units_inspected": 10,
        "observed_at": "2026-01-05T06:00:00Z", "amends": first,
    })  # fmt: skip
    assert far.status_code == 201, far.text
    floor.plant.work()
    assert "unmatched" in floor.get(far.json["receipt"])["reasons"]
    assert floor.get(far.json["receipt"])["amends"] is None
    assert "unmatched" in floor.standing(floor.inspect(ines, lot="B", reinspects=first))[1]
