"""Whom to tell: a row for each recipient and channel, written in the transaction of what they are told of.

Everybody who should hear has a row, also who cannot be reached, so that an alert can say who was not told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from qc_service import queue
from qc_service.alerts import rules
from qc_service.alerts.models import Alert, Notification
from qc_service.config import Settings
from qc_service.db import new_id
from qc_service.flags.models import Flag
from qc_service.lines.models import Line, Site
from qc_service.people.staff import people_with_role

log = structlog.get_logger(__name__)

CONSOLE, MAIL = "console", "smtp"
CONSOLE_ADDRESS, CONSOLE_NAME = "stdout", "the service's log"
NO_ADDRESS = "has no e-mail address on file"


def init_alerts(settings: Settings) -> None:
    """Say once, when a worker starts, that nobody will be mailed."""
    if settings.smtp_url is None:
        log.warning("mail.off", why="QC_SMTP_URL is not set: alerts are printed and shown, and nobody is mailed")


@dataclass(frozen=True, slots=True)
class Contact:
    """One recipient on one channel."""

    channel: str
    address: str | None
    name: str
    person_id: str | None = None
    language: str = "en"

    @property
    def key(self) -> tuple[str, str | None]:
        """A mailbox that two people share is told once."""
        return self.channel, self.address.casefold() if self.address else self.person_id


@dataclass(slots=True)
class Told:
    """Names of those who will be told, and of those who should be and have no address."""

    asked: list[str] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        parts = ["Being told: " + ", ".join(self.asked) + "."] if self.asked else ["Nobody is told now."]
        if self.unreachable:
            parts.append("Without an e-mail address: " + ", ".join(self.unreachable) + ".")
        return " ".join(parts)


def tell(alert: Alert, happened: str, now: datetime, *, worse: bool = False, due_at: datetime | None = None) -> Told:
    """Write the rows of everybody whom this concerns, each with an outbox row that has it sent."""
    query = Notification.select().where(Notification.alert_id == alert.id)
    rows = list(query.order_by(Notification.created_at, Notification.id))
    before = _last_told(rows)
    snoozed = alert.snoozed_until is not None and alert.snoozed_until > now
    found = Told()
    for contact in _whom(alert, happened, rows):
        told = before.get(contact.key)
        decision = rules.should_notify(happened, told=told, snoozed=snoozed, worse=worse)
        if not decision.notify:
            continue
        (found.asked if contact.address else found.unreachable).append(contact.name)
        number = _number(alert, contact, decision.reason, rows)
        rows.append(_add(alert, contact, (decision.reason, number), now, due_at or now))
    return found


def take_back(alert: Alert) -> int:
    """It fires again: news that it was resolved is dropped where nobody got it yet. How many there were."""
    return int(
        Notification.update(state="dropped", last_error="it fired again before this was sent")
        .where(
            (Notification.alert_id == alert.id) & (Notification.reason == "resolved")
            & (Notification.state == "due") & (Notification.attempts == 0)
        )
        .execute()
    )  # fmt: skip


def _last_told(rows: Sequence[Notification]) -> dict[tuple[str, str | None], str]:
    """What each contact believes, or will once the rows that are under way have arrived."""
    believed = {}
    for row in rows:
        if row.state not in ("failed", "dropped"):
            believed[_contact(row).key] = "resolved" if row.reason == "resolved" else "firing"
    return believed


def _contact(row: Notification) -> Contact:
    return Contact(row.channel, row.address, row.name, row.recipient, row.message["language"])


def _whom(alert: Alert, happened: str, rows: Sequence[Notification]) -> list[Contact]:
    """Of good news: everybody who was ever told; else whoever is responsible today, but for who said so themselves."""
    if happened == "resolved":
        found = [_contact(row) for row in rows if row.address is not None]
    else:
        raised_by = Flag.get_by_id(alert.flag_id).raised_by
        people = [one for one in people_with_role(rules.TOLD_ROLES, alert.site_id) if one.id != raised_by]
        found = [Contact(CONSOLE, CONSOLE_ADDRESS, CONSOLE_NAME)]
        found += [Contact(MAIL, one.email or None, one.name, one.id, one.language) for one in people]
    once: dict[tuple[str, str | None], Contact] = {}
    for contact in found:
        once.setdefault(contact.key, contact)
    return list(once.values())


def _add(alert: Alert, contact: Contact, reason: tuple[str, int], now: datetime, due_at: datetime) -> Notification:
    reachable = contact.address is not None
    row = Notification(
        id=new_id("ntf"), site_id=alert.site_id, alert_id=alert.id, episode=alert.episode,
        recipient=contact.person_id, name=contact.name, channel=contact.channel, address=contact.address,
        reason=reason[0], number=reason[1], message=_message(alert, contact),
        state="due" if reachable else "failed", due_at=due_at, attempts=0,
        last_error=None if reachable else NO_ADDRESS, created_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    if reachable:
        ask(row, row.id, now, due_at)
    return row


def ask(row: Notification, name: str, now: datetime, due_at: datetime) -> None:
    """Have a worker send it, then. `name` keeps two askings of one notification apart."""
    queue.add(
        event_id=name, event_type="notification.due", reaction="deliver", site_id=row.site_id,
        data={"notification_id": row.id}, now=now, due_at=due_at,
    )  # fmt: skip


def _number(alert: Alert, contact: Contact, reason: str, rows: Sequence[Notification]) -> int:
    mine = (row for row in rows if _contact(row).key == contact.key)
    return 1 + sum((row.episode, row.reason) == (alert.episode, reason) for row in mine)


def _message(alert: Alert, contact: Contact) -> dict[str, Any]:
    line: Line | None = Line.get_or_none(Line.id == alert.line_id)
    site: Site = Site.get_by_id(alert.site_id)
    return {
        "sentence": alert.sentence, "explanation": alert.explanation, "severity": alert.severity,
        "line": line.code if line else "", "site": site.code, "resolve_reason": alert.resolve_reason,
        "language": contact.language,
    }  # fmt: skip
