"""The session of somebody at the desk: its cookie, its end, and who is out at the next request."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine

from qc_service import audit, clock
from qc_service.db import connected
from qc_service.people import access, signin, staff
from tests.desk_client import ONE_ENGINE, PLAIN, SECURE, browser, cookies, page_token, sign_in
from tests.two_sites import PASSWORD

# --- the session's cookie ---------------------------------------------------------------------------------------


@ONE_ENGINE
@pytest.mark.parametrize(("base", "name"), [(PLAIN, "qc_session"), (SECURE, "__Host-qc")])
def test_the_sessions_cookie_is_out_of_reach_of_scripts_and_of_other_sites(app, house, base, name):
    client = browser(app, base)
    cookie = cookies(sign_in(client))[name]

    assert "httponly" in cookie
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert "domain" not in cookie
    assert ("secure" in cookie) == (base == SECURE)


@ONE_ENGINE
@pytest.mark.parametrize("base", [PLAIN, SECURE])
def test_every_cookie_that_the_desk_sets_is_guarded(app, house, base):
    client = browser(app, base)
    seen = cookies(sign_in(client))
    form = {"csrf": page_token(client), "line": "L1", "lot": "7", "inspected": "5", "defective": "0",
            "period_start": "2026-01-05T06:00", "period_end": "2026-01-05T07:00"}  # fmt: skip
    saved = client.post("/counts/new", data=form, base_url=base)
    assert saved.status_code == 303, saved.text
    seen |= cookies(saved)  # the sentence for the next page
    out = client.post("/sign-out", data={"csrf": page_token(client)}, base_url=base)
    seen |= cookies(out)

    assert len(seen) == 2
    for name, cookie in seen.items():
        assert "httponly" in cookie, name
        assert cookie["samesite"] == "Lax", name
        assert (name.startswith("__Host-") and "secure" in cookie) == (base == SECURE), name


@ONE_ENGINE
def test_over_https_only_the_cookie_that_is_bound_to_the_host_counts(app, house):
    token = signin.sign_in_at_desk("P-3", PASSWORD, "10.0.0.7", clock.now()).token
    client = app.test_client(use_cookies=False)

    assert client.get("/", base_url=SECURE, headers={"Cookie": f"qc_session={token}"}).status_code == 302
    assert client.get("/", base_url=SECURE, headers={"Cookie": f"__Host-qc={token}"}).status_code == 200


@ONE_ENGINE
def test_a_cookie_opens_no_api_and_a_bearer_token_no_page(app, house):
    token = signin.sign_in_at_desk("P-3", PASSWORD, "10.0.0.7", clock.now()).token
    client = app.test_client(use_cookies=False)

    assert client.get("/v1/me", headers={"Cookie": f"qc_session={token}"}).status_code == 401
    assert client.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 302
    assert client.get("/", headers={"Cookie": f"qc_session={house.key}"}).status_code == 302


@ONE_ENGINE
def test_the_session_of_a_tablet_is_no_session_of_the_desk(app, house):
    with connected():
        staff.add_person(audit.COMMAND, "P-9", "Name of P-9", ["supervisor"], pin="739154")
        _, tablet = access.enrol_device(audit.COMMAND, "T1")
    token = signin.sign_in_on_tablet("P-9", "739154", tablet, clock.now()).token

    assert app.test_client(use_cookies=False).get("/", headers={"Cookie": f"qc_session={token}"}).status_code == 302


@ONE_ENGINE
def test_signing_in_gives_a_new_session_whatever_the_cookie_was_before(app, house):
    planted = signin.sign_in_at_desk("P-4", PASSWORD, "10.0.0.7", clock.now()).token
    for before in (planted, "qcs_" + "0" * 26 + "_" + "A" * 43, "anything"):
        client = browser(app)
        client.set_cookie("qc_session", before)
        data = {"csrf": page_token(client)} if before == planted else {}

        answer = sign_in(client, **data)

        assert answer.status_code == 303
        assert client.get_cookie("qc_session").value not in (before, "")
        assert "Name of P-3" in client.get("/").text


@ONE_ENGINE
def test_signing_out_ends_the_session_itself_and_not_only_the_cookie(app, house):
    client = browser(app)
    sign_in(client)
    token = client.get_cookie("qc_session").value
    assert client.get("/").status_code == 200

    answer = client.post("/sign-out", data={"csrf": page_token(client)})

    assert (answer.status_code, urlsplit(answer.location).path) == (303, "/sign-in")
    assert client.get_cookie("qc_session") is None
    stolen = app.test_client(use_cookies=False).get("/", headers={"Cookie": f"qc_session={token}"})
    assert stolen.status_code == 302
    assert app.test_client().get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@ONE_ENGINE
def test_a_session_at_the_desk_ends_after_an_idle_hour_and_after_twelve_in_any_case(app, house):
    now = clock.now()
    client = browser(app)
    with time_machine.travel(now, tick=False) as travel:
        sign_in(client)
        for _ in range(14):
            travel.shift(timedelta(minutes=50))
            assert client.get("/").status_code == 200
        travel.shift(timedelta(minutes=21))
        assert client.get("/").status_code == 302

        sign_in(client)
        travel.shift(timedelta(minutes=61))
        assert client.get("/").status_code == 302


def test_whoever_was_deactivated_is_out_at_the_next_request(app, house):
    desk = browser(app)
    sign_in(desk)
    token = signin.sign_in_at_desk("P-3", PASSWORD, "10.0.0.7", clock.now()).token
    bearer = {"Authorization": f"Bearer {token}"}
    assert (desk.get("/").status_code, desk.get("/v1/me", headers=bearer).status_code) == (200, 200)

    with connected():
        staff.deactivate_person(audit.COMMAND, staff.person_with("P-3").id)

    assert (desk.get("/").status_code, desk.get("/v1/me", headers=bearer).status_code) == (302, 401)
    assert sign_in(browser(app)).status_code == 401


def test_a_key_that_was_withdrawn_is_refused_at_the_next_request(app, house):
    with connected():
        key, token = access.create_key(audit.COMMAND, "ERP", ["*"])
    bearer = {"Authorization": f"Bearer {token}"}
    client = app.test_client()
    assert client.get("/v1/me", headers=bearer).status_code == 200

    with connected():
        access.revoke_key(audit.COMMAND, key.id)

    answer = client.get("/v1/me", headers=bearer)
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_role_that_was_taken_back_is_gone_at_the_next_request(app, house):
    client = browser(app)
    sign_in(client)
    assert client.get("/fixes/new").status_code == 200

    with connected():
        staff.revoke_role(audit.COMMAND, staff.person_with("P-3").id, "supervisor")

    assert client.get("/fixes/new").status_code == 403
