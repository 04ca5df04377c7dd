"""Alerts on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from qc_service.alerts import rules
from qc_service.alerts.models import Alert, AlertLog
from qc_service.flags.schemas import HeldCause
from qc_service.schemas import Code, Moment, PageArgs, Reply, Schema, Text, Truth, page_of, reply_schema

STATES = ("open", "firing", "acknowledged", "resolved", "all")
_LONGEST_MINUTES = int(rules.SNOOZE_LONGEST.total_seconds() // 60)


class AlertListArgs(PageArgs):
    line = Code(load_default=None)
    site = Code(load_default=None, metadata={"description": "The site's code, where the line's fits several sites"})
    state = fields.String(
        load_default="open",
        validate=validate.OneOf(STATES),
        metadata={"description": "open: firing or acknowledged"},
    )


class AlertWordIn(Schema):
    text = Text(longest=2000, allow_none=True, metadata={"description": "Kept in the alert's log"})


class AlertSnoozeIn(Schema):
    """`{"until": time}` or `{"for_minutes": n}`."""

    until = Moment(metadata={"description": "At most 30 days ahead"})
    for_minutes = fields.Integer(strict=True, validate=validate.Range(min=1, max=_LONGEST_MINUTES))
    text = Text(longest=2000, allow_none=True)

    @ma.validates_schema
    def _one(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("until" in data) == ("for_minutes" in data):
            raise ma.ValidationError("Give either until, a time, or for_minutes, a number.")


class AlertResolveIn(Schema):
    reason = Text(
        required=True,
        shortest=rules.REASON_SHORTEST,
        longest=2000,
        metadata={"description": "Why it may be closed"},
    )
    new_normal = Truth(
        load_default=False,
        metadata={
            "description": "Of a line that got worse without a fix: what it does since then is its new normal, and it "
            "is watched against that from now on"
        },
    )


class AlertCommentIn(Schema):
    text = Text(required=True, longest=2000)


class AlertAck(Reply):
    by = fields.String()
    name = fields.String()
    at = Moment()


class AlertEvidence(Reply):
    id = fields.String()
    url = fields.String()
    sha256 = fields.String()


class AlertTold(Reply):
    name = fields.String()
    channel = fields.String()
    reason = fields.String()
    at = Moment()


class AlertNotTold(Reply):
    name = fields.String()
    channel = fields.String()
    reason = fields.String()
    state = fields.String(metadata={"description": "waiting or failed"})
    why = fields.String()


class AlertNotifications(Reply):
    """Of the alert's present episode."""

    sent = fields.Integer()
    waiting = fields.Integer()
    failed = fields.Integer()
    told = fields.List(fields.Nested(AlertTold))
    not_told = fields.List(fields.Nested(AlertNotTold))


AlertOut = reply_schema(
    "Alert", Alert, "id", "fingerprint", "kind", "severity", "state", "episode", "measure", "defect_code",
    "verdict", "pattern", "sentence", "explanation", "occurrences", "opened_at", "last_seen_at",
    "acknowledged_by", "snoozed_until", "resolved_at", "resolved_by", "resolve_reason", "owner",
    site=fields.String(),
    line=fields.String(allow_none=True, metadata={"description": "null: lots on hold, on any line of the site"}),
    cause=fields.Nested(HeldCause, allow_none=True), lots=fields.Integer(allow_none=True),
    fix=fields.String(allow_none=True), flag=fields.String(),
    ack=fields.Nested(AlertAck, allow_none=True), evidence=fields.Nested(AlertEvidence),
    notifications=fields.Nested(AlertNotifications),
    actions=fields.Dict(fields.String(), fields.String(), metadata={"description": "What can be done now"}),
)  # fmt: skip

AlertLogOut = reply_schema("AlertLog", AlertLog, "number", "at", "author", "who", "what", "text", "detail")


AlertPage, AlertLogPage = page_of(AlertOut), page_of(AlertLogOut)
