"""Fixes on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from qc_service.fixes.baseline import DEFAULT_LOTS, MOST_LOTS
from qc_service.fixes.models import Fix
from qc_service.fixes.rules import METHODS, MODES
from qc_service.schemas import Code, Moment, PageArgs, Rate, Reply, Schema, Text, reply_schema

MOST_ALSO = 4  # measures beside the first


class PromiseIn(Schema):
    """`{"rate": 0.015}` or `{"reduction": 0.5}`."""

    rate = Rate(metadata={"description": "Events per unit, for example 0.015 for 1.5 %"})
    reduction = Rate(metadata={"description": "Share of the baseline that goes away, 0 to 1"})

    @ma.validates_schema
    def _one(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if len(data) != 1:
            raise ma.ValidationError("Promise either a rate or a reduction.")


class ExcludeField(fields.Field[dict[str, Any]]):
    """An external id, or an object with `external_id` and, if wanted, `source` and `why`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002
        found = {"external_id": value} if isinstance(value, str) else value
        return ExcludeIn().load(found)  # type: ignore[no-any-return]


class ExcludeIn(Schema):
    external_id = Text(required=True)
    source = Text(longest=64, allow_none=True)
    why = Text(allow_none=True)


class BaselineIn(Schema):
    lots = fields.Integer(strict=True, load_default=DEFAULT_LOTS, validate=validate.Range(min=0, max=MOST_LOTS))
    exclude = fields.List(  # type: ignore[assignment]  # the contract's word, which marshmallow also has
        ExcludeField(), load_default=list, validate=validate.Length(max=MOST_LOTS)
    )


class AlsoIn(Schema):
    """Another measure that the same action is to better, with a promise of its own."""

    measure = Code(required=True)
    defect_code = Code(allow_none=True)
    promise = fields.Nested(PromiseIn, allow_none=True)
    baseline = fields.Nested(BaselineIn, allow_none=True)


class FixIn(Schema):
    line = Code(required=True)
    site = Code(allow_none=True)
    measure = Code(required=True)
    defect_code = Code(allow_none=True)
    title = Text(required=True)
    cause = Text(longest=2000, allow_none=True)
    action = Text(longest=2000, allow_none=True)
    owner = Text(longest=64, allow_none=True)
    in_effect_at = Moment(required=True)
    promise = fields.Nested(PromiseIn, allow_none=True)
    baseline = fields.Nested(BaselineIn, allow_none=True)
    also = fields.List(
        fields.Nested(AlsoIn), allow_none=True, validate=validate.Length(max=MOST_ALSO),
        metadata={"description": "Measures watched beside it: a fix each, which share one error budget"},
    )  # fmt: skip
    method = fields.String(allow_none=True, validate=validate.OneOf(METHODS))
    mode = fields.String(allow_none=True, validate=validate.OneOf(MODES))


class FixListArgs(PageArgs):
    line = Code(load_default=None)
    site = Code(load_default=None)


class BaselineChange(Reply):
    at = Moment()
    changes = fields.List(fields.Dict())


class TrendOut(Reply):
    """The rate at the first and at the last lot of the baseline, as a straight line fits it."""

    first = fields.Float()
    last = fields.Float()
    per_year = fields.Float(allow_none=True, metadata={"description": "Share of the mean rate; null within a year"})
    chance = fields.Float(metadata={"description": "How often lots without a trend look like one so much"})


class SeasonOut(Reply):
    low = fields.Float()
    high = fields.Float()
    peak_month = fields.Integer()
    chance = fields.Float()


FixOut = reply_schema(
    "Fix", Fix, "id", "measure", "defect_code", "title", "cause", "action", "owner", "in_effect_at", "method", "mode",
    "promise", "declared_at", "declared_by", line=fields.String(), ends_at=Moment(allow_none=True),
    superseded_by=fields.String(allow_none=True), baseline=fields.Dict(), baseline_rate=fields.Float(allow_none=True),
    promised_rate=fields.Float(), assumed=fields.Boolean(), alarm_rate=fields.Float(), verification_rate=fields.Float(),
    warnings=fields.List(fields.Dict()), baseline_changed=fields.Nested(BaselineChange, allow_none=True),
    effect=fields.String(), together_with=fields.List(fields.String()),
    blocks=fields.Integer(metadata={"description": "How many lots are judged as one"}),
    trend=fields.Nested(TrendOut, allow_none=True), season=fields.Nested(SeasonOut, allow_none=True),
    alpha=fields.Float(metadata={"description": "The chance that it is ever called broken while it holds"}),
)  # fmt: skip
