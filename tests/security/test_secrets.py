"""No secret is ever said again: not in a reply, a log, the metrics or the database.

Secrets that can be recognised are sent along every way there is, right and wrong, and then looked for.
"""

import base64
import hashlib
import io
import json
import re
from dataclasses import dataclass, field, replace

import pytest
import structlog

from qc_service import audit, codes
from qc_service.app import create_app
from qc_service.db import connected, db, is_postgres
from qc_service.people import access, credentials, staff
from tests.plant import Plant, count, hour

SECRET_KEY = "canary-of-the-page-tokens-4f8a1c"
PEPPER = "canary-of-the-pepper-b07d22"
PASSWORD, NEXT_PASSWORD = "a heron in the reed at dusk", "nine lanterns over the weir"
PIN, NEXT_PIN = "739154", "260483"
MAIL_PASSWORD = "canary-of-the-mail-91c3"


@dataclass
class Watched:
    """A service whose every word is kept, and the secrets that none of its words may be."""

    app: object
    plant: Plant
    logs: io.StringIO
    replies: list[str] = field(default_factory=list)
    shown_once: list[str] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)

    def __call__(self, method, path, *, once=False, **request):
        """Send it and keep the whole reply; `once`: it is this reply's business to show a secret."""
        response = self.app.test_client(use_cookies=False).open(path, method=method, buffered=True, **request)
        said = f"{response.status}\n{response.headers}\n{response.get_data(as_text=True)}"
        (self.shown_once if once else self.replies).append(said)
        return response


def found_in(text, secret):
    """A PIN is so short that it may stand inside another number or a hash by chance."""
    if len(secret) < 10:
        return re.search(rf"(?<![0-9A-Za-z.]){secret}(?![0-9A-Za-z])", text) is not None
    return secret in text or base64.b64encode(secret.encode()).decode() in text


@pytest.fixture
def watched(settings):
    settings = replace(
        settings, secret_key=SECRET_KEY, pin_pepper=PEPPER, log_format="json",
        smtp_url=f"smtp://qc:{MAIL_PASSWORD}@127.0.0.1:9?from=qc@example.com",
    )  # fmt: skip
    app = create_app(settings)
    logs = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(logs))
    with connected():
        plant = Plant(app)
    plant.line("L1", "S1")
    made = Watched(app, plant, logs)
    made.secrets = {"secret key": SECRET_KEY, "pepper": PEPPER, "mail": MAIL_PASSWORD, "first key": plant.key}
    yield made
    structlog.reset_defaults()
    db.obj.close_all()


def go_every_way(watched):
    """Right and wrong uses of every kind of secret, in the right places and in wrong ones."""
    tokens = _people_and_tokens(watched)
    _sign_in_rightly_and_wrongly(watched, tokens)
    _secrets_where_they_do_not_belong(watched, tokens)
    _everything_with_a_key(watched)
    return tokens


def _people_and_tokens(watched):
    with connected():
        credentials.init_people(watched.app.config["QC"])
        for badge, role in (("P-1", "operator"), ("P-3", "supervisor"), ("P-6", "admin")):
            staff.add_person(audit.COMMAND, badge, f"Name of {badge}", [role], password=PASSWORD, pin=PIN)
        _, tablet = access.enrol_device(audit.COMMAND, "T1")
    desk = watched("POST", "/v1/sessions", once=True, json={"badge": "P-6", "password": PASSWORD}).json["token"]
    floor = watched("POST", "/v1/sessions", once=True, json={"badge": "P-1", "pin": PIN, "device": tablet}).json[
        "token"
    ]
    admin = {"Authorization": f"Bearer {desk}"}
    key = watched("POST", "/v1/keys", once=True, headers=admin, json={"name": "ERP", "scopes": ["*"]}).json["token"]
    person = staff_id("P-1")
    card = watched("POST", f"/v1/people/{person}/card", once=True, headers=admin).json["card"]
    scanned = watched("POST", "/v1/sessions", once=True, json={"card": card, "device": tablet}).json["token"]
    second = watched("POST", "/v1/devices", once=True, headers=admin, json={"name": "T2"}).json["token"]
    cookie = watched("POST", "/sign-in", once=True, data={"badge": "P-3", "password": PASSWORD})
    page = re.search(r"qc_session=([^;]+)", cookie.headers["Set-Cookie"])[1]
    tokens = {
        "desk": desk,
        "floor": floor,
        "scanned": scanned,
        "key": key,
        "tablet": tablet,
        "second tablet": second,
        "cookie": page,
    }
    watched.secrets |= {
        "password": PASSWORD, "next password": NEXT_PASSWORD, "PIN": PIN, "next PIN": NEXT_PIN,
        "card": codes.read(card).secret, **tokens,
    }  # fmt: skip
    return tokens


def staff_id(badge):
    with connected():
        return staff.person_with(badge).id


def _sign_in_rightly_and_wrongly(watched, tokens):
    device = tokens["tablet"]
    secret = watched.secrets["card"]
    card, other = codes.card_of("P-1", secret), codes.card_of("P-3", secret)
    for body in (
        {"card": other, "device": device}, {"card": secret, "device": device}, {"card": card, "device": "x"},
        {"card": card}, {"card": [card], "device": device}, {"card": card, "badge": card, "device": device},
        {"badge": card, "pin": secret, "device": device}, {"badge": card, "password": card},
        {"badge": "P-1", "pin": card, "device": device}, {"card": f"QCB1 {secret}", "device": card},
        {"badge": "P-1", "pin": NEXT_PIN, "device": device}, {"badge": "NOBODY", "pin": PIN, "device": device},
        {"badge": "P-1", "pin": PIN, "device": tokens["key"]}, {"badge": "P-6", "password": NEXT_PASSWORD},
        {"badge": PIN, "password": PASSWORD}, {"badge": PASSWORD, "password": "x"},
        {"badge": "P-6", "pasword": PASSWORD}, {"badge": "P-6", "password": [PASSWORD]},
        {"badge": "P-6", "password": PASSWORD, "pin": PIN},
        {"badge": "P-6", "password": {"is": PASSWORD}}, {"badge": "P-1", "pin": int(PIN), "device": device},
        {"badge": "P-1", "pin": PIN, "device": device, "new_pin": "123456"}, [PASSWORD], PASSWORD,
    ):  # fmt: skip
        watched("POST", "/v1/sessions", json=body)
    broken = json.dumps({"badge": "P-6", "password": PASSWORD})[:-1].encode()
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        watched("POST", "/v1/sessions", data=broken, content_type=kind)
    for form in ({"badge": "P-3", "password": NEXT_PASSWORD}, {"badge": "", "password": PASSWORD},
                 {"password": PASSWORD}, {"badge": "P-3", "password": PASSWORD, "new_password": "short"}):  # fmt: skip
        watched("POST", "/sign-in", data=form)
    admin = {"Authorization": f"Bearer {tokens['desk']}"}
    with connected():
        person = staff.person_with("P-1").id
    for path, body in (
        ("pin", {"pin": NEXT_PIN}), ("pin", {"pin": "12"}), ("pin", {"pine": PIN}),
        ("password", {"password": NEXT_PASSWORD}), ("password", {"password": "P-1 P-1 P-1"}),
    ):  # fmt: skip
        watched("POST", f"/v1/people/{person}/{path}", json=body, headers={**admin, "Idempotency-Key": "once"})
    reply = {"badge": "P-1", "password": NEXT_PASSWORD, "new_password": "six crows on a fence"}
    watched.secrets["last password"] = reply["new_password"]
    watched.secrets["last session"] = watched("POST", "/v1/sessions", once=True, json=reply).json["token"]


def _secrets_where_they_do_not_belong(watched, tokens):
    everything = {"Authorization": f"Bearer {tokens['key']}"}
    for token in tokens.values():
        for headers in (
            {"Authorization": f"Bearer {token}x"}, {"Authorization": f"Basic {token}"}, {"Authorization": token},
            {"X-Request-Id": token}, {"X-Api-Key": token}, {"Cookie": f"qc_session={token}"}, {"Accept": token},
            {**everything, "Idempotency-Key": "a key", "X-Request-Id": token},
        ):  # fmt: skip
            for path in ("/v1/me", "/v1/nowhere", "/", "/fixes/fix_x"):
                watched("GET", path, headers=headers)
        watched("GET", "/v1/lines", query_string={"token": "x"}, headers={"Authorization": f"bearer {token}"})
    watched("POST", "/v1/lines", json={"code": "L9", "site": "S1", "token": "x"}, headers=everything)
    _card_where_it_does_not_belong(watched, tokens)
    watched("DELETE", "/v1/sessions/current", headers={"Authorization": f"Bearer {tokens['floor']}"})
    watched("GET", "/v1/me", headers={"Authorization": f"Bearer {tokens['floor']}"})


def _card_where_it_does_not_belong(watched, tokens):
    """In a heading, in a signature that it is not good for, as a seal that is none, and lost at last."""
    secret = watched.secrets["card"]
    card, name = codes.card_of("P-1", secret), "0" * 8 + "-0000-4000-8000-" + "0" * 12
    desk, floor = ({"Authorization": f"Bearer {tokens[one]}"} for one in ("desk", "scanned"))
    for headers in ({"Authorization": f"Bearer {card}"}, {"X-Request-Id": card}, {"QC-Seal": card, **floor}):
        watched("GET", "/v1/me", headers=headers)
        watched("PUT", f"/v1/inspections/{name}", headers={**floor, **headers}, json={"lot": "A"})
    for path in (f"/v1/inspections/{name}/own", f"/v1/inspections/{name}/confirm", "/v1/inspections/own"):
        watched("POST", path, json={"card": card, "mine": True}, headers=floor)
    watched("DELETE", f"/v1/people/{staff_id('P-1')}/card", headers=desk)
    watched("POST", "/v1/sessions", json={"card": card, "device": tokens["tablet"]})
    watched("GET", "/v1/me", headers=floor)


def _everything_with_a_key(watched):
    """The ordinary work of an ERP, with a failure of every kind."""
    key = watched.secrets["key"]
    bearer = {"Authorization": f"Bearer {key}"}
    rows = [count(i) for i in range(30)] + [{"source": "erp"}, count(31, surprise=1)]
    watched("POST", "/v1/ingest/production-counts", json=rows, headers={**bearer, "Idempotency-Key": "batch-1"})
    watched("POST", "/v1/ingest/production-counts", data=b"{", content_type="application/x-ndjson", headers=bearer)
    fix = {"line": "L1", "measure": "defective", "title": "New nozzle", "in_effect_at": hour(20)[0]}
    made = watched("POST", "/v1/fixes", json=fix, headers={**bearer, "Idempotency-Key": "fix-1"}).json["id"]
    watched("POST", "/v1/fixes", json={**fix, "title": "Another"}, headers={**bearer, "Idempotency-Key": "fix-1"})
    for path in ("/v1/me", "/v1/keys", "/v1/people", "/v1/devices", "/v1/sites", "/v1/lines", "/v1/alerts", "/v1/flags",
                 "/v1/fixes", f"/v1/fixes/{made}", f"/v1/fixes/{made}/effect", "/v1/production-counts?line=L1",
                 "/v1/openapi.json", "/metrics", "/readyz", "/healthz"):  # fmt: skip
        for who in (bearer, {"Authorization": f"Bearer {watched.secrets['desk']}"}):
            watched("GET", path, headers=who)
    for path in ("/", "/inbox", "/fixes/new", "/counts/new", f"/fixes/{made}", "/sign-in"):
        watched("GET", path, headers={"Cookie": f"qc_session={watched.secrets['cookie']}"})


def leaks(watched, text):
    return [name for name, secret in watched.secrets.items() if found_in(text, secret)]


def stored():
    """Everything that is in the database, and on SQLite the bytes of its files as well."""
    with connected():
        said = []
        for table in db.get_tables():
            for row in db.execute_sql(f'SELECT * FROM "{table}"').fetchall():  # noqa: S608 - our own tables
                said += [bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in row]
    if not is_postgres():
        for file in (db.obj.database, f"{db.obj.database}-wal"):
            with open(file, "rb") as raw:  # noqa: PTH123 - whatever form the name has
                said.append(raw.read().decode("latin-1"))
    return "\n".join(said)


def test_no_secret_is_said_again_in_a_reply_a_log_the_metrics_or_the_database(watched):
    go_every_way(watched)

    told = [(reply.splitlines()[0], leaks(watched, reply)) for reply in watched.replies if leaks(watched, reply)]
    assert told == []
    assert leaks(watched, watched.logs.getvalue()) == []
    assert leaks(watched, watched("GET", "/metrics").text) == []
    assert leaks(watched, stored()) == []
    assert len(watched.replies) > 200
    assert "sign_in.missed" in watched.logs.getvalue()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_shows_a_secret_shows_its_own_only_and_may_not_be_kept_by_anybody(watched):
    go_every_way(watched)

    for reply in watched.shown_once:
        assert len(leaks(watched, reply)) == 1, reply
        assert "Cache-Control: no-store" in reply


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_hash_of_a_token_is_nowhere_but_in_its_own_row(watched):
    """A fast hash of a long random token gives nothing away; still nobody needs to see it."""
    tokens = go_every_way(watched)
    hashes = [hashlib.sha256(token.encode()).hexdigest() for token in tokens.values()]

    said = watched.logs.getvalue() + "".join(watched.replies + watched.shown_once)
    assert [one for one in hashes if one in said] == []
    with connected():
        trail = b"".join(bytes(event.body) for event in audit.Event.select())
    assert [one for one in hashes if one.encode() in trail] == []


def test_a_plain_hash_of_a_pin_or_of_a_body_with_one_is_nowhere(watched):
    """A million PINs are tried in a second: what is derived from one is keyed with a secret outside the database."""
    go_every_way(watched)
    bodies = [json.dumps({"pin": NEXT_PIN}), json.dumps({"badge": "P-1", "pin": PIN}), PIN, NEXT_PIN, PASSWORD, "P-1"]
    kept = stored()

    for text in bodies:
        for made in (hashlib.sha256, hashlib.sha1, hashlib.md5):
            assert made(text.encode()).hexdigest() not in kept


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_mistake_of_ours_tells_the_caller_nothing_and_the_log_no_secret(watched, monkeypatch):
    tokens = _people_and_tokens(watched)

    def explode(*args, **kwargs):
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("qc_service.people.signin._start", explode)
    answer = watched("POST", "/v1/sessions", json={"badge": "P-6", "password": PASSWORD})
    page = watched("POST", "/sign-in", data={"badge": "P-3", "password": PASSWORD}, headers={"Accept": "text/html"})
    bearer = {"Authorization": f"Bearer {tokens['key']}"}
    monkeypatch.setattr("qc_service.fixes.service.prepare", explode)
    watched("POST", "/v1/fixes", headers=bearer, json={"line": "L1", "measure": "scrap", "title": "x",
                                                       "in_effect_at": hour(1)[0]})  # fmt: skip

    assert (answer.status_code, answer.json["code"], page.status_code) == (500, "internal", 500)
    assert "mistake of ours" not in "".join(watched.replies)
    assert watched.logs.getvalue().count("request.exploded") == 3
    assert answer.json["request_id"] in watched.logs.getvalue()
    assert leaks(watched, watched.logs.getvalue() + "".join(watched.replies)) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_settings_do_not_print_their_secrets(settings):
    shown = repr(replace(settings, secret_key=SECRET_KEY, pin_pepper=PEPPER, smtp_url=f"smtp://a:{MAIL_PASSWORD}@h"))

    assert not [secret for secret in (SECRET_KEY, PEPPER, MAIL_PASSWORD) if secret in shown]
