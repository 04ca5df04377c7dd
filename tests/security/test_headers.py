"""Every reply carries what locks a browser down, and no page hides that something failed."""

import re

from peewee import OperationalError

from qc_service.app import HEADERS
from qc_service.auth import public
from qc_service.db import db
from tests.desk_client import ONE_ENGINE, browser, sign_in

# --- headers ----------------------------------------------------------------------------------------------------


@ONE_ENGINE
def test_every_reply_carries_the_headers_that_lock_a_browser_down(app, house, monkeypatch):
    desk = browser(app)
    sign_in(desk)
    bearer = {"Authorization": f"Bearer {house.key}"}
    monkeypatch.setitem(app.view_functions, "healthz", public(_explode))
    replies = {
        "page": desk.get("/"), "form": desk.get("/fixes/new"), "redirect": browser(app).get("/"),
        "no such page": desk.get("/nowhere", headers={"Accept": "text/html"}),
        "no such record": desk.get("/fixes/fix_x"), "refused": desk.post("/counts/new"),
        "method": desk.post("/inbox"), "style": desk.get("/desk/static/desk.css"),
        "too large": desk.post("/counts/new", data=b"x" * (7 * 1024 * 1024)),
        "api": desk.get("/v1/me", headers=bearer), "unauthenticated": desk.get("/v1/me"),
        "unknown": desk.get("/v1/nowhere"), "invalid": desk.get("/v1/lines?limit=x", headers=bearer),
        "unreadable": desk.post("/v1/lines", data=b"{", content_type="application/json", headers=bearer),
        "description": desk.get("/v1/openapi.json"), "metrics": desk.get("/metrics"), "exploded": desk.get("/healthz"),
        "csv": desk.get("/counts/example.csv"), "options": desk.options("/v1/lines"), "not modified": _again(desk),
    }  # fmt: skip

    assert {name: reply.status_code for name, reply in replies.items() if reply.status_code >= 500} == {"exploded": 500}
    for name, reply in replies.items():
        for header, value in HEADERS.items():
            assert reply.headers.get(header) == value, (name, header)
        assert len(reply.headers["X-Request-Id"]) >= 8, name
        shared = name in ("style", "not modified")
        assert reply.headers["Cache-Control"] == ("public, max-age=300" if shared else "no-store"), name
        reply.close()


def _explode():
    raise RuntimeError("a mistake of ours")


def _again(client):
    first = client.get("/desk/static/desk.css")
    first.close()
    reply = client.get("/desk/static/desk.css", headers={"If-None-Match": first.headers["ETag"]})
    assert reply.status_code == 304
    return reply


def test_the_policy_for_content_lets_no_script_style_or_frame_in_from_elsewhere():
    rules = dict(rule.strip().partition(" ")[::2] for rule in HEADERS["Content-Security-Policy"].split(";"))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
    assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert not re.search(r"unsafe-|https?:|data:|\*", HEADERS["Content-Security-Policy"])


@ONE_ENGINE
def test_a_page_says_so_when_the_database_does_not_answer(app, house, monkeypatch):
    client = browser(app)
    sign_in(client)

    def gone(*args, **kwargs):
        raise OperationalError("the disk is gone")

    monkeypatch.setattr(db.obj, "execute_sql", gone)
    page = client.get("/inbox", headers={"Accept": "text/html"})
    document = client.get("/v1/me", headers={"Authorization": f"Bearer {house.key}"})

    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert "Try again in a moment" in page.text
    assert (document.status_code, document.json["code"]) == (503, "unavailable")
    assert "disk" not in page.text + document.text
