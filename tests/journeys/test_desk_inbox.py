"""An alert's life in the inbox, button by button."""

import re

import pytest

from tests.reader import alert_of, line_with_fix


def tabs(desk):
    return {tab: int(number) for tab, number in re.findall(r"(To do|Watching|Closed) (\d+)", desk.text)}


def test_an_alert_lives_through_the_inbox(plant, desk):
    fix = line_with_fix(plant)
    alert = alert_of(plant)
    address = f"/alerts/{alert['id']}"
    desk.get("/inbox")
    assert desk.headline == "Waiting for somebody: 1"
    assert tabs(desk) == {"To do": 1, "Watching": 0, "Closed": 0}
    assert alert["sentence"] in desk.text

    desk.post(f"{address}/ack")
    desk.follow()
    assert "You are on it." in desk.text
    assert "Sofia Lindqvist is on it" in desk.text
    desk.get("/inbox?tab=watching")
    assert (desk.headline, tabs(desk)) == ("Nothing waits for you.", {"To do": 0, "Watching": 1, "Closed": 0})
    desk.get("/")
    assert desk.rows[0].endswith("just now, Sofia Lindqvist")

    desk.post(f"{address}/unack")
    desk.follow()
    assert "It is open to everybody again." in desk.text
    desk.post(f"{address}/comment", text="The nozzle is worn again.")
    desk.follow()
    assert "The nozzle is worn again. Sofia Lindqvist" in desk.text

    desk.post(f"{address}/snooze", until="240")
    desk.follow()
    assert "Snoozed until" in desk.text
    desk.get("/inbox?tab=watching")
    assert "snoozed" in desk.text
    assert tabs(desk) == {"To do": 0, "Watching": 1, "Closed": 0}

    desk.post(f"{address}/resolve", reason="cause_found", note="Nozzle replaced by maintenance.")
    desk.follow()
    assert "Closed on" in desk.text
    assert "The cause was found and removed: Nozzle replaced by maintenance." in desk.text
    assert "Close the alert" not in desk.text
    desk.get("/inbox?tab=closed")
    assert tabs(desk) == {"To do": 0, "Watching": 0, "Closed": 1}
    assert plant.call("GET", f"/v1/alerts/{alert['id']}").json["resolve_reason"].startswith("The cause was found")
    assert desk.get(f"/fixes/{fix['id']}").status_code == 200


@pytest.mark.parametrize(
    ("action", "form", "fields"),
    [
        ("snooze", {}, {"until"}),
        ("snooze", {"until": "1 year"}, {"until"}),
        ("resolve", {"reason": "", "note": "Nozzle replaced by us."}, {"reason"}),
        ("resolve", {"reason": "cause_found", "note": "short"}, {"note"}),
        ("resolve", {"reason": "bored", "note": ""}, {"reason", "note"}),
        ("resolve", {"reason": "cause_found", "note": "x" * 2001}, {"note"}),
        ("comment", {"text": "  "}, {"text"}),
        ("comment", {"text": "x" * 2001}, {"text"}),
        ("comment", {"text": "a\x1bb"}, {"text"}),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_missing_from_an_answer_to_an_alert_is_said_beside_its_field(plant, desk, action, form, fields):
    line_with_fix(plant)
    address = f"/alerts/{alert_of(plant)['id']}"
    desk.get(address)

    desk.post(f"{address}/{action}", **form)

    assert desk.answer.status_code == 422
    assert set(desk.errors) == fields
    assert form.get("note", form.get("text", "")).strip() in desk.answer.text
    assert alert_of(plant)["state"] == "firing"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_an_alerts_state_does_not_allow_is_said(plant, desk):
    line_with_fix(plant)
    address = f"/alerts/{alert_of(plant)['id']}"
    desk.get(address)

    desk.post(f"{address}/unack")
    assert desk.answer.status_code == 422
    assert "nobody has taken it" in desk.text
    desk.post(f"{address}/dance")
    assert desk.answer.status_code in (404, 422)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_snooze_until_tomorrow_is_six_oclock_of_the_site(plant, desk):
    plant.call("PATCH", "/v1/sites/S1", {"time_zone": "Asia/Jakarta"})
    line_with_fix(plant)
    address = f"/alerts/{alert_of(plant)['id']}"
    desk.get(address)

    desk.post(f"{address}/snooze", until="day")
    desk.follow()

    assert re.search(r"Snoozed until \d+ \w+ \d{4} 06:00", desk.text)
    assert alert_of(plant)["snoozed_until"][11:16] == "23:00"
