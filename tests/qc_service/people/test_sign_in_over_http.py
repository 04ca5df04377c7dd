from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from qc_service.audit import COMMAND
from qc_service.people import staff
from qc_service.people.models import Session

PIN, OTHER = "739154", "260483"


@pytest.fixture
def tablet(http):
    return http.plant.tablet()


def sign_in(http, tablet, badge="P-1", pin=PIN, **more):
    return http("POST", "/v1/sessions", {"badge": badge, "pin": pin, "device": tablet.token, **more})


def test_badge_pin_and_tablet_answer_a_token_with_the_person_and_its_end(http, tablet):
    site = http.plant.site("S1")
    person = http.plant.person("P-1", "operator", site=site)
    status, body = sign_in(http, tablet)
    assert status == 201
    assert body["person"] == {
        "id": person.id, "code": "P-1", "name": "Name of P-1", "language": "en",
        "roles": [{"role": "operator", "site": "S1"}],
    }  # fmt: skip
    assert body["idle_for"] == 300
    ends = datetime.fromisoformat(body["expires_at"])
    assert timedelta(hours=11, minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=12)
    assert http("GET", "/v1/me", token=body["token"])[0] == 200
    assert http.last.headers["Cache-Control"] == "no-store"


def test_badge_and_password_sign_in_at_a_desk(http):
    token = http.desk("P-1", "supervisor")
    status, body = http("GET", "/v1/me", token=token)
    assert (status, body["kind"], body["code"], body["device"]) == (200, "person", "P-1", None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"badge": "P-1"},
        {"badge": "P-1", "pin": PIN},
        {"badge": "P-1", "device": "qcd_x"},
        {"badge": "P-1", "pin": PIN, "device": "qcd_x", "password": "plum jam on the roof"},
        {"badge": "P-1", "password": "plum jam on the roof", "device": "qcd_x"},
        {"badge": "P-1", "password": "plum jam on the roof", "new_pin": OTHER},
        {"badge": "P-1", "pin": 739154, "device": "qcd_x"},
        {"badge": "P-1", "password": "plum jam on the roof", "role": "admin"},
        {"badge": "P-1\0", "password": "plum jam on the roof"},
        {"badge": None, "password": "plum jam on the roof"},
        {"badge": "P-1", "password": ""},
        {"badge": "P-1", "password": "x" * 300},
        ["P-1", PIN],
    ],
)
def test_anything_but_one_of_the_two_forms_is_refused(http, body):
    http.plant.person("P-1", password="plum jam on the roof")
    status, reply = http("POST", "/v1/sessions", body)
    assert (status, reply["code"]) == (422, "validation_failed")


def test_an_unknown_field_is_named(http, tablet):
    status, reply = sign_in(http, tablet, account="P-2")
    assert status == 422
    assert [(error["pointer"], error["code"]) for error in reply["errors"]] == [("/account", "unknown_field")]


def test_wrong_and_unknown_get_the_same_401(http, tablet):
    http.plant.person("P-1")
    replies = [sign_in(http, tablet, pin=OTHER), sign_in(http, tablet, badge="NOBODY")]
    assert {(status, body["code"], body["detail"]) for status, body in replies} == {
        (401, "credentials_wrong", replies[0][1]["detail"])
    }


def test_who_must_wait_is_told_for_how_long(http, tablet):
    http.plant.person("P-1")
    for _ in range(5):
        sign_in(http, tablet, pin=OTHER)
    status, body = sign_in(http, tablet)
    assert (status, body["code"]) == (429, "too_many_attempts")
    assert 890 <= int(http.last.headers["Retry-After"]) <= 900


def test_misses_stay_counted_with_an_idempotency_key_and_no_token_is_replayed(http, tablet):
    http.plant.person("P-1")
    body = {"badge": "P-1", "pin": PIN, "device": tablet.token}
    tokens = {http("POST", "/v1/sessions", body, Idempotency_Key="once")[1]["token"] for _ in range(2)}
    assert len(tokens) == 2
    for _ in range(5):
        http("POST", "/v1/sessions", {**body, "pin": OTHER}, Idempotency_Key="twice")
    assert sign_in(http, tablet)[0] == 429


def test_a_pin_from_a_supervisor_is_worth_one_sign_in_that_names_a_new_one(http, tablet):
    person = http.plant.person("P-1", "operator")
    boss = http.desk("BOSS", "supervisor")
    assert http("POST", f"/v1/people/{person.id}/pin", {"pin": OTHER}, boss)[0] == 204
    status, body = sign_in(http, tablet, pin=OTHER)
    assert (status, body["errors"][0]["pointer"], body["errors"][0]["code"]) == (
        422,
        "/new_pin",
        "must_change",
    )
    assert sign_in(http, tablet, pin=OTHER, new_pin="904718")[0] == 201
    assert sign_in(http, tablet, pin="904718")[0] == 201
    assert sign_in(http, tablet, pin=OTHER)[0] == 401


def test_signing_out_ends_the_session_at_once(http, tablet):
    http.plant.person("P-1")
    token = sign_in(http, tablet)[1]["token"]
    assert http("DELETE", "/v1/sessions/current", token=token)[0] == 204
    assert http("GET", "/v1/me", token=token)[0] == 401
    assert http("DELETE", "/v1/sessions/current", token=token)[0] == 401


def test_deactivation_refuses_the_next_request(http, tablet):
    person = http.plant.person("P-1", "operator")
    token, admin = sign_in(http, tablet)[1]["token"], http.desk("ADM", "admin")
    assert http("GET", "/v1/me", token=token)[0] == 200
    assert http("PATCH", f"/v1/people/{person.id}", {"active": False}, admin)[1]["active"] is False
    assert http("GET", "/v1/me", token=token)[0] == 401
    assert sign_in(http, tablet)[1]["code"] == "credentials_wrong"


def test_an_idle_tablet_session_is_refused(http, tablet):
    http.plant.person("P-1")
    token = sign_in(http, tablet)[1]["token"]
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        assert http("GET", "/v1/me", token=token)[0] == 401


def test_use_keeps_a_tablet_session_alive(http, tablet):
    http.plant.person("P-1")
    token, begun = sign_in(http, tablet)[1]["token"], datetime.now(UTC)
    for minutes in (4, 8, 12):
        with time_machine.travel(begun + timedelta(minutes=minutes)):
            assert http("GET", "/v1/me", token=token)[0] == 200
    assert Session.get().last_seen_at >= begun + timedelta(minutes=12)


def test_a_tablets_token_alone_is_refused(http, tablet):
    assert http("GET", "/v1/me", token=tablet.token)[1]["code"] == "unauthenticated"


def test_a_key_is_told_its_name_scopes_and_site(http):
    site = http.plant.site("S1")
    status, body = http("GET", "/v1/me", token=http.plant.key("me:read", "counts:write", site=site))
    assert status == 200
    assert (body["kind"], body["name"], body["scopes"], body["site"]) == (
        "key",
        "ERP",
        ["counts:write", "me:read"],
        "S1",
    )


def test_a_key_without_the_scope_is_refused_and_may_never_end_a_session(http):
    status, body = http("GET", "/v1/me", token=http.plant.key("counts:write"))
    assert (status, body["code"]) == (403, "scope_missing")
    assert http("DELETE", "/v1/sessions/current", token=http.plant.key("*"))[0] == 403


def test_a_role_that_is_taken_back_bites_at_the_next_request(http):
    token = http.desk("SUP", "supervisor")
    assert http("GET", "/v1/people", token=token)[0] == 200
    staff.revoke_role(COMMAND, staff.person_with("SUP").id, "supervisor")
    assert http("GET", "/v1/people", token=token)[0] == 403
