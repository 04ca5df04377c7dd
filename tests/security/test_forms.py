"""No form is taken that another site sent, and signing in leads to no other host."""

import re
from urllib.parse import urlsplit

import pytest

from qc_service import audit
from qc_service.db import connected
from tests.desk_client import ONE_ENGINE, browser, page_token, sign_in
from tests.two_sites import PASSWORD

# --- forms ------------------------------------------------------------------------------------------------------


def forms(app):
    """Every address of the desk that takes a POST, with something in place of each part of it."""
    return sorted(
        re.sub(r"<[^>]+>", "x", re.sub(r"<int:[^>]+>", "1", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and "POST" in rule.methods and rule.endpoint != "desk.sign_in_post"
    )


def events():
    with connected():
        return audit.Event.select().count()


@ONE_ENGINE
def test_no_form_is_taken_without_the_page_token_of_this_very_session(app, house):
    client, other = browser(app), browser(app)
    sign_in(client)
    sign_in(other, "P-4")
    mine, theirs, before = page_token(client), page_token(other), events()
    wrong = {"none": None, "empty": "", "another's": theirs, "shortened": mine[:-1], "no text": "kämpfe \u2603"}

    taken = [
        f"{path} with {name}"
        for path in forms(app)
        for name, token in wrong.items()
        if client.post(path, data={} if token is None else {"csrf": token}).status_code != 403
    ]

    assert len(forms(app)) >= 6
    assert taken == []
    assert events() == before
    assert client.get("/").status_code == 200


@ONE_ENGINE
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8080"},
        {"Origin": "null"},
    ],
)
def test_what_another_site_sends_is_refused_even_with_the_right_token(app, house, headers):
    client = browser(app)
    sign_in(client)
    form, before = {"csrf": page_token(client)}, events()

    statuses = {path: client.post(path, data=form, headers=headers).status_code for path in forms(app)}
    sent = browser(app).post("/sign-in", data={"badge": "P-3", "password": PASSWORD}, headers=headers)

    assert set(statuses.values()) == {403}, statuses
    assert sent.status_code == 403  # nobody is signed in as somebody else from afar
    assert events() == before


@ONE_ENGINE
@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}]
)
def test_what_the_page_itself_sends_is_taken(app, house, headers):
    client = browser(app)
    sign_in(client)

    assert client.post("/sign-out", data={"csrf": page_token(client)}, headers=headers).status_code == 303


@ONE_ENGINE
def test_a_form_of_somebody_whose_session_ended_leads_to_signing_in(app, house):
    client = browser(app)
    before = events()

    for path in forms(app):
        answer = client.post(path, data={"csrf": "x"})
        assert (answer.status_code, urlsplit(answer.location).path) == (302, "/sign-in"), path
    assert events() == before


# --- where signing in leads -------------------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example",
    "http:evil.example", "javascript:alert(1)", "data:text/html,x", "/\r\nSet-Cookie: a=b", "/\u2028/evil.example",
    "evil.example", "/x\\..\\..//evil.example", "/" + "a" * 5000, "?next=//evil.example", "@evil.example",
    ".evil.example",
]  # fmt: skip


@ONE_ENGINE
def test_signing_in_never_leads_to_another_host(app, house):
    for target in ELSEWHERE:
        answer = sign_in(browser(app), next=target)

        assert (answer.status_code, answer.headers["Location"]) == (303, "/"), target


@ONE_ENGINE
def test_nor_does_the_sign_in_page_send_those_elsewhere_who_are_signed_in(app, house):
    client = browser(app)
    sign_in(client)

    for target in ELSEWHERE:
        answer = client.get("/sign-in", query_string={"next": target})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/"), target


@ONE_ENGINE
def test_a_form_or_an_address_with_a_character_that_no_text_has_is_refused(app, house):
    client = browser(app)

    assert sign_in(client, next="/\0/evil.example").status_code == 400
    assert client.get("/sign-in", query_string={"next": "/\0"}).status_code == 400
    sign_in(client)
    form, before = {"csrf": page_token(client), "line": "L1\0", "text": "\0", "note": "\0"}, events()
    assert {client.post(path, data=form).status_code for path in forms(app)} == {400}
    assert events() == before


@ONE_ENGINE
@pytest.mark.parametrize("target", ["/inbox", "/inbox?tab=closed", "/fixes/new?line=L1&measure=scrap", "/fixes/é"])
def test_signing_in_leads_back_to_the_page_that_was_asked_for(app, house, target):
    client = browser(app)
    page = client.get("/inbox?tab=closed")
    assert page.headers["Location"] == "/sign-in?next=/inbox?tab%3Dclosed"

    answer = sign_in(client, next=target)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(target[:7])
    kept = client.get("/sign-in", query_string={"next": target})
    assert kept.status_code == 302


@ONE_ENGINE
@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/%2e%2e", "/\\evil.example", "//evil.example/sign-in"]
)
def test_no_address_itself_redirects_to_another_host(app, house, path):
    answer = app.test_client().open(environ_overrides={"PATH_INFO": path})

    assert urlsplit(answer.headers.get("Location", "")).netloc in ("", "localhost")
    assert not answer.headers.get("Location", "").startswith(("//", "/\\"))
