"""The quality of checking on the wire. Nothing here names a person, or can be asked about one."""

import marshmallow as ma
from marshmallow import fields, validate

from qc_service.inspections.checking_rules import KINDS, NIGHT, SHIFTS
from qc_service.schemas import Code, Moment, Reply, Schema
from qc_service.texts import later

BY = ("check", "line", "shift")


class CheckingArgs(Schema):
    procedure = Code(required=True)
    line = Code(load_default=None)
    site = Code(load_default=None, metadata={"description": "Where a line's code fits several sites"})
    since = Moment(data_key="from", load_default=None)
    until = Moment(data_key="to", load_default=None, metadata={"description": "Absent: now"})
    by = fields.String(
        load_default="check", validate=validate.OneOf(BY),
        metadata={"description": "What the numbers of each check are split by: nothing more, its lines, or the shifts"},
    )  # fmt: skip

    @ma.validates_schema
    def _in_order(self, data: dict[str, object], **_: object) -> None:
        since, until = data.get("since"), data.get("until")
        if since is not None and until is not None and since >= until:  # type: ignore[operator]
            raise ma.ValidationError(later("The end of the period is not after its beginning."), "to")


class SecondsOut(Reply):
    n = fields.Integer(required=True, metadata={"description": "Answers whose time is known"})
    lower_quartile = fields.Float(required=True)
    median = fields.Float(required=True)
    upper_quartile = fields.Float(required=True)


class PairsOut(Reply):
    """What the first and the second person found of the same."""

    ok_ok = fields.Integer(required=True)
    ok_defect = fields.Integer(required=True)
    defect_ok = fields.Integer(required=True)
    defect_defect = fields.Integer(required=True)


class CheckOut(Reply):
    version = fields.Integer(required=True)
    check = fields.String(required=True)
    type = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "In the document's own language"})
    line = fields.String(required=True, allow_none=True)
    shift = fields.String(required=True, allow_none=True, validate=validate.OneOf((*SHIFTS, NIGHT)))
    n = fields.Integer(required=True, metadata={"description": "Answers that were not set aside"})
    seconds = fields.Nested(SecondsOut, required=True, allow_none=True)
    pairs = fields.Integer(required=True, metadata={"description": "Things that two people answered it for"})
    counts = fields.Nested(PairsOut, required=True)
    agreement = fields.Float(required=True, allow_none=True)
    kappa = fields.Float(required=True, allow_none=True, metadata={"description": "Null where it does not exist"})
    se = fields.Float(required=True, allow_none=True, metadata={"description": "Of kappa, for many pairs"})
    pabak = fields.Float(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True, metadata={"description": "Why kappa says little here"})


class ObservationOut(Reply):
    uuid = fields.String(required=True, metadata={"description": "The inspection in which it was seen"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    version = fields.Integer(required=True)
    check = fields.String(required=True, allow_none=True)
    line = fields.String(required=True)
    shift = fields.String(required=True, validate=validate.OneOf((*SHIFTS, NIGHT)))
    happened_at = Moment(required=True)
    sentence = fields.String(required=True, metadata={"description": "At most 30 words, in the reader's language"})


class CheckingOut(Reply):
    procedure = fields.String(required=True)
    line = fields.String(required=True, allow_none=True)
    since = Moment(data_key="from", required=True, allow_none=True)
    until = Moment(data_key="to", required=True)
    by = fields.String(required=True, validate=validate.OneOf(BY))
    records = fields.Integer(required=True)
    notes = fields.List(fields.String(), required=True, metadata={"description": "What was left out, if anything"})
    checks = fields.List(fields.Nested(CheckOut), required=True)
    observations = fields.List(fields.Nested(ObservationOut), required=True)


class RecordCheckingOut(Reply):
    uuid = fields.String(required=True)
    lot = fields.String(required=True)
    observations = fields.List(fields.Nested(ObservationOut), required=True)
