"""Gauges on the wire."""

from marshmallow import fields, validate

from qc_service.procedures.qualification_schemas import PersonName
from qc_service.schemas import Code, Moment, PageArgs, Reply, Schema, Text, page_of

RESULTS = ("in_tolerance", "out_of_tolerance")
STATES = ("fit", "due", "overdue", "blocked")


def _day(**kwargs: object) -> "fields.Date":
    return fields.Date(format="iso", **kwargs)  # type: ignore[arg-type]


class GaugeIn(Schema):
    code = Code(required=True)
    name = Text(required=True)
    site = Code(required=True)
    unit = Text(longest=16, required=True)
    calibrated_at = Moment(required=True)
    due_on = _day(required=True, metadata={"description": "The last day on which it may be used"})


class GaugePatch(Schema):
    name = Text(required=True)


class CalibrationIn(Schema):
    result = fields.String(required=True, validate=validate.OneOf(RESULTS), metadata={"description": "As it was found"})
    calibrated_at = Moment(load_default=None, allow_none=True, metadata={"description": "Absent: now"})
    due_on = _day(load_default=None, allow_none=True, metadata={"description": "Where it was found in tolerance"})
    note = Text(longest=1000, load_default=None, allow_none=True)
    site = Code(load_default=None, allow_none=True)


class BlockIn(Schema):
    reason = Text(longest=1000, required=True)
    site = Code(load_default=None, allow_none=True)


class CalibrationOut(Reply):
    id = fields.String(required=True)
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    calibrated_at = Moment(required=True)
    due_on = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    recorded_by = fields.String(required=True)
    person = fields.Nested(PersonName, required=True, allow_none=True)
    at = Moment(required=True)


class BlockOut(Reply):
    kind = fields.String(required=True, validate=validate.OneOf(("blocked", "unblocked")))
    reason = fields.String(required=True)
    said_by = fields.String(required=True)
    person = fields.Nested(PersonName, required=True, allow_none=True)
    at = Moment(required=True)


class GaugeListed(Reply):
    id = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    site = fields.String(required=True)
    unit = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    calibrated_at = Moment(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    created_at = Moment(required=True)


class GaugeOut(GaugeListed):
    calibrations = fields.List(fields.Nested(CalibrationOut), required=True)
    blocks = fields.List(fields.Nested(BlockOut), required=True)


GaugePage = page_of(GaugeListed)


class GaugeArgs(Schema):
    site = Code(load_default=None)


class GaugeListArgs(PageArgs):
    site = Code(load_default=None)


class AffectedOut(Reply):
    """A lot that was measured with the gauge while it may have been wrong."""

    lot = fields.String(required=True)
    line = fields.String(required=True)
    site = fields.String(required=True)
    first_at = Moment(required=True)
    last_at = Moment(required=True)
    answers = fields.Integer(required=True)
    shipped_at = Moment(required=True, allow_none=True)
    on_hold = fields.Boolean(required=True, metadata={"description": "For this gauge"})


AffectedPage = page_of(AffectedOut)
