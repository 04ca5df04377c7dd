"""Holds, releases and overrides on the wire."""

from marshmallow import fields, validate

from qc_service.procedures.qualification_schemas import PersonName
from qc_service.procedures.schemas import SignatureOut, Signed
from qc_service.schemas import Code, Moment, PageArgs, Reply, Schema, Text, page_of

LONGEST_REASON = 1000
KINDS = ("said", "version_withdrawn", "version_superseded", "inspection", "gauge")


class HoldIn(Schema):
    reason = Text(longest=LONGEST_REASON, required=True)
    site = Code(load_default=None, allow_none=True)


class AskToLetGoIn(Signed):
    reason = Text(longest=LONGEST_REASON, shortest=10, required=True)
    site = Code(load_default=None, allow_none=True)


class AgreeToLetGoIn(Signed):
    site = Code(load_default=None, allow_none=True)


class AgreedOut(Reply):
    """What a quality manager asked for, with both signatures; `agreed` is null as long as nobody else did."""

    id = fields.String(required=True)
    reason = fields.String(required=True)
    asked = fields.Nested(SignatureOut, required=True)
    agreed = fields.Nested(SignatureOut, required=True, allow_none=True)


class HoldOut(Reply):
    id = fields.String(required=True)
    lot = fields.String(required=True)
    line = fields.String(required=True)
    site = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    reason = fields.String(required=True)
    details = fields.Dict(required=True)
    held_by = fields.String(required=True)
    person = fields.Nested(PersonName, required=True, allow_none=True)
    at = Moment(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("open", "released")))
    release = fields.Nested(
        AgreedOut, required=True, allow_none=True, metadata={"description": "What was asked last about it"}
    )


HoldPage = page_of(HoldOut)


class LotOverrideOut(AgreedOut):
    lot = fields.String(required=True)
    line = fields.String(required=True)
    site = fields.String(required=True)
    at = Moment(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("asked", "replaced", "in_effect", "lapsed")))


LotOverridePage = page_of(LotOverrideOut)


class LotHoldArgs(PageArgs):
    site = Code(load_default=None)


class OverrideArgs(PageArgs):
    line = Code(load_default=None)
    site = Code(load_default=None)


class HoldArgs(OverrideArgs):
    state = fields.String(load_default=None, validate=validate.OneOf(("open", "released")))
