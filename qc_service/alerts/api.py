"""Alerts over HTTP."""

from typing import Any

from qc_service import paging
from qc_service.alerts import acts, rules, schemas
from qc_service.alerts.models import Alert
from qc_service.alerts.reading import describe, log_of
from qc_service.alerts.service import find_alert
from qc_service.auth import actor, allow
from qc_service.flags import held
from qc_service.flags.models import Flag
from qc_service.lines import service as lines
from qc_service.web import Blueprint

blp = Blueprint("alerts", __name__, url_prefix="/v1", description="What waits for somebody, and who was told")


@blp.route("/alerts", methods=["GET"])
@allow("alert.read")
@blp.arguments(schemas.AlertListArgs, location="query")
@blp.response(200, schemas.AlertPage)
def list_alerts(args: dict[str, Any]) -> dict[str, Any]:
    """The alerts that you may see; those that are open unless you ask for others."""
    query = Alert.select().where(lines.in_sites(Alert, actor().sites_for("alert.read")))
    if args["line"]:
        line = lines.line_at(actor(), "alert.read", args["line"], args["site"])
        holding = Alert.flag_id.in_(Flag.select(Flag.id).where(held.on_line(line.id)))
        query = query.where((Alert.line_id == line.id) | holding)
    if args["state"] == "open":
        query = query.where(Alert.state.in_(rules.OPEN))
    elif args["state"] != "all":
        query = query.where(Alert.state == args["state"])
    found = paging.page(query, Alert, args, lambda row: row)
    return {**found, "data": describe(found["data"])}


@blp.route("/alerts/<alert_id>", methods=["GET"])
@allow("alert.read")
@blp.response(200, schemas.AlertOut)
def get_alert(alert_id: str) -> dict[str, Any]:
    """One alert, with who was told of it and who was not."""
    return _shown(find_alert(actor(), "alert.read", alert_id))


@blp.route("/alerts/<alert_id>/log", methods=["GET"])
@allow("alert.read")
@blp.response(200, schemas.AlertLogPage)
def get_alert_log(alert_id: str) -> dict[str, Any]:
    """Everything that happened to an alert, oldest first."""
    rows = log_of(find_alert(actor(), "alert.read", alert_id))
    return {"data": rows, "has_more": False, "next_cursor": None}


@blp.route("/alerts/<alert_id>/ack", methods=["POST"])
@allow("alert.act")
@blp.arguments(schemas.AlertWordIn)
@blp.response(200, schemas.AlertOut)
def acknowledge_alert(body: dict[str, Any], alert_id: str) -> dict[str, Any]:
    """Take the alert: somebody is on it."""
    return _shown(acts.acknowledge(actor(), alert_id, **body))


@blp.route("/alerts/<alert_id>/unack", methods=["POST"])
@allow("alert.act")
@blp.arguments(schemas.AlertWordIn)
@blp.response(200, schemas.AlertOut)
def unacknowledge_alert(body: dict[str, Any], alert_id: str) -> dict[str, Any]:
    """Hand the alert back."""
    return _shown(acts.unacknowledge(actor(), alert_id, **body))


@blp.route("/alerts/<alert_id>/snooze", methods=["POST"])
@allow("alert.act")
@blp.arguments(schemas.AlertSnoozeIn)
@blp.response(200, schemas.AlertOut)
def snooze_alert(body: dict[str, Any], alert_id: str) -> dict[str, Any]:
    """Put the alert off; it wakes by itself, and earlier if it gets worse."""
    return _shown(acts.snooze(actor(), alert_id, **body))


@blp.route("/alerts/<alert_id>/resolve", methods=["POST"])
@allow("alert.act")
@blp.arguments(schemas.AlertResolveIn)
@blp.response(200, schemas.AlertOut)
def resolve_alert(body: dict[str, Any], alert_id: str) -> dict[str, Any]:
    """Close the alert, with the reason why it may be closed."""
    return _shown(acts.resolve(actor(), alert_id, **body))


@blp.route("/alerts/<alert_id>/comment", methods=["POST"])
@allow("alert.act")
@blp.arguments(schemas.AlertCommentIn)
@blp.response(200, schemas.AlertOut)
def comment_alert(body: dict[str, Any], alert_id: str) -> dict[str, Any]:
    """Say something about the alert; it stays in its log."""
    return _shown(acts.comment(actor(), alert_id, **body))


def _shown(alert: Alert) -> dict[str, Any]:
    return describe([alert])[0]
