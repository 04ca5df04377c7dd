"""Steps that are reported as not working, on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from qc_service.procedures.deviation_models import StepReport
from qc_service.procedures.qualification_schemas import PersonName
from qc_service.procedures.reports import OUTCOMES
from qc_service.schemas import Code, PageArgs, Schema, Text, page_of, reply_schema
from qc_service.texts import later


class ReportIn(Schema):
    """`{"step": id}` or `{"check": id}`, and a few words."""

    step = Code()
    check = Code()
    line = Code(load_default=None, allow_none=True)
    site = Code(load_default=None, allow_none=True)
    text = Text(required=True, longest=500)
    photo = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"),
        metadata={"description": "A picture by the SHA-256 of its bytes; it may follow later"},
    )  # fmt: skip

    @ma.validates_schema
    def _one(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("step" in data) == ("check" in data):
            raise ma.ValidationError(later("Name either a step or a check."))


class AnswerIn(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    answer = Text(required=True, longest=2000)


class ReportArgs(PageArgs):
    state = fields.String(load_default=None, validate=validate.OneOf(("open", "answered")))
    procedure = Code(load_default=None)
    mine = fields.Boolean(load_default=False, metadata={"description": "Only what oneself reported"})
    waiting = fields.Boolean(load_default=False, metadata={"description": "Only what waits for one's own answer"})


ReportOut = reply_schema(
    "StepReport", StepReport, "id", "text", "photo", "at", "state", "outcome", "answer", "answered_at",
    procedure=fields.String(), version=fields.Integer(), step=fields.String(allow_none=True),
    check=fields.String(allow_none=True), site=fields.String(), line=fields.String(allow_none=True),
    reported_by=fields.Nested(PersonName), answered_by=fields.Nested(PersonName, allow_none=True),
)  # fmt: skip
ReportPage = page_of(ReportOut)
