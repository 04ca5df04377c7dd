"""Effects, flags and evidence on the wire."""

from marshmallow import fields, validate

from qc_service.fixes.schemas import SeasonOut, TrendOut
from qc_service.flags.models import Flag
from qc_service.schemas import Code, Moment, PageArgs, Reply, reply_schema


class FarOut(Reply):
    """One lot far out: more events than were to be expected of it at the alarm number. A mark, no verdict."""

    lot = fields.Integer()
    most = fields.Integer(metadata={"description": "The most events that were to be expected"})


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
    interval = fields.List(
        fields.Float(), allow_none=True,
        metadata={"description": "Lower and upper end of the rate since the fix, with 95 % confidence after every lot"},
    )  # fmt: skip
    log_e_fail = fields.Float()
    log_e_ok = fields.Float()
    verified_at_lot = fields.Integer(allow_none=True)
    flagged_at_lot = fields.Integer(allow_none=True)
    change_located = fields.Integer(allow_none=True)
    lots_needed = fields.Integer(allow_none=True)
    far_out = fields.List(fields.Nested(FarOut), metadata={"description": "The last ones, oldest first"})
    alpha = fields.Float(metadata={"description": "The error budget of this fix: proof must reach one over it"})
    blocks = fields.Integer(metadata={"description": "How many lots are judged as one"})
    waiting_lots = fields.Integer(metadata={"description": "Lots of the block that is not complete"})
    withheld_at_lot = fields.Integer(
        allow_none=True, metadata={"description": "Where a verdict against the fix was first left unsaid"}
    )
    trend = fields.Nested(TrendOut, allow_none=True)
    season = fields.Nested(SeasonOut, allow_none=True)
    open_lots = fields.Integer(metadata={"description": "Lots that are judged once they are closed"})
    overlapping = fields.List(fields.String(), metadata={"description": "Fixes whose effect cannot be told apart"})
    together_with = fields.List(fields.String())
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


class LineWatchOut(Reply):
    """Has the line got worse than it used to be? Lots are counted from 1 after those of the past."""

    measure = fields.String()
    verdict = fields.String(metadata={"description": "learning, in_control, out_of_control or silent"})
    leaning = fields.Boolean()
    began_with = fields.String(
        metadata={"description": "first_lot, fix_declared, fix_proved, new_normal or fix_judged (silent)"}
    )
    began_at = Moment(allow_none=True)
    past_lots = fields.Integer(allow_none=True)
    past_units = fields.Integer(allow_none=True)
    past_events = fields.Integer(allow_none=True)
    past_rate = fields.Float(allow_none=True)
    alarm_rate = fields.Float(allow_none=True)
    lots = fields.Integer(allow_none=True)
    units = fields.Integer(allow_none=True)
    events = fields.Integer(allow_none=True)
    rate = fields.Float(allow_none=True)
    log_e = fields.Float(allow_none=True)
    flagged_at_lot = fields.Integer(allow_none=True)
    change_located = fields.Integer(allow_none=True)
    changed_at = Moment(allow_none=True)
    method = fields.String()
    as_of = Moment()
    sentence = fields.String()
    explanation = fields.String()
    evidence = fields.String(allow_none=True)


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
