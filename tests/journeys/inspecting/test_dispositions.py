"""Units that do not conform: what becomes of them, at once and later, and how that reaches the line's numbers."""

from datetime import timedelta

from qc_service import clock
from tests.floor_life import OK
from tests.procedure_life import SIGNED

BAD = {**OK, "tight": {"value": "defect"}}


def found(units: int, disposition: str, **more) -> dict:
    return {"check": "tight", "defect_code": "LEAK", "units": units, "disposition": disposition, **more}


def units_of(floor, name: str) -> tuple[int, ...]:
    units = floor.get(name)["units"]
    assert units["accepted"] + units["rework"] + units["scrap"] + units["hold"] == units["inspected"]
    return tuple(units[one] for one in ("inspected", "defective", "accepted", "rework", "scrap", "hold"))


def test_units_go_where_the_inspector_says_and_into_the_numbers(floor, mia, ines):
    floor.lot("A", "MIA")
    parts = [found(2, "rework"), found(1, "scrap"), found(1, "return"), found(1, "hold")]
    name = floor.inspect(ines, answers=BAD, nonconformities=parts)
    assert floor.get(name)["result"] == "fail"
    assert units_of(floor, name) == (10, 5, 5, 2, 2, 1)
    count = floor.count()
    assert (count["inspected"], count["defective"], count["reworked"]) == (10, 5, 2)
    assert [(one["code"], one["units"]) for one in count["defects"]] == [("LEAK", 5)]
    assert floor.release() == ("hold", ["units_on_hold", "units_in_rework"])


def test_a_defect_of_which_nobody_says_more_is_one_unit_on_hold(floor, mia, ines):
    floor.lot("A", "MIA")
    name = floor.inspect(ines, answers=BAD)
    assert units_of(floor, name) == (10, 1, 9, 0, 0, 1)
    [one] = floor.get(name)["nonconformities"]
    assert (one["implied"], one["defect_code"], one["disposition"]) == (True, "LEAK", "hold")


def test_more_units_than_were_inspected_wait_for_a_persons_word(floor, mia, ines):
    floor.lot("A", "MIA")
    name = floor.inspect(ines, answers=BAD, nonconformities=[found(11, "scrap")])
    assert floor.standing(name) == ("unconfirmed", ["too_many_units"], False, False)
    assert units_of(floor, name) == (10, 10, 0, 0, 0, 10)


def test_one_unit_with_several_defects_is_one_unit_and_the_strictest_word_holds(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    parts = [found(1, "rework"), found(1, "scrap"), found(1, "hold", defect_code="DENT")]
    name = floor.inspect(ines, unit="U-1", units_inspected=1, answers=BAD, nonconformities=parts)
    assert floor.standing(name) == ("accepted", [], True, True)
    assert units_of(floor, name) == (1, 1, 0, 0, 1, 0)
    count = floor.count()
    assert (count["inspected"], count["defective"]) == (1, 1)
    assert [(one["code"], one["units"]) for one in count["defects"]] == [("DENT", 1), ("LEAK", 1)]

    scrapped = floor.get(name)["nonconformities"][1]["id"]
    body = {**SIGNED, "disposition": "rework", "units": 1, "reason": "The seam can be closed again."}
    boss.done("POST", f"/nonconformities/{scrapped}/dispositions", body)
    assert units_of(floor, name) == (1, 1, 0, 0, 0, 1)


def test_units_on_hold_are_decided_about_in_parts_and_none_is_lost(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    name = floor.inspect(ines, answers=BAD, nonconformities=[found(4, "hold")])
    [one] = floor.get(name)["nonconformities"]
    address = f"/nonconformities/{one['id']}/dispositions"
    body = {**SIGNED, "disposition": "rework", "units": 3, "reason": "The seam can be closed again."}
    assert boss.done("POST", address, body)["nonconformities"][0]["now"] == {"hold": 1, "rework": 3}
    assert units_of(floor, name) == (10, 4, 6, 3, 0, 1)
    assert floor.count()["reworked"] == 3
    vague = {**SIGNED, "disposition": "scrap", "reason": "Cannot be mended."}
    assert boss.refused("POST", address, vague) == (422, "validation_failed")
    assert boss.refused("POST", address, {**vague, "was": "hold", "units": 2}) == (422, "validation_failed")
    boss.done("POST", address, {**vague, "was": "hold"})
    assert units_of(floor, name) == (10, 4, 6, 3, 1, 0)
    assert [one["meaning"] for one in floor.get(name)["signatures"]] == [
        "inspected",
        "units_disposed",
        "units_disposed",
    ]


def test_units_are_used_as_they_are_by_a_deviation_or_else_held(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    asked = ines.done("POST", "/deviations", {
        "procedure": "CAN", "check": "tight", "line": "L1", "reason": "The seam is tight enough.", "quantity": 3,
        "expires_at": clock.iso(clock.now() + timedelta(days=1)),
    })  # fmt: skip
    boss.done("POST", f"/deviations/{asked['id']}/decide", {**SIGNED, "grant": True, "note": "For once."})
    parts = [
        found(2, "use_as_is", deviation=asked["id"]),
        found(1, "use_as_is"),
        found(2, "use_as_is", deviation=asked["id"]),
    ]
    name = floor.inspect(ines, answers=BAD, nonconformities=parts)
    assert units_of(floor, name) == (10, 5, 7, 0, 0, 3)
    assert floor.standing(name) == ("accepted", ["deviation_missing"], True, True)
    kept = [(one["asked"], one["disposition"]) for one in floor.get(name)["nonconformities"]]
    assert kept == [("use_as_is", "use_as_is"), ("use_as_is", "hold"), ("use_as_is", "hold")]
    assert ines.done("GET", f"/deviations/{asked['id']}")["used"] == 2


def test_reworked_units_are_inspected_again_in_a_round_of_their_own_and_count_once(floor, mia, ines):
    floor.lot("A", "MIA")
    first = floor.inspect(ines, answers=BAD, nonconformities=[found(2, "rework")])
    assert floor.release() == ("hold", ["units_in_rework"])
    again = floor.inspect(ines, units_inspected=2, reinspects=first)
    assert floor.get(again)["round"] == 2
    assert floor.count()["inspected"] == 10
    assert floor.release() == ("allow", [])


def test_whoever_reworked_is_a_maker_and_no_second_person_of_the_next_round(floor, mia, ines):
    omar = floor.person("OMAR")
    floor.lot("A", "MIA")
    first = floor.inspect(ines, answers=BAD, nonconformities=[found(2, "rework")])
    omar.done("POST", "/lots/A/makers", {"makers": ["OMAR"], "step": "seal"})
    again = floor.inspect(omar, units_inspected=2, reinspects=first)
    assert floor.standing(again) == ("quarantined", ["self_check"], False, False)
    assert floor.release() == ("hold", ["units_in_rework"])
