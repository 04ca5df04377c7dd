"""Production counts over HTTP: ingest with a result per row, and what is stored."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from flask import Response, g, request
from marshmallow import fields

from qc_service import clock, paging
from qc_service.auth import actor, allow
from qc_service.counts import schemas, service
from qc_service.counts.measures import MEASURES
from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.counts.tables import read_csv
from qc_service.errors import NotFound, QCError, problem
from qc_service.lines import service as lines
from qc_service.lines.models import Line
from qc_service.schemas import Reply
from qc_service.web import Blueprint, read_json

blp = Blueprint("counts", __name__, url_prefix="/v1", description="What was made, inspected, scrapped and reworked")

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 1000
TOO_LARGE = "Send at most 1,000 rows and 5 MiB at once: split the batch and send the parts one by one."


def _lines_of(*schema_names: str) -> dict[str, Any]:
    """The content as a sequence of these, whether each stands on a line of its own or in an array."""
    one_of = [{"$ref": f"#/components/schemas/{name}"} for name in schema_names]
    return {"type": "array", "items": one_of[0] if len(one_of) == 1 else {"anyOf": one_of}, "minItems": 1}


class MeasureOut(Reply):
    code = fields.String()
    name = fields.String()
    events = fields.String()
    opportunities = fields.String()
    kind = fields.String()


@blp.route("/ingest/production-counts", methods=["POST"])
@allow("count.record")
@blp.arguments(schemas.IngestArgs, location="query")
@blp.alt_response(
    200, description="A result for each row in order, then a summary; one JSON object a line",
    schema=_lines_of("CountResult", "CountSummary"), content_type="application/x-ndjson", success=True,
)  # fmt: skip
@blp.doc(
    requestBody={
        "required": True,
        "description": "Up to 1,000 rows and 5 MiB, one JSON object a line; or an array of them, or a table",
        "content": {
            "application/x-ndjson": {"schema": _lines_of("CountIn")},
            "application/json": {"schema": _lines_of("CountIn")},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
)
def ingest(args: dict[str, Any]) -> Response:
    """Record production counts, a row a line; good rows are kept beside rejected ones."""
    rows = list(_rows())
    if all(isinstance(raw, QCError) for _, raw in rows):
        raise QCError("unreadable_body", "No row could be read: send one JSON object a line.", errors=_unread(rows))
    results = service.record_counts(actor(), rows, clock.now(), dry_run=args["dry_run"])
    out = [json.dumps(_result(one), separators=(",", ":")) for one in results]
    summary = {**Counter(one.status for one in results), "rows": len(results), "dry_run": args["dry_run"]}
    out.append(json.dumps({"summary": summary}, separators=(",", ":")))
    return Response("\n".join(out) + "\n", content_type="application/x-ndjson")


def _unread(rows: list[tuple[int, Any]]) -> list[Any]:
    return [found for _, error in rows[:20] for found in error.errors]


def _rows() -> Iterator[tuple[int, Any]]:
    """(line number, JSON value or the error) of the body, whichever of its three forms it has."""
    if (request.content_length or 0) > MAX_BYTES:
        raise QCError("payload_too_large", TOO_LARGE)
    body = request.get_data()
    if len(body) > MAX_BYTES:
        raise QCError("payload_too_large", TOO_LARGE)
    forms = {"application/x-ndjson": _ndjson, "application/json": _array, "text/csv": _csv}
    if request.mimetype not in forms:
        raise QCError("unsupported_media_type", "Send application/x-ndjson, a JSON array, or text/csv.")
    for place, found in enumerate(forms[request.mimetype](body)):
        if place >= MAX_ROWS:
            raise QCError("payload_too_large", TOO_LARGE)
        yield found


def _ndjson(body: bytes) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, read_json(line)
        except ValueError as error:
            text = f"This line is not a JSON object ({error}): was it cut off?"
            yield number, QCError("validation_failed", text, errors=[service.FieldProblem("", "unreadable_row", text)])


def _array(body: bytes) -> Iterator[tuple[int, Any]]:
    try:
        found = read_json(body)
    except ValueError as error:
        raise QCError("unreadable_body", f"The body is not valid JSON: {error}.") from error
    if not isinstance(found, list):
        raise QCError("unreadable_body", "Send a JSON array of rows, or one row a line as application/x-ndjson.")
    yield from enumerate(found, 1)


def _csv(body: bytes) -> Iterator[tuple[int, Any]]:
    yield from read_csv(body)


def _result(one: service.Result) -> dict[str, Any]:
    found: dict[str, Any] = {
        "line": one.line, "external_id": one.external_id, "status": one.status, "id": one.id, "revision": one.revision
    }  # fmt: skip
    if one.error is not None:
        found["problem"] = problem(one.error, g.get("request_id"))
    return found


@blp.route("/measures", methods=["GET"])
@allow("measure.read")
@blp.response(200, MeasureOut(many=True))
def list_measures() -> list[Any]:
    """What can be watched on a line; each also per defect code where the counts carry it."""
    return list(MEASURES.values())


@blp.route("/production-counts", methods=["GET"])
@allow("count.read")
@blp.arguments(schemas.CountListArgs, location="query")
@blp.response(200, schemas.CountPage)
def list_counts(args: dict[str, Any]) -> dict[str, Any]:
    """A line's counts as they stand."""
    line = lines.line_at(actor(), "count.read", args["line"], args["site"])
    query = ProductionCount.select().where(ProductionCount.line_id == line.id)
    if args["since"]:
        query = query.where(ProductionCount.period_end >= args["since"])
    if args["until"]:
        query = query.where(ProductionCount.period_end <= args["until"])
    return paging.page(query, ProductionCount, args, lambda row: _shown(row, line=line.code))


@blp.route("/production-counts/<count_id>", methods=["GET"])
@allow("count.read")
@blp.response(200, schemas.CountOut)
def get_count(count_id: str) -> dict[str, Any]:
    """One count as it stands, with what is charged to it."""
    row, line = _find(count_id)
    return _shown(row, line=line.code)


@blp.route("/production-counts/<count_id>/revisions", methods=["GET"])
@allow("count.read")
@blp.response(200, schemas.RevisionPage)
def list_revisions(count_id: str) -> dict[str, Any]:
    """Every revision of a count, as it was received."""
    row, _ = _find(count_id)
    found = CountRevision.select().where(CountRevision.count_id == row.id).order_by(CountRevision.revision)
    return {"data": [_shown(one) for one in found], "has_more": False, "next_cursor": None}


def _shown(row: ProductionCount | CountRevision, **more: Any) -> dict[str, Any]:
    """A count with its defects as they are sent; a revision keeps them as a list, the standing count by code."""
    kept = row.defects
    if isinstance(kept, dict):
        kept = [[code, *kept[code]] for code in sorted(kept)]
    names = ("code", "units", "scrapped", "reworked")
    defects = None if kept is None else [dict(zip(names, one, strict=True)) for one in kept]
    return {**row.__data__, **more, "defects": defects}


def _find(count_id: str) -> tuple[ProductionCount, Line]:
    row = ProductionCount.get_or_none(ProductionCount.id == count_id)
    if row is None:
        raise NotFound("count")
    actor().need("count.read", row.site_id, "count")
    return row, Line.get_by_id(row.line_id)
