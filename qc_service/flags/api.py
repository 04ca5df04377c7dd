"""What the numbers said, over HTTP: effects, verdicts, flags and the evidence that was frozen for them."""

import csv
import io
import re
from typing import Any

from flask import Response, request
from peewee import JOIN

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.errors import QCError
from qc_service.fixes import service as fixes
from qc_service.fixes.models import Fix
from qc_service.fixes.rules import ALPHA
from qc_service.flags import called, held, recurring, schemas, service
from qc_service.flags.models import Flag, Verdict
from qc_service.lines import service as lines
from qc_service.lines.models import Line, Site
from qc_service.schemas import page_of
from qc_service.web import Blueprint

blp = Blueprint("flags", __name__, url_prefix="/v1", description="What the numbers say about the fixes")

NOTHING: dict[str, Any] = {
    "verdict": "too_early", "pattern": None, "leaning": False, "lots": 0, "units": 0, "events": 0, "rate": None,
    "log_e_fail": 0.0, "log_e_ok": 0.0, "verified_at_lot": None, "flagged_at_lot": None, "change_located": None,
    "lots_needed": None, "far_out": [], "withheld_at_lot": None, "waiting_lots": 0,
}  # fmt: skip


@blp.route("/fixes/<fix_id>/effect", methods=["GET"])
@allow("fix.read")
@blp.response(200, schemas.EffectOut)
def get_effect(fix_id: str) -> dict[str, Any]:
    """Is this fix holding?"""
    return effect(fixes.find_fix(actor(), "fix.read", fix_id))


def effect(fix: Fix) -> dict[str, Any]:
    watch = service.watch_of(fix)
    shown = ("baseline_rate", "promised_rate", "assumed", "alarm_rate", "verification_rate")
    found = {name: fix.frozen[name] for name in shown}
    found |= {**NOTHING, "interval": None, "method": fix.method, "alpha": fix.frozen.get("alpha", ALPHA)}
    found |= {"blocks": fix.frozen.get("blocks", 1), "together_with": fix.together_with or []}
    found |= {"trend": fix.frozen.get("trend"), "season": fix.frozen.get("season")}
    facts: dict[str, Any] = watch.finding.get("facts", {}) if watch else {}
    found["open_lots"] = facts["open"]["lots"] if "open" in facts else 0
    found["overlapping"] = [one["id"] for one in facts.get("overlapping", ())]
    if watch is None:  # declared a moment ago: the worker has not come to it yet
        return {
            **found,
            "reasons": ["insufficient_data"],
            "as_of": None,
            "sentence": "",
            "explanation": "",
            "evidence": None,
        }
    return {
        **found, **watch.finding, "reasons": watch.reasons, "as_of": watch.as_of, "sentence": watch.sentence,
        "explanation": watch.explanation, "evidence": f"/v1/evidence/{watch.evidence_id}",
    }  # fmt: skip


@blp.route("/fixes/<fix_id>/verdicts", methods=["GET"])
@allow("fix.read")
@blp.response(200, page_of(schemas.VerdictOut))
def list_verdicts(fix_id: str) -> dict[str, Any]:
    """Every verdict this fix was ever given, the withdrawn ones too."""
    fix = fixes.find_fix(actor(), "fix.read", fix_id)
    rows = Verdict.select().where(Verdict.fix_id == fix.id).order_by(Verdict.number)
    data = [{**row.__data__, "evidence": f"/v1/evidence/{row.evidence_id}"} for row in rows]
    return {"data": data, "has_more": False, "next_cursor": None}


@blp.route("/flags", methods=["GET"])
@allow("flag.read")
@blp.arguments(schemas.FlagListArgs, location="query")
@blp.response(200, page_of(schemas.FlagOut))
def list_flags(args: dict[str, Any]) -> dict[str, Any]:
    """What is wrong, by line and kind."""
    query = (
        Flag.select(Flag, Line.code.alias("line_code"), Site.code.alias("site_code"))
        .join(Line, JOIN.LEFT_OUTER, on=(Line.id == Flag.line_id))
        .switch(Flag)
        .join(Site, on=(Site.id == Flag.site_id))
        .where(lines.in_sites(Flag, actor().sites_for("flag.read")))
    )
    if args["line"]:
        line = lines.line_at(actor(), "flag.read", args["line"], args["site"])
        query = query.where((Flag.line_id == line.id) | held.on_line(line.id))
    if args["state"] != "all":
        query = query.where(Flag.state == args["state"])
    if args["kind"]:
        query = query.where(Flag.kind == args["kind"])
    return paging.page(query.objects(), Flag, args, _flag)


def _flag(row: Any) -> dict[str, Any]:
    evidence = f"/v1/evidence/{row.evidence_id}"
    cause = held.cause_of(row, row.site_code)
    return {**row.__data__, "line": row.line_code, "cause": cause, "fix": row.fix_id, "evidence": evidence}


@blp.route("/evidence/<evidence_id>", methods=["GET"])
@allow("evidence.read")
@blp.response(200, schemas.EvidenceOut)
@blp.alt_response(
    200, schema={"type": "string"}, description="The document; with Accept: text/csv, its lots as a table",
    content_type="text/csv", success=True,
)  # fmt: skip
def get_evidence(evidence_id: str) -> Any:
    """The evidence frozen for a verdict, with its hash."""
    found = service.find_evidence(actor(), evidence_id)
    best = (
        request.accept_mimetypes.best_match(["application/json", "text/csv"])
        if request.accept_mimetypes
        else "application/json"
    )
    if best is None:
        raise QCError("not_acceptable", "Evidence comes as application/json or text/csv.")
    if best == "text/csv":
        return Response(table(found.document), content_type="text/csv; charset=utf-8")
    return found


HELD_COLUMNS = ("lot", "line", "product", "held_at")
FIX_COLUMNS = (
    "id", "title", "owner", "in_effect_at", "ended_at", "verdict", "pattern", "lots", "rate", "promised_rate",
)  # fmt: skip
CALL_COLUMNS = ("uuid", "badge", "name", "lot", "procedure", "check", "tablet", "pressed_at", "received_at")
COLUMNS = (
    "stage", "lot", "source", "external_id", "period_start", "period_end", "n", "d", "excluded", "why",
    "low", "high", "hints", "far_out", "log_e_fail", "log_e_ok", "rate_low", "rate_high",
)  # fmt: skip


def table(document: dict[str, Any]) -> str:
    """The lots of an evidence document as CSV; no cell can start a formula in a spreadsheet."""
    columns, rows = _table(document)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A list is written with spaces between. Evidence of earlier days lacks what was not drawn then."""
    return " ".join(value) if isinstance(value, list) else safe_cell(value)


def _table(document: dict[str, Any]) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    if document.get("kind") == held.KIND:
        return HELD_COLUMNS, document["lots"]
    if document.get("kind") in called.KINDS:
        return CALL_COLUMNS, document["calls"]
    if document.get("kind") == recurring.KIND:
        return FIX_COLUMNS, document["fixes"]
    return COLUMNS, document["points"]


_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\s\0\"]*[=+\-@\uff1d\uff0b\uff0d\uff20])")


def safe_cell(value: Any) -> Any:
    """Text with an apostrophe before each sign that starts a formula, also behind what another country's
    spreadsheet takes for the end of a cell: a semicolon, a tab, a line break."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value
