"""Stop the line, and come here: taken however it is pressed, one alert of each kind a line, answered and ended once."""

import uuid
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from qc_service import audit, clock
from qc_service.alerts.models import Alert, AlertLog, Notification
from qc_service.calls.models import LineCall
from qc_service.db import connected
from qc_service.flags.models import Flag
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.verify import verify
from tests.tablet_life import tablet_of

WHY = {"reason": "The jam is cleared and the guard is back."}
LATER = timedelta(minutes=3)


@pytest.fixture
def tablet(floor):
    return tablet_of(floor)


@pytest.fixture
def mailed(floor, postbox):
    """Lets the workers do what they have to, and gives to whom what was mailed since."""
    floor.plant.app.config["QC"] = replace(floor.plant.app.config["QC"], smtp_url=postbox.url)
    with connected():
        for person in Person.select().where(Person.code.in_(["BOSS", "HEAD"])):
            with audit.change(audit.COMMAND, "person.changed", follow=False) as change:
                change.update(person, email=f"{person.code.lower()}@example.com")

    def delivered():
        floor.plant.work()
        mails = [(one.rcpt_tos[0].partition("@")[0], message_from_bytes(one.content, policy=policy.default))
                 for one in postbox.mails]  # fmt: skip
        postbox.mails.clear()
        return sorted((who, mail["Subject"], mail.get_body(("plain",)).get_content()) for who, mail in mails)

    return delivered


def told(kind="stop", *, waited=timedelta(), ahead=timedelta(), **more):
    """A call as a tablet sends it whose clock is `ahead`, after it has waited so long."""
    sent = clock.now() + ahead
    return {"kind": kind, "line": "L1", "pressed_at": clock.iso(sent - waited), "sent_at": clock.iso(sent), **more}


def press(tablet, body=None, *, at=None, status=201):
    name = at or str(uuid.uuid4())
    answer = tablet.call("PUT", f"/v1/calls/{name}", json=body or told(who="INES"))
    assert answer.status_code == status, answer.text
    return name


def call(tablet, name):
    answer = tablet.call("GET", f"/v1/calls/{name}")
    assert answer.status_code == 200, answer.text
    return answer.json


def alerts(floor, query="state=open"):
    return floor.plant.call("GET", f"/v1/alerts?{query}").json["data"]


def whole() -> bool:
    with connected():
        return list(verify()) == []


# --- from the press to the line that runs again ---


def test_a_stop_is_one_alert_that_says_who_stopped_what_and_ends_when_the_line_runs_again(
    floor, ines, boss, chief, tablet, mailed
):
    mailed()
    name = press(tablet, told(who="INES", lot="A", procedure="CAN", check="tight"))
    mails = mailed()

    [alert] = alerts(floor)
    sentence = "Name of INES stopped L1: lot A, CAN, check tight."
    assert (alert["kind"], alert["severity"], alert["state"]) == ("line_stopped", "critical", "firing")
    assert (alert["sentence"], alert["line"], alert["measure"], alert["fix"]) == (sentence, "L1", None, None)
    assert [(who, subject) for who, subject, _ in mails] == [("boss", sentence), ("head", sentence)]
    assert "Tablet 4" in mails[0][2]
    assert "says when the line runs again" in mails[0][2]
    document = floor.plant.call("GET", alert["evidence"]["url"]).json["document"]
    assert [(one["uuid"], one["badge"], one["check"]) for one in document["calls"]] == [(name, "INES", "tight")]
    table = floor.plant.call("GET", alert["evidence"]["url"], headers={"Accept": "text/csv"}).text
    assert name in table
    found = call(tablet, name)
    assert (found["state"], found["who"]) == ("open", {"badge": "INES", "name": "Name of INES"})
    assert (found["alert"], [one["name"] for one in found["told"]]) == (alert["id"], ["Name of BOSS", "Name of HEAD"])
    assert [(one["name"], "no e-mail" in one["why"]) for one in found["not_told"]] == [
        ("Name of AUTHOR", True), ("Name of CHIEF", True),
    ]  # fmt: skip

    assert boss.done("POST", f"/calls/{name}/answer")["state"] == "answered"
    assert [one["badge"] for one in call(tablet, name)["answers"]] == ["BOSS"]
    [taken] = alerts(floor)
    assert (taken["state"], taken["ack"]["name"]) == ("acknowledged", "Name of BOSS")

    ended = chief.done("POST", f"/calls/{name}/end", WHY)
    assert (ended["state"], ended["ended"]["badge"], ended["ended"]["reason"]) == ("ended", "HEAD", WHY["reason"])
    mails = mailed()
    assert [(who, subject) for who, subject, _ in mails] == [
        ("boss", f"Resolved: {sentence}"), ("head", f"Resolved: {sentence}"),
    ]  # fmt: skip
    assert WHY["reason"] in mails[0][2]
    assert alerts(floor) == []
    assert [one["name"] for one in call(tablet, name)["told"]] == ["Name of BOSS", "Name of HEAD"]
    with connected():
        assert [flag.state for flag in Flag.select()] == ["closed"]
    assert whole()


def test_taking_the_alert_is_the_answer_and_closing_it_says_that_the_line_runs_again(floor, ines, boss, tablet):
    name = press(tablet)
    floor.plant.work()
    [alert] = alerts(floor)

    boss.done("POST", f"/alerts/{alert['id']}/ack", {})
    assert [one["badge"] for one in call(tablet, name)["answers"]] == ["BOSS"]
    boss.done("POST", f"/alerts/{alert['id']}/resolve", WHY)
    assert call(tablet, name)["state"] == "ended"
    floor.plant.work()
    [closed] = alerts(floor, "state=resolved")
    assert (closed["resolve_reason"], closed["episode"]) == (WHY["reason"], 1)
    assert whole()


def test_a_system_may_neither_stop_a_line_nor_say_that_it_runs_again(floor, ines, tablet):
    name = press(tablet)
    floor.plant.work()
    [alert] = alerts(floor)

    for method, path, body in (
        ("PUT", f"/v1/calls/{uuid.uuid4()}", told()), ("POST", f"/v1/calls/{name}/end", WHY),
        ("POST", f"/v1/alerts/{alert['id']}/resolve", WHY), ("POST", f"/v1/calls/{name}/answer", None),
    ):  # fmt: skip
        answer = floor.plant.call(method, path, body)
        assert (answer.status_code, answer.json["code"]) == (403, "scope_missing"), path
    assert floor.plant.call("POST", f"/v1/alerts/{alert['id']}/ack", {}).status_code == 200
    assert call(tablet, name)["state"] == "open"  # a system has heard of it, and comes nowhere


def test_who_calls_for_help_opens_another_alert_beside_the_stop(floor, ines, boss, tablet):
    stop = press(tablet)
    help_ = press(tablet, told("help", who="INES"))
    floor.plant.work()

    found = {one["kind"]: one for one in alerts(floor)}
    assert {kind: one["severity"] for kind, one in found.items()} == {
        "line_stopped": "critical", "help_called": "warning",
    }  # fmt: skip
    assert found["help_called"]["sentence"] == "Name of INES calls for help at L1."
    boss.done("POST", f"/calls/{help_}/end", {"reason": "Showed how the gauge is read."})
    floor.plant.work()
    assert [one["kind"] for one in alerts(floor)] == ["line_stopped"]
    assert call(tablet, stop)["state"] == "open"


# --- pressed twice, by several, again ---


def test_the_same_press_sent_again_is_the_same_call_and_another_one_under_its_address_is_refused(floor, ines, tablet):
    body = told(who="INES")
    name = press(tablet, body)
    again = {**body, "sent_at": clock.iso(clock.now() + timedelta(seconds=30))}
    press(tablet, again, at=name, status=200)
    press(tablet, again, at=name.upper(), status=200)

    answer = tablet.call("PUT", f"/v1/calls/{name}", json={**body, "kind": "help"})
    assert (answer.status_code, answer.json["code"]) == (409, "revision_conflict")
    floor.plant.work()
    [alert] = alerts(floor)
    assert alert["occurrences"] == 1
    with connected():
        assert LineCall.select().count() == 1


def test_who_presses_while_the_line_stands_joins_the_alert_and_nobody_is_told_twice(
    floor, ines, mia, boss, tablet, mailed
):
    mailed()
    first = press(tablet)
    assert [who for who, _, _ in mailed()] == ["boss"]
    second = press(tablet, told(who="MIA"))
    assert mailed() == []

    [alert] = alerts(floor)
    assert (alert["sentence"], alert["occurrences"]) == ("Name of INES stopped L1.", 2)
    assert "Pressed again since: 1." in alert["explanation"]
    assert [one["name"] for one in call(tablet, second)["told"]] == ["Name of BOSS"]
    boss.done("POST", f"/calls/{second}/answer")
    boss.done("POST", f"/calls/{second}/end", WHY)
    assert [call(tablet, name)["state"] for name in (first, second)] == ["ended", "ended"]


def test_a_line_that_is_stopped_again_alarms_anew_whatever_the_workers_have_done_by_then(
    floor, ines, boss, tablet, mailed
):
    mailed()
    name = press(tablet)
    assert [who for who, _, _ in mailed()] == ["boss"]
    boss.done("POST", f"/calls/{name}/end", WHY)
    again = press(tablet)  # the workers have not looked since
    mails = mailed()

    [alert] = alerts(floor)
    assert (alert["state"], alert["episode"], alert["ack"]) == ("firing", 2, None)
    assert {call(tablet, one)["state"] for one in (name, again)} == {"ended", "open"}
    assert [one["uuid"] for one in floor.plant.call("GET", "/v1/calls?state=open").json["data"]] == [again]
    said = "Name of INES stopped L1."
    assert [(who, subject) for who, subject, _ in mails] == [("boss", said), ("boss", f"Resolved: {said}")]
    with connected():
        log = [row.what for row in AlertLog.select().order_by(AlertLog.number) if not row.what.startswith("notif")]
    assert log == ["fired", "resolved", "reopened"]
    assert whole()


def test_what_is_over_before_a_worker_looks_alarms_nobody(floor, ines, boss, tablet):
    name = press(tablet)
    boss.done("POST", f"/calls/{name}/end", WHY)
    floor.plant.work()

    assert alerts(floor, "state=all") == []
    assert call(tablet, name)["state"] == "ended"


# --- late, and by a clock that is wrong ---


def test_what_comes_late_is_history_and_never_an_alarm(floor, ines, boss, tablet):
    name = press(tablet, told(waited=LATER, who="INES"))
    floor.plant.work()

    assert alerts(floor, "state=all") == []
    found = call(tablet, name)
    assert (found["late"], found["state"], found["told"]) == (True, "late", [])
    assert [one["uuid"] for one in boss.done("GET", "/calls")["data"]] == [name]
    assert boss.done("GET", "/calls?state=open")["data"] == []
    for path, body in ((f"/calls/{name}/answer", None), (f"/calls/{name}/end", WHY)):
        assert boss.refused("POST", path, body) == (409, "illegal_transition")
    assert whole()


def test_an_earlier_press_that_comes_after_a_later_one_is_history_and_leaves_the_alert_alone(floor, ines, mia, tablet):
    fresh = press(tablet, told(who="MIA"))
    floor.plant.work()
    press(tablet, told(waited=LATER, who="INES"))
    floor.plant.work()

    [alert] = alerts(floor)
    assert (alert["sentence"], alert["occurrences"]) == ("Name of MIA stopped L1.", 1)
    assert call(tablet, fresh)["state"] == "open"


@pytest.mark.parametrize("ahead", [timedelta(days=-1), timedelta(hours=5)])
def test_a_tablet_whose_clock_is_wrong_stops_the_line_all_the_same(floor, ines, tablet, ahead):
    name = press(tablet, told(ahead=ahead, who="INES"))
    assert call(tablet, name)["late"] is False


def test_a_clock_that_was_set_while_the_call_waited_makes_it_history(floor, ines, tablet):
    name = press(tablet, told(waited=-LATER, who="INES"))
    assert call(tablet, name)["late"] is True


# --- who ---


def test_a_stop_is_taken_whoever_pressed(floor, ines, tablet):
    with connected():
        staff.deactivate_person(audit.COMMAND, staff.person_with("INES").id)
    gone = press(tablet, told(who="INES"))
    nobody = press(tablet, told("help"))
    floor.plant.work()

    assert call(tablet, gone)["who"] == {"badge": "INES", "name": None}
    assert call(tablet, nobody)["who"] is None
    assert sorted(one["sentence"] for one in alerts(floor)) == [
        "Badge INES stopped L1.", "Somebody at Tablet 4 calls for help at L1.",
    ]  # fmt: skip


def test_who_is_signed_in_calls_in_their_own_name_and_in_no_other(floor, ines, boss):
    name = str(uuid.uuid4())
    assert ines.refused("PUT", f"/calls/{name}", told(who="BOSS")) == (422, "validation_failed")
    assert ines.done("PUT", f"/calls/{name}", told())["who"]["badge"] == "INES"
    assert ines.refused("POST", f"/calls/{name}/answer") == (403, "scope_missing")
    assert ines.refused("POST", f"/calls/{name}/end", WHY) == (403, "scope_missing")


def test_a_supervisor_who_stops_the_line_is_not_told_of_it(floor, boss, chief, mailed):
    mailed()
    boss.done("PUT", f"/calls/{uuid.uuid4()}", told())
    assert [who for who, _, _ in mailed()] == ["head"]


# --- another site, twice, without a reason ---


def test_a_line_of_another_site_is_not_there(floor, ines, boss, tablet):
    floor.plant.line("X1", "S2")
    away = floor.life.somebody("AWAY", "supervisor", site="S2")
    name = press(tablet)

    answer = tablet.call("PUT", f"/v1/calls/{uuid.uuid4()}", json=told(line="X1"))
    assert (answer.status_code, answer.json["code"]) == (422, "unknown_ref")
    assert away.refused("GET", f"/calls/{name}") == (404, "not_found")
    assert away.refused("POST", f"/calls/{name}/answer") == (404, "not_found")
    assert away.refused("PUT", f"/calls/{name}", {**told(), "line": "X1"}) == (404, "not_found")
    assert away.done("GET", "/calls")["data"] == []
    assert tablet.call("GET", "/v1/calls/not-a-uuid").status_code == 404
    with connected():
        assert LineCall.select().count() == 1


def test_who_answers_twice_is_on_the_way_once_and_a_second_one_comes_too(floor, ines, boss, chief, tablet):
    name = press(tablet)
    floor.plant.work()
    first = boss.done("POST", f"/calls/{name}/answer")
    assert boss.done("POST", f"/calls/{name}/answer") == first
    assert [one["badge"] for one in chief.done("POST", f"/calls/{name}/answer")["answers"]] == ["BOSS", "HEAD"]
    with connected():
        assert Alert.get().acknowledged_name == "Name of HEAD"


def test_nothing_is_ended_without_a_reason_or_twice_and_who_is_late_is_told_so(floor, ines, boss, chief, tablet):
    name = press(tablet)
    floor.plant.work()
    for body in ({}, {"reason": ""}, {"reason": "ok"}):
        assert boss.refused("POST", f"/calls/{name}/end", body) == (422, "validation_failed")
    assert call(tablet, name)["state"] == "open"

    done = boss.done("POST", f"/calls/{name}/end", WHY)
    assert boss.done("POST", f"/calls/{name}/end", WHY)["ended"] == done["ended"]
    assert chief.refused("POST", f"/calls/{name}/end", WHY) == (409, "illegal_transition")
    assert chief.refused("POST", f"/calls/{name}/answer") == (409, "illegal_transition")
    assert whole()


def test_a_withdrawn_tablet_stops_nothing(floor, boss, tablet):
    boss("DELETE", f"/devices/{tablet.id}")
    assert tablet.call("PUT", f"/v1/calls/{uuid.uuid4()}", json=told()).status_code == 401
    with connected():
        assert (LineCall.select().count(), Notification.select().count()) == (0, 0)


def test_a_line_says_whom_to_ring(floor, boss, tablet):
    assert boss.done("PATCH", "/lines/L1", {"phone": "1234"})["phone"] == "1234"
    assert boss.done("PATCH", "/lines/L1", {"name": "Line 1"})["phone"] == "1234"
    assert call(tablet, press(tablet))["phone"] == "1234"
    assert tablet.call("GET", "/v1/floor/station?line=L1").json["line"]["phone"] == "1234"
    assert boss.done("PATCH", "/lines/L1", {"phone": None})["phone"] is None
