"""Calls from the floor on the wire."""

from marshmallow import fields, validate

from qc_service.calls.rules import KINDS, REASON_SHORTEST
from qc_service.schemas import Code, Moment, PageArgs, Reply, Schema, Text, page_of

LONGEST_REASON = 1000
STATES = ("open", "answered", "ended", "late")


class CallIn(Schema):
    """A call as it is sent. What it names beside the line is kept as it is, and not looked up."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    line = Code(required=True)
    site = Code(load_default=None, allow_none=True, metadata={"description": "Where a line's code fits several sites"})
    lot = Code(load_default=None, allow_none=True)
    procedure = Code(load_default=None, allow_none=True)
    check = Code(load_default=None, allow_none=True, metadata={"description": "The check's id"})
    who = Code(
        load_default=None, allow_none=True,
        metadata={"description": "From a tablet by itself: the badge of who pressed; null: nobody was signed in"},
    )  # fmt: skip
    pressed_at = Moment(required=True, metadata={"description": "By the sender's clock"})
    sent_at = Moment(
        load_default=None, allow_none=True,
        metadata={"description": "When this try was sent, by the same clock: how long it waited is the difference"},
    )  # fmt: skip


class CallEndIn(Schema):
    reason = Text(
        required=True, shortest=REASON_SHORTEST, longest=LONGEST_REASON,
        metadata={"description": "Why the line may run again, or how whoever called was helped"},
    )  # fmt: skip


class CallArgs(PageArgs):
    line = Code(load_default=None)
    site = Code(load_default=None)
    kind = fields.String(load_default=None, validate=validate.OneOf(KINDS))
    state = fields.String(
        load_default="all", validate=validate.OneOf(("open", "all")),
        metadata={"description": "open: neither ended nor late"},
    )  # fmt: skip


class CallerOut(Reply):
    badge = fields.String(required=True)
    name = fields.String(
        required=True, allow_none=True, metadata={"description": "Null: nobody who works there has it"}
    )


class CallAnswerOut(Reply):
    badge = fields.String(required=True)
    name = fields.String(required=True)
    at = Moment(required=True)


class CallEndOut(CallAnswerOut):
    reason = fields.String(required=True)


class CallHeardOut(Reply):
    name = fields.String(required=True)
    at = Moment(required=True)


class CallUnheardOut(Reply):
    name = fields.String(required=True)
    why = fields.String(required=True)


class CallOut(Reply):
    uuid = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    site = fields.String(required=True)
    line = fields.String(required=True)
    lot = fields.String(required=True, allow_none=True)
    procedure = fields.String(required=True, allow_none=True)
    check = fields.String(required=True, allow_none=True)
    who = fields.Nested(CallerOut, required=True, allow_none=True)
    tablet = fields.String(required=True, allow_none=True)
    pressed_at = Moment(required=True)
    received_at = Moment(required=True)
    late = fields.Boolean(required=True, metadata={"description": "It came late: history, and never an alarm"})
    answers = fields.List(
        fields.Nested(CallAnswerOut), required=True, metadata={"description": "Who is coming, the first one first"}
    )
    ended = fields.Nested(CallEndOut, required=True, allow_none=True)


class CallToldOut(CallOut):
    """One call, with who was told of it: what the tablet shows beside its clock."""

    phone = fields.String(required=True, allow_none=True, metadata={"description": "Of the line's supervisors"})
    alert = fields.String(required=True, allow_none=True)
    told = fields.List(fields.Nested(CallHeardOut), required=True)
    telling = fields.List(fields.String(), required=True, metadata={"description": "Who is being told"})
    not_told = fields.List(fields.Nested(CallUnheardOut), required=True)


CallPage = page_of(CallOut)
