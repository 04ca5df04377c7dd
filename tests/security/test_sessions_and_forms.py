"""Cookies, page tokens, redirects, headers, and what people typed: nothing of it opens a door or becomes mark-up."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
import time_machine
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from peewee import OperationalError

from qc_service import audit, clock
from qc_service.app import HEADERS
from qc_service.auth import public
from qc_service.db import connected, db
from qc_service.flags.api import COLUMNS, table
from qc_service.people import access, credentials, signin, staff
from tests import two_sites
from tests.plant import Plant, count, hour
from tests.two_sites import PASSWORD

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
PLAIN, SECURE = "http://localhost", "https://localhost"


def browser(app, base=PLAIN):
    """A client that keeps its cookies, as a browser does."""
    client = app.test_client()
    client.base = base
    return client


def sign_in(client, badge="P-3", password=PASSWORD, **more):
    return client.post("/sign-in", data={"badge": badge, "password": password, **more}, base_url=client.base)


def page_token(client, path="/inbox"):
    return re.search(r'name="csrf" value="(\w+)"', client.get(path, base_url=client.base).text)[1]


def cookies(response):
    """The name of each cookie that is set, with its attributes."""
    found = {}
    for header in response.headers.getlist("Set-Cookie"):
        first, *rest = (part.strip() for part in header.split(";"))
        found[first.partition("=")[0]] = {part.partition("=")[0].lower(): part.partition("=")[2] for part in rest}
    return found


@pytest.fixture
def house(app):
    """A supervisor and a quality manager of the same plant, who sign in at the desk."""
    with connected():
        credentials.init_people(app.config["QC"])
        plant = Plant(app)
        for badge, role in (("P-3", "supervisor"), ("P-4", "quality_manager"), ("P-1", "operator")):
            staff.add_person(audit.COMMAND, badge, f"Name of {badge}", [role], password=PASSWORD)
    plant.line("L1", "S1")
    return plant


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


# --- forms ------------------------------------------------------------------------------------------------------


def forms(app):
    """Every address of the desk that takes a POST, with something in place of each part of it."""
    return sorted(
        re.sub(r"<[^>]+>", "x", rule.rule)
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
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", "/\x00/evil.example",
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


# --- what people typed ------------------------------------------------------------------------------------------

PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "'><iframe src=//evil>",
    "</title><script>alert(1)</script>", "</textarea><script>alert(1)</script>", "</option></select><b id=p>",
    "<a href=javascript:alert(1)>x</a>", "javascript:alert(1)", '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "` onclick=alert(1) `", "{{ 7 * 7 }}{% raw %}", "${7*7}#{7*7}", "%(count)s %s %d", "&lt;script&gt;&amp;&quot;",
    "&#60;script&#62;", "<!-- --><b id=p>", "<![CDATA[<script>]]>", "]]><script>alert(1)</script>",
    "<?xml version='1.0'?><x/>", "<style>*{display:none}</style>", "<meta http-equiv=refresh content=0;url=//evil>",
    "<base href=//evil/>", "<form action=//evil><input name=csrf>", "<math><mtext></form><form><mglyph>",
    "\u202e\u2066gnirts", "\u2028\u2029<b id=p>", "\uff1cscript\uff1e", "<sCrIpT/src=//evil></ScRiPt ><x\n\ty>",
]  # fmt: skip
assert len(PAYLOADS) == 30


class Skeleton(HTMLParser):
    """A page as a browser builds it: its elements and the names of their attributes, and nothing that is said."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts, self.links, self.said = [], [], []

    def handle_starttag(self, tag, attrs) -> None:
        self.parts.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "srcset", "action")]
        self.said += [value or "" for _, value in attrs]

    def handle_data(self, data) -> None:
        self.said.append(data)

    def handle_comment(self, data) -> None:
        self.parts.append(("comment", (data,)))

    def handle_pi(self, data) -> None:
        self.parts.append(("instruction", (data,)))

    def unknown_decl(self, data) -> None:
        self.parts.append(("declaration", (data,)))


def skeleton(text):
    parser = Skeleton()
    parser.feed(text)
    parser.close()
    return parser


def fits_code(text):
    """What a code may hold of it."""
    return printable(text.replace("/", ""))[:60]


def printable(text):
    return "".join(char if char.isprintable() else " " for char in text).strip()[:100]


def told(plant, number, payload):
    """A line whose every text is the payload, with a fix that does not hold; the addresses of what shows it."""
    line, code = f"L{number}", fits_code(payload)
    plant.line(line, "S1", payload)
    row = {"line": line, "source": printable(payload)[:60], "lot": printable(payload), "shift": printable(payload)[:60],
           "inspected": 100, "defective": 10, "defects": [{"code": code, "units": 10}]}  # fmt: skip
    names = {i: f"{number} {i} {printable(payload)}" for i in range(1, 19)}
    first = plant.ingest([count(i, external_id=names[i], **row) for i in range(1, 9)])
    fix = plant.fix(
        line=line, defect_code=code, title=payload, cause=payload, action=payload, owner=payload[:64],
        in_effect_at=hour(9)[0], promise={"rate": 0.02},
        baseline={"exclude": [{"external_id": names[3], "why": payload}]},
    )  # fmt: skip
    later = plant.ingest([count(i, external_id=names[i], **row) for i in range(9, 19)])
    assert {one["status"] for one in first + later} == {"created"}
    plant.work()
    [alert] = plant.call("GET", f"/v1/alerts?line={line}").json["data"]
    plant.call("POST", f"/v1/alerts/{alert['id']}/comment", {"text": payload})
    evidence = alert["evidence"]["id"]
    return [
        f"/fixes/{fix['id']}", f"/fixes/{fix['id']}?print", f"/evidence/{evidence}", f"/alerts/{alert['id']}",
        f"/fixes/{fix['id']}/chart.svg", f"/fixes/{fix['id']}/chart.svg?width=360",
        f"/evidence/{evidence}/chart.svg?width=720", f"/fixes/{fix['id']}/spark.svg",
    ]  # fmt: skip


@pytest.fixture
def typed(app, postbox, monkeypatch):
    """The plant, a function that signs in somebody with that name, and the mails that were sent."""
    app.config["QC"] = replace(app.config["QC"], smtp_url=postbox.url)
    with connected():
        credentials.init_people(app.config["QC"])
        plant = Plant(app)
    plant.line("first", "S1")

    def somebody(number, name):
        with connected():
            staff.add_person(
                audit.COMMAND, f"B-{number}", name, ["supervisor"], password=PASSWORD,
                email="one@example.com" if number == 0 else None,
            )  # fmt: skip
        client = browser(app)
        assert sign_in(client, f"B-{number}").status_code == 303
        return client

    return plant, somebody, postbox


@ONE_ENGINE
def test_what_people_typed_is_only_ever_text(typed):
    """Whatever is typed where, a page has the very elements that it has with plain words."""
    plant, somebody, postbox = typed
    plain = somebody(0, "Plain words")
    addresses = told(plant, 0, "Plain words")
    right = {place: plain.get(address) for place, address in enumerate(addresses)}
    plain_mail = skeleton(_html_part(postbox.mails[-1]))

    for number, payload in enumerate(PAYLOADS, 1):
        reader = somebody(number, payload)
        for place, address in enumerate(told(plant, number, payload)):
            page = reader.get(address)
            assert page.status_code == 200, (address, payload)
            if page.mimetype == "image/svg+xml":
                _only_drawing(page.text, payload)
            else:
                _same_page(page.text, right[place].text, payload)
        mail = skeleton(_html_part(postbox.mails[-1]))
        assert mail.parts == plain_mail.parts, payload
        assert all(link.startswith("http://127.0.0.1:8000/alerts/alr_") for link in mail.links)

    for address in ("/", "/inbox", "/fixes/new", "/counts/new", "/inbox?tab=watching"):
        found = skeleton(reader.get(address).text)
        assert {tag for tag, _ in found.parts} <= ELEMENTS, address
        assert not any(name.startswith("on") or name == "style" for _, names in found.parts for name in names)
        assert all(link.startswith(("/", "#")) for link in found.links), address


ELEMENTS = {
    "html", "head", "meta", "title", "link", "body", "a", "header", "nav", "ul", "li", "div", "span", "form", "input",
    "button", "main", "p", "h1", "h2", "h3", "table", "caption", "thead", "tbody", "tr", "th", "td", "img", "ol",
    "time", "details", "summary", "dl", "dt", "dd", "fieldset", "legend", "label", "select", "option", "textarea",
    "picture", "source", "br",
}  # fmt: skip
DRAWING = {"svg", "title", "desc", "rect", "g", "path", "circle", "text"}


def _same_page(text, right, payload):
    found, plain = skeleton(text), skeleton(right)
    assert found.parts == plain.parts, payload
    assert [link for link in found.links if not link.startswith(("/", "#"))] == []
    assert {tag for tag, _ in found.parts} <= ELEMENTS


def _only_drawing(text, payload):
    root = ET.fromstring(text)  # noqa: S314 - our own drawing; that it can be read is what is tested
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in DRAWING, payload
        assert not any(name.startswith("on") or "href" in name for name in element.attrib), payload


def _html_part(envelope):
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert "\n" not in mail["Subject"]
    return mail.get_body(("html",)).get_content()


@ONE_ENGINE
def test_what_was_typed_into_a_form_comes_back_as_text(app, house):
    client = browser(app)
    sign_in(client)
    token = page_token(client)
    for payload in PAYLOADS:
        fields = ("line", "measure", "defect_code", "title", "cause", "action", "owner", "in_effect_at", "promise",
                  "promise_rate", "promise_reduction", "baseline_lots", "exclude", "lot", "product", "period_start",
                  "inspected", "defect_code_1", "defect_units_1")  # fmt: skip
        form = {"csrf": token, **dict.fromkeys(fields, payload)}
        upload = {
            "csrf": token,
            "file": (io.BytesIO(f'external_id,line\n"{payload.replace(chr(34), "")}",L1'.encode()), payload),
        }
        pages = [
            client.post("/fixes/new", data=form), client.post("/fixes/confirm", data=form),
            client.post("/fixes/confirm", data={**form, "step": "change"}), client.post("/counts/new", data=form),
            client.post("/counts/upload", data=upload), client.get("/fixes/new", query_string={"line": payload}),
            client.get("/inbox", query_string={"tab": payload}), client.get(f"/fixes/{payload.replace('/', '')}"),
            browser(app).post("/sign-in", data={"badge": payload, "password": "", "next": payload}),
        ]  # fmt: skip
        for page in pages:
            assert page.status_code in (200, 308, 404, 422), payload
            found = skeleton(page.text)
            assert {tag for tag, _ in found.parts} <= ELEMENTS, payload
            assert not any(name.startswith("on") or name == "style" for _, names in found.parts for name in names), (
                payload
            )
            assert all(link.startswith(("/", "#")) for link in found.links), payload


# --- files for a spreadsheet ------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "=cmd|' /C calc'!A0",
    "a;=1+1",
    "x,=1",
    "a\t=1",
    ";-2+3",
    "\uff1d1+1",
]


def starts_a_formula(cell):
    """Excel, Calc and their kin begin to compute at these, except where the cell is just a number."""
    text = cell.lstrip()
    return text[:1] in ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20") and not re.fullmatch(
        r"-?\d+(\.\d+)?(e-?\d+)?", text
    )


def document(*texts):
    empty = dict.fromkeys(COLUMNS)
    points = [
        {**empty, "stage": "before", "external_id": text, "source": text, "why": text, "d": 3, "log_e_ok": -0.25}
        for text in texts
    ]
    return {"points": points}


def cells(text, delimiter):
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]


@effort(max_examples=250, deadline=None)
@given(
    st.lists(
        st.text(max_size=40) | st.sampled_from(FORMULAS) | st.text(alphabet="=+-@;,\t\"'a1 |\n"),
        min_size=1,
        max_size=20,
    )
)
def test_no_cell_of_an_exported_table_starts_a_formula(texts):
    """Whichever separator a country's spreadsheet program takes for one."""
    exported = table(document(*texts))

    assert [cell for cell in cells(exported, ",") if starts_a_formula(cell)] == []
    assert [cell for cell in cells(exported, ";") if starts_a_formula(cell)] == []
    assert [cell for cell in cells(exported, "\t") if starts_a_formula(cell)] == []


@effort(max_examples=100, deadline=None)
@given(
    st.lists(st.text(alphabet=st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=30), min_size=1, max_size=8)
)
def test_an_exported_table_has_a_row_for_every_lot_and_keeps_ordinary_names(texts):
    rows = list(csv.DictReader(io.StringIO(table(document(*texts)))))

    assert len(rows) == len(texts)
    for row, text in zip(rows, texts, strict=True):
        if not re.search(r"[=+@\-\uff1d\uff0b\uff0d\uff20]", text):
            assert row["external_id"] == text
        assert (row["d"], row["log_e_ok"]) == ("3", "-0.25")


@ONE_ENGINE
def test_a_formula_that_an_erp_sent_is_text_in_every_file(app, house):
    names = [f"{formula} {number}" for number, formula in enumerate(one for one in FORMULAS if one.isprintable())]
    house.ingest([count(place, external_id=name, source="=erp") for place, name in enumerate(names)])
    fix = house.fix(in_effect_at=hour(len(names))[0], promise={"rate": 0.02})
    house.work()
    client = browser(app)
    sign_in(client)
    evidence = house.effect(fix["id"])["evidence"].rsplit("/", 1)[1]
    accept = {"Accept": "text/csv", "Authorization": f"Bearer {house.key}"}
    files = [
        client.get(f"/fixes/{fix['id']}/lots.csv"), client.get(f"/evidence/{evidence}/lots.csv"),
        client.get(f"/v1/evidence/{evidence}", headers=accept),
    ]  # fmt: skip

    for file in files:
        assert file.mimetype == "text/csv"
        assert not [cell for delimiter in ",;" for cell in cells(file.text, delimiter) if starts_a_formula(cell)]
        assert len(list(csv.reader(io.StringIO(file.text)))) == len(names) + 1


@ONE_ENGINE
def test_the_names_of_two_sites_do_not_mix_in_a_file(app):
    town = two_sites.build(app)
    supervisor = town.people["supervisor"].headers(desk=True)
    answer = app.test_client(use_cookies=False).get(f"/fixes/{town.a.fix}/lots.csv", headers=supervisor)

    assert (answer.status_code, town.a.word in answer.text, town.b.word in answer.text) == (200, True, False)
