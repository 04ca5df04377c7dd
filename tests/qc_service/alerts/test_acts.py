from datetime import timedelta

import pytest

from qc_service import audit, clock
from qc_service.alerts import acts
from qc_service.alerts.models import Alert, AlertLog, Notification
from qc_service.alerts.service import wake
from qc_service.audit import Event
from qc_service.auth import Actor
from qc_service.errors import QCError
from qc_service.queue import Outbox

ACTIONS = [
    ("ack", {}),
    ("unack", {}),
    ("snooze", {"for_minutes": 60}),
    ("resolve", {"reason": "The scale was read wrongly."}),
    ("comment", {"text": "Seen."}),
]


@pytest.fixture
def fired(api):
    api.supervisor("P-9")
    return api.fired()[1]


def test_an_alert_shows_what_is_wrong_and_what_can_be_done(call, fired):
    shown = call("P-1", "supervisor").get(f"/alerts/{fired.id}").get_json()

    assert {name: shown[name] for name in ("id", "kind", "severity", "state", "episode", "occurrences")} == {
        "id": fired.id, "kind": "fix_not_holding", "severity": "critical", "state": "firing", "episode": 1,
        "occurrences": 1,
    }  # fmt: skip
    assert (shown["site"], shown["line"], shown["measure"], shown["defect_code"]) == (
        "S1",
        "L1",
        "scrap",
        None,
    )
    assert (shown["fix"], shown["flag"]) == (fired.fix_id, fired.flag_id)
    assert shown["evidence"] == {
        "id": fired.evidence_id, "url": f"/v1/evidence/{fired.evidence_id}", "sha256": "0" * 64,
    }  # fmt: skip
    assert (shown["ack"], shown["acknowledged_by"], shown["snoozed_until"]) == (None, None, None)
    assert (shown["notifications"]["sent"], shown["notifications"]["waiting"]) == (0, 2)
    assert shown["actions"]["ack"] == f"POST /v1/alerts/{fired.id}/ack"
    assert "unack" not in shown["actions"]


def test_whoever_takes_it_is_named_and_hands_it_back(call, fired):
    ana = call("P-1", "supervisor")

    taken = ana.post(f"/alerts/{fired.id}/ack", text="Going to look.").get_json()
    assert (taken["state"], taken["ack"]["name"]) == ("acknowledged", "Name of P-1")
    assert taken["acknowledged_by"].startswith("person:per_")
    back = ana.post(f"/alerts/{fired.id}/unack").get_json()

    assert (back["state"], back["ack"]) == ("firing", None)
    log = ana.get(f"/alerts/{fired.id}/log").get_json()["data"]
    assert [(row["number"], row["what"]) for row in log] == [
        (1, "fired"),
        (2, "acknowledged"),
        (3, "unacknowledged"),
    ]
    assert (log[1]["who"], log[1]["text"]) == ("Name of P-1", "Took it. Going to look.")
    assert log[0]["who"] == "QC service"


def test_to_do_the_same_twice_is_once(call, api, fired):
    ana = call("P-1", "supervisor")
    for action, body in (("ack", {}), ("unack", {}), ("resolve", {"reason": "The scale was read wrongly."})):
        first = ana.post(f"/alerts/{fired.id}/{action}", **body)
        second = ana.post(f"/alerts/{fired.id}/{action}", **body)
        assert first.status_code == second.status_code == 200
    assert api.log(fired) == ["fired", "acknowledged", "unacknowledged", "resolved"]
    events = [event.type for event in Event.select().where(Event.type.startswith("alert.")).order_by(Event.seq)]
    assert events == ["alert.fired", "alert.acknowledged", "alert.unacknowledged", "alert.resolved"]


def test_another_person_takes_it_over(call, api, fired):
    call("P-1", "supervisor").post(f"/alerts/{fired.id}/ack")
    taken = call("P-2", "quality_manager").post(f"/alerts/{fired.id}/ack").get_json()

    assert taken["ack"]["name"] == "Name of P-2"
    assert (
        AlertLog.get((AlertLog.alert_id == fired.id) & (AlertLog.number == 3)).text == "Took it over from Name of P-1."
    )


def test_a_snooze_ends_by_itself_and_what_still_fires_is_told_again(call, api, fired):
    ana = call("P-1", "supervisor")
    snoozed = ana.post(f"/alerts/{fired.id}/snooze", for_minutes=90, text="After the break.").get_json()

    assert snoozed["state"] == "firing"
    left = clock.parse(snoozed["snoozed_until"]) - clock.now()
    assert timedelta(minutes=89) < left <= timedelta(minutes=90)
    api.work()
    assert api.log(fired)[1] == "snoozed"
    api.wait(minutes=91)
    api.work()

    assert Alert.get_by_id(fired.id).snoozed_until is None
    assert "woken" in api.log(fired)
    assert [reason for _, reason, _ in api.notices(fired, "console")] == ["first", "woken"]
    assert not Outbox.select().where(Outbox.reaction == "wake_alert").exists()


def test_only_the_last_snooze_wakes_it(call, api, fired):
    ana = call("P-1", "supervisor")
    ana.post(f"/alerts/{fired.id}/snooze", for_minutes=10)
    until = clock.iso(clock.now() + timedelta(hours=3))
    assert ana.post(f"/alerts/{fired.id}/snooze", until=until).get_json()["snoozed_until"] == until
    assert ana.post(f"/alerts/{fired.id}/snooze", until=until).status_code == 200  # the same once more

    api.wait(minutes=11)
    api.work()
    assert "woken" not in api.log(fired)
    api.wait(hours=3)
    api.work()

    assert api.log(fired).count("woken") == 1
    assert api.log(fired).count("snoozed") == 2


def test_one_that_was_resolved_does_not_wake(call, api, fired):
    ana = call("P-1", "supervisor")
    ana.post(f"/alerts/{fired.id}/snooze", for_minutes=10)
    ana.post(f"/alerts/{fired.id}/resolve", reason="The scale was read wrongly.")
    api.wait(minutes=11)
    api.work()
    wake({"alert_id": "alr_none", "snooze": 1}, api.now)
    assert "woken" not in api.log(fired)


def test_to_resolve_needs_a_reason_and_tells_everybody_who_was_told(call, api, fired):
    ana = call("P-1", "supervisor")
    for reason in ("known", "    short      "):
        refused = ana.post(f"/alerts/{fired.id}/resolve", reason=reason)
        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["pointer"] == "/reason"

    done = ana.post(f"/alerts/{fired.id}/resolve", reason="The scale was read wrongly.").get_json()

    assert (done["state"], done["resolve_reason"]) == ("resolved", "The scale was read wrongly.")
    assert done["actions"] == {"comment": f"POST /v1/alerts/{fired.id}/comment"}
    assert [(name, reason) for name, reason, _ in api.notices(fired)] == [
        ("Name of P-9", "first"), ("Name of P-9", "resolved"),
    ]  # fmt: skip
    later = Notification.select().where(Notification.reason == "resolved")
    assert all(row.due_at <= clock.now() for row in later)


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("firing", "unack"),
        ("resolved", "ack"),
        ("resolved", "unack"),
        ("resolved", "snooze"),
        ("resolved", "resolve"),
    ],
)
def test_a_wrong_state_is_refused_and_says_what_can_be_done(call, fired, state, action):
    if state == "resolved":
        call("P-2", "supervisor").post(f"/alerts/{fired.id}/resolve", reason="The scale was read wrongly.")
    before = AlertLog.select().count()

    refused = call("P-1", "supervisor").post(f"/alerts/{fired.id}/{action}", **dict(ACTIONS)[action])

    found = refused.get_json()
    assert (refused.status_code, found["code"], found["state"]) == (409, "illegal_transition", state)
    assert "It can take: " + ", ".join(found["possible"]) in found["detail"]
    assert action not in found["possible"]
    assert AlertLog.select().count() == before


@pytest.mark.parametrize(
    "body",
    [
        {}, {"for_minutes": 0}, {"for_minutes": 43201}, {"for_minutes": "60"}, {"until": "tomorrow"},
        {"until": "2020-01-01T00:00:00Z"}, {"until": "2126-01-01T00:00:00Z"},
        {"until": "2126-01-01T00:00:00Z", "for_minutes": 5}, {"for_minutes": 5, "why": "x"},
    ],
)  # fmt: skip
def test_a_snooze_without_a_possible_end_is_refused(call, fired, body):
    refused = call("P-1", "supervisor").post(f"/alerts/{fired.id}/snooze", **body)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "validation_failed")
    assert Alert.get_by_id(fired.id).snoozes == 0


def test_no_door_lets_a_short_reason_in(api, fired):
    with pytest.raises(QCError, match="at least 10 characters"):
        acts.resolve(Actor("person", "per_x", "Ana"), fired.id, "known")


def test_a_comment_stays_in_the_log_also_of_a_resolved_alert(call, fired):
    ana = call("P-1", "supervisor")
    ana.post(f"/alerts/{fired.id}/resolve", reason="The scale was read wrongly.")
    ana.post(f"/alerts/{fired.id}/comment", text="It was the <b>other</b> scale.\nAsk Bo.")
    log = ana.get(f"/alerts/{fired.id}/log").get_json()["data"]
    assert log[-1]["text"] == "It was the <b>other</b> scale.\nAsk Bo."
    assert ana.post(f"/alerts/{fired.id}/comment", text="").status_code == 422


def test_the_list_is_of_what_is_open_unless_others_are_asked_for(call, api, fired):
    other = api.fired("L2")[1]
    ana = call("P-1", "supervisor")
    ana.post(f"/alerts/{fired.id}/ack")
    third = api.fired("L3")[1]
    ana.post(f"/alerts/{third.id}/resolve", reason="The scale was read wrongly.")

    def ids(query=""):
        return [one["id"] for one in ana.get(f"/alerts{query}").get_json()["data"]]

    assert ids() == ids("?state=open") == [fired.id, other.id]
    assert ids("?state=firing") == [other.id]
    assert ids("?state=acknowledged") == [fired.id]
    assert ids("?state=resolved") == [third.id]
    assert ids("?state=all") == [fired.id, other.id, third.id]
    assert ids("?line=L2") == [other.id]
    assert ana.get("/alerts?line=L77").status_code == 404
    assert ana.get("/alerts?state=lost").status_code == 422
    page = ana.get("/alerts?state=all&limit=2").get_json()
    assert (len(page["data"]), page["has_more"]) == (2, True)
    assert ids(f"?state=all&limit=2&cursor={page['next_cursor']}") == [third.id]


@pytest.mark.parametrize(("action", "body"), ACTIONS)
def test_another_sites_alert_does_not_exist(call, api, fired, action, body):
    outsider = call("P-1", "supervisor", site="S2")
    refused = outsider.post(f"/alerts/{fired.id}/{action}", **body)
    assert (refused.status_code, refused.get_json()["code"]) == (404, "not_found")
    assert api.log(fired) == ["fired"]


def test_another_sites_alerts_are_not_listed(call, api, fired):
    outsider = call("P-1", "supervisor", site="S2")
    assert outsider.get("/alerts?state=all").get_json()["data"] == []
    for address in (f"/alerts/{fired.id}", f"/alerts/{fired.id}/log", "/alerts/alr_none", "/alerts/%00"):
        assert outsider.get(address).status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "acts"),
    [
        ("operator", 403, 403), ("inspector", 403, 403), ("admin", 403, 403), ("auditor", 200, 403),
        ("supervisor", 200, 200), ("quality_manager", 200, 200),
    ],
)  # fmt: skip
def test_who_may_read_and_act(call, fired, role, reads, acts):
    who = call("P-1", role)
    assert who.get(f"/alerts/{fired.id}").status_code == reads
    assert who.get("/alerts").status_code == reads
    assert who.get(f"/alerts/{fired.id}/log").status_code == reads
    assert who.post(f"/alerts/{fired.id}/ack").status_code == acts


def test_a_key_acts_with_the_scope_for_it_and_is_named(call, api, fired):
    assert call.key("alerts:read").post(f"/alerts/{fired.id}/ack").status_code == 403
    assert call.key("alerts:write", site="S2").post(f"/alerts/{fired.id}/ack").status_code == 404
    taken = call.key("alerts:write", "alerts:read", site="S1").post(f"/alerts/{fired.id}/ack").get_json()
    assert (taken["ack"]["name"], taken["ack"]["by"].split("_")[0]) == ("Andon", "key:key")


def test_nobody_acts_without_signing_in(client, api, fired):
    assert client.post(f"/v1/alerts/{fired.id}/ack", json={}).status_code == 401


def test_an_act_without_a_body_is_an_act(call, client, fired):
    ana = call("P-1", "supervisor")
    taken = client.post(f"/v1/alerts/{fired.id}/ack", headers=ana._headers)
    assert (taken.status_code, taken.get_json()["state"]) == (200, "acknowledged")


def test_what_people_do_is_an_event_of_the_line_in_their_name(call, fired):
    call("P-1", "supervisor").post(f"/alerts/{fired.id}/resolve", reason="The scale was read wrongly.")

    event = Event.get(Event.type == "alert.resolved")
    assert event.stream == audit.stream_of(fired.site_id, fired.line_id)
    assert event.actor.startswith("person:per_")
    assert b"The scale was read wrongly." in bytes(event.body)
