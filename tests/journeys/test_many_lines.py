"""Many lines of one plant: which fixes are not holding, beside each line's own flag."""

from html import unescape
from math import log

import pytest

from qc_service.db import connected
from qc_service.flags.models import Listing
from tests.plant import count, hour
from tests.reader import Desk

LINES = ("L1", "L2", "L3")


@pytest.fixture
def lines(plant):
    for code in LINES[1:]:
        assert plant.call("POST", "/v1/lines", {"code": code, "name": code, "site": "S1"}).status_code == 201
    return plant


def of(line, first, last, defects, **more):
    return [count(i, 300, defects, line=line, external_id=f"{line}-{i}", **more) for i in range(first, last)]


def watched(plant, line, after):
    """A line with a fix, and so many lots with so many defects after it."""
    plant.ingest(of(line, 0, 25, 9))
    fix = plant.fix(line=line, in_effect_at=hour(25)[0], promise={"rate": 0.015})
    plant.ingest(of(line, 25, 25 + 12, after))
    plant.work()
    return fix["id"]


def listed(plant):
    return plant.call("GET", "/v1/not-holding").json["data"]


def kept():
    with connected():
        return [(row.fix_id, row.among, row.left_reason) for row in Listing.select().order_by(Listing.entered_at)]


def test_a_fix_that_is_not_holding_enters_the_list_of_its_plant_and_stays(lines):
    bad = watched(lines, "L1", 9)
    good = watched(lines, "L2", 3)

    [entry] = listed(lines)
    assert (entry["line"], entry["fix"], entry["flagged"], entry["among"]) == ("L1", bad, True, 1)
    assert entry["evidence"] >= 10
    lines.ingest(of("L1", 40, 60, 2))  # its later lots are better: it stays, with the evidence of its day
    lines.work()
    assert listed(lines)[0]["evidence"] == entry["evidence"]
    assert good not in [one["fix"] for one in listed(lines)]


def test_among_more_fixes_more_evidence_is_asked_for(lines):
    for line in LINES[1:]:
        watched(lines, line, 3)
    bad = watched(lines, "L1", 9)

    [entry] = listed(lines)
    assert (entry["fix"], entry["among"]) == (bad, 3)
    assert log(entry["evidence"]) >= log(3 / 0.1)


def test_a_correction_that_takes_the_ground_away_ends_the_entry_and_it_is_kept(lines):
    bad = watched(lines, "L1", 9)
    assert len(listed(lines)) == 1

    lines.ingest(of("L1", 25, 37, 3, external_version="2"))
    lines.work()

    assert listed(lines) == []
    assert kept() == [(bad, 1, "corrected")]


def test_another_fix_of_the_same_kind_takes_the_line_off_the_list(lines):
    bad = watched(lines, "L1", 9)

    lines.fix(line="L1", in_effect_at=hour(50)[0], promise={"rate": 0.015}, title="Second try")
    lines.work()

    assert listed(lines) == []
    assert kept() == [(bad, 1, "superseded")]


def test_the_page_tells_the_list_from_what_only_a_line_says(lines, people):
    watched(lines, "L1", 9)
    desk = Desk(people.app)

    desk.get("/")
    desk.get("/not-holding")

    text = unescape(desk.text)
    assert "1 fix is watched." in text
    assert text.index("The plant's list") < text.index("L1 · New nozzle") < text.index("Only their own line says so")
    assert "its line has an alert as well" in text
