"""Procedures over HTTP: the procedures themselves, the version in force, and who is one human being."""

from typing import Any

from qc_service import paging
from qc_service.auth import Actor, actor, allow
from qc_service.db import db
from qc_service.errors import QCError
from qc_service.lines import service as lines
from qc_service.procedures import describing, drafts, finding, schemas
from qc_service.procedures.models import Procedure
from qc_service.texts import later
from qc_service.web import Blueprint

blp = Blueprint("procedures", __name__, url_prefix="/v1", description="Standard operating procedures and their life")

Reply = dict[str, Any]


@blp.route("/procedures", methods=["GET"])
@allow("procedure.read")
@blp.arguments(schemas.ProcedureArgs, location="query")
@blp.response(200, schemas.ProcedurePage)
def list_procedures(args: Reply) -> Reply:
    """The procedures that you may read, with their versions in brief."""
    who = actor()
    query = Procedure.select()
    sites = who.sites_for("procedure.read")
    if sites is not None:
        query = query.where(Procedure.site_id.is_null() | Procedure.site_id.in_(list(sites)))
    if args["q"]:
        query = query.where(Procedure.code.contains(args["q"]) | Procedure.title.contains(args["q"]))
    if args["state"]:
        query = query.where(Procedure.id.in_(_with_state(query, who, args["state"])))
    return paging.page(query, Procedure, args, lambda one: describing.procedure(one, who))


def _with_state(query: Any, who: Actor, state: str) -> list[str]:
    """States follow from time, so they are worked out and not asked for."""
    return [
        one.id for one in query if any(found.state.value == state for found in describing.visible(one, who))
    ]  # fmt: skip


@blp.route("/procedures", methods=["POST"])
@allow("procedure.draft")
@blp.arguments(schemas.ProcedureIn)
@blp.response(201, schemas.ProcedureOut)
def create_procedure(body: Reply) -> Reply:
    """A new procedure; its versions follow on their own address."""
    return describing.procedure(drafts.create_procedure(actor(), **body), actor())


@blp.route("/procedures/<code>", methods=["GET"])
@allow("procedure.read")
@blp.arguments(schemas.InForceArgs, location="query")
@blp.response(200, schemas.InForceOut)
def get_in_force(args: Reply, code: str) -> Reply:
    """The version in force: now or at a time, for everybody, a site or a line, in a language."""
    who = actor()
    procedure = finding.procedure_at(who, "procedure.read", code)
    moment = args["at"] or db.obj.now()
    found = finding.in_force(procedure, at=moment, **_place(who, procedure, args))
    if found is None:
        words = later("Nothing of procedure %(code)s is in force there at that time.", code=repr(code))
        raise QCError("not_found", words)
    reply = {**describing.version(found), "code": code}
    return reply if args["lang"] is None else {**reply, **describing.rendered(found, args["lang"])}


def _place(who: Actor, procedure: Procedure, args: Reply) -> dict[str, str | None]:
    """Where: the line that is named, or the site, or the procedure's own site, or the whole plant."""
    if args["line"] is not None:
        line = lines.line_at(who, "procedure.read", args["line"], args["site"])
        return {"site_id": line.site_id, "line_id": line.id}
    if args["site"] is not None:
        return {"site_id": lines.find_site(who, "procedure.read", args["site"]).id}
    return {"site_id": procedure.site_id}


@blp.route("/procedures/<code>", methods=["PATCH"])
@allow("procedure.draft")
@blp.arguments(schemas.ProcedurePatch)
@blp.response(200, schemas.ProcedureOut)
def change_procedure(body: Reply, code: str) -> Reply:
    """Another title in lists, or another owner."""
    return describing.procedure(drafts.change_procedure(actor(), code, body), actor())


@blp.route("/procedures/<code>/lines", methods=["PUT"])
@allow("procedure.draft")
@blp.arguments(schemas.LinesIn)
@blp.response(200, schemas.ProcedureOut)
def set_lines(body: Reply, code: str) -> Reply:
    """The lines that work by it, of the sites that you act in."""
    return describing.procedure(drafts.set_lines(actor(), code, body["lines"]), actor())
