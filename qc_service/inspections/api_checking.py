"""The quality of checking over HTTP: by procedure, version, check, line, shift and record, and never by person."""

from typing import Any

from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.inspections import checking, checking_schemas, describing
from qc_service.inspections import checking_rules as rules
from qc_service.inspections.checking import Asked, Row, Study
from qc_service.inspections.checking_rules import Observed
from qc_service.inspections.models import Inspection
from qc_service.inspections.reading import envelope
from qc_service.lines import service as lines
from qc_service.lines.models import Line
from qc_service.procedures import finding
from qc_service.procedures.api_qualification import reader_language
from qc_service.web import Blueprint
from qc_service.words import Words

blp = Blueprint("checking", __name__, url_prefix="/v1", description="How well is checked")

READ = "checking.read"
Reply = dict[str, Any]
_UUID = {
    "name": "uuid", "in": "path", "required": True, "description": "The inspection's address",
    "schema": {"type": "string", "format": "uuid"},
}  # fmt: skip


@blp.route("/checking", methods=["GET"])
@allow("checking.read")
@blp.arguments(checking_schemas.CheckingArgs, location="query")
@blp.response(200, checking_schemas.CheckingOut)
def get_checking(args: Reply) -> Reply:
    """How well is checked by a procedure: times and agreement of each check, and what was seen in records."""
    procedure = finding.procedure_at(actor(), READ, args["procedure"])
    sites, line_id = _place(args)
    until = args["until"] or db.obj.now()
    found = checking.study(Asked(procedure.id, sites, line_id, args["since"], until, args["by"]))
    words = Words(reader_language())
    return {
        **args, "procedure": procedure.code, "until": until, "records": found.records,
        "notes": [words.say(note, count=count) for note, count in found.notes],
        "checks": [_row(row, found, args["by"], words) for row in found.rows],
        "observations": [_observed(one, found.looked.lines[one.record.line], words) for one in found.observed],
    }  # fmt: skip


@blp.route("/inspections/<uuid>/checking", methods=["GET"], parameters=[_UUID])
@allow("inspection.read")
@blp.response(200, checking_schemas.RecordCheckingOut)
def get_checking_of_record(uuid: str) -> Reply:
    """What was seen in one inspection, measured by those before it."""
    record = describing.find(actor(), "inspection.read", uuid.lower())
    row: Inspection | None = Inspection.get_or_none(Inspection.uuid == record.uuid)
    if row is None:
        return {"uuid": record.uuid, "lot": envelope(bytes(record.body))["lot"], "observations": []}
    words, seen = Words(reader_language()), checking.of_record(row)
    line = Line.get_by_id(row.line_id).code if seen else ""
    return {"uuid": record.uuid, "lot": row.lot, "observations": [_observed(one, line, words) for one in seen]}


def _place(args: Reply) -> tuple[frozenset[str] | None, str | None]:
    """The sites and the line that are asked about."""
    if args["line"]:
        line = lines.line_at(actor(), READ, args["line"], args["site"])
        return frozenset({line.site_id}), line.id
    if args["site"]:
        return frozenset({lines.find_site(actor(), READ, args["site"]).id}), None
    return actor().sites_for(READ), None


def _row(row: Row, found: Study, by: str, words: Words) -> Reply:
    check, times, two = found.looked.checks[row.version][row.check], rules.quartiles(row.seconds), row.table
    agreed, side = rules.agreement(two), rules.one_sided(two)
    return {
        "version": row.version, "check": row.check, "type": check["type"], "text": check["text"],
        "line": row.part if by == "line" else None, "shift": row.part if by == "shift" else None, "n": row.n,
        "seconds": times and {"n": len(row.seconds), "lower_quartile": times.lower, "median": times.median,
                              "upper_quartile": times.upper},
        "pairs": agreed.pairs, "agreement": agreed.observed, "kappa": agreed.kappa, "se": agreed.error,
        "pabak": agreed.pabak, "note": None if side is None else words.say(checking.ONE_SIDED[side]),
        "counts": {"ok_ok": two[0][0], "ok_defect": two[0][1], "defect_ok": two[1][0], "defect_defect": two[1][1]},
    }  # fmt: skip


def _observed(one: Observed, line: str, words: Words) -> Reply:
    record = one.record
    return {
        "uuid": record.uuid, "kind": one.kind, "version": record.version, "check": one.check, "line": line,
        "shift": record.shift, "happened_at": record.at,
        "sentence": words.say(checking.SENTENCES[one.kind], check=one.check, **one.values),
    }  # fmt: skip
