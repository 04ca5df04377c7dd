"""A lot at the desk: its makers, its inspections in order, whether it may go on, and what became of its units."""

import re

from tests.floor_life import OK
from tests.procedure_life import PASSWORD
from tests.reader import Desk

BAD = {**OK, "tight": {"value": "defect"}}


def found(units: int, disposition: str) -> dict:
    return {"check": "tight", "defect_code": "LEAK", "units": units, "disposition": disposition}


def test_a_lot_tells_its_makers_units_and_why_it_stays(floor, mia, ines, desk):
    floor.lot("A", "MIA", work_order="WO-7", units=["1", "2"])
    floor.inspect(ines, answers=BAD, nonconformities=[found(2, "rework"), found(1, "scrap"), found(1, "hold")])
    desk.get("/lots/A")
    assert desk.headline == "Lot A"
    assert "Stays here" in desk.text
    for said in (
        "Units are on hold: decide what becomes of them.", "Units were sent to rework: inspect them again.",
        "work order WO-7", "single units known: 2", "Name of MIA (MIA) named by another system",
    ):  # fmt: skip
        assert said in desk.text, said
    assert desk.rows == ["First inspection 10 6 2 1 1"]


def test_units_seen_again_after_rework_are_a_round_of_their_own_and_the_lot_may_go_on(floor, mia, ines, desk):
    floor.lot("A", "MIA")
    first = floor.inspect(ines, answers=BAD, nonconformities=[found(2, "rework")])
    again = floor.inspect(ines, units_inspected=2, reinspects=first)
    desk.get("/lots/A")
    assert "May go on" in desk.text
    assert "A second person has inspected it, and nothing is left to decide." in desk.text
    assert desk.rows == ["First inspection 10 8 2 0 0", "After rework, round 2 2 2 0 0 0"]
    assert re.findall(r'class="item__sentence" href="/inspections/([^"]+)"', desk.answer.text) == [first, again]
    desk.get(f"/inspections/{first}")
    assert "Reworked units were seen again in the inspection of" in desk.text


def test_makers_of_one_unit_or_step_are_named_on_its_page(floor, ines, desk):
    floor.person("OMAR")
    floor.lot("A")
    desk.get("/lots/A")
    assert "Nobody said who made it." in desk.text
    assert "No inspection of it counts yet." in desk.text
    desk.post("/lots/A/makers", makers="OMAR", unit="7", step="seal")
    desk.follow()
    assert "Name of OMAR (OMAR), unit 7, step seal named by a person" in desk.text
    desk.post("/lots/A/makers", makers="NOBODY")
    assert list(desk.errors.values()) == ["Nobody has the badge 'NOBODY'."]


def test_a_code_that_two_sites_have_is_asked_about(floor, mia, desk):
    floor.plant.line("L9", "S2")
    floor.lot("A", "MIA")
    floor.lot("A", "MIA", line="L9", site="S2")
    desk.get("/lots/A")
    assert desk.headline == "Lot A is in several sites."
    assert 'href="/lots/A?site=S2"' in desk.answer.text
    desk.get("/lots/A", site="S2")
    assert "L9" in desk.text
    desk.post("/lots/A/makers?site=S2", makers="BOSS")
    desk.follow()
    assert "Name of BOSS (BOSS)" in desk.text
    assert desk.get("/lots/NONE").status_code == 404


def test_an_operator_reads_a_lot_and_names_who_made_it(floor, mia, desk):
    floor.lot("A")
    floor.life.somebody("OLAF", "operator", site="S1")
    olaf = Desk(floor.life.app, "OLAF")
    olaf.get("/lots/A")
    olaf.post("/lots/A/makers", makers="OLAF MIA")
    olaf.follow()
    assert "Name of OLAF (OLAF)" in olaf.text
    assert olaf.post("/inspections/00000000-0000-4000-8000-000000000000/confirm", password=PASSWORD).status_code in (
        403,
        404,
    )
