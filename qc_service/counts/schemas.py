"""Production counts on the wire. `rules.read_row` does the checking; this describes it to clients and to people."""

from marshmallow import fields, validate

from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.counts.rules import MAX_QUANTITY
from qc_service.schemas import Code, Moment, PageArgs, Reply, Schema, Text, Truth, page_of, reply_schema

STATES = ("created", "updated", "unchanged", "stale", "rejected")


class Quantity(fields.Integer):
    def __init__(self, text: str, **kwargs: object) -> None:
        super().__init__(
            allow_none=True, strict=True, validate=validate.Range(min=0, max=MAX_QUANTITY),
            metadata={"description": f"{text}; whole units, absent is unknown"}, **kwargs,  # type: ignore[arg-type]
        )  # fmt: skip


class DefectIn(Schema):
    code = Code(required=True)
    units = Quantity("Units with this defect")
    scrapped = Quantity("Units scrapped for it")
    reworked = Quantity("Units reworked for it")


class CountIn(Schema):
    """One row of an ingest."""

    source = Text(required=True, longest=64)
    external_id = Text(required=True)
    external_version = Text(longest=64, allow_none=True)
    site = Code(allow_none=True)
    line = Code(required=True)
    product = Code(allow_none=True)
    lot = Text(longest=100, allow_none=True)
    period_start = Moment(required=True)
    period_end = Moment(required=True)
    total = Quantity("Made, good or not")
    good = Quantity("Good at once")
    scrapped = Quantity("Scrapped")
    reworked = Quantity("Reworked")
    inspected = Quantity("Inspected")
    defective = Quantity("Defective of the inspected")
    defects = fields.List(fields.Nested(DefectIn), allow_none=True, validate=validate.Length(max=200))
    rework_in_good = Truth(allow_none=True)
    open = Truth(
        allow_none=True,
        metadata={
            "description": "More units may yet be reworked or scrapped; a later revision without it closes the lot"
        },
    )
    charged_to = Text(allow_none=True)
    work_order = Text(longest=100, allow_none=True)
    operation = Text(longest=100, allow_none=True)
    shift = Text(longest=64, allow_none=True)


class IngestArgs(Schema):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Check everything, write nothing"})


class CountListArgs(PageArgs):
    line = Code(required=True)
    site = Code(load_default=None)
    since = Moment(load_default=None)
    until = Moment(load_default=None)


class DefectOut(Reply):
    code = fields.String(required=True)
    units = fields.Integer(required=True, allow_none=True)
    scrapped = fields.Integer(required=True, allow_none=True)
    reworked = fields.Integer(required=True, allow_none=True)


CountOut = reply_schema(
    "ProductionCount", ProductionCount, "id", "source", "external_id", "external_version", "revision", "product",
    "lot", "period_start", "period_end", "total", "good", "scrapped", "reworked", "inspected", "defective",
    "charged_to", "open", "created_at", "updated_at", line=fields.String(),
    defects=fields.List(fields.Nested(DefectOut), allow_none=True),
)  # fmt: skip
CountPage = page_of(CountOut)

RevisionOut = reply_schema(
    "CountRevision", CountRevision, *(
        field.name for field in CountRevision._meta.sorted_fields  # noqa: SLF001 - Peewee's introspection
        if field.name not in ("site_id", "line_id", "defects")
    ),
    defects=fields.List(fields.Nested(DefectOut), allow_none=True),
)  # fmt: skip
RevisionPage = page_of(RevisionOut)


class CountResult(Reply):
    """What became of one row: a line of an ingest's answer."""

    line = fields.Integer(required=True, metadata={"description": "The row's number in the request, from 1"})
    external_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, metadata={"enum": list(STATES)})
    id = fields.String(required=True, allow_none=True)
    revision = fields.Integer(required=True, allow_none=True)
    problem = fields.Dict(metadata={"description": "Why it was rejected: a Problem"})


class CountTotals(Reply):
    rows = fields.Integer(required=True)
    dry_run = fields.Boolean(required=True)
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    stale = fields.Integer()
    rejected = fields.Integer()


class CountSummary(Reply):
    """The last line of an ingest's answer."""

    summary = fields.Nested(CountTotals, required=True)
