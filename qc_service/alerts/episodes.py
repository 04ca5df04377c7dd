"""The turns that a flag gives an alert: it fires, is seen again, gets worse, clears, fires anew.

Each is one event on the line's stream, with a row of the alert's log and the notices to people. The caller
owns the stream.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from qc_service import audit
from qc_service.alerts import notifications, rules
from qc_service.alerts.history import event_data, record
from qc_service.alerts.models import Alert
from qc_service.db import new_id
from qc_service.flags.models import Flag

Facts = dict[str, Any]  # columns of an alert as its flag gives them

CLEARED = {
    "corrected": "The numbers were corrected, and with them the verdict was taken back.",
    "superseded": "A new fix of the same kind took the place of this one.",
    "released": "The last of its lots was let go.",
    "runs_again": "The line runs again.",
    "helped": "Whoever called was helped.",
    "fix_declared": "A fix was declared for it.",
    "fix_not_holding": "The fix before it does not hold, and is told of by itself.",
    "new_normal": "What the line does now was accepted as its new normal.",
    "fix_proved": "One of the fixes was proved.",
    "window_passed": "No further fix came for 90 days.",
}
QUIET = "Over before anybody was told."

_NOT_TAKEN = {"acknowledged_by": None, "acknowledged_name": None, "acknowledged_at": None}
_NOT_RESOLVED = {"resolved_at": None, "resolved_by": None, "resolve_reason": None}


@contextmanager
def changing(alert: Alert, what: str, *, follow: bool = True) -> Iterator[audit.Change]:
    """One event of the system's. `follow=False`: no more than a counter moved."""
    with audit.change(
        audit.SYSTEM, f"alert.{what}", site_id=alert.site_id, line_id=alert.line_id, follow=follow
    ) as change:
        yield change
        change.data |= event_data(alert)


def fire(earlier: Alert | None, facts: Facts, now: datetime, *, over: bool = False) -> Alert:
    """A new alert. `over`: its flag is closed again already, so nobody is disturbed."""
    values = {
        **facts, "id": new_id("alr"), "state": "firing", "occurrences": 1, "snoozes": 0,
        "episode": earlier.episode + 1 if earlier else 1, "opened_at": now, "last_seen_at": now,
    }  # fmt: skip
    with changing(Alert(**values), "fired") as change:
        alert: Alert = change.insert(Alert, **values)
        text = QUIET if over else notifications.tell(alert, "fired", now).words
        record(change, alert, "fired", text, at=now, detail=_shown(alert))
    return alert


def reopen(alert: Alert, facts: Facts, now: datetime, *, over: bool = False) -> Alert:
    """The same alert, another episode: whoever took the last one has not taken this one."""
    worse = rules.worse(alert.severity, facts["severity"])
    with changing(alert, "reopened") as change:
        change.update(
            alert, **_news(alert, facts), **_NOT_TAKEN, **_NOT_RESOLVED,
            state=rules.next_state(alert.state, "fire").state, severity=facts["severity"],
            flag_id=facts["flag_id"], episode=alert.episode + 1, occurrences=alert.occurrences + 1,
            last_seen_at=now, snoozed_until=None if worse else _still_snoozed(alert, now),
        )  # fmt: skip
        detail = {**_shown(alert), "notices_taken_back": notifications.take_back(alert)}
        text = QUIET if over else notifications.tell(alert, "reopened", now, worse=worse).words
        record(change, alert, "reopened", text, at=now, detail=detail)
    return alert


def see_again(alert: Alert, facts: Facts, now: datetime, said: str = "The numbers moved.") -> None:
    """Counted; told to people only if it got worse. What a person resolved stays so unless it got worse."""
    seen: dict[str, Any] = {"occurrences": alert.occurrences + 1, "last_seen_at": now}
    if rules.worse(alert.severity, facts["severity"]):
        _worsen(alert, facts, seen, now)
        return
    news = _news(alert, facts)
    if not news or alert.state == "resolved":
        with changing(alert, "updated", follow=False) as change:
            change.update(alert, **seen)
        return
    with changing(alert, "updated") as change:
        change.update(alert, **seen, **news, state=rules.next_state(alert.state, "see").state)
        record(change, alert, "updated", said, at=now, detail=_shown(alert))


def _worsen(alert: Alert, facts: Facts, seen: dict[str, Any], now: datetime) -> None:
    """Whoever took it, put it off or resolved it did so with something smaller in mind."""
    with changing(alert, "updated") as change:
        change.update(
            alert, **seen, **_news(alert, facts), **_NOT_TAKEN, **_NOT_RESOLVED, snoozed_until=None,
            severity=facts["severity"], state=rules.next_state(alert.state, "worsen").state,
        )  # fmt: skip
        notifications.take_back(alert)
        found = notifications.tell(alert, "updated", now, worse=True)
        text = f"It got worse: {alert.severity}. {found.words}"
        record(change, alert, "updated", text, at=now, detail=_shown(alert))


def clear(alert: Alert, close_reason: str | None, now: datetime) -> None:
    """The flag closed, so the alert does; who was told that it fires is told, once the news has settled."""
    unknown = f"The flag was closed: {close_reason}." if close_reason else "The flag was closed."
    reason = CLEARED.get(close_reason or "", unknown)
    with changing(alert, "resolved") as change:
        change.update(
            alert, state=rules.next_state(alert.state, "clear").state, resolved_at=now,
            resolved_by=change.author.name, resolve_reason=reason,
        )  # fmt: skip
        found = notifications.tell(alert, "resolved", now, due_at=now + rules.settles_for(close_reason))
        detail = {"episode": alert.episode, "why": close_reason}
        record(change, alert, "resolved", f"{reason} {found.words}", at=now, detail=detail)


def hand_over(alert: Alert, flag: Flag) -> None:
    """The flag behind the alert closed while another of its fingerprint stands: it goes on with that one."""
    with changing(alert, "updated", follow=False) as change:
        change.update(alert, flag_id=flag.id, sentence=flag.sentence, evidence_id=flag.evidence_id)


def _shown(alert: Alert) -> dict[str, Any]:
    names = ("episode", "severity", "sentence", "flag_id", "evidence_id")
    return {name: getattr(alert, name) for name in names}


def _news(alert: Alert, facts: Facts) -> dict[str, Any]:
    """What is told of the alert and is not what it was."""
    names = ("verdict", "pattern", "sentence", "explanation", "evidence_id")
    known = {name: facts[name] for name in names if facts[name] is not None}
    return {name: value for name, value in known.items() if value != getattr(alert, name)}


def _still_snoozed(alert: Alert, now: datetime) -> datetime | None:
    """A snooze outlives a short recovery, so that a flapping alert stays put off."""
    return alert.snoozed_until if alert.snoozed_until and alert.snoozed_until > now else None
