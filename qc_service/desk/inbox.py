"""The inbox: what waits for somebody, what is being watched, what was closed; and one alert with its life."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from qc_service import clock
from qc_service.alerts import acts
from qc_service.alerts.models import Alert, AlertLog
from qc_service.alerts.reading import by_tab
from qc_service.alerts.schemas import AlertCommentIn, AlertResolveIn
from qc_service.alerts.service import find_alert
from qc_service.auth import actor, allow
from qc_service.calls.rules import CALLS
from qc_service.counts.measures import MEASURES
from qc_service.desk import line_calls, line_worse, lots_held
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import age, flash, page, resaid, words, zone
from qc_service.errors import QCError
from qc_service.flags.held import KIND as HELD
from qc_service.flags.models import Evidence
from qc_service.flags.sentences import explanation
from qc_service.lines.models import Line, Site
from qc_service.lines.service import in_sites
from qc_service.texts import later

MOST = 100
TABS = ("todo", "watching", "closed")
SNOOZES = {
    "60": later("One hour"),
    "240": later("Four hours"),
    "day": later("Tomorrow at 6:00"),
    "10080": later("A week"),
}
HELD_REASONS = {
    "cause_found": later("The cause was found and removed"),
    "looked_after": later("Somebody looks after these lots"),
    "false_alarm": later("It was a false alarm"),
}
REASONS = {
    "cause_found": later("The cause was found and removed"),
    "fix_recorded": later("Another fix is recorded"),
    "numbers_wrong": later("The numbers were wrong"),
    "false_alarm": later("It was a false alarm"),
}
NEW_NORMAL = "new_normal"
WORSE_REASONS = {**REASONS, NEW_NORMAL: later("What the line does now is its new normal")}
ALL_REASONS = {**REASONS, **HELD_REASONS, **WORSE_REASONS}


@blp.get("/inbox", endpoint="inbox")
@allow("alert.read")
def inbox() -> ResponseReturnValue:
    tab = request.args.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    mine = in_sites(Alert, actor().sites_for("alert.read"))
    conditions = by_tab(clock.now())
    counts = {name: Alert.select().where(mine & conditions[name]).count() for name in TABS}
    order = Alert.resolved_at.desc() if tab == "closed" else Alert.opened_at.desc()
    rows = Alert.select().where(mine & conditions[tab]).order_by(order).limit(MOST)
    return page(
        "inbox.html", nav="inbox", tab=tab, counts=counts, items=_items(list(rows)),
        can_act=actor().may("alert.act"),
    )  # fmt: skip


def _state(alert: Alert) -> str:
    if alert.state != "resolved" and alert.snoozed_until is not None and alert.snoozed_until > clock.now():
        return "snoozed"
    return str(alert.state)


def _items(alerts: list[Any]) -> list[dict[str, Any]]:
    query = Evidence.select().where(Evidence.id.in_([alert.evidence_id for alert in alerts]))
    known = {row.id: row for row in query} if words().language != "en" else {}
    lines = {row.id: row.name for row in Line.select().where(Line.id.in_([alert.line_id for alert in alerts]))}
    sites = {row.id: row.name for row in Site.select().where(Site.id.in_([alert.site_id for alert in alerts]))}
    return [
        {**_item(alert, known.get(alert.evidence_id)), "line": lines.get(alert.line_id, sites[alert.site_id])}
        for alert in alerts
    ]


def _said(alert: Alert, evidence: Evidence | None) -> dict[str, Any]:
    """What the alert says, in the reader's language where its evidence has just those numbers, else as it was kept."""
    if evidence is None or evidence.document["sentence"] != alert.sentence:
        return {"sentence": alert.sentence, "explanation": alert.explanation, "kept": True}
    doc = evidence.document
    for kind, says in ((lots_held.is_held, lots_held.said), (line_calls.is_call, line_calls.said), (
        line_worse.is_of_line, line_worse.said)):  # fmt: skip
        if kind(doc):
            return {**says(doc), "kept": False}
    return {
        "sentence": resaid(doc, alert.sentence), "explanation": resaid(doc, alert.explanation or "", explanation),
        "kept": False,
    }  # fmt: skip


def _item(alert: Any, evidence: Evidence | None) -> dict[str, Any]:
    return {
        "id": alert.id, **_said(alert, evidence), "verdict": alert.verdict, "opened_at": alert.opened_at,
        "age": age(alert.opened_at), "state": _state(alert), "who": alert.acknowledged_name,
        "severity": alert.severity, "held": alert.kind == HELD,
        "of_line": alert.kind if alert.kind in line_worse.KINDS else None,
        "call": CALLS.get(alert.kind), "url": url_for("desk.alert", alert_id=alert.id),
    }  # fmt: skip


@blp.get("/alerts/<alert_id>", endpoint="alert")
@allow("alert.read")
def alert(alert_id: str) -> ResponseReturnValue:
    return _alert_page(find_alert(actor(), "alert.read", alert_id))


@blp.post("/alerts/<alert_id>/<action>", endpoint="alert_act")
@allow("alert.act")
def alert_act(alert_id: str, action: str) -> ResponseReturnValue:
    found = find_alert(actor(), "alert.act", alert_id)
    errors = _missing(action, found)
    if not errors:
        try:
            said = _do(action, found)
        except QCError as error:
            errors = {"": error.detail}
        else:
            flash("success", said)
            return redirect(url_for("desk.alert", alert_id=alert_id), 303)
    return _alert_page(found, errors, action, 422)


def _missing(action: str, found: Alert) -> dict[str, str]:
    say, form = words().say, request.form
    if action == "snooze" and form.get("until") not in SNOOZES:
        return {"until": say("Choose until when.")}
    if action == "resolve":
        calls = found.kind in CALLS
        errors = {} if calls or form.get("reason") in ALL_REASONS else {"reason": say("Choose a reason.")}
        if len(form.get("note", "").strip()) < 10:
            errors["note"] = say("Say in a few words what you found (10 characters or more).")
        return errors or _unfit("note", "reason", _closing(form, calls=calls), AlertResolveIn())
    if action == "comment":
        text = form.get("text", "").strip()
        return _unfit("text", "text", text, AlertCommentIn()) if text else {"text": say("Write something first.")}
    return {}


def _closing(form: Mapping[str, str], *, calls: bool) -> str:
    """Of a call the words are the reason: it is said in them that the line may run."""
    if calls:
        return form["note"].strip()
    return f"{ALL_REASONS[form['reason']]}: {form['note'].strip()}"


def _unfit(name: str, field: str, text: str, schema: Schema) -> dict[str, str]:
    """What the API would refuse in this text, said beside the form's field."""
    errors = schema.validate({field: text})
    return {name: errors[field][0]} if errors else {}


def _do(action: str, found: Alert) -> str:
    say, form, who, alert_id = words().say, request.form, actor(), found.id
    if action == "ack":
        acts.acknowledge(who, alert_id)
        return say("You are on it.")
    if action == "unack":
        acts.unacknowledge(who, alert_id)
        return say("It is open to everybody again.")
    if action == "snooze":
        acts.snooze(who, alert_id, until=_until(form["until"]))
        return say("Snoozed.")
    if action == "resolve":
        accepted = found.kind == line_worse.WORSE and form.get("reason") == NEW_NORMAL
        acts.resolve(who, alert_id, _closing(form, calls=found.kind in CALLS), new_normal=accepted)
        return say("Closed.")
    if action == "comment":
        acts.comment(who, alert_id, form["text"].strip())
        return say("Added.")
    raise QCError("not_found", say("There is no such action."))


def _until(choice: str) -> datetime:
    if choice != "day":
        return clock.now() + timedelta(minutes=int(choice))
    local = clock.now().astimezone(ZoneInfo(zone())) + timedelta(days=1)
    return local.replace(hour=6, minute=0, second=0, microsecond=0)


def _alert_page(
    found: Alert, errors: dict[str, str] | None = None, opened: str = "", status: int = 200
) -> ResponseReturnValue:
    say = words().say
    line: Line | None = Line.get_or_none(Line.id == found.line_id)
    frozen: Evidence = Evidence.get_by_id(found.evidence_id)
    reasons = {HELD: HELD_REASONS, line_worse.WORSE: WORSE_REASONS}.get(found.kind, REASONS)
    log = AlertLog.select().where(AlertLog.alert_id == found.id).order_by(AlertLog.number.desc()).limit(MOST)
    shown = {
        **{name: getattr(found, name) for name in (
            "id", "kind", "severity", "verdict", "pattern", "opened_at", "occurrences",
        )},
        **_said(found, frozen), "state": _state(found), "leaning": False,
        "line": {"code": line and line.code, "name": line.name if line else Site.get_by_id(found.site_id).name},
        "measure": say(MEASURES[found.measure].name) if found.measure in MEASURES else "",
        "age": age(found.opened_at), "who": found.acknowledged_name,
        "snoozed_until": found.snoozed_until and words().moment(found.snoozed_until),
        "closed_at": found.resolved_at, "closed_reason": found.resolve_reason,
        "evidence_url": url_for("desk.evidence", evidence_id=found.evidence_id),
        "fix_url": found.fix_id and url_for("desk.fix", fix_id=found.fix_id),
    }  # fmt: skip
    return page(
        "alert.html", nav="inbox", status=status, alert=shown,
        held=lots_held.told(frozen.document) if found.kind == HELD else None,
        of_line=found.kind if found.kind in line_worse.KINDS else None,
        called=line_calls.told(frozen.document) if found.kind in CALLS else None,
        errors=errors or {}, values=request.form, opened=opened,
        log=[{"at": row.at, "who": row.who, "text": row.text} for row in log],
        snoozes=[{"code": code, "name": say(name)} for code, name in SNOOZES.items()],
        reasons=[{"code": code, "name": say(name)} for code, name in reasons.items()],
        can_act=actor().may("alert.act", found.site_id),
    )  # fmt: skip
