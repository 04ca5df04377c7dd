"""What to send about lots and inspections, so that each can be asked by everybody."""

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

from qc_service.floor.copy_schemas import FORMAT
from qc_service.people.models import Device
from tests.copy_life import MADE_AT, signed
from tests.pictures import JPEG, jpeg
from tests.procedure_life import SIGNED
from tests.two_sites import PASSWORD, Premises


def _inspection(p: Premises) -> dict[str, Any]:
    return {
        "lot": p.lot, "procedure": p.procedure, "version": int(p.in_force), "inspector": p.badge, "answers": {},
        "units_inspected": 1, "observed_at": "2026-01-05T06:00:00Z",
    }  # fmt: skip


def address(p: Premises, rule: str) -> str:
    if rule.startswith("/v1/calls/"):
        return p.call
    return p.asked_void if rule.endswith("/agree") else p.inspection


def _gauge(p: Premises) -> dict[str, Any]:
    return {
        "code": "another", "name": "Another", "site": p.site, "unit": "g", "calibrated_at": "2026-01-05T06:00",
        "due_on": "2027-01-05",
    }  # fmt: skip


def _copy(p: Premises) -> bytes:
    """What the site's tablet saved: one record that never arrived."""
    tablet = Device.get_or_none(Device.id == p.device)
    body = json.dumps({**_inspection(p), "device_seq": 9})
    record = {
        "uuid": str(uuid.uuid4()), "seq": 9, "seal": None, "sha256": hashlib.sha256(body.encode()).hexdigest(),
        "body": body,
    }  # fmt: skip
    told = {"format": FORMAT, "device": p.device, "made_at": MADE_AT, "records": [record], "deeds": [],
            "pictures": []}  # fmt: skip
    return json.dumps(signed(tablet.hash if tablet else "0" * 64, told)).encode()


BODIES: dict[str, Callable[[Premises], dict[str, Any]]] = {
    # the desk's forms
    "POST /inspections/<uuid>/confirm": lambda p: {"form": {"password": PASSWORD}},
    "POST /inspections/<uuid>/match": lambda p: {"form": {"lot": p.lot, "password": PASSWORD}},
    "POST /inspections/<uuid>/void": lambda p: {"form": {"reason": "Another lot was meant.", "password": PASSWORD}},
    "POST /inspections/<uuid>/void/agree": lambda p: {"form": {"password": PASSWORD}},
    "POST /inspections/<uuid>/own": lambda p: {"form": {"mine": "yes", "password": PASSWORD}},
    "POST /devices/<device_id>/gaps": lambda p: {
        "form": {"first": "4", "last": "5", "reason": "It fell into the water.", "password": PASSWORD}
    },
    "POST /badges/<person_id>/card": lambda p: {"form": {}},
    "POST /badges/<person_id>/lost": lambda p: {"form": {}},
    "POST /tablets/new": lambda p: {"form": {"name": "Tablet 9", "site": p.site}},
    "POST /tablets/<device_id>/revoke": lambda p: {"form": {}},
    "POST /tablets/copies": lambda p: {"form": {"file": (_copy(p), "qc-tablet.json")}},
    "POST /inspections/<uuid>/lot": lambda p: {"form": {"line": p.line}},
    "POST /nonconformities/<nonconformity_id>/disposition": lambda p: {
        "form": {"disposition": "scrap", "was": "rework", "reason": "It cannot be mended.", "password": PASSWORD}
    },
    "POST /lots/<code>/makers": lambda p: {"form": {"makers": p.badge}},
    "POST /lots/<code>/hold": lambda p: {"form": {"reason": "The labels are wrong."}},
    "POST /lots/<code>/release": lambda p: {"form": {"reason": "The labels were put right.", "password": PASSWORD}},
    "POST /lots/<code>/release/agree": lambda p: {"form": {"password": PASSWORD}},
    "POST /lots/<code>/override": lambda p: {"form": {"reason": "The customer is waiting.", "password": PASSWORD}},
    "POST /lots/<code>/override/agree": lambda p: {"form": {"password": PASSWORD}},
    "POST /gauges": lambda p: {"form": _gauge(p)},
    "POST /gauges/<code>/calibrations": lambda p: {"form": {"result": "in_tolerance", "due_on": "2099-01-05"}},
    "POST /gauges/<code>/block": lambda p: {"form": {"reason": "It fell."}},
    "POST /gauges/<code>/unblock": lambda p: {"form": {"reason": "It is good."}},
    "POST /gauges/<code>/name": lambda p: {"form": {"name": "Renamed"}},
    # the API
    "PUT /v1/calls/<uuid>": lambda p: {
        "json": {"kind": "stop", "line": p.line, "pressed_at": "2026-01-05T06:00:00Z", "sent_at": None}
    },
    "POST /v1/calls/<uuid>/answer": lambda p: {},
    "POST /v1/calls/<uuid>/end": lambda p: {"json": {"reason": "The jam is cleared."}},
    "PUT /v1/lots/<code>": lambda p: {"json": {"line": p.line, "makers": [p.badge], "quantity": 10}},
    "POST /v1/lots/<code>/makers": lambda p: {"json": {"makers": [p.badge]}},
    "PUT /v1/inspections/<uuid>": lambda p: {"json": _inspection(p)},
    "POST /v1/lots/<code>/hold": lambda p: {"json": {"reason": "The labels are wrong."}},
    "POST /v1/lots/<code>/release": lambda p: {"json": {**SIGNED, "reason": "The labels were put right."}},
    "POST /v1/lots/<code>/release/agree": lambda p: {"json": SIGNED},
    "POST /v1/lots/<code>/override": lambda p: {"json": {**SIGNED, "reason": "The customer is waiting."}},
    "POST /v1/lots/<code>/override/agree": lambda p: {"json": SIGNED},
    "POST /v1/devices/<device_id>/gaps": lambda p: {
        "json": {**SIGNED, "first": 4, "last": 5, "reason": "It fell into the water."}
    },
    "POST /v1/gauges": lambda p: {"json": {**_gauge(p), "calibrated_at": "2026-01-05T06:00:00Z"}},
    "PATCH /v1/gauges/<code>": lambda p: {"json": {"name": "Renamed"}},
    "POST /v1/gauges/<code>/calibrations": lambda p: {"json": {"result": "in_tolerance", "due_on": "2099-01-05"}},
    "POST /v1/gauges/<code>/block": lambda p: {"json": {"reason": "It fell."}},
    "POST /v1/gauges/<code>/unblock": lambda p: {"json": {"reason": "It is good."}},
    "POST /v1/inspections/<uuid>/confirm": lambda p: {"json": SIGNED},
    "POST /v1/inspections/<uuid>/match": lambda p: {"json": {**SIGNED, "lot": p.lot}},
    "POST /v1/nonconformities/<nonconformity_id>/dispositions": lambda p: {
        "json": {**SIGNED, "disposition": "scrap", "was": "rework", "reason": "It cannot be mended."}
    },
    "POST /v1/inspections/<uuid>/own": lambda p: {"json": {**SIGNED, "mine": True}},
    "POST /v1/inspections/own": lambda p: {"json": {**SIGNED, "answers": [{"uuid": p.inspection, "mine": True}]}},
    "POST /v1/inspections/<uuid>/void": lambda p: {"json": {**SIGNED, "reason": "Another lot was meant."}},
    "POST /v1/inspections/<uuid>/void/agree": lambda p: {"json": SIGNED},
    "PUT /v1/floor/deeds/<uuid>": lambda p: {
        "json": {"kind": "made", "line": p.line, "lot": p.lot, "observed_at": "2026-01-05T06:00:00Z"}
    },
    "POST /v1/floor/copies": lambda p: {"data": _copy(p), "content_type": "application/json"},
    "POST /v1/floor/decode": lambda p: {"data": jpeg(), "content_type": JPEG},
    "POST /v1/evidence-packs": lambda p: {"json": {"lot": p.lot}},
}

# What a list is asked for.
QUERIES: dict[str, Callable[[Premises], dict[str, str]]] = {
    "/v1/holds": lambda p: {"line": p.line, "state": "open"},
    "/v1/overrides": lambda p: {"line": p.line},
    "/v1/gauges": lambda p: {"site": p.site},
    "/v1/floor/standings": lambda p: {"uuids": p.inspection},
    "/v1/floor/station": lambda p: {"line": p.line, "site": p.site},
    "/v1/checking": lambda p: {"procedure": p.procedure, "line": p.line},
}
