"""Inspections and lots on the wire."""

from marshmallow import ValidationError, fields, validate

from qc_service.errors import NotFound
from qc_service.inspections.filling import WHAT
from qc_service.inspections.rules import BUCKETS, REASONS
from qc_service.lots.schemas import MOST_PEOPLE
from qc_service.procedures.schemas import SignatureOut, Signed, SignedByCard
from qc_service.schemas import MAX_QUANTITY, Code, Moment, PageArgs, Reply, Schema, Text, Truth, page_of

STATES = ("received", "accepted", "quarantined", "unconfirmed", "superseded", "void")
RESULTS = ("pass", "fail", "incomplete")
LONGEST_REASON = 1000
MOST_OWN = 50  # of which somebody is asked at once whether they were theirs
MOST_CHECKS = 500
MOST_FOUND = 500
MOST_EVENTS = 500
WEEK_MS = 7 * 24 * 3600 * 1000

UUID = validate.Regexp(
    r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", error="A UUID in lower case, with its dashes."
)


def uuid_in_address(text: str, what: str) -> str:
    """The UUID in its usual form, however the address writes it; `what` cannot be there under anything else."""
    lower = text.lower()
    try:
        UUID(lower)
    except ValidationError as error:
        raise NotFound(what, text) from error
    return lower


def _units(**kwargs: object) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=1, max=MAX_QUANTITY), **kwargs)  # type: ignore[arg-type]


class NonconformityIn(Schema):
    check = Code(required=True)
    defect_code = Code(load_default=None, allow_none=True)
    units = _units(required=True)
    disposition = fields.String(required=True, validate=validate.OneOf(tuple(BUCKETS)))
    deviation = Text(
        longest=64, load_default=None, allow_none=True,
        metadata={"description": "The deviation that lets units be used as they are"},
    )  # fmt: skip
    photo = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"),
        metadata={"description": "A picture by the SHA-256 of its bytes; it may follow later"},
    )  # fmt: skip


class InspectionIn(Schema):
    """An inspection as it is sent. What the answers hold is judged later and never refused."""

    lot = Code(required=True)
    site = Code(load_default=None, allow_none=True, metadata={"description": "Where a lot's code fits several sites"})
    unit = Code(load_default=None, allow_none=True)
    procedure = Code(required=True)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=2**31 - 1))
    inspector = Code(required=True, metadata={"description": "The inspector's badge"})
    makers = fields.List(
        Code(), load_default=list, validate=validate.Length(max=MOST_PEOPLE),
        metadata={"description": "Badges of who made it, where a system imports the record"},
    )  # fmt: skip
    answers = fields.Dict(
        keys=fields.String(validate=validate.Length(min=1, max=64)), values=fields.Dict(), required=True,
        validate=validate.Length(max=MOST_CHECKS), metadata={"description": "By the check's id"},
    )  # fmt: skip
    nonconformities = fields.List(
        fields.Nested(NonconformityIn), load_default=list, validate=validate.Length(max=MOST_FOUND)
    )
    units_inspected = _units(required=True)
    observed_at = Moment(required=True, metadata={"description": "When it was done, by the sender's clock"})
    clock_offset_ms = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=-WEEK_MS * 60, max=WEEK_MS * 60),
        metadata={"description": "How far the sender's clock was ahead of the service's at the last contact"},
    )  # fmt: skip
    clock_jumped = Truth(load_default=False, metadata={"description": "The clock was set while it was filled in"})
    device_seq = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=1, max=2**53),
        metadata={"description": "The tablet's own count of its records: a number left out is a record lost"},
    )  # fmt: skip
    events = fields.List(
        fields.Dict(), load_default=list, validate=validate.Length(max=MOST_EVENTS),
        metadata={"description": "What happened meanwhile: handed_over, photo, language, offline, online"},
    )  # fmt: skip
    amends = fields.String(
        load_default=None, allow_none=True, validate=UUID,
        metadata={"description": "The inspection that this one corrects"},
    )  # fmt: skip
    reinspects = fields.String(
        load_default=None, allow_none=True, validate=UUID,
        metadata={"description": "The inspection whose reworked units are inspected again"},
    )  # fmt: skip
    reason = Text(longest=LONGEST_REASON, shortest=10, load_default=None, allow_none=True)


class ConfirmIn(Signed):
    note = Text(longest=LONGEST_REASON, load_default=None, allow_none=True)


class MatchIn(Signed):
    lot = Code(required=True, metadata={"description": "The lot that it was"})
    site = Code(load_default=None, allow_none=True)
    note = Text(longest=LONGEST_REASON, load_default=None, allow_none=True)


class OwnIn(SignedByCard):
    mine = Truth(required=True)


class OwnAnswerIn(Schema):
    uuid = fields.String(required=True, validate=UUID)
    mine = Truth(required=True)


class OwnSeveralIn(SignedByCard):
    answers = fields.List(
        fields.Nested(OwnAnswerIn), required=True, validate=validate.Length(min=1, max=MOST_OWN),
        metadata={"description": "Of each inspection whether it was yours"},
    )  # fmt: skip


class OwnAnswerOut(Reply):
    """What became of one answer. Refused: it says why, and the others are taken all the same."""

    uuid = fields.String(required=True)
    taken = fields.Boolean(required=True)
    state = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)


class OwnSeveralOut(Reply):
    data = fields.List(fields.Nested(OwnAnswerOut), required=True)


class AskedOneOut(Reply):
    """An inspection that names you, of which it is not certain that it was yours."""

    uuid = fields.String(required=True)
    lot = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    procedure = fields.String(required=True)
    line = fields.String(required=True, allow_none=True)
    site = fields.String(required=True, allow_none=True)
    happened_at = Moment(required=True)


class AskedOut(Reply):
    data = fields.List(fields.Nested(AskedOneOut), required=True)


class VoidIn(Signed):
    reason = Text(longest=LONGEST_REASON, shortest=10, required=True)


class DispositionIn(Signed):
    disposition = fields.String(required=True, validate=validate.OneOf(tuple(BUCKETS)))
    was = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(tuple(BUCKETS)),
        metadata={"description": "Which units are meant, where a part was decided about before"},
    )  # fmt: skip
    units = _units(load_default=None, allow_none=True, metadata={"description": "Absent: all of them"})
    deviation = Text(longest=64, load_default=None, allow_none=True)
    reason = Text(longest=LONGEST_REASON, shortest=10, required=True)


class AgreeIn(Signed):
    pass


class SealKeyOut(Reply):
    kid = fields.String(required=True)
    kty = fields.String(required=True)
    alg = fields.String(required=True)
    use = fields.String(required=True)
    n = fields.String(required=True)
    e = fields.String(required=True)


class ReceiptOut(Reply):
    receipt = fields.String(required=True)
    sha256 = fields.String(required=True)


class ChangeOut(Reply):
    """What had been answered before."""

    value = fields.Raw(required=True, allow_none=True)
    at = Moment(required=True, allow_none=True)


class EventOut(Reply):
    """What happened while it was filled in, by the tablet's clock."""

    what = fields.String(required=True, validate=validate.OneOf(WHAT))
    at = Moment(required=True)
    from_ = fields.String(data_key="from", attribute="from", required=True, allow_none=True)
    to = fields.String(required=True, allow_none=True)
    check = fields.String(required=True, allow_none=True)


class AnswerOut(Reply):
    check = fields.String(required=True)
    type = fields.String(required=True)
    text = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    samples = fields.List(fields.Boolean(), required=True)
    shown_at = Moment(required=True, allow_none=True)
    at = Moment(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True, metadata={"description": "In which the check was read"})
    changes = fields.List(fields.Nested(ChangeOut), required=True)


class NonconformityOut(Reply):
    id = fields.String(required=True)
    check = fields.String(required=True)
    defect_code = fields.String(required=True, allow_none=True)
    severity = fields.String(required=True, allow_none=True)
    units = fields.Integer(required=True)
    asked = fields.String(required=True)
    disposition = fields.String(required=True)
    now = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True,
        metadata={"description": "Units by what becomes of them as it was decided last"},
    )  # fmt: skip
    photo = fields.String(required=True, allow_none=True)
    implied = fields.Boolean(required=True)


class UnitsOut(Reply):
    inspected = fields.Integer(required=True)
    defective = fields.Integer(required=True)
    accepted = fields.Integer(required=True)
    rework = fields.Integer(required=True)
    scrap = fields.Integer(required=True)
    hold = fields.Integer(required=True)


class InspectionOut(Reply):
    uuid = fields.String(required=True)
    sha256 = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    reasons = fields.List(fields.String(validate=validate.OneOf(tuple(REASONS))), required=True)
    sentence = fields.String(required=True, metadata={"description": "What it is, in one sentence"})
    notes = fields.List(fields.String(), required=True, metadata={"description": "What is to be known besides"})
    missing = fields.List(
        fields.String(), required=True, metadata={"description": "Checks that are new or other in the version in force"}
    )
    result = fields.String(required=True, allow_none=True, validate=validate.OneOf(RESULTS))
    counted = fields.Boolean(required=True, allow_none=True)
    second_person = fields.Boolean(required=True, allow_none=True)
    attestation = fields.String(allow_none=True)
    site = fields.String(allow_none=True)
    line = fields.String(allow_none=True)
    lot = fields.String(required=True)
    lot_sent = fields.String(
        required=True, allow_none=True,
        metadata={"description": "The lot that the record names, where somebody said that it was another"},
    )  # fmt: skip
    unit = fields.String(allow_none=True)
    procedure = fields.String(required=True)
    version = fields.Integer(required=True)
    inspector = fields.String(required=True)
    round = fields.Integer(allow_none=True)
    amends = fields.String(allow_none=True)
    reinspects = fields.String(allow_none=True)
    units = fields.Nested(UnitsOut, allow_none=True)
    answers = fields.List(fields.Nested(AnswerOut))
    events = fields.List(fields.Nested(EventOut), metadata={"description": "Only of one inspection, not in a list"})
    nonconformities = fields.List(fields.Nested(NonconformityOut))
    signatures = fields.List(fields.Nested(SignatureOut))
    observed_at = Moment(required=True)
    happened_at = Moment(allow_none=True)
    received_at = Moment(required=True)


class InspectionListArgs(PageArgs):
    lot = Code(load_default=None)
    line = Code(load_default=None)
    site = Code(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


InspectionPage = page_of(InspectionOut)


class ReleaseOut(Reply):
    lot = fields.String(required=True)
    decision = fields.String(required=True, validate=validate.OneOf(("allow", "hold", "reject")))
    reasons = fields.List(fields.String(), required=True, metadata={"description": "Codes; each with its sentence"})
    sentences = fields.List(fields.String(), required=True)
    notes = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()), required=True,
        metadata={"description": "What to know all the same: each a code with its sentence"},
    )  # fmt: skip
    as_of = Moment(required=True)
