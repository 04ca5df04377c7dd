"""What to send about lots and inspections, so that each can be asked by everybody."""

from collections.abc import Callable
from typing import Any

from tests.procedure_life import SIGNED
from tests.two_sites import Premises


def _inspection(p: Premises) -> dict[str, Any]:
    return {
        "lot": p.lot, "procedure": p.procedure, "version": int(p.in_force), "inspector": p.badge, "answers": {},
        "units_inspected": 1, "observed_at": "2026-01-05T06:00:00Z",
    }  # fmt: skip


BODIES: dict[str, Callable[[Premises], dict[str, Any]]] = {
    "PUT /v1/lots/<code>": lambda p: {"json": {"line": p.line, "makers": [p.badge], "quantity": 10}},
    "POST /v1/lots/<code>/makers": lambda p: {"json": {"makers": [p.badge]}},
    "PUT /v1/inspections/<uuid>": lambda p: {"json": _inspection(p)},
    "POST /v1/inspections/<uuid>/confirm": lambda p: {"json": SIGNED},
    "POST /v1/nonconformities/<nonconformity_id>/dispositions": lambda p: {
        "json": {**SIGNED, "disposition": "scrap", "was": "rework", "reason": "It cannot be mended."}
    },
    "POST /v1/inspections/<uuid>/void": lambda p: {"json": {**SIGNED, "reason": "Another lot was meant."}},
    "POST /v1/inspections/<uuid>/void/agree": lambda p: {"json": SIGNED},
}
