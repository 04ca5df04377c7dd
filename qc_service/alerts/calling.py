"""Calls from the floor and their alerts as one: who was told, who answers, and who says that the line runs again.

A call is answered and ended with its alert, whichever of the two somebody looks at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qc_service import audit
from qc_service.alerts import acts
from qc_service.alerts.models import Alert, Notification
from qc_service.alerts.reading import summary
from qc_service.auth import Actor
from qc_service.calls import replies
from qc_service.calls import service as calls
from qc_service.calls.models import LineCall
from qc_service.calls.rules import ALARMS
from qc_service.db import write
from qc_service.errors import QCError
from qc_service.flags import called
from qc_service.lines.models import Line
from qc_service.texts import Text, later


def answer(actor: Actor, uuid: str) -> LineCall:
    """This person is coming: the tablet shows it, and the alert is theirs."""
    with _own(actor, uuid) as call:
        if calls.ended(uuid) is not None:
            raise _refused(later("It is over: there is nothing left to answer."))
        alert = _open_alert(call)
        if alert is None:  # nobody was told yet
            calls.answer_standing(actor, (call.site_id, call.line_id), call.kind)
        else:
            acts.acknowledge(actor, alert.id)
    return call


def end(actor: Actor, uuid: str, reason: str) -> LineCall:
    """The line runs again, or whoever called was helped: every call of the kind on the line ends with it."""
    with _own(actor, uuid) as call:
        before = calls.ended(uuid)
        if before is not None:
            if (before.person_id, before.reason) == (actor.id, reason):
                return call
            raise _refused(
                later("Somebody ended it before you: look at who it was, and press again if it has to stop.")
            )
        alert = _open_alert(call)
        if alert is None:
            calls.end_standing(actor, (call.site_id, call.line_id), call.kind, reason)
        else:
            acts.resolve(actor, alert.id, reason)
    return call


@contextmanager
def _own(actor: Actor, uuid: str) -> Iterator[LineCall]:
    """The call, once nobody else can change what stands on its line."""
    with write():
        call = calls.find(actor, calls.ANSWER, uuid)
        if call.late:
            raise _refused(later("It came late and is history: there is nothing to answer or to end."))
        audit.lock_streams([audit.stream_of(call.site_id, call.line_id)])
        yield call


def _refused(why: Text) -> QCError:
    return QCError("illegal_transition", why)


def _open_alert(call: LineCall) -> Alert | None:
    here = (Alert.line_id == call.line_id) & (Alert.kind == ALARMS[call.kind]) & (Alert.state != "resolved")
    found: Alert | None = Alert.get_or_none(here)
    return found


def told(call: LineCall) -> dict[str, Any]:
    """The call with who was told of it, by name; the service's own log is nobody."""
    [shown] = replies.calls([call])
    flag = called.flag_of(call)
    alert: Alert | None = Alert.get_or_none(Alert.flag_id == flag.id) if flag else None
    rows: list[Notification] = []
    if alert is not None:
        of_people = (Notification.alert_id == alert.id) & ~Notification.recipient.is_null()
        bad_news = of_people & (Notification.episode == alert.episode) & (Notification.reason != "resolved")
        rows = list(Notification.select().where(bad_news).order_by(Notification.created_at, Notification.id))
    found = summary(rows)
    return {
        **shown, "phone": Line.get_by_id(call.line_id).phone, "alert": alert and alert.id, "told": found["told"],
        "telling": [one["name"] for one in found["not_told"] if one["state"] == "waiting"],
        "not_told": [one for one in found["not_told"] if one["state"] == "failed"],
    }  # fmt: skip
