"""Deviations over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.lines import service as lines
from qc_service.procedures import deviation_schemas as schemas
from qc_service.procedures import deviations, naming
from qc_service.procedures.api_qualification import reader_language
from qc_service.procedures.deviation_models import Deviation, DeviationUse
from qc_service.procedures.finding import procedure_at
from qc_service.procedures.qualification import Ledger, ledger
from qc_service.signing import signed, signer
from qc_service.texts import later
from qc_service.web import Blueprint
from qc_service.words import Words

blp = Blueprint("deviations", __name__, url_prefix="/v1", description="Permission to depart from a check, for a while")

Reply = dict[str, Any]


@blp.route("/deviations", methods=["POST"])
@allow("deviation.ask")
@blp.arguments(schemas.DeviationIn)
@blp.response(201, schemas.DeviationOut)
def ask_deviation(body: Reply) -> Reply:
    """Ask to depart from one check on one line, for so many units and until a moment."""
    return _shown(deviations.ask(actor(), body))


@blp.route("/deviations", methods=["GET"])
@allow("deviation.read")
@blp.arguments(schemas.DeviationArgs, location="query")
@blp.response(200, schemas.DeviationPage)
def list_deviations(args: Reply) -> Reply:
    """The deviations that you may see."""
    query = Deviation.select().where(lines.in_sites(Deviation, actor().sites_for("deviation.read")))
    if args["line"]:
        line = lines.line_at(actor(), "deviation.read", args["line"], args["site"])
        query = query.where(Deviation.line_id == line.id)
    if args["procedure"]:
        procedure = procedure_at(actor(), "deviation.read", args["procedure"])
        query = query.where(Deviation.procedure_id == procedure.id)
    if args["state"]:
        query = query.where(deviations.in_state(args["state"], db.obj.now()))
    found = paging.page(query, Deviation, args, lambda row: row)
    return {**found, "data": _all(found["data"])}


@blp.route("/deviations/<deviation_id>", methods=["GET"])
@allow("deviation.read")
@blp.response(200, schemas.DeviationOut)
def get_deviation(deviation_id: str) -> Reply:
    """One deviation, with what it was used for."""
    return _shown(deviations.find(actor(), "deviation.read", deviation_id))


@blp.route("/deviations/<deviation_id>/decide", methods=["POST"])
@allow("deviation.decide")
@signed
@blp.arguments(schemas.DecideIn)
@blp.response(200, schemas.DeviationOut)
def decide_deviation(body: Reply, deviation_id: str) -> Reply:
    """Grant or refuse what another person asked for, and sign it."""
    return _shown(deviations.decide(actor(), deviation_id, body, signer()))


@blp.route("/deviations/<deviation_id>/uses", methods=["POST"])
@allow("deviation.use")
@blp.arguments(schemas.UseIn)
@blp.response(201, schemas.UsedOut)
@blp.alt_response(200, schema=schemas.UsedOut, description="It was used for that reference before", success=True)
def use_deviation(body: Reply, deviation_id: str) -> Any:
    """Let so many units go out under it; the same reference again is the same use."""
    made, new = deviations.use(actor(), deviation_id, body["quantity"], body["reference"])
    row: Deviation = Deviation.get_by_id(deviation_id)
    reply = {**naming.columns(made), "deviation": row.id, "used": row.used, "left": (row.quantity or 0) - row.used}
    return reply if new else (reply, 200)


@blp.route("/deviations/<deviation_id>/end", methods=["POST"])
@allow("deviation.decide")
@blp.arguments(schemas.EndIn)
@blp.response(200, schemas.DeviationOut)
def end_deviation(body: Reply, deviation_id: str) -> Reply:
    """Take a granted deviation back early, for a reason."""
    return _shown(deviations.end(actor(), deviation_id, body["reason"]))


def _shown(row: Deviation) -> Reply:
    return _all([row])[0]


def _all(rows: Sequence[Deviation]) -> list[Reply]:
    now = db.obj.now()
    people = naming.people(one for row in rows for one in (row.asked_by, row.decided_by, row.ended_by))
    places = naming.places((row.line_id for row in rows), (row.site_id for row in rows))
    versions = naming.versions(row.version_id for row in rows)
    signatures = naming.signatures(row.signature_id for row in rows)
    books = {procedure_id: ledger(procedure_id, []) for procedure_id in {row.procedure_id for row in rows}}
    uses = _uses(rows)
    return [
        {
            **naming.columns(row), "procedure": versions[row.version_id].procedure, "check": row.check_id,
            "version": versions[row.version_id].number, "site": places[row.site_id], "line": places[row.line_id],
            "state": deviations.standing(row, now), "left": max((row.quantity or 0) - row.used, 0),
            "asked_by": people[row.asked_by], "decided_by": people[row.decided_by],
            "ended_by": people[row.ended_by], "signature": signatures[row.signature_id],
            "check_unchanged": _holds(row, now, books[row.procedure_id]), "uses": uses[row.id],
        }
        for row in rows
    ]  # fmt: skip


def _holds(row: Deviation, now: datetime, book: Ledger) -> Reply | None:
    """Whether its check is unchanged, while that matters."""
    if deviations.standing(row, now) not in ("asked", "granted"):
        return None
    found = deviations.holding(row, now, book)
    text = found.why or later("Version %(version)s is in force, and the check is unchanged.", version=found.version)
    return {"holds": found.why is None, "version": found.version, "sentence": Words(reader_language()).say(text)}


def _uses(rows: Sequence[Deviation]) -> dict[str, list[DeviationUse]]:
    found: dict[str, list[DeviationUse]] = {row.id: [] for row in rows}
    query = DeviationUse.select().where(DeviationUse.deviation_id.in_(list(found)))
    for use in query.order_by(DeviationUse.deviation_id, DeviationUse.number):
        found[use.deviation_id].append(use)
    return found
