"""Where a notification stands on its way: taken by one worker, tried, sent or tried again later.

Mail to one address leaves in the order in which it was decided, also after an outage: whoever comes for a
later notice sends the earlier ones first. What is on its way belongs to one worker until its claim runs out:
one that dies between sending and writing that down costs one more copy under the same name, and nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from qc_service import audit, queue
from qc_service.alerts import notifications, rules
from qc_service.alerts.history import event_data, own_stream, record
from qc_service.alerts.models import Alert, Notification, NotificationAttempt
from qc_service.db import new_id, write

CLAIMED_FOR = timedelta(seconds=55)  # less than the outbox row's lease, more than a try can last
OPEN = ("due", "sending")


@dataclass(frozen=True, slots=True)
class Job:
    """One notification to send now. `thread` is the channel's name of the alert's first message to it."""

    id: str
    alert_id: str
    attempt: int
    channel: str
    address: str
    name: str
    reason: str
    message: dict[str, Any]
    asked_at: datetime
    thread: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do next: send `job`, wait for another worker (`busy`), or neither, because nothing is left."""

    job: Job | None = None
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a try: sent, retryable, unknown or permanent. `label` names the channel to people."""

    outcome: str
    detail: str
    label: str
    message_id: str | None = None


def claim(notification_id: str, now: datetime) -> Turn:
    """Take the next notice that must leave so that this one can."""
    with write():
        mine: Notification | None = Notification.get_or_none(Notification.id == notification_id)
        if mine is None or mine.state not in OPEN or mine.due_at > now:
            return Turn()  # done, or another outbox row will ask again when it is due
        first = _in_front(mine, now)
        if first is None:
            return Turn()  # another worker has settled it since it was read
        if first.state == "due" and first.due_at > now:
            _put_off(mine, first.due_at, now)
            return Turn()
        if not _take(first, now):
            return Turn(busy=True)
        return Turn(_job(first, now))


def _in_front(mine: Notification, now: datetime) -> Notification | None:
    """The oldest open notice to the address that is due or was tried.

    News that settles holds up nobody, and what may have arrived already holds up its own alert only.
    """
    earlier = (Notification.created_at < mine.created_at) | (
        (Notification.created_at == mine.created_at) & (Notification.id <= mine.id)
    )
    same = (Notification.channel == mine.channel) & (Notification.address == mine.address)
    ready = Notification.state.in_(OPEN) & ((Notification.attempts > 0) | (Notification.due_at <= now))
    tried = (NotificationAttempt.notification_id == Notification.id) & (
        NotificationAttempt.number == Notification.attempts
    )
    doubtful = NotificationAttempt.select(SQL("1")).where(tried & (NotificationAttempt.outcome == "unknown"))
    holds_up = (Notification.alert_id == mine.alert_id) | ~fn.EXISTS(doubtful)
    query = Notification.select().where(same & earlier & ready & holds_up)
    found: Notification | None = query.order_by(Notification.created_at, Notification.id).first()
    return found


def _take(row: Notification, now: datetime) -> bool:
    """Compare and set: True for the one worker that has it now."""
    free = (Notification.state == "due") | ((Notification.state == "sending") & (Notification.claimed_until <= now))
    values = {"state": "sending", "attempts": row.attempts + 1, "claimed_until": now + CLAIMED_FOR}
    same = (Notification.id == row.id) & (Notification.attempts == row.attempts)
    return bool(Notification.update(values).where(same & free).execute())


def _job(row: Notification, now: datetime) -> Job:
    attempt = row.attempts + 1
    begun = {"notification_id": row.id, "number": attempt, "site_id": row.site_id, "started_at": now}
    NotificationAttempt.insert(begun).execute()
    same = (Notification.alert_id == row.alert_id) & (Notification.channel == row.channel)
    sent = same & (Notification.address == row.address) & (Notification.state == "sent")
    first = Notification.select().where(sent).order_by(Notification.created_at, Notification.id).first()
    return Job(
        id=row.id, alert_id=row.alert_id, attempt=attempt, channel=row.channel, address=row.address or "",
        name=row.name, reason=row.reason, message=row.message, asked_at=row.created_at,
        thread=first and first.message_id,
    )  # fmt: skip


def put_off(notification_id: str, due_at: datetime, now: datetime) -> None:
    """This worker's time is up: ask again then, or when the claim of the one that sends it would run out."""
    with write():
        mine: Notification = Notification.get_by_id(notification_id)
        if mine.state == "due":
            _put_off(mine, due_at, now)
        elif mine.state == "sending":
            notifications.ask(mine, new_id("due"), now, mine.claimed_until or due_at)


def _put_off(row: Notification, due_at: datetime, now: datetime) -> None:
    still = (Notification.id == row.id) & (Notification.state == "due")
    Notification.update(due_at=due_at).where(still).execute()
    notifications.ask(row, new_id("due"), now, due_at)


def settle(job: Job, result: Result, now: datetime) -> None:
    """Write down what came of a try, and what follows from it."""
    with write():
        alert: Alert = Alert.get_by_id(job.alert_id)
        own_stream(alert)
        _end_attempt(job, result, now)
        row: Notification = Notification.get_by_id(job.id)
        if row.state not in OPEN or (row.attempts != job.attempt and result.outcome != "sent"):
            return  # the claim ran out and another worker has it; that it was sent is true all the same
        fate = rules.after_try(
            result.outcome, unconfirmed=_unconfirmed(row), asked_at=row.created_at, now=now,
            pause=queue.backoff(row.attempts),
        )  # fmt: skip
        row.state, row.claimed_until, row.due_at = fate.state, None, fate.due_at or row.due_at
        row.last_error = None if fate.state == "sent" else result.detail
        row.message_id = result.message_id if fate.state == "sent" else row.message_id
        row.sent_at = now if fate.state == "sent" else None
        row.save()
        if fate.due_at is not None:
            notifications.ask(row, new_id("due"), now, fate.due_at)
        else:
            _conclude(alert, row, result, fate, now)


def _end_attempt(job: Job, result: Result, now: datetime) -> None:
    NotificationAttempt.update(ended_at=now, outcome=result.outcome, detail=result.detail).where(
        (NotificationAttempt.notification_id == job.id) & (NotificationAttempt.number == job.attempt)
    ).execute()


def _unconfirmed(row: Notification) -> int:
    """Tries that may have arrived: without an answer, or cut short."""
    mine = NotificationAttempt.notification_id == row.id
    doubtful = NotificationAttempt.outcome.is_null() | (NotificationAttempt.outcome == "unknown")
    return int(NotificationAttempt.select().where(mine & doubtful).count())


_WHY_NOT = {
    "refused": "could not be sent",
    "gave_up": "was given up after a day",
    "never_confirmed": "was never confirmed, and may have arrived",
}
_NAMES = {
    "first": "that it fires", "updated": "that it got worse", "resolved": "that it is resolved",
    "reminder": "that it still fires", "woken": "that its snooze is over",
}  # fmt: skip


def _conclude(alert: Alert, row: Notification, result: Result, fate: rules.Fate, now: datetime) -> None:
    """The end of a notification is part of the alert's history."""
    sent = fate.state == "sent"
    what = "notified" if sent else "notification_failed"
    text = f"{result.label} to {row.name}, {_NAMES[row.reason]}: "
    text += "sent." if sent else f"{_WHY_NOT[fate.reason]} ({result.detail})."
    detail = {"channel": row.channel, "recipient": row.recipient, "reason": row.reason, "tries": row.attempts}
    data = event_data(alert, notification_id=row.id, **detail)
    with audit.change(
        audit.SYSTEM,
        f"alert.{what}",
        site_id=alert.site_id,
        line_id=alert.line_id,
        data=data,
        follow=not sent,
    ) as change:
        record(change, alert, what, text, at=now, detail={**detail, "why": fate.reason})
