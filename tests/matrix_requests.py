"""What to send to every route, so that each can be asked by everybody."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pypdfium2 import PdfDocument

from qc_service import audit, clock
from qc_service.db import connected
from tests import matrix_inspecting, matrix_reading
from tests.matrix_exceptions import ALL_REFUSED
from tests.pictures import JPEG
from tests.plant import count, hour
from tests.procedure_life import SIGNED, document
from tests.site_translations import title
from tests.two_sites import PASSWORD, Premises, Principal, photo_of

# What anybody may call. A route that is not here and has no action fails.
PUBLIC = {
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /v1/openapi.json", "GET /v1/problems/<code>",
    "POST /v1/sessions", "GET /sign-in", "POST /sign-in", "GET /desk/static/<path:filename>",
    "GET /floor", "GET /sw.js", "GET /floor/static/<path:filename>", "GET /floor/texts/<language>.json",
    "GET /floor/manifest.webmanifest", "GET /c/s/<site>/<line>", "GET /c/b/<badge>",
}  # fmt: skip

REQUEST_ID = "matrix-request-0001"


# --- what to send -----------------------------------------------------------------------------------------------


def _by_rule(p: Premises, rule: str) -> str:
    names = {
        "/v1/gauges/": p.gauge, "/gauges/": p.gauge,
        "/sites/": p.site,
        "/v1/sites/": p.site, "/v1/lines/": p.line, "/v1/products/": p.product, "/v1/people/": p.badge,
        "/v1/floor/procedures/": p.procedure, "/lines/": p.line,
        "/v1/lots/": p.lot, "/lots/": p.lot, "/v1/procedures/": p.procedure, "/p/": p.procedure,
        "/procedures/": p.procedure,
    }  # fmt: skip
    for start, code in names.items():
        if rule.startswith(start):
            return code
    return "not_found"  # /v1/problems/<code>


def _version(p: Premises, rule: str) -> str:
    """The version that is in the state which the request needs."""
    ends = {"/submit": p.draft, "/discard": p.draft, "/review": p.in_review, "/return": p.in_review,
            "/approve": p.in_review, "/publish": p.approved, "/translation-override": p.approved,
            "/translation-override/confirm": p.approved}  # fmt: skip
    end = rule.partition("/versions/<int:number>")[2]
    return p.draft if end.startswith("/edit") else ends.get(end, p.in_force)


PARTS: dict[str, Callable[[Premises, str], str]] = {
    "alert_id": lambda p, rule: p.alert,
    "count_id": lambda p, rule: p.count,
    "device_id": lambda p, rule: p.device,
    "evidence_id": lambda p, rule: p.evidence,
    "fix_id": lambda p, rule: p.fix,
    "key_id": lambda p, rule: p.key,
    "person_id": lambda p, rule: p.person,
    "sha256": lambda p, rule: p.sha256,
    "uuid": matrix_inspecting.address,
    "badge": lambda p, rule: p.badge,
    "nonconformity_id": lambda p, rule: p.nonconformity,
    "deviation_id": lambda p, rule: p.asked if rule.endswith("/decide") else p.deviation,
    "report_id": lambda p, rule: p.report,
    "code": _by_rule,
    "number": _version,
    "section": lambda p, rule: "checks",
    "item": lambda p, rule: "weight",
    "language": lambda p, rule: "da",
    "role": lambda p, rule: "operator",
    "action": lambda p, rule: "ack",
    "site": lambda p, rule: p.site,
    "line": lambda p, rule: p.line,
    "lot": lambda p, rule: p.lot,
    "unit": lambda p, rule: "1",
    "filename": lambda p, rule: "floor.css" if rule.startswith("/floor") else "desk.css",
}


def _fix(p: Premises) -> dict[str, Any]:
    return {
        "line": p.line, "site": p.site, "measure": "defective", "title": "Another nozzle",
        "in_effect_at": hour(46)[0], "promise": {"rate": 0.02},
    }  # fmt: skip


def _procedure_form(p: Premises) -> dict[str, Any]:
    return {
        "title": "Another", "code": "another", "site": p.site, "start": "empty", "language": "en",
        "purpose": "To have another.", "first_step": "Begin.",
    }  # fmt: skip


def _check_form(p: Premises) -> dict[str, Any]:
    return {
        "type": "measure", "text": "Weight", "severity": "major", "step": "seal", "unit": "g", "max": "344",
        "revision": "1",
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


def _deviation(p: Premises) -> dict[str, Any]:
    soon = clock.iso(clock.now() + timedelta(days=1))
    return {
        "procedure": p.procedure, "check": "weight", "line": p.line, "reason": "Lighter.", "quantity": 5,
        "expires_at": soon,
    }  # fmt: skip


def _translation(p: Premises) -> dict[str, Any]:
    return {"texts": title(p.word, f"Pak {p.word}")}


def _translation_file(p: Premises) -> dict[str, Any]:
    text = f"path,source,target\ntitle,Pack the {p.word},Pak {p.word} ind\n"
    return {"data": text.encode(), "content_type": "text/csv"}


def _translation_form(p: Premises) -> dict[str, Any]:
    [(path, one)] = title(p.word, f"Pak {p.word}").items()
    return {"path-1": path, "text-1": one["text"], "sha-1": one["source_sha"], "seen-1": ""}


def _translation_upload(p: Premises) -> dict[str, Any]:
    text = f"path,source,target\ntitle,Pack the {p.word},Pak {p.word} ind\n"
    return {"file": (text.encode(), "translations.csv")}


BODIES: dict[str, Callable[[Premises], dict[str, Any]]] = {
    # the desk's forms
    "POST /sign-in": lambda p: {"form": {"badge": "nobody", "password": PASSWORD}},
    "POST /sign-out": lambda p: {"form": {}},
    "POST /alerts/<alert_id>/<action>": lambda p: {"form": {}},
    "POST /counts/new": lambda p: {"form": _count_form(p)},
    "POST /counts/upload": lambda p: {"form": _file(p)},
    "POST /lines/new": lambda p: {"form": {"code": "another", "name": "Another", "site": p.site}},
    "POST /lines/<code>/edit": lambda p: {"form": {"name": "Renamed", "phone": "1234"}},
    "POST /fixes/new": lambda p: {"form": _fix_form(p)},
    "POST /fixes/confirm": lambda p: {"form": {**_fix_form(p), "step": "confirm"}},
    "POST /procedures/new": lambda p: {"form": _procedure_form(p)},
    "POST /procedures/<code>/lines": lambda p: {"form": {"remove": p.line}},
    "POST /procedures/<code>/details": lambda p: {"form": {"title": "Renamed"}},
    "POST /procedures/<code>/versions/new": lambda p: {"form": {"start": "base", "for": "", "base": p.in_force}},
    "POST /procedures/<code>/versions/<int:number>/edit/<section>": lambda p: {"form": _check_form(p)},
    "POST /procedures/<code>/versions/<int:number>/edit/<section>/<item>": lambda p: {"form": _check_form(p)},
    "POST /procedures/<code>/versions/<int:number>/edit/<section>/<item>/move": lambda p: {
        "form": {"to": "up", "revision": "1"}
    },
    "POST /procedures/<code>/versions/<int:number>/edit/<section>/<item>/remove": lambda p: {"form": {"revision": "1"}},
    "POST /procedures/<code>/versions/<int:number>/submit": lambda p: {"form": {"change_note": "Another"}},
    "POST /procedures/<code>/versions/<int:number>/review": lambda p: {"form": {"password": PASSWORD}},
    "POST /procedures/<code>/versions/<int:number>/return": lambda p: {"form": {"reason": "Not yet."}},
    "POST /procedures/<code>/versions/<int:number>/approve": lambda p: {"form": {"password": PASSWORD}},
    "POST /procedures/<code>/versions/<int:number>/publish": lambda p: {"form": {"password": PASSWORD}},
    "POST /procedures/<code>/versions/<int:number>/withdraw": lambda p: {
        "form": {"reason": "Wrong.", "password": PASSWORD}
    },
    "POST /procedures/<code>/versions/<int:number>/discard": lambda p: {"form": {"reason": "Not wanted."}},
    "POST /procedures/<code>/versions/<int:number>/translate/<language>": lambda p: {"form": _translation_form(p)},
    "POST /procedures/<code>/versions/<int:number>/translate/<language>/import": lambda p: {
        "form": _translation_upload(p)
    },
    "POST /procedures/<code>/versions/<int:number>/translation-override": lambda p: {
        "form": {"reason": "It cannot wait.", "password": PASSWORD}
    },
    "POST /procedures/<code>/versions/<int:number>/translation-override/confirm": lambda p: {
        "form": {"password": PASSWORD}
    },
    **matrix_reading.FORMS,
    **matrix_inspecting.BODIES,
    # plant
    "POST /v1/sites": lambda p: {"json": {"code": f"second-{p.word}", "name": "Second"}},
    "PATCH /v1/sites/<code>": lambda p: {"json": {"name": "Renamed"}},
    "POST /v1/lines": lambda p: {"json": {"code": "another", "name": "Another", "site": p.site}},
    "PATCH /v1/lines/<code>": lambda p: {"json": {"name": "Renamed"}},
    "POST /v1/products": lambda p: {"json": {"code": "another", "name": "Another", "site": p.site}},
    # counts and fixes
    "POST /v1/ingest/production-counts": lambda p: {"json": [count(70, line=p.line)]},
    "POST /v1/fixes": lambda p: {"json": _fix(p)},
    # procedures
    "POST /v1/procedures": lambda p: {"json": {"code": "another", "title": "Another", "site": p.site}},
    "PATCH /v1/procedures/<code>": lambda p: {"json": {"title": "Renamed"}},
    "PUT /v1/procedures/<code>/lines": lambda p: {"json": {"lines": []}},
    "POST /v1/procedures/<code>/versions": lambda p: {"json": {"document": document(), "change_note": "Another"}},
    "PUT /v1/procedures/<code>/versions/<int:number>": lambda p: {"json": {"document": document(), "revision": 1}},
    "POST /v1/procedures/<code>/versions/<int:number>/submit": lambda p: {"json": {}},
    "POST /v1/procedures/<code>/versions/<int:number>/review": lambda p: {"json": SIGNED},
    "POST /v1/procedures/<code>/versions/<int:number>/return": lambda p: {"json": {"reason": "Not yet."}},
    "POST /v1/procedures/<code>/versions/<int:number>/approve": lambda p: {"json": SIGNED},
    "POST /v1/procedures/<code>/versions/<int:number>/publish": lambda p: {"json": SIGNED},
    "POST /v1/procedures/<code>/versions/<int:number>/withdraw": lambda p: {"json": {**SIGNED, "reason": "Wrong."}},
    "PUT /v1/procedures/<code>/versions/<int:number>/translations/<language>": lambda p: {"json": _translation(p)},
    "POST /v1/procedures/<code>/versions/<int:number>/translations/<language>/review": lambda p: {
        "json": {"all": True}
    },
    "POST /v1/procedures/<code>/versions/<int:number>/translations/<language>/import": _translation_file,
    "POST /v1/procedures/<code>/versions/<int:number>/translation-override": lambda p: {
        "json": {**SIGNED, "reason": "It cannot wait."}
    },
    "POST /v1/procedures/<code>/versions/<int:number>/translation-override/confirm": lambda p: {"json": SIGNED},
    "POST /v1/procedures/<code>/versions/<int:number>/discard": lambda p: {"json": {"reason": "Not wanted."}},
    # who reads and shows what, deviations, steps that do not work
    "POST /v1/procedures/<code>/versions/<int:number>/acknowledgements": lambda p: {"json": SIGNED},
    "POST /v1/procedures/<code>/skills": lambda p: {"json": {**SIGNED, "person": p.badge}},
    "POST /v1/procedures/<code>/versions/<int:number>/reports": lambda p: {"json": {"step": "seal", "text": "Slips."}},
    "POST /v1/step-reports/<report_id>/answer": lambda p: {"json": {"outcome": "explained", "answer": "Turn it."}},
    "POST /v1/deviations": lambda p: {"json": _deviation(p)},
    "POST /v1/deviations/<deviation_id>/decide": lambda p: {"json": {**SIGNED, "grant": True, "note": "For once."}},
    "POST /v1/deviations/<deviation_id>/uses": lambda p: {"json": {"quantity": 1, "reference": "T-1"}},
    "POST /v1/deviations/<deviation_id>/end": lambda p: {"json": {"reason": "No longer needed."}},
    # pictures
    "PUT /v1/media/<sha256>": lambda p: {
        "data": photo_of(p.word),
        "content_type": JPEG,
        "query_string": {"site": p.site},
    },
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
    "POST /v1/people/<code>/same-as": lambda p: {"json": {"badge": p.badge}},
    "POST /v1/people/<person_id>/roles": lambda p: {"json": {"role": "inspector", "site": p.site}},
    "DELETE /v1/people/<person_id>/roles/<role>": lambda p: {"query_string": {"site": p.site}},
    "POST /v1/people/<person_id>/pin": lambda p: {"json": {"pin": "260483"}},
    "POST /v1/people/<person_id>/card": lambda p: {},
    "DELETE /v1/people/<person_id>/card": lambda p: {},
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
    "/v1/procedures": lambda p: {"q": p.procedure},
    "/v1/inspections": lambda p: {"lot": p.lot},
    "/v1/calls": lambda p: {"line": p.line, "state": "open"},
    "/v1/deviations": lambda p: {"line": p.line},
    "/v1/step-reports": lambda p: {"procedure": p.procedure},
    "/inspections": lambda p: {"lot": p.lot},
    "/checking": lambda p: {"procedure": p.procedure},
    "/fixes/new": lambda p: {"line": p.line},
    "/counts/new": lambda p: {"line": p.line},
    **matrix_inspecting.QUERIES,
}

# What is read by its address alone may be asked for more of itself.
ORIGINAL: dict[str, Callable[[Premises], dict[str, str]]] = {
    "GET /v1/media/<sha256>": lambda p: {"original": "true"},
    "GET /v1/procedures/<code>/qualification": lambda p: {"person": p.badge},  # a key is nobody itself
}

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
        sent.setdefault("query_string", ORIGINAL.get(route.name, lambda p: {})(to))
        if "form" in sent:
            form = {name: _fresh(value) for name, value in sent.pop("form").items()}
            sent["data"] = {**form, "csrf": self.page_token(who)}
        headers = {"X-Request-Id": REQUEST_ID, **who.headers(desk=route.desk)}
        reply = self.client().open(path, method=method or route.method, headers=headers, buffered=True, **sent)
        if reply.mimetype.startswith("image/"):  # made readable, so that a word in it would be found
            reply.set_data(reply.get_data().decode("latin-1"))
        if reply.mimetype == "application/pdf":
            reply.set_data(" ".join(page.get_textpage().get_text_bounded() for page in PdfDocument(reply.get_data())))
        if reply.mimetype.endswith("spreadsheetml.sheet"):
            with zipfile.ZipFile(io.BytesIO(reply.get_data())) as book:
                reply.set_data(b"".join(book.read(name) for name in book.namelist()))
        if reply.mimetype == "application/zip":  # an evidence pack, photos and all
            with zipfile.ZipFile(io.BytesIO(reply.get_data())) as pack:
                reply.set_data("".join(pack.read(name).decode("latin-1") for name in pack.namelist()))
        return reply

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


SENT_AWAY = {"/sign-in": 401, "/reading": 403}


def refusal(response: Any) -> int | None:
    """The status of a refusal; being sent to sign in is one, and so is being sent away from the board."""
    if response.status_code == 302:  # having signed out is a 303
        return next((status for path, status in SENT_AWAY.items() if path in response.headers["Location"]), None)
    return response.status_code if response.status_code >= 400 else None


def effect(response: Any, route: Route) -> int | None:
    """The status of what came of it; a batch whose every row was rejected came to nothing."""
    if route.name in ALL_REFUSED and response.status_code == 200:
        return 422 if ALL_REFUSED[route.name] in response.text else None
    return refusal(response)


def events() -> int:
    with connected():
        return audit.Event.select().count()
