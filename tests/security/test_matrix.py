"""Every address, everybody, their own site and another's: allowed exactly where the policy table says so.

A new route is walked by itself. Where nothing here knows what to send to it, the test names it and fails.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from qc_service import audit
from qc_service.auth import public
from qc_service.db import connected
from qc_service.policy import POLICY, ROLES, SCOPES
from tests.plant import count, hour
from tests.two_sites import PASSWORD, Premises, Principal

# What anybody may call. A route that is not here and has no action fails.
PUBLIC = {
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /v1/openapi.json", "GET /v1/problems/<code>",
    "POST /v1/sessions", "GET /sign-in", "POST /sign-in", "GET /desk/static/<path:filename>",
}  # fmt: skip

REQUEST_ID = "matrix-request-0001"


# --- what to send -----------------------------------------------------------------------------------------------


def _by_rule(p: Premises, rule: str) -> str:
    for start, code in (("/v1/sites/", p.site), ("/v1/lines/", p.line), ("/v1/products/", p.product)):
        if rule.startswith(start):
            return code
    return "not_found"  # /v1/problems/<code>


PARTS: dict[str, Callable[[Premises, str], str]] = {
    "alert_id": lambda p, rule: p.alert,
    "count_id": lambda p, rule: p.count,
    "device_id": lambda p, rule: p.device,
    "evidence_id": lambda p, rule: p.evidence,
    "fix_id": lambda p, rule: p.fix,
    "key_id": lambda p, rule: p.key,
    "person_id": lambda p, rule: p.person,
    "code": _by_rule,
    "role": lambda p, rule: "operator",
    "action": lambda p, rule: "ack",
    "filename": lambda p, rule: "desk.css",
}


def _fix(p: Premises) -> dict[str, Any]:
    return {
        "line": p.line, "site": p.site, "measure": "defective", "title": "Another nozzle",
        "in_effect_at": hour(46)[0], "promise": {"rate": 0.02},
    }  # fmt: skip


def _fix_form(p: Premises) -> dict[str, Any]:
    return {
        "line": p.line, "measure": "defective", "title": "Another nozzle", "in_effect_at": "2026-01-05T06:00",
        "promise": "rate", "promise_rate": "2", "baseline_lots": "60",
    }  # fmt: skip


def _count_form(p: Premises) -> dict[str, Any]:
    return {
        "line": p.line, "lot": "T-1", "inspected": "50", "defective": "1",
        "period_start": "2026-01-05T06:00", "period_end": "2026-01-05T07:00",
    }  # fmt: skip


def _file(p: Premises) -> dict[str, Any]:
    start, end = hour(90)
    text = f"external_id,line,period_start,period_end,total\nU-1,{p.line},{start},{end},10\n"
    return {"file": (text.encode(), "counts.csv")}


BODIES: dict[str, Callable[[Premises], dict[str, Any]]] = {
    # the desk's forms
    "POST /sign-in": lambda p: {"form": {"badge": "nobody", "password": PASSWORD}},
    "POST /sign-out": lambda p: {"form": {}},
    "POST /alerts/<alert_id>/<action>": lambda p: {"form": {}},
    "POST /counts/new": lambda p: {"form": _count_form(p)},
    "POST /counts/upload": lambda p: {"form": _file(p)},
    "POST /fixes/new": lambda p: {"form": _fix_form(p)},
    "POST /fixes/confirm": lambda p: {"form": {**_fix_form(p), "step": "confirm"}},
    # plant
    "POST /v1/sites": lambda p: {"json": {"code": f"second-{p.word}", "name": "Second"}},
    "PATCH /v1/sites/<code>": lambda p: {"json": {"name": "Renamed"}},
    "POST /v1/lines": lambda p: {"json": {"code": "another", "name": "Another", "site": p.site}},
    "PATCH /v1/lines/<code>": lambda p: {"json": {"name": "Renamed"}},
    "POST /v1/products": lambda p: {"json": {"code": "another", "name": "Another", "site": p.site}},
    # counts and fixes
    "POST /v1/ingest/production-counts": lambda p: {"json": [count(70, line=p.line)]},
    "POST /v1/fixes": lambda p: {"json": _fix(p)},
    # alerts
    "POST /v1/alerts/<alert_id>/ack": lambda p: {"json": {}},
    "POST /v1/alerts/<alert_id>/unack": lambda p: {"json": {}},
    "POST /v1/alerts/<alert_id>/snooze": lambda p: {"json": {"for_minutes": 10}},
    "POST /v1/alerts/<alert_id>/resolve": lambda p: {"json": {"reason": "The cause is gone."}},
    "POST /v1/alerts/<alert_id>/comment": lambda p: {"json": {"text": "Seen."}},
    # people and access
    "POST /v1/sessions": lambda p: {"json": {"badge": "nobody", "password": PASSWORD}},
    "DELETE /v1/sessions/current": lambda p: {},
    "POST /v1/people": lambda p: {"json": {"code": "N-1", "name": "New", "roles": ["operator"], "site": p.site}},
    "PATCH /v1/people/<person_id>": lambda p: {"json": {"name": "Renamed", "active": False}},
    "POST /v1/people/<person_id>/roles": lambda p: {"json": {"role": "inspector", "site": p.site}},
    "DELETE /v1/people/<person_id>/roles/<role>": lambda p: {"query_string": {"site": p.site}},
    "POST /v1/people/<person_id>/pin": lambda p: {"json": {"pin": "260483"}},
    "POST /v1/people/<person_id>/password": lambda p: {"json": {"password": "eleven grey pigeons"}},
    "POST /v1/keys": lambda p: {"json": {"name": "New", "scopes": ["counts:write"], "site": p.site}},
    "DELETE /v1/keys/<key_id>": lambda p: {},
    "POST /v1/devices": lambda p: {"json": {"name": "New", "site": p.site}},
    "DELETE /v1/devices/<device_id>": lambda p: {},
    "POST /v1/devices/<device_id>/unlock": lambda p: {},
}

# What a list is asked for, where it must or can be asked for something of one site.
QUERIES: dict[str, Callable[[Premises], dict[str, str]]] = {
    "/v1/production-counts": lambda p: {"line": p.line},
    "/v1/lines": lambda p: {"site": p.site},
    "/v1/products": lambda p: {"site": p.site},
    "/v1/fixes": lambda p: {"line": p.line},
    "/v1/flags": lambda p: {"line": p.line, "site": p.site},
    "/v1/alerts": lambda p: {"line": p.line, "state": "all"},
    "/v1/people": lambda p: {"code": p.badge},
    "/fixes/new": lambda p: {"line": p.line},
    "/counts/new": lambda p: {"line": p.line},
}

# These answer the same wherever one is, and name nothing of the site.
NOBODYS = {"/v1/measures", "/v1/me", "/counts/example.csv", "/counts/upload", "/sign-out", "/v1/sessions/current"}
NAMELESS = {*NOBODYS, "/fixes/<fix_id>/spark.svg"}  # a line of rates without a word

# What the policy table alone does not say: (route, who) → the status that is right nevertheless.
CONTENT = {"POST /v1/alerts/<alert_id>/unack": 409}  # nobody has taken it
ONLY_EVERYWHERE = {"POST /v1/sites"}  # a new site belongs to no site that one could have been granted


# --- sending ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    method: str
    rule: str
    parts: tuple[str, ...]
    action: str | None
    marked: bool
    desk: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def public(self) -> bool:
        return self.marked and self.action is None


def routes(app: Any) -> list[Route]:
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        view = app.view_functions[rule.endpoint]
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            action, marked = getattr(view, "qc_action", None), hasattr(view, "qc_action")
            desk = rule.endpoint.startswith("desk.")
            found.append(Route(method, rule.rule, tuple(sorted(rule.arguments)), action, marked, desk))
    return found


def unknown_to_this_test(all_routes: list[Route]) -> list[str]:
    return [
        route.name
        for route in all_routes
        if not set(route.parts) <= set(PARTS) or (route.method != "GET" and route.name not in BODIES)
    ]


@dataclass
class Caller:
    app: Any

    def send(self, who: Principal, route: Route, to: Premises, method: str | None = None, **more: Any) -> Any:
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: PARTS[found[1]](to, route.rule), route.rule)
        sent = {**BODIES.get(route.name, lambda p: {})(to), **more}
        if route.method == "GET" and not route.parts and route.rule in QUERIES:
            sent["query_string"] = QUERIES[route.rule](to)
        if "form" in sent:
            form = {name: _fresh(value) for name, value in sent.pop("form").items()}
            sent["data"] = {**form, "csrf": self.page_token(who)}
        headers = {"X-Request-Id": REQUEST_ID, **who.headers(desk=route.desk)}
        return self.client().open(path, method=method or route.method, headers=headers, buffered=True, **sent)

    def client(self) -> Any:
        return self.app.test_client(use_cookies=False)

    def page_token(self, who: Principal) -> str:
        if not who.page_token:
            page = self.client().get("/", headers=who.headers(desk=True), follow_redirects=True)
            who.page_token = re.search(r'name="csrf" value="(\w+)"', page.text)[1]
        return who.page_token


def _fresh(value: Any) -> Any:
    """A file that was sent once is closed."""
    return (io.BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value


def refusal(response: Any) -> int | None:
    """The status of a refusal; being sent to sign in is one."""
    if response.status_code == 302 and "/sign-in" in response.headers["Location"]:  # having signed out is a 303
        return 401
    return response.status_code if response.status_code >= 400 else None


def effect(response: Any, route: Route) -> int | None:
    """The status of what came of it; a batch whose every row was rejected came to nothing."""
    if route.name == "POST /v1/ingest/production-counts" and response.status_code == 200:
        return 422 if '"rejected":1' in response.text else None
    if route.name == "POST /counts/upload" and response.status_code == 200:
        return 422 if "refused: 1" in response.text else None
    return refusal(response)


def events() -> int:
    with connected():
        return audit.Event.select().count()


# --- own site ---------------------------------------------------------------------------------------------------

SITE_A = [*ROLES, "key with the scope", "key with *", "anonymous"]
EVERYBODY = [*SITE_A, "key without the scope", *(f"{role} everywhere" for role in ROLES)]


def principal(town: Any, name: str, route: Route) -> Principal:
    if name == "anonymous":
        return town.anonymous
    if name == "key with *":
        return town.with_scope["*"]
    if name.startswith("key"):
        scope = (POLICY[route.action].scope if route.action else None) or SCOPES[0]
        return (town.with_scope if name == "key with the scope" else town.without_scope)[scope]
    return town.people[name] if name in town.people else town.everywhere[name.removesuffix(" everywhere")]


def as_the_table_says(who: Principal, route: Route) -> set[int | None]:
    """The statuses that are right in one's own site; None is success."""
    if who.kind == "anonymous" or (who.kind == "key" and route.desk):
        return {401}
    if not who.may(route.action or ""):
        return {403}
    if route.name in ONLY_EVERYWHERE and not who.everywhere:
        return {403}
    return {CONTENT.get(route.name)}


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_may_do_in_their_site_what_the_table_says_and_nothing_else(kept, town, name):
    caller, wrong, before = Caller(kept.app), [], events()
    for route in routes(kept.app):
        if route.public:
            continue
        who = principal(town, name, route)
        response = caller.send(who, route, town.a)
        found, right = refusal(response), as_the_table_says(who, route)
        if found not in right:
            wrong.append(f"{route.name} as {who.name}: {response.status_code}, not {right}: {response.text[:200]}")
        if found is None and route.method == "GET" and route.rule not in NAMELESS and town.a.word not in response.text:
            wrong.append(f"{route.name} as {who.name}: nothing of the site is in it")
        if found is None and route.method != "GET":
            kept.restore()
        elif events() != before:
            wrong.append(f"{route.name} as {who.name} was refused and yet wrote something")
            kept.restore()
    assert not wrong, "\n".join(wrong)


# --- the other site ---------------------------------------------------------------------------------------------


def ghost(b: Premises) -> Premises:
    """Names and ids of the same form that nothing has."""
    ids = {
        name: re.sub(r"_.*", "_" + "0" * 26, value)
        for name, value in vars(b).items()
        if re.fullmatch(r"[a-z]{3}_[0-9a-z]{26}", value)
    }
    words = {name: value.replace(b.word, "phantom") for name, value in vars(b).items() if name not in ids}
    return replace(b, **{**words, **ids})


def without(text: str, names: Premises) -> str:
    """A reply without what the request itself named."""
    for value in sorted(names.secrets, key=len, reverse=True):
        text = text.replace(value, "…")
    return text


@pytest.mark.parametrize("kept", ["sqlite", pytest.param("pg", marks=pytest.mark.pg)], indirect=True)
@pytest.mark.parametrize("name", SITE_A)
def test_another_site_is_not_there(kept, town, name):
    """Each request for what is the other site's is answered as if there were no such thing, and changes nothing."""
    caller, wrong, before = Caller(kept.app), [], events()
    nothing = ghost(town.b)
    for route in routes(kept.app):
        if route.public or route.rule in NOBODYS or route.name in ONLY_EVERYWHERE:
            continue
        who = principal(town, name, route)
        with time_machine.travel(datetime.now(UTC), tick=False):
            response, empty = (caller.send(who, route, to) for to in (town.b, nothing))
        asked = f"{route.name} as {who.name}"
        if events() != before:
            wrong.append(f"{asked} changed something: {response.status_code}")
            kept.restore()
        found, signed_in = effect(response, route), who.kind == "person" or not route.desk
        if who.may(route.action or "") and route.parts and found != (404 if signed_in else 401):
            wrong.append(f"{asked}: {response.status_code}, not 404")
        if route.method != "GET" and found is None:
            wrong.append(f"{asked}: {response.status_code}, and it should not be done")
        if (without(response.text, town.b), response.status_code) != (without(empty.text, nothing), empty.status_code):
            wrong.append(f"{asked} answers otherwise than for what does not exist: {response.text[:300]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", SITE_A)
def test_no_reply_about_ones_own_site_holds_a_word_of_another(kept, town, name):
    caller, leaks = Caller(kept.app), []
    for route in routes(kept.app):
        who = principal(town, name, route)
        response = caller.send(who, route, town.a)
        said = (response.text + str(response.headers)).casefold()
        leaks += [f"{route.name} as {who.name}: {word}" for word in town.b.secrets if word.casefold() in said]
        if route.method != "GET" and response.status_code < 400:
            kept.restore()
    assert not leaks, "\n".join(leaks)


@pytest.mark.parametrize("role", ROLES)
def test_a_list_that_is_asked_for_nothing_in_particular_holds_ones_own_site_only(kept, town, role):
    client, leaks = kept.app.test_client(use_cookies=False), []
    for route in routes(kept.app):
        if route.method != "GET" or route.parts or route.public:
            continue
        who = town.people[role]
        reply = client.get(route.rule, headers=who.headers(desk=route.desk))
        leaks += [route.name for word in town.b.secrets if word in reply.text]
    assert not leaks, leaks


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_granted_everywhere_holds_in_each_site(kept, town, role):
    caller, wrong, who = Caller(kept.app), [], town.everywhere[role]
    for route in routes(kept.app):
        if route.public or route.method != "GET":
            continue
        response = caller.send(who, route, town.b)
        if refusal(response) != (None if who.may(route.action or "") else 403):
            wrong.append(f"{route.name}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


# --- the list of routes -----------------------------------------------------------------------------------------


def test_every_route_is_marked_and_the_public_ones_are_these(kept):
    found = routes(kept.app)

    assert [route.name for route in found if not route.marked] == []
    assert {route.name for route in found if route.public} == PUBLIC


def test_this_test_knows_what_to_send_to_every_route(kept):
    assert unknown_to_this_test(routes(kept.app)) == []


def test_a_route_that_is_new_and_unknown_here_is_named():
    new = Route("POST", "/v1/novelties/<novelty_id>", ("novelty_id",), "line.read", marked=True, desk=False)

    assert unknown_to_this_test([new]) == [new.name]


def test_a_view_without_a_mark_is_closed_and_one_that_is_public_is_open(kept, town):
    everything = town.with_scope["*"].headers(desk=False)
    app = kept.app.__class__("bare")
    for name in ("extensions", "config", "error_handler_spec", "before_request_funcs"):
        setattr(app, name, getattr(kept.app, name))
    app.add_url_rule("/v1/forgotten", "forgotten", lambda: "all of it")
    app.add_url_rule("/v1/given", "given", public(lambda: "what anybody may have"))

    with connected():
        assert app.test_client().get("/v1/forgotten", headers=everything).status_code == 403
        assert app.test_client().get("/v1/given").text == "what anybody may have"


def test_what_is_public_answers_to_anybody(kept, town):
    caller, public_ones = Caller(kept.app), [route for route in routes(kept.app) if route.public]
    answers = {route.name: caller.send(town.anonymous, route, town.a).status_code for route in public_ones}

    assert {name: status for name, status in answers.items() if status >= 400} == {
        "POST /sign-in": 401, "POST /v1/sessions": 401,  # nobody has that badge
    }  # fmt: skip


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "TRACE", "POST", "DELETE", "PATCH"])
def test_no_other_method_is_a_way_around_the_check(kept, town, method):
    caller, answered = Caller(kept.app), []
    for route in routes(kept.app):
        if route.public or route.method == method:
            continue
        response = caller.send(town.anonymous, route, town.a, method=method)
        if refusal(response) is None or town.a.word in response.text:
            answered.append(f"{method} {route.rule}: {response.status_code}")
    assert answered == []


# --- what no client may set -------------------------------------------------------------------------------------

FORBIDDEN = {
    "id": "fix_1", "site_id": "sit_1", "line_id": "lin_1", "person_id": "per_1", "actor": "person:per_1",
    "account": "a", "device_id": "dev_1", "recorded_at": "2026-01-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z",
    "declared_at": "2026-01-01T00:00:00Z", "declared_by": "person:per_1", "updated_at": "2026-01-01T00:00:00Z",
    "seq": 1, "hash": "00", "prev": "00", "sha256": "00", "episode": 7, "state": "resolved", "frozen": {},
    "meaning": "approved", "via": "desk", "revision": 9, "must_change": False, "active_from": None, "token": "qck_x",
}  # fmt: skip


def test_no_client_sets_what_the_service_itself_records(kept, town):
    """Who, where, when, which number and which state are the service's to say, in every body that it reads."""
    caller, wrong = Caller(kept.app), []
    for route in routes(kept.app):
        known = BODIES.get(route.name, lambda p: {})(town.a).get("json")
        if known is None:
            continue
        body = known[0] if isinstance(known, list) else known
        swollen = {**FORBIDDEN, **body}
        roles = POLICY[route.action].roles if route.action else ()
        who = town.everywhere[roles[-1]] if roles else town.anonymous
        response = caller.send(who, route, town.a, json=[swollen] if isinstance(known, list) else swollen)
        passed = {name for name in set(FORBIDDEN) - set(body) if f'/{name}"' not in response.text}
        if effect(response, route) != 422 or passed:
            wrong.append(f"{route.name}: {response.status_code}, lets pass {passed}")
    assert not wrong, "\n".join(wrong)


# --- the table itself -------------------------------------------------------------------------------------------

# The matrix as it was designed, for the actions that exist: Y own site · O own objects · L own line · s a key with the
# scope · - never. In the order of ROLES, then a key; each row with the action of the policy table that answers for it.
READ_FLAGS = "OL L Y Y Y - s"
READ_LINES = "Y Y Y Y Y Y s"
DESIGN = [
    # operator inspector supervisor quality_manager auditor admin key
    ("read line status", READ_LINES, "site.read"),
    ("read line status", READ_LINES, "line.read"),
    ("read line status", READ_LINES, "product.read"),
    ("read line status", READ_LINES, "measure.read"),
    ("read fixes", READ_FLAGS, "fix.read"),
    ("read flags", READ_FLAGS, "flag.read"),
    ("read what flags rest on", READ_FLAGS, "evidence.read"),
    ("create a site", "- - - - - Y s", "site.write"),
    ("switches of a site", "- - - - - Y -", "site.write"),
    ("create or rename a line", "- - Y Y - Y s", "line.write"),
    ("create a product", "- - Y Y - Y s", "product.write"),
    ("record, revise, reverse counts", "- - Y Y - - s", "count.record"),
    ("declare a fix", "- - Y Y - - s", "fix.declare"),
    ("acknowledge, comment, resolve an alert", "- - Y Y - - s", "alert.act"),
    ("snooze an alert", "- - Y Y - - -", "alert.act"),
    ("create, deactivate people, grant roles", "- - - - - Y -", "person.write"),
    ("reset a password", "- - - - - Y -", "person.write"),
    ("reset a PIN", "- - L - - Y -", "person.reset_pin"),
    ("enrol a tablet", "- - Y - - Y -", "device.enrol"),
    ("unlock a tablet", "- - Y - - Y -", "device.unlock"),
    ("API keys", "- - - - - Y -", "key.write"),
    # the design is silent on these; the letters are ours
    ("read counts", "- - Y Y Y - s", "count.read"),
    ("read alerts", "- - Y Y Y - s", "alert.read"),
    ("see people", "- - Y Y Y Y -", "person.read"),
    ("see the board", "- - Y Y Y - -", "desk.board"),
    ("know who one is", "Y Y Y Y Y Y s", "me.read"),
    ("sign out", "Y Y Y Y Y Y -", "session.end"),
]

_NO_LINE = "a person is granted a site and not yet a line, so the site stands for it"
_LEADS = "leads the floor as a supervisor does, and may be the only one there"
# Where the service differs from the design, and why. A difference that is not here fails, and so does one that is none.
DIFFERENT = {
    ("read fixes", "operator"): _NO_LINE,
    ("read fixes", "inspector"): _NO_LINE,
    ("read flags", "operator"): _NO_LINE,
    ("read flags", "inspector"): _NO_LINE,
    ("read what flags rest on", "operator"): _NO_LINE,
    ("read what flags rest on", "inspector"): _NO_LINE,
    ("reset a PIN", "supervisor"): _NO_LINE,
    ("reset a PIN", "quality_manager"): _LEADS,
    ("enrol a tablet", "quality_manager"): _LEADS,
    ("unlock a tablet", "quality_manager"): _LEADS,
    ("switches of a site", "key"): "one action answers for creating and for changing a site",
    ("snooze an alert", "key"): "one action answers for all that is done to an alert",
}


def test_the_policy_table_is_the_one_that_was_designed():
    found = set()
    for what, letters, action in DESIGN:
        rule = POLICY[action]
        for who, letter in zip([*ROLES, "key"], letters.split(), strict=True):
            granted = who in rule.roles or (who == "key" and rule.scope is not None)
            if granted != (letter in "Ys"):
                found.add((what, who))

    assert {action for _, _, action in DESIGN} == set(POLICY)
    assert found == set(DIFFERENT)


def test_nothing_is_granted_to_a_key_that_only_a_human_may_do():
    """A key never signs, never alters who may do what, and holds no scope for it."""
    human = (
        "person.write",
        "person.read",
        "person.reset_pin",
        "device.enrol",
        "device.unlock",
        "key.write",
        "session.end",
    )

    assert [action for action in human if POLICY[action].scope is not None] == []


def test_an_auditor_writes_nothing():
    writes = {"site.write", "line.write", "product.write", "count.record", "fix.declare", "alert.act", "person.write",
              "person.reset_pin", "device.enrol", "device.unlock", "key.write"}  # fmt: skip

    assert [action for action in writes if "auditor" in POLICY[action].roles] == []
    assert writes <= set(POLICY)
