"""Numbers of tablets that never arrived, on the wire."""

from marshmallow import fields, validate

from qc_service.procedures.schemas import SignatureOut, Signed
from qc_service.schemas import Moment, Reply, Text, page_of

LONGEST_REASON = 1000
_NUMBER = validate.Range(min=1, max=2**53)


class ExplainIn(Signed):
    first = fields.Integer(strict=True, required=True, validate=_NUMBER)
    last = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=_NUMBER, metadata={"description": "Absent: only one"}
    )
    reason = Text(longest=LONGEST_REASON, shortest=10, required=True)


class TabletName(Reply):
    id = fields.String(required=True)
    name = fields.String(required=True)


class GapExplanationOut(Reply):
    id = fields.String(required=True)
    tablet = fields.Nested(TabletName, required=True)
    site = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, validate=validate.OneOf(("missing", "late")))
    first = fields.Integer(required=True)
    last = fields.Integer(required=True)
    reason = fields.String(required=True)
    signature = fields.Nested(SignatureOut, required=True)


class GapOut(Reply):
    """Numbers of a tablet that somebody should explain: they never arrived, or only after they were explained."""

    tablet = fields.Nested(TabletName, required=True)
    site = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(("missing", "arrived_late")))
    first = fields.Integer(required=True)
    last = fields.Integer(required=True)
    seen_at = Moment(required=True, metadata={"description": "When the next number arrived, or this one did late"})
    explained = fields.Nested(GapExplanationOut, required=True, allow_none=True)
    inspection = fields.String(required=True, allow_none=True, metadata={"description": "What arrived late"})


GapPage, GapExplanationPage = page_of(GapOut), page_of(GapExplanationOut)
