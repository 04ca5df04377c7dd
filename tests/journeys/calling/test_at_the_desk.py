"""A stopped line at the desk: first on the board, in the inbox, on its page until somebody says that it runs again."""

import re
import uuid

import pytest

from qc_service import clock
from tests.reader import Desk
from tests.tablet_life import tablet_of

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

WHY = "The jam is cleared and the guard is back."


@pytest.fixture
def desk(floor, boss) -> Desk:
    """Who leads, in front of the pages."""
    return Desk(floor.life.app, boss.badge)


@pytest.fixture
def stop(floor, ines):
    """The address of a call that stopped the line, and its alert."""
    floor.lot("A", "INES")
    body = {"kind": "stop", "line": "L1", "lot": "A", "check": "tight", "who": "INES"}
    name, now = str(uuid.uuid4()), clock.iso(clock.now())
    answer = tablet_of(floor).call("PUT", f"/v1/calls/{name}", json={**body, "pressed_at": now, "sent_at": now})
    assert answer.status_code == 201, answer.text
    return name


def alert_of(floor):
    floor.plant.work()
    [found] = floor.plant.call("GET", "/v1/alerts?state=all").json["data"]
    return found


def test_a_stopped_line_stands_first_on_the_board_before_and_after_the_workers_have_looked(floor, stop, boss, desk):
    floor.plant.line("A-line", "S1", "Another line")
    desk.get("/")
    assert desk.headline.startswith("1 line needs you.")
    assert desk.text.index("Stopped") < desk.text.index("Another line")
    assert "Name of INES" in desk.text
    assert "nobody yet" in desk.text
    alert = alert_of(floor)
    desk.get("/")
    assert f"/alerts/{alert['id']}" in desk.answer.text
    boss.done("POST", f"/calls/{stop}/answer")
    desk.get("/")
    assert "Name of BOSS" in desk.text


def test_it_is_answered_and_ended_on_the_alerts_page_with_a_reason(floor, stop, boss, desk):
    alert = alert_of(floor)
    desk.get("/inbox")
    assert ("Stopped" in desk.text, "I am coming" in desk.text) == (True, True)
    address = f"/alerts/{alert['id']}"
    desk.get(address)
    assert desk.headline == "Name of INES stopped L1: lot A, check tight."
    assert "/fixes/new?line=" not in desk.answer.text
    assert "Snooze it" not in desk.text
    assert desk.get("/lots/A?site=S1").status_code == 200
    desk.post(f"{address}/ack")
    desk.follow()
    assert "Name of BOSS is coming" in desk.text
    desk.post(f"{address}/resolve", note="ok")
    assert desk.answer.status_code == 422
    assert boss.done("GET", f"/calls/{stop}")["state"] == "answered"
    desk.post(f"{address}/resolve", note=WHY)
    desk.follow()
    assert WHY in desk.text
    assert "The line runs again" not in desk.text
    assert boss.done("GET", f"/calls/{stop}")["ended"]["reason"] == WHY
    desk.get("/")
    assert "Stopped" not in desk.text


def test_its_evidence_is_frozen_and_comes_as_a_file(floor, stop, desk):
    alert = alert_of(floor)
    address = f"/evidence/{alert['evidence']['id']}"
    desk.get(address)
    assert desk.headline == alert["sentence"]
    assert alert["evidence"]["sha256"][:32] in desk.answer.text
    rows = desk.get(f"{address}/lots.csv").text.splitlines()
    assert rows[1].startswith(f"{stop},INES,Name of INES,A,,tight,Tablet 4,")
    assert desk.get(f"{address}/chart.svg").status_code == 404


def test_a_line_is_added_with_the_telephone_of_its_supervisors(floor, boss, desk):
    desk.post("/lines/new", name="Line 9", code="L9", site="S1", phone="1234")
    assert desk.answer.status_code == 303
    assert boss.done("GET", "/lines/L9")["phone"] == "1234"
    desk.post("/lines/new", name="Line 10", code="L10", site="S1", phone="1" * 41)
    assert desk.answer.status_code == 422


def test_the_name_and_the_telephone_of_a_line_are_changed_at_the_desk(floor, boss, desk):
    desk.get("/lines/labels")
    [address] = re.findall(r'/lines/L1/edit[^"]*', desk.answer.text)
    desk.get(address)
    desk.post(address, name="", phone="1234")
    assert desk.answer.status_code == 422
    desk.post(address, name="Filling", phone="1" * 41)
    assert desk.answer.status_code == 422
    desk.post(address, name="Filling", phone="1234")
    assert desk.answer.status_code == 303
    found = boss.done("GET", "/lines/L1")
    assert (found["name"], found["phone"]) == ("Filling", "1234")
    desk.post(address, name="Filling", phone="")
    assert boss.done("GET", "/lines/L1")["phone"] is None
