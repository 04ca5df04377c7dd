"""Lots and their makers on the wire."""

from marshmallow import fields, validate

from qc_service.schemas import MAX_QUANTITY, Code, Moment, Reply, Schema

MOST_PEOPLE = 200


class LotIn(Schema):
    line = Code(required=True)
    site = Code(load_default=None, allow_none=True)
    product = Code(load_default=None, allow_none=True)
    quantity = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=1, max=MAX_QUANTITY)
    )
    makers = fields.List(Code(), load_default=list, validate=validate.Length(max=MOST_PEOPLE))
    procedure = Code(load_default=None, allow_none=True)
    work_order = Code(load_default=None, allow_none=True)
    units = fields.List(Code(), load_default=list, validate=validate.Length(max=10_000))
    shipped_at = Moment(
        load_default=None, allow_none=True, metadata={"description": "It has left: nothing puts it on hold any more"}
    )


class MakersIn(Schema):
    makers = fields.List(Code(), required=True, validate=validate.Length(min=1, max=MOST_PEOPLE))
    site = Code(load_default=None, allow_none=True)
    unit = Code(load_default=None, allow_none=True)
    step = Code(load_default=None, allow_none=True)
    made_at = Moment(load_default=None, allow_none=True)


class MakerOut(Reply):
    badge = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.String(allow_none=True)
    step = fields.String(allow_none=True)
    source = fields.String(required=True)
    named_at = Moment(required=True)
    made_at = Moment(allow_none=True)


class LotOut(Reply):
    id = fields.String(required=True)
    code = fields.String(required=True)
    site = fields.String(required=True)
    line = fields.String(required=True)
    product = fields.String(required=True, allow_none=True)
    quantity = fields.Integer(required=True, allow_none=True)
    procedure = fields.String(required=True, allow_none=True)
    work_order = fields.String(required=True, allow_none=True)
    makers = fields.List(fields.Nested(MakerOut), required=True)
    makers_known = fields.Boolean(required=True)
    demoted = fields.List(
        fields.String(), metadata={"description": "Inspections that are a maker's own, and so no longer count"}
    )
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
    shipped_at = Moment(required=True, allow_none=True)


class LotArgs(Schema):
    site = Code(load_default=None)
