"""The page of tablets: when each was last heard of, and which of its numbers never arrived."""

import re

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.lines.models import Site
from qc_service.people import access
from tests.floor_life import record
from tests.procedure_life import SIGNED
from tests.reader import Desk
from tests.tablet_life import tablet_of


@pytest.fixture
def desk(floor, boss):
    return Desk(floor.life.app, "BOSS")


def rows(desk):
    """Each row of the table as its words."""
    desk.get("/tablets")
    body = desk.answer.text.partition("<tbody>")[2].partition("</tbody>")[0]
    words = [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in body.split("<tr>")[1:]]
    return [row.partition(" Withdraw")[0] for row in words]


def test_a_plant_without_tablets_is_told_how_one_is_taken_into_use(desk):
    desk.get("/tablets")
    assert "No tablets yet A supervisor takes one into use here, and reads its code with the tablet." in desk.text


def test_those_of_which_something_is_missing_stand_first_with_what_it_is(floor, mia, ines, desk):
    floor.lot("A", "MIA")
    whole, lacking, _ = (tablet_of(floor, name) for name in ("Tablet 1", "Tablet 2", "Tablet 3"))
    for number in (1, 2):
        whole.deliver(record("INES", device_seq=number), None)
    for number in (2, 7, 8, 10, 12, 14, 16, 18, 1200):
        lacking.deliver(record("INES", device_seq=number), None)
    found = rows(desk)
    assert [row.split(" ", 2)[1] for row in found] == ["2", "1", "3"]
    assert found[0].startswith("Tablet 2 1, 3–6, 9, 11, 13 and 3 more ")
    assert found[0].endswith(" 9 1,200")
    assert re.fullmatch(r"Tablet 1 – \d+ \w+ \d+ \d\d:\d\d 2 2", found[1])
    assert found[2] == "Tablet 3 – Never 0 –"
    assert "Tablets of which records never arrived: 1." in desk.text


def test_what_was_explained_is_missing_no_more_and_a_revoked_tablet_goes_when_nothing_is(floor, mia, boss, desk):
    floor.lot("A", "MIA")
    tablet = tablet_of(floor)
    tablet.deliver(record("INES", device_seq=3), None)
    with connected():
        access.revoke_device(audit.COMMAND, tablet.id)
    [row] = rows(desk)
    assert row.startswith("Tablet 4 No longer in use 1–2 ")
    told = {**SIGNED, "first": 1, "last": 2, "reason": "It fell into the brine, and nothing of it could be read."}
    boss.done("POST", f"/devices/{tablet.id}/gaps", told)
    assert rows(desk) == []


def test_tablets_of_other_sites_are_not_there(floor):
    floor.plant.line("L9", "S9")
    with connected():
        access.enrol_device(audit.COMMAND, "Elsewhere", site_id=Site.get(Site.code == "S9").id)
    tablet_of(floor)
    floor.life.somebody("LEAD", "supervisor", site="S1")
    assert [row.split(" –")[0] for row in rows(Desk(floor.life.app, "LEAD"))] == ["Tablet 4"]
