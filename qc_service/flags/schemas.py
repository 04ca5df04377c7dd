"""Effects, flags and evidence on the wire."""

from marshmallow import fields, validate

from qc_service.flags.models import Flag
from qc_service.schemas import Code, Moment, PageArgs, Reply, reply_schema


class EffectOut(Reply):
    """Is the fix holding? Logarithms are natural; lots are counted from 1 after the fix."""

    verdict = fields.String()
    pattern = fields.String(allow_none=True)
    reasons = fields.List(fields.String())
    baseline_rate = fields.Float(allow_none=True)
    promised_rate = fields.Float()
    assumed = fields.Boolean()
    alarm_rate = fields.Float()
    verification_rate = fields.Float()
    leaning = fields.Boolean()
    lots = fields.Integer()
    units = fields.Integer()
    events = fields.Integer()
    rate = fields.Float(allow_none=True)
    interval = fields.List(fields.Float(), allow_none=True)
    log_e_fail = fields.Float()
    log_e_ok = fields.Float()
    verified_at_lot = fields.Integer(allow_none=True)
    flagged_at_lot = fields.Integer(allow_none=True)
    change_located = fields.Integer(allow_none=True)
    lots_needed = fields.Integer(allow_none=True)
    method = fields.String()
    as_of = Moment(allow_none=True)
    sentence = fields.String()
    explanation = fields.String()
    evidence = fields.String(allow_none=True)


class VerdictOut(Reply):
    id = fields.String()
    number = fields.Integer()
    verdict = fields.String()
    pattern = fields.String(allow_none=True)
    at_lot = fields.Integer(allow_none=True)
    lots = fields.Integer()
    reason = fields.String()
    withdraws = fields.String(allow_none=True)
    detail = fields.Raw(allow_none=True)
    sentence = fields.String()
    evidence = fields.String()
    recorded_at = Moment()


class FlagListArgs(PageArgs):
    line = Code(load_default=None)
    site = Code(load_default=None)
    state = fields.String(load_default="open", validate=validate.OneOf(["open", "closed", "all"]))
    kind = Code(load_default=None)


class HeldCause(Reply):
    """Why lots are on hold: which kind of cause, what it names, and where it is to be read."""

    kind = fields.String()
    gauge = fields.String()
    procedure = fields.String()
    version = fields.Integer()
    reason = fields.String(metadata={"description": "A person's words"})
    url = fields.String()


FlagOut = reply_schema(
    "Flag", Flag, "id", "kind", "measure", "defect_code", "episode", "state", "sentence", "opened_at", "closed_at",
    "close_reason", line=fields.String(allow_none=True), cause=fields.Nested(HeldCause, allow_none=True),
    lots=fields.Integer(allow_none=True, metadata={"description": "How many lots are on hold"}),
    fix=fields.String(allow_none=True), evidence=fields.String(),
)  # fmt: skip


class EvidenceOut(Reply):
    id = fields.String()
    sha256 = fields.String(metadata={"description": "SHA-256 of the document's canonical form (RFC 8785)"})
    created_at = Moment()
    document = fields.Dict()


class ListedFix(Reply):
    """A fix on the list of its site, with what it was listed for."""

    line = fields.String()
    fix = fields.String()
    measure = fields.String()
    defect_code = fields.String(allow_none=True)
    log_e = fields.Float(metadata={"description": "Natural logarithm of the evidence when it was listed"})
    since = Moment(metadata={"description": "The end of the lot with which it was listed"})
    listed = fields.Integer(metadata={"description": "How many were on the list with it then"})
    watches = fields.Integer(metadata={"description": "How many fixes were or had been watched then"})
    reaches_the_bar = fields.Boolean(
        metadata={"description": "The share of chance is promised of these; the others are carried along"}
    )
    flagged = fields.Boolean(metadata={"description": "The fix's own flag is open as well"})
    superseded = fields.Boolean(metadata={"description": "Another fix took over since; it still counts"})
    verdict = fields.String()
    sentence = fields.String()
    evidence = fields.String()


class NotHoldingOut(Reply):
    """The list of a site (e-BH; Wang and Ramdas 2022) and the numbers of its rule."""

    site = fields.String()
    fdr = fields.Float(metadata={"description": "The share of those that reach the bar which is there by chance"})
    watches = fields.Integer(metadata={"description": "Fixes that are or were watched"})
    listed = fields.Integer(metadata={"description": "How many reach the bar"})
    log_e_next = fields.Float(
        allow_none=True, metadata={"description": "Natural logarithm of the evidence that lists one more by itself"}
    )
    as_of = Moment(allow_none=True)
    data = fields.List(fields.Nested(ListedFix))
