"""Lots that are on hold for one cause are one alert of their site, from the first of them until the last is let go."""

import threading
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from qc_service import audit, clock
from qc_service.alerts.models import Alert, AlertLog, Notification
from qc_service.db import connected
from qc_service.flags.models import Flag
from qc_service.lots.models import LotHold
from qc_service.people.models import Person
from qc_service.verify import verify
from tests.procedure_life import SIGNED
from workers.tasks import holds as task

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
WITHDRAW = ("POST", "/procedures/CAN/versions/1/withdraw", {**SIGNED, "reason": "The seam head is cracked."})
WHY = {"reason": "Two cans leaked on the pallet."}


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
        mails = [(one.rcpt_tos[0].partition("@")[0], _text(one.content)) for one in postbox.mails]
        postbox.mails.clear()
        return sorted(mails)

    return delivered


def _text(content: bytes) -> str:
    found = message_from_bytes(content, policy=policy.default)
    return found["Subject"] + " " + found.get_body(("plain",)).get_content()


def alerts(floor, query="state=open"):
    return floor.plant.call("GET", f"/v1/alerts?{query}").json["data"]


def inspected(floor, ines, *lots):
    for lot in lots:
        floor.lot(lot, "MIA")
        floor.inspect(ines, lot)


def let_go(floor, boss, chief, *lots):
    for lot in lots:
        boss.done("POST", f"/lots/{lot}/release", {**SIGNED, "reason": "Every can was pressed again."})
        chief.done("POST", f"/lots/{lot}/release/agree", SIGNED)
    floor.plant.work()


def log(alert):
    with connected():
        rows = AlertLog.select().where(AlertLog.alert_id == alert["id"]).order_by(AlertLog.number)
        return [row.what for row in rows if not row.what.startswith("notif")]


def whole() -> bool:
    with connected():
        return list(verify()) == []


def test_a_withdrawn_version_is_one_alert_about_all_its_lots_until_the_last_is_let_go(
    floor, mia, ines, boss, chief, mailed
):
    inspected(floor, ines, "A", "B")
    mailed()
    boss.done(*WITHDRAW)
    mails = mailed()
    [alert] = alerts(floor)
    sentence = "L1, CAN version 1 withdrawn: 2 lots on hold. Two quality managers let each go."
    assert (alert["kind"], alert["severity"], alert["state"]) == ("lots_held", "error", "firing")
    assert (alert["sentence"], alert["lots"], alert["line"], alert["site"]) == (sentence, 2, None, "S1")
    assert alert["cause"] == {
        "kind": "version_withdrawn", "procedure": "CAN", "version": 1, "url": "/v1/procedures/CAN/versions/1",
    }  # fmt: skip
    assert boss("GET", alert["cause"]["url"].removeprefix("/v1")).status_code == 200
    assert [who for who, text in mails if sentence in text] == ["boss", "head"]
    assert not [text for _, text in mails if "on hold." in text and sentence not in text]
    document = floor.plant.call("GET", alert["evidence"]["url"]).json["document"]
    assert [(one["lot"], one["line"]) for one in document["lots"]] == [("A", "L1"), ("B", "L1")]
    assert boss("GET", document["lots"][0]["url"].removeprefix("/v1")).status_code == 200
    assert [one["id"] for one in alerts(floor, "line=L1")] == [alert["id"]]

    let_go(floor, boss, chief, "A")
    [still] = alerts(floor)
    assert (still["id"], still["lots"], log(still)) == (alert["id"], 1, ["fired", "updated"])
    assert "1 of 2 lots on hold" in still["sentence"]
    assert mailed() == []

    let_go(floor, boss, chief, "B")
    assert alerts(floor) == []
    [closed] = alerts(floor, "state=resolved")
    assert (closed["resolve_reason"], closed["resolved_by"]) == ("The last of its lots was let go.", "system:worker")
    assert [(who, text.startswith("Resolved:")) for who, text in mailed()] == [("boss", True), ("head", True)]

    floor.lot("A", "HEAD")  # who let it go made it: it is on hold again
    floor.plant.work()
    [again] = alerts(floor)
    assert (again["id"], again["episode"], again["lots"]) == (alert["id"], 2, 1)
    [flag] = floor.plant.call("GET", "/v1/flags?kind=lots_held").json["data"]
    assert (flag["line"], flag["lots"], flag["cause"]["version"]) == (None, 1, 1)
    assert whole()


def test_what_is_held_later_for_the_same_cause_is_the_same_alert_and_fires_anew_only_if_it_was_closed(
    floor, mia, ines, boss, chief, mailed
):
    inspected(floor, ines, "A")
    boss.done(*WITHDRAW)
    mailed()
    [alert] = alerts(floor)
    boss.done("POST", f"/alerts/{alert['id']}/ack", {})
    boss.done("POST", f"/alerts/{alert['id']}/comment", {"text": "The seam head is being changed."})
    for lot in ("B", "C"):  # a tablet was offline, and brings what was done by the version after it was withdrawn
        floor.lot(lot, "MIA")
        floor.inspect(ines, lot)
    assert [who for who, text in mailed() if "used past its time: 1 lot on hold" in text] == ["boss", "head"]
    late, first = sorted(alerts(floor), key=lambda one: one["cause"]["kind"])
    assert (first["id"], first["state"], first["lots"]) == (alert["id"], "acknowledged", 1)
    assert (late["cause"]["kind"], late["lots"], late["occurrences"]) == ("inspection", 2, 2)
    assert "CAN version 1 used past its time: 2 lots on hold" in late["sentence"]

    boss.done("POST", f"/alerts/{late['id']}/snooze", {"for_minutes": 10})
    boss.done("POST", f"/alerts/{late['id']}/resolve", {"reason": "Somebody looks after these lots."})
    floor.plant.work()
    floor.lot("D", "MIA")
    floor.inspect(ines, "D")
    mails = mailed()
    [again] = [one for one in alerts(floor) if one["id"] == late["id"]]
    assert (again["state"], again["episode"], again["lots"]) == ("firing", 2, 3)
    assert [who for who, text in mails if "3 lots on hold" in text] == ["boss", "head"]
    assert whole()


def test_a_gauge_that_is_found_out_of_tolerance_is_an_alert_of_its_calibration(floor, mia, ines, boss, chief):
    floor.measured_badly(ines, boss, "A", "B")
    [alert] = alerts(floor)
    assert alert["sentence"].startswith("L1, gauge G-1 out of tolerance: 2 lots on hold.")
    assert alert["cause"] == {"kind": "gauge", "gauge": "G-1", "url": "/v1/gauges/G-1?site=S1"}
    let_go(floor, boss, chief, "A", "B")
    assert alerts(floor) == []


def test_who_leads_hears_what_somebody_put_on_hold_and_who_said_so_does_not(floor, mia, boss, chief, mailed):
    floor.lot("A", "MIA")
    mailed()
    boss.done("POST", "/lots/A/hold", WHY)
    [(who, text)] = mailed()
    assert who == "head"
    assert "L1, “Two cans leaked on the pallet”: 1 lot on hold." in text
    [alert] = alerts(floor)
    assert (alert["severity"], alert["cause"]) == ("warning", {"kind": "said", "reason": WHY["reason"]})
    floor.lot("B", "MIA")
    chief.done("POST", "/lots/B/hold", WHY)  # the same words are the same cause
    assert mailed() == []
    [both] = alerts(floor)
    assert (both["id"], both["lots"]) == (alert["id"], 2)
    floor.lot("C", "MIA")
    mia.done("POST", "/lots/C/hold", {"reason": "A label is missing."})
    assert sorted(who for who, _ in mailed()) == ["boss", "head"]
    assert whole()


def test_another_site_reads_nothing_of_it_and_has_an_alert_of_its_own(floor, mia, ines, boss):
    floor.plant.line("L9", "S2")
    floor.lot("Z", "MIA", line="L9")
    inspected(floor, ines, "A")
    boss.done("POST", "/lots/A/hold", WHY)
    boss.done("POST", "/lots/Z/hold", WHY)
    floor.plant.work()
    away = floor.life.somebody("AWAY", "supervisor", site="S2")
    [theirs] = away.done("GET", "/alerts")["data"]
    assert (theirs["site"], theirs["lots"]) == ("S2", 1)
    assert "L9" in theirs["sentence"]
    assert {one["site"] for one in alerts(floor)} == {"S1", "S2"}
    [ours] = [one for one in alerts(floor) if one["site"] == "S1"]
    assert away.refused("GET", f"/alerts/{ours['id']}") == (404, "not_found")
    assert away.refused("GET", f"/evidence/{ours['evidence']['id']}") == (404, "not_found")


@pytest.mark.volume
def test_two_lots_that_are_held_for_one_cause_at_once_are_one_alert(floor, mia, boss):
    for lot in ("A", "B"):
        floor.lot(lot, "MIA")
        boss.done("POST", f"/lots/{lot}/hold", WHY)
    with connected():
        names = [row.id for row in LotHold.select().order_by(LotHold.id)]
    faults, ready = [], threading.Barrier(6)

    def weigh(name):
        try:
            ready.wait(60)
            with connected():
                task.weigh({"holds": [name]}, clock.now())
        except Exception as error:  # noqa: BLE001 - the test tells it
            faults.append(error)

    threads = [threading.Thread(target=weigh, args=[names[number % 2]]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    floor.plant.work()
    [alert] = alerts(floor)
    assert alert["lots"] == 2
    with connected():
        assert (Flag.select().count(), Alert.select().count()) == (1, 1)
        firsts = Notification.select().where(Notification.reason == "first").count()
    assert firsts == len({"the service's log", "AUTHOR", "CHIEF"})  # and not who said it
    assert whole()
