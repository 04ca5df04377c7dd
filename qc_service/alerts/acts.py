"""What people and their systems do to an alert: take it, hand it back, put it off, close it, say something.

Each is one event on the line's stream and one row of the alert's log. What was done already by the same
one is not done again, so a request whose answer was lost can be sent once more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from qc_service import audit, queue
from qc_service.alerts import notifications, rules
from qc_service.alerts.history import event_data, own_stream, record
from qc_service.alerts.models import Alert, AlertLog
from qc_service.alerts.service import find_alert
from qc_service.auth import Actor
from qc_service.calls import service as calls
from qc_service.calls.rules import CALLS
from qc_service.clock import iso
from qc_service.db import db, write
from qc_service.errors import QCError, invalid
from qc_service.flags import line_watches
from qc_service.flags.line_evidence import KIND as LINE_WORSE
from qc_service.flags.models import Flag
from qc_service.texts import later

_WRONG = {
    "is_resolved": later("it is resolved, and fires again by itself if the numbers say so"),
    "nobody_has_it": later("nobody has taken it, so there is nothing to hand back"),
}


def acknowledge(actor: Actor, alert_id: str, text: str | None = None) -> Alert:
    """Take the alert, from nobody or from another person, until it is resolved, fires again or gets worse."""
    with _own(actor, alert_id) as alert:
        _answer(actor, alert)
        if alert.state == "acknowledged" and alert.acknowledged_by == actor.author.name:
            return alert
        move = _move(alert, "ack")
        taken_from = alert.acknowledged_name
        with _changing(actor, alert, "acknowledged") as change:
            change.update(
                alert, state=move.state, acknowledged_by=actor.author.name, acknowledged_name=_name(actor),
                acknowledged_at=change.now,
            )  # fmt: skip
            did = f"Took it over from {taken_from}." if taken_from else "Took it."
            record(change, alert, "acknowledged", _said(did, text), at=change.now, actor=actor)
    return alert


def unacknowledge(actor: Actor, alert_id: str, text: str | None = None) -> Alert:
    """Hand the alert back: it is open to everybody again."""
    with _own(actor, alert_id) as alert:
        if alert.state == "firing" and _did_last(actor, alert, "unacknowledged"):
            return alert
        move = _move(alert, "unack")
        with _changing(actor, alert, "unacknowledged") as change:
            change.update(alert, state=move.state, acknowledged_by=None, acknowledged_name=None, acknowledged_at=None)
            record(change, alert, "unacknowledged", _said("Handed it back.", text), at=change.now, actor=actor)
    return alert


def snooze(
    actor: Actor, alert_id: str, *, until: datetime | None = None, for_minutes: int | None = None,
    text: str | None = None,
) -> Alert:  # fmt: skip
    """Put the alert off until a time; it wakes by itself then, or as soon as it gets worse."""
    with _own(actor, alert_id) as alert:
        now = db.obj.now()
        end = until or now + timedelta(minutes=for_minutes or 0)
        move = _move(alert, "snooze")
        if alert.snoozed_until == end:
            return alert
        _check_end(end, now)
        data = {"snoozed_until": iso(end)}
        with _changing(actor, alert, "snoozed", **data) as change:
            change.update(alert, state=move.state, snoozed_until=end, snoozes=alert.snoozes + 1)
            did = _said(f"Put it off until {_minute(end)}.", text)
            record(change, alert, "snoozed", did, at=change.now, actor=actor, detail=data)
            queue.add(
                event_id=change.id, event_type="alert.snooze.over", reaction="wake_alert",
                site_id=alert.site_id, data={"alert_id": alert.id, "snooze": alert.snoozes},
                now=change.now, due_at=end,
            )  # fmt: skip
    return alert


def resolve(actor: Actor, alert_id: str, reason: str, *, new_normal: bool = False) -> Alert:
    """Close the alert for a reason; everybody who was told that it fires is told.

    `new_normal`: of a line that got worse without a fix, what it does since then is what it is watched against.
    """
    if len(reason.strip()) < rules.REASON_SHORTEST:
        raise invalid(
            "/reason", later("Say in at least %(count)s characters why it may be closed.", count=rules.REASON_SHORTEST)
        )
    with _own(actor, alert_id) as alert:
        if alert.state == "resolved" and _did_last(actor, alert, "resolved"):
            return alert
        move = _move(alert, "resolve")
        if alert.kind in CALLS:  # whoever closes it says that the line may run
            calls.end_standing(actor, _line(alert), CALLS[alert.kind], reason)
        if new_normal:
            _accept(actor, alert, reason)
        with _changing(actor, alert, "resolved", reason=reason) as change:
            change.update(
                alert, state=move.state, resolved_at=change.now, resolved_by=actor.author.name,
                resolve_reason=reason, snoozed_until=None,
            )  # fmt: skip
            told = notifications.tell(alert, "resolved", change.now)
            detail = {"told": told.asked}
            record(change, alert, "resolved", f"Closed it: {reason}", at=change.now, actor=actor, detail=detail)
    return alert


def _accept(actor: Actor, alert: Alert, reason: str) -> None:
    """A new normal is accepted of a line whose flag stands; there is nothing to accept of anything else."""
    flag: Flag = Flag.get_by_id(alert.flag_id)
    if alert.kind != LINE_WORSE or flag.state != "open":
        raise invalid("/new_normal", later("Only what a line does without a fix can be accepted as its new normal."))
    with audit.change(
        actor.author, "line.normal.accepted", site_id=alert.site_id, line_id=alert.line_id,
        data={"line_id": alert.line_id, "measure": flag.measure, "flag_id": flag.id},
    ) as change:  # fmt: skip
        line_watches.accept(change, actor, flag, reason)


def _answer(actor: Actor, alert: Alert) -> None:
    """Whoever takes the alert of a call is on the way; a system that takes it is not."""
    if alert.kind in CALLS and actor.kind == "person" and alert.state != "resolved":
        calls.answer_standing(actor, _line(alert), CALLS[alert.kind])


def _line(alert: Alert) -> calls.Line:
    return alert.site_id, str(alert.line_id)


def comment(actor: Actor, alert_id: str, text: str) -> Alert:
    with _own(actor, alert_id) as alert:
        _move(alert, "comment")
        with _changing(actor, alert, "commented") as change:
            record(change, alert, "commented", text, at=change.now, actor=actor)
    return alert


@contextmanager
def _own(actor: Actor, alert_id: str) -> Iterator[Alert]:
    """The alert as it stands once nobody else can change it."""
    with write():
        found = find_alert(actor, "alert.act", alert_id)
        own_stream(found)
        yield Alert.get_by_id(found.id)


@contextmanager
def _changing(actor: Actor, alert: Alert, what: str, **data: Any) -> Iterator[audit.Change]:
    told = event_data(alert, **data)
    with audit.change(actor.author, f"alert.{what}", site_id=alert.site_id, line_id=alert.line_id, data=told) as change:
        yield change


def _said(did: str, text: str | None) -> str:
    return f"{did} {text}" if text else did


def _name(actor: Actor) -> str:
    return actor.name or actor.author.name


def _move(alert: Alert, action: str) -> rules.Move:
    move = rules.next_state(alert.state, action)
    if move.allowed:
        return move
    can = rules.possible(alert.state)
    raise QCError(
        "illegal_transition",
        later(
            "The alert cannot take %(action)s: %(why)s. It can take: %(can)s.",
            action=action,
            why=_WRONG[move.reason],
            can=tuple(can),
        ),
        state=alert.state, possible=can, reason=move.reason,
    )  # fmt: skip


def _did_last(actor: Actor, alert: Alert, what: str) -> bool:
    """Was this the last thing that changed the alert, done by this actor?"""
    telling = ("notified", "notification_failed", "commented", "updated")
    mine = (AlertLog.alert_id == alert.id) & AlertLog.what.not_in(telling)
    last = AlertLog.select().where(mine).order_by(AlertLog.number.desc()).first()
    return last is not None and (last.what, last.author) == (what, actor.author.name)


def _check_end(end: datetime, now: datetime) -> None:
    if end <= now:
        raise invalid("/until", later("That time is past: give one in the future."))
    if end > now + rules.SNOOZE_LONGEST:
        raise invalid(
            "/until", later("At most %(days)s days: then somebody should look again.", days=rules.SNOOZE_LONGEST.days)
        )


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
