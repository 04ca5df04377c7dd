"""What the system does to alerts by itself: a flag fires one, clears one, and a snooze ends.

The flag as it stands decides, not the message about it: messages may be read late or in another order.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qc_service import audit
from qc_service.alerts import episodes, facts, notifications, rules
from qc_service.alerts.episodes import Facts
from qc_service.alerts.history import own_stream, record
from qc_service.alerts.models import Alert
from qc_service.auth import Actor
from qc_service.db import write
from qc_service.errors import NotFound
from qc_service.flags.models import Flag


def on_flag_moved(data: Mapping[str, Any], now: datetime) -> None:
    """A flag was opened, updated or closed: fire, update or resolve its alert, and tell people."""
    if data.get("flag") is None or data.get("flag_id") is None:
        return
    with write():
        flag: Flag = Flag.get_by_id(data["flag_id"])
        audit.lock_streams([audit.stream_of(flag.site_id, flag.line_id)])
        flag = Flag.get_by_id(flag.id)  # as it stands now that nothing is judged on the line
        told = facts.of(flag, data)
        alert = _latest(told["fingerprint"])
        if flag.state == "open":
            _stands(alert, flag, told, now)
        elif alert is not None and alert.flag_id == flag.id:
            _clears(alert, flag, now)
        elif data["flag"] == "opened" and (alert is None or alert.state == "resolved"):
            _passed(alert, flag, told, now)


def _latest(fingerprint: str) -> Alert | None:
    query = Alert.select().where(Alert.fingerprint == fingerprint)
    found: Alert | None = query.order_by(Alert.episode.desc()).first()
    return found


def _stands(alert: Alert | None, flag: Flag, told: Facts, now: datetime) -> None:
    """The flag is open."""
    if alert is None or _too_old(alert, told, now):
        episodes.fire(alert, told, now)
    elif _goes_on(alert, told):
        episodes.see_again(alert, told, now, facts.what_moved(flag))
    else:
        episodes.reopen(alert, told, now)


def _goes_on(alert: Alert, told: Facts) -> bool:
    """It is the same episode; a person who closed it knew nothing of what came afterwards."""
    if alert.state == "resolved" and facts.more_came(alert.evidence_id, told["evidence_id"]):
        return False
    return alert.flag_id == told["flag_id"] or (alert.state != "resolved" and _still_open(alert.flag_id))


def _passed(alert: Alert | None, flag: Flag, told: Facts, now: datetime) -> None:
    """The flag opened and closed before anybody looked: an episode all the same, without noise."""
    if alert is None or _too_old(alert, told, now):
        made = episodes.fire(alert, told, now, over=True)
    else:
        made = episodes.reopen(alert, told, now, over=True)
    episodes.clear(made, flag.close_reason, now)


def _too_old(alert: Alert, told: Facts, now: datetime) -> bool:
    """Resolved so long ago that what fires now is another alert."""
    resolved_at: datetime | None = alert.resolved_at
    if resolved_at is None or alert.flag_id == told["flag_id"]:
        return False
    return now - resolved_at > rules.REOPEN_WITHIN


def _still_open(flag_id: str) -> bool:
    return Flag.get_or_none((Flag.id == flag_id) & (Flag.state == "open")) is not None


def _clears(alert: Alert, flag: Flag, now: datetime) -> None:
    """The flag closed: so does the alert, unless another flag of its fingerprint still stands behind it."""
    if alert.state == "resolved":
        return
    like = (Flag.line_id == flag.line_id) & (Flag.kind == flag.kind) & (Flag.id != flag.id)
    others = Flag.select().where(like & (Flag.state == "open")).order_by(Flag.opened_at, Flag.id)
    other = next((one for one in others if facts.fingerprint(one) == alert.fingerprint), None)
    if other is not None:
        episodes.hand_over(alert, other)
    else:
        episodes.clear(alert, flag.close_reason, now)


def wake(data: Mapping[str, Any], now: datetime) -> None:
    """A snooze is over: what still fires is told again. One that was snoozed anew or resolved is let be."""
    with write():
        alert = Alert.get_or_none(Alert.id == data["alert_id"])
        if alert is None:
            return
        own_stream(alert)
        alert = Alert.get_by_id(alert.id)
        move = rules.next_state(alert.state, "wake")
        if not move.allowed or alert.snoozed_until is None or alert.snoozes != data["snooze"]:
            return
        with episodes.changing(alert, "woken") as change:
            change.update(alert, state=move.state, snoozed_until=None)
            text = f"The snooze is over. {notifications.tell(alert, 'woken', now).words}"
            record(change, alert, "woken", text, at=now)


def find_alert(actor: Actor, action: str, alert_id: str) -> Alert:
    alert: Alert | None = None if "\0" in alert_id else Alert.get_or_none(Alert.id == alert_id)
    if alert is None:
        raise NotFound("alert")
    actor.need(action, alert.site_id, "alert")
    return alert
