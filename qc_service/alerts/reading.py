"""Alerts as they are shown: with the names of where and what they are about, and who was told."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from qc_service import clock
from qc_service.alerts import rules
from qc_service.alerts.delivery import OPEN
from qc_service.alerts.models import Alert, AlertLog, Notification
from qc_service.flags import held
from qc_service.flags.models import Evidence, Flag
from qc_service.lines.models import Line, Site


def describe(alerts: Sequence[Alert], now: datetime | None = None) -> list[dict[str, Any]]:
    """Each alert with what belongs to it, read in one query a kind."""
    lines = _by_id(Line, [alert.line_id for alert in alerts])
    flags = _by_id(Flag, [alert.flag_id for alert in alerts])
    sites = _by_id(Site, [alert.site_id for alert in alerts])
    hashes = {
        row.id: row.sha256
        for row in Evidence.select(Evidence.id, Evidence.sha256).where(Evidence.id.in_([a.evidence_id for a in alerts]))
    }
    notices = _notices([alert.id for alert in alerts])
    moment = now or clock.now()
    return [
        {
            **alert.__data__, "line": lines[alert.line_id].code if alert.line_id else None,
            "site": sites[alert.site_id].code, "fix": alert.fix_id, "flag": alert.flag_id, "ack": _ack(alert),
            "cause": held.cause_of(flags[alert.flag_id], sites[alert.site_id].code), "lots": flags[alert.flag_id].lots,
            "snoozed_until": _snoozed(alert, moment), "evidence": _evidence(alert, hashes),
            "notifications": summary([row for row in notices[alert.id] if row.episode == alert.episode]),
            "actions": {name: f"POST /v1/alerts/{alert.id}/{name}" for name in rules.possible(alert.state)},
        }
        for alert in alerts
    ]  # fmt: skip


def log_of(alert: Alert) -> list[AlertLog]:
    """What happened to the alert, oldest first."""
    return list(AlertLog.select().where(AlertLog.alert_id == alert.id).order_by(AlertLog.number))


def summary(rows: Sequence[Notification]) -> dict[str, Any]:
    """Who was told and who was not."""
    sent = [row for row in rows if row.state == "sent"]
    waiting = [row for row in rows if row.state in OPEN]
    failed = [row for row in rows if row.state == "failed"]
    told = [{"name": row.name, "channel": row.channel, "reason": row.reason, "at": row.sent_at} for row in sent]
    missed = [
        {
            "name": row.name, "channel": row.channel, "reason": row.reason,
            "state": "waiting" if row.state in OPEN else "failed", "why": row.last_error or "not sent yet",
        }
        for row in (*waiting, *failed)
    ]  # fmt: skip
    return {
        "sent": len(sent),
        "waiting": len(waiting),
        "failed": len(failed),
        "told": told,
        "not_told": missed,
    }


def _by_id(model: Any, ids: Sequence[str | None]) -> dict[str, Any]:
    return {row.id: row for row in model.select().where(model.id.in_(list(set(ids))))}


def _notices(alert_ids: Sequence[str]) -> dict[str, list[Notification]]:
    found: dict[str, list[Notification]] = defaultdict(list)
    query = Notification.select().where(Notification.alert_id.in_(list(alert_ids)))
    for row in query.order_by(Notification.created_at, Notification.id):
        found[row.alert_id].append(row)
    return found


def _evidence(alert: Alert, hashes: dict[str, str]) -> dict[str, str]:
    found = alert.evidence_id
    return {"id": found, "url": f"/v1/evidence/{found}", "sha256": hashes[found]}


def _ack(alert: Alert) -> dict[str, Any] | None:
    if alert.acknowledged_by is None:
        return None
    return {"by": alert.acknowledged_by, "name": alert.acknowledged_name, "at": alert.acknowledged_at}


def _snoozed(alert: Alert, now: datetime) -> datetime | None:
    """A snooze that is over, or that outlived its alert, is none."""
    until = alert.snoozed_until
    return until if until is not None and until > now and alert.state != "resolved" else None


def by_tab(now: datetime) -> dict[str, Any]:
    """The inbox's three piles as conditions: what waits for somebody, what is watched, what is closed."""
    snoozed = Alert.snoozed_until > now
    return {
        "todo": (Alert.state == "firing") & (Alert.snoozed_until.is_null() | (Alert.snoozed_until <= now)),
        "watching": (Alert.state == "acknowledged") | ((Alert.state == "firing") & snoozed),
        "closed": Alert.state == "resolved",
    }


def count_waiting(sites: frozenset[str] | None) -> int:
    """How many alerts wait for somebody in these sites (None: in all)."""
    waiting = by_tab(clock.now())["todo"]
    if sites is not None:
        waiting &= Alert.site_id.in_(list(sites))
    return int(Alert.select().where(waiting).count())
