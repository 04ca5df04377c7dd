"""Deviations on the wire."""

from marshmallow import fields, validate

from qc_service.procedures.deviation_models import Deviation, DeviationUse
from qc_service.procedures.qualification_schemas import PersonName
from qc_service.procedures.schemas import LONG, SignatureOut, Signed, reason
from qc_service.schemas import MAX_QUANTITY, Code, Moment, PageArgs, Reply, Schema, Text, Truth, page_of, reply_schema

STATES = ("asked", "granted", "refused", "ended", "expired", "used_up")


def quantity(**kwargs: object) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=1, max=MAX_QUANTITY), **kwargs)  # type: ignore[arg-type]


class DeviationIn(Schema):
    procedure = Code(required=True)
    version = fields.Integer(
        strict=True, load_default=None, allow_none=True,
        validate=validate.Range(min=1, max=2**31 - 1), metadata={"description": "Absent: the one in force on the line"},
    )  # fmt: skip
    check = Code(required=True)
    line = Code(required=True)
    site = Code(load_default=None, allow_none=True)
    lot = Text(longest=64, load_default=None, allow_none=True)
    reason = reason()
    quantity = quantity(required=True)
    expires_at = Moment(required=True, metadata={"description": "At most 90 days ahead"})


class DecideIn(Signed):
    grant = Truth(required=True)
    quantity = quantity(metadata={"description": "Absent: as many as were asked for"})
    expires_at = Moment(metadata={"description": "Absent: as long as was asked for"})
    more_than_asked = Truth(load_default=False, metadata={"description": "It is meant to be more or longer than asked"})
    note = Text(required=True, longest=LONG, metadata={"description": "Why, for whoever asked"})


class UseIn(Schema):
    quantity = quantity(required=True)
    reference = Text(
        required=True, longest=128,
        metadata={"description": "What it was used for; the same one again is the same use"},
    )  # fmt: skip


class EndIn(Schema):
    reason = reason()


class DeviationArgs(PageArgs):
    procedure = Code(load_default=None)
    line = Code(load_default=None)
    site = Code(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


UseOut = reply_schema("DeviationUse", DeviationUse, "number", "quantity", "used_by", "reference", "at")


class HoldsOut(Reply):
    """Whether the check still stands as it was when the deviation was asked for."""

    holds = fields.Boolean()
    version = fields.Integer(allow_none=True, metadata={"description": "The version in force on the line now"})
    sentence = fields.String()


DeviationOut = reply_schema(
    "Deviation", Deviation, "id", "lot", "reason", "asked_at", "asked_quantity", "asked_until", "quantity", "used",
    "expires_at", "decided_at", "decision_note", "ended_at", "end_reason",
    procedure=fields.String(), version=fields.Integer(), check=fields.String(), site=fields.String(),
    line=fields.String(), state=fields.String(metadata={"enum": list(STATES)}), left=fields.Integer(),
    asked_by=fields.Nested(PersonName), decided_by=fields.Nested(PersonName, allow_none=True),
    ended_by=fields.Nested(PersonName, allow_none=True), signature=fields.Nested(SignatureOut, allow_none=True),
    check_unchanged=fields.Nested(HoldsOut, allow_none=True), uses=fields.List(fields.Nested(UseOut)),
)  # fmt: skip
DeviationPage = page_of(DeviationOut)


class UsedOut(Reply):
    """A use, and what is left."""

    deviation = fields.String()
    number = fields.Integer()
    quantity = fields.Integer()
    reference = fields.String()
    used_by = fields.String()
    at = Moment()
    used = fields.Integer()
    left = fields.Integer()
