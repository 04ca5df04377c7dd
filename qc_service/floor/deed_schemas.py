"""Deeds on the wire: what each kind says, and what is answered."""

from marshmallow import fields, validate

from qc_service.inspections.schemas import WEEK_MS
from qc_service.procedures.deviation_schemas import DeviationIn
from qc_service.procedures.report_schemas import ReportIn
from qc_service.procedures.schemas import language
from qc_service.schemas import Code, Moment, Reply, Schema, Truth

NAMES = ("made", "read", "deviation", "step_report")
STATES = ("done", "refused")


def _version(**kwargs: object) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=1, max=2**31 - 1), **kwargs)  # type: ignore[arg-type]


class DeedIn(Schema):
    """What every deed says: who did it, where and when. It must be readable, or nothing is stored."""

    kind = fields.String(required=True, validate=validate.OneOf(NAMES))
    badge = Code(
        load_default=None, allow_none=True,
        metadata={"description": "Whose deed it is; who is signed in may leave it out"},
    )  # fmt: skip
    line = Code(required=True, metadata={"description": "The line at which the tablet stands"})
    site = Code(load_default=None, allow_none=True)
    observed_at = Moment(required=True, metadata={"description": "When it was done, by the sender's clock"})
    clock_offset_ms = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=-WEEK_MS * 60, max=WEEK_MS * 60),
        metadata={"description": "How far the sender's clock was ahead of the service's at the last contact"},
    )  # fmt: skip
    clock_jumped = Truth(load_default=False, metadata={"description": "The clock was set meanwhile"})


class MadeIn(DeedIn):
    """Somebody made a lot, or one unit of it."""

    lot = Code(required=True)
    unit = Code(load_default=None, allow_none=True, metadata={"description": "Absent: the whole lot"})
    procedure = Code(load_default=None, allow_none=True, metadata={"description": "By which it was made"})
    version = _version(load_default=None, allow_none=True)


class ReadIn(DeedIn):
    """Somebody has read and understood a version."""

    procedure = Code(required=True)
    version = _version(required=True)
    language = language(
        load_default=None, allow_none=True, metadata={"description": "The language in which it was read"}
    )
    meaning = fields.String(
        load_default="read_and_understood", validate=validate.OneOf(("read_and_understood",)),
        metadata={"description": "What the signature means"},
    )  # fmt: skip


class DeviationDeedIn(DeedIn, DeviationIn):
    """Somebody asks to depart from a check, in the words of `POST /v1/deviations`."""


class StepReportIn(DeedIn, ReportIn):
    """A step or check does not work as it is written, in the words of `POST …/reports`."""

    procedure = Code(required=True)
    version = _version(required=True)


class WhyOut(Reply):
    code = fields.String(required=True)
    detail = fields.String(required=True, metadata={"description": "What to do, for whoever did it"})


class DeedOut(Reply):
    """The receipt of a deed, and what came of it."""

    receipt = fields.String(required=True)
    sha256 = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = fields.Nested(WhyOut, required=True, allow_none=True, metadata={"description": "Why it was refused"})
    notes = fields.List(
        fields.Nested(WhyOut), required=True,
        metadata={"description": "It was done; this is to be known all the same"},
    )  # fmt: skip
