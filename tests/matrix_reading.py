"""What to send to the desk's forms of reading, deviations and step reports, so that each can be asked by everybody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from qc_service import clock
from tests.two_sites import PASSWORD, Premises


def _deviation(p: Premises) -> dict[str, Any]:
    soon = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    return {
        "procedure": p.procedure, "check": "weight", "line": p.line, "reason": "Lighter.", "quantity": "5",
        "expires_at": soon,
    }  # fmt: skip


FORMS: dict[str, Callable[[Premises], dict[str, Any]]] = {
    "POST /procedures/<code>/versions/<int:number>/read": lambda p: {"form": {"password": PASSWORD}},
    "POST /procedures/<code>/versions/<int:number>/report": lambda p: {"form": {"item": "step:seal", "text": "Slips."}},
    "POST /procedures/<code>/skills": lambda p: {"form": {"person": p.badge, "password": PASSWORD}},
    "POST /step-reports/<report_id>/answer": lambda p: {"form": {"outcome": "explained", "answer": "Turn it."}},
    "POST /deviations/new": lambda p: {"form": _deviation(p)},
    "POST /deviations/<deviation_id>/decide": lambda p: {
        "form": {"grant": "yes", "note": "For once.", "password": PASSWORD}
    },
    "POST /deviations/<deviation_id>/end": lambda p: {"form": {"end_reason": "No longer needed."}},
}
