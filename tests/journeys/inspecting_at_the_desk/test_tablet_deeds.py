"""What was done at tablets and did not count, as the supervisors see it on the page of tablets."""

import pytest

from qc_service.db import connected
from qc_service.people.models import Person
from tests.pictures import JPEG, jpeg, sha256
from tests.reader import Desk
from tests.tablet_life import set_pin, tablet_of

PIN, OTHER = "739154", "260483"


@pytest.fixture
def tablet(floor, mia):
    set_pin("MIA", PIN)
    return tablet_of(floor)


def _page(floor, badge="BOSS", path="/tablets"):
    desk = Desk(floor.life.app, badge)
    desk.get(path)
    return desk


def test_who_did_what_when_and_why_it_did_not_count_is_told_with_the_way_to_the_lot(floor, boss, tablet):
    floor.lot("A", units=["U-1"])
    tablet.does("made", "MIA", None, lot="A", unit="U-1")

    desk = _page(floor)

    assert "Deeds that did not count 1" in desk.text
    assert "Made unit U-1 of lot A Name of MIA (MIA) not proved" in desk.text
    assert "That is not the PIN or the card of badge 'MIA'." in desk.text
    assert "Tablet 4" in desk.text
    assert "/lots/A?site=S1" in desk.answer.text


def test_each_kind_is_told_in_its_own_words_and_what_is_missing_is_said_to_be(floor, boss, tablet):
    tablet.does("made", "MIA", PIN, lot="LOST")
    tablet.does("read", "MIA", PIN, procedure="CAN", version=7)
    tablet.does("deviation", "MIA", PIN, procedure="CAN", check="colour")
    tablet.does("step_report", "MIA", PIN, procedure="CAN", version=1, text="It slips.")

    text = _page(floor).text

    for said in (
        "Made lot LOST", "Read version 7 of CAN", "Asked to depart from check colour of CAN",
        "Reported that ? of CAN does not work", "Name either a step or a check.",
        "“It slips.”",
    ):  # fmt: skip
        assert said in text
    assert "not proved" not in text


def test_the_reason_is_told_in_the_reader_s_language(floor, boss, tablet):
    tablet.does("deviation", "MIA", PIN, procedure="LOST")
    with connected():
        Person.update(language="da").where(Person.code == "BOSS").execute()

    text = _page(floor).text

    assert "Et påkrævet felt mangler." in text


def test_one_that_counted_and_should_not_have_been_done_is_told_apart(floor, boss, tablet):
    floor.lot("A")
    floor.person("NEW", "operator", reads=False)
    set_pin("NEW", OTHER)
    tablet.does("made", "NEW", OTHER, lot="A", procedure="CAN", version=1)

    text = _page(floor).text

    assert "Deeds that did not count" not in text
    assert "Counted, and to be looked at 1" in text
    assert "Name of NEW has not read version 1 of CAN: read it and sign." in text


def test_many_of_them_are_leafed_through(floor, boss, tablet):
    for number in range(22):
        tablet.does("made", "MIA", None, lot=f"LOST-{number}")

    first, second = _page(floor), _page(floor, path="/tablets?page=2")

    assert "Deeds that did not count 22" in first.text
    assert "Made lot LOST-21 " in first.text
    assert "Made lot LOST-0 " not in first.text
    assert "Made lot LOST-0 " in second.text


def test_those_of_another_site_are_not_there(floor, boss, tablet):
    floor.plant.line("X1", "S2")
    floor.life.somebody("FAR", "supervisor", site="S2")
    tablet.does("made", "MIA", None, lot="LOST")

    assert "LOST" not in _page(floor, "FAR").text


def test_the_picture_of_a_report_is_shown_to_who_answers_it_once_it_has_come(floor, boss, tablet):
    data = jpeg(1)
    said = {"procedure": "CAN", "version": 1, "check": "tight", "text": "No light there.", "photo": sha256(data)}
    tablet.does("step_report", "MIA", PIN, **said)
    [report] = boss.done("GET", "/step-reports")["data"]
    assert report["photo"] == sha256(data)

    before = _page(floor, path=f"/step-reports/{report['id']}")
    put = tablet.call("PUT", f"/v1/media/{sha256(data)}?site=S1", data=data, headers={"Content-Type": JPEG})
    after = _page(floor, path=f"/step-reports/{report['id']}")

    assert put.status_code == 201
    assert "A picture that has not come:" in before.text
    assert f'src="/pictures/{sha256(data)}"' in after.answer.text


@pytest.mark.parametrize("lot", [["A"], {"a": 1}, "\ud800", "A\x00", "<b>A</b>", 7, None])
def test_whatever_a_tablet_sends_can_be_shown(floor, boss, tablet, lot):
    tablet.does("made", "MIA", PIN, lot=lot, unit=lot)

    desk = _page(floor)

    assert "Deeds that did not count 1" in desk.text
    assert "<b>A" not in desk.answer.text
