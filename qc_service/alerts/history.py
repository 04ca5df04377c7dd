"""Writing an alert's log: a row for everything that happened to it, in words."""

from datetime import datetime
from typing import Any

from peewee import fn

from qc_service import audit
from qc_service.alerts.models import Alert, AlertLog
from qc_service.auth import Actor

SYSTEM_NAME = "QC service"


def own_stream(alert: Alert) -> None:
    """Nobody else changes anything on the alert's line until commit; taken before any row is changed."""
    audit.lock_streams([audit.stream_of(alert.site_id, alert.line_id)])


def record(
    change: audit.Change, alert: Alert, what: str, text: str, *, at: datetime, actor: Actor | None = None,
    detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """One row; the caller owns the alert's stream, so the numbers have no gap and none comes twice."""
    last = AlertLog.select(fn.MAX(AlertLog.number)).where(AlertLog.alert_id == alert.id).scalar()
    name = actor.name or actor.author.name if actor else SYSTEM_NAME
    change.insert(
        AlertLog, alert_id=alert.id, number=(last or 0) + 1, site_id=alert.site_id, line_id=alert.line_id,
        at=at, author=change.author.name, who=name, what=what, text=text, detail=detail,
    )  # fmt: skip


def event_data(alert: Alert, **more: Any) -> dict[str, Any]:
    """What every event of an alert carries."""
    return {
        "alert_id": alert.id, "line_id": alert.line_id, "flag_id": alert.flag_id, "fix_id": alert.fix_id,
        "kind": alert.kind, "episode": alert.episode, "severity": alert.severity, **more,
    }  # fmt: skip
