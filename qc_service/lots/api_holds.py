"""Holds over HTTP: put a lot on hold, and let it go again with two signatures."""

from typing import Any

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.lines import service as lines
from qc_service.lines.models import Line, Site
from qc_service.lots import hold_replies as replies
from qc_service.lots import hold_schemas as schemas
from qc_service.lots import holds, letting_go
from qc_service.lots import service as lots
from qc_service.lots.hold_models import LotHold, LotRequest, OpenHold
from qc_service.procedures.api_qualification import reader_language
from qc_service.signing import signed, signer
from qc_service.web import Blueprint

blp = Blueprint("holds", __name__, url_prefix="/v1", description="Lots on hold, and who lets them go")

Reply = dict[str, Any]


@blp.route("/lots/<code>/hold", methods=["POST"])
@allow("lot.hold")
@blp.arguments(schemas.HoldIn)
@blp.response(201, schemas.HoldOut)
@blp.alt_response(200, schema=schemas.HoldOut, description="It is on hold for that already", success=True)
def hold_lot(body: Reply, code: str) -> Any:
    """Put a lot on hold and say why."""
    row, new = holds.hold(actor(), code, body)
    [reply] = replies.holds([row], reader_language())
    return reply if new else (reply, 200)


@blp.route("/lots/<code>/holds", methods=["GET"])
@allow("lot.read")
@blp.arguments(schemas.LotHoldArgs, location="query")
@blp.response(200, schemas.HoldPage)
def list_lot_holds(args: Reply, code: str) -> Reply:
    """Every hold of a lot, with who let it go."""
    lot = lots.find(actor(), "lot.read", code, args["site"])
    return _page(LotHold.select().where(LotHold.lot_id == lot.id), args)


@blp.route("/holds", methods=["GET"])
@allow("lot.read")
@blp.arguments(schemas.HoldArgs, location="query")
@blp.response(200, schemas.HoldPage)
def list_holds(args: Reply) -> Reply:
    """The holds that you may see."""
    query = _there(LotHold.select(), LotHold, args)
    is_open = LotHold.id.in_(OpenHold.select(OpenHold.hold_id))
    if args["state"]:
        query = query.where(is_open if args["state"] == "open" else ~is_open)
    return _page(query, args)


@blp.route("/lots/<code>/release", methods=["POST"])
@allow("lot.release")
@signed
@blp.arguments(schemas.AskToLetGoIn)
@blp.response(200, schemas.AgreedOut)
def ask_release(body: Reply, code: str) -> Reply:
    """Ask to release a lot from its holds; it stays on hold until another quality manager agrees."""
    return _asked(letting_go.ask(actor(), "release", code, body, signer()))


@blp.route("/lots/<code>/release/agree", methods=["POST"])
@allow("lot.release")
@signed
@blp.arguments(schemas.AgreeToLetGoIn)
@blp.response(200, schemas.AgreedOut)
def agree_release(body: Reply, code: str) -> Reply:
    """Agree to what another quality manager asked for: the lot is released."""
    return _asked(letting_go.agree(actor(), "release", code, body, signer()))


@blp.route("/lots/<code>/override", methods=["POST"])
@allow("lot.override")
@signed
@blp.arguments(schemas.AskToLetGoIn)
@blp.response(200, schemas.AgreedOut)
def ask_override(body: Reply, code: str) -> Reply:
    """Ask to let one lot go though no second person inspected it. Nothing counts because of it."""
    return _asked(letting_go.ask(actor(), "override", code, body, signer()))


@blp.route("/lots/<code>/override/agree", methods=["POST"])
@allow("lot.override")
@signed
@blp.arguments(schemas.AgreeToLetGoIn)
@blp.response(200, schemas.AgreedOut)
def agree_override(body: Reply, code: str) -> Reply:
    """Agree that the lot may go though no second person inspected it."""
    return _asked(letting_go.agree(actor(), "override", code, body, signer()))


@blp.route("/overrides", methods=["GET"])
@allow("lot.read")
@blp.arguments(schemas.OverrideArgs, location="query")
@blp.response(200, schemas.LotOverridePage)
def list_overrides(args: Reply) -> Reply:
    """Lots that people let go, or want to, though no second person inspected them."""
    query = _there(LotRequest.select().where(LotRequest.kind == "override"), LotRequest, args)
    found = paging.page(query, LotRequest, args, lambda row: row)
    return {**found, "data": replies.overrides(found["data"])}


def _asked(row: LotRequest) -> Reply:
    return replies.agreed([row])[row.id]


def _page(query: Any, args: Reply) -> Reply:
    found = paging.page(query, LotHold, args, lambda row: row)
    return {**found, "data": replies.holds(found["data"], reader_language())}


def _there(query: Any, model: Any, args: Reply) -> Any:
    """The rows of the sites that one may see, and of the line or site that is asked for."""
    query = query.where(lines.in_sites(model, actor().sites_for("lot.read")))
    if args["site"]:
        query = query.where(model.site_id == Site.select(Site.id).where(Site.code == args["site"]))
    if args["line"]:
        query = query.where(model.line_id.in_(Line.select(Line.id).where(Line.code == args["line"])))
    return query
