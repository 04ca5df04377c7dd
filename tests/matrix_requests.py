"""What to send to every route, so that each can be asked by everybody."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qc_service import audit
from qc_service.db import connected
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
    "POST /lines/new": lambda p: {"form": {"code": "another", "name": "Another", "site": p.site}},
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
CONTENT = {
    "POST /v1/alerts/<alert_id>/unack": 409,  # nobody has taken it
    "POST /fixes/confirm": 409,  # it does not come from a page that showed the numbers
}
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
