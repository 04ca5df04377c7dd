"""Numbers of tablets that never arrived, over HTTP: which they are, and who explained them."""

from typing import Any

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.inspections import explaining, gaps
from qc_service.inspections import gap_replies as replies
from qc_service.inspections import gap_schemas as schemas
from qc_service.inspections.models import GapExplanation
from qc_service.schemas import PageArgs
from qc_service.signing import signed, signer
from qc_service.web import Blueprint

blp = Blueprint("gaps", __name__, url_prefix="/v1", description="Records of tablets that never arrived")

MOST = 100
Reply = dict[str, Any]


@blp.route("/gaps", methods=["GET"])
@allow("inspection.read")
@blp.response(200, schemas.GapPage)
def list_gaps() -> Reply:
    """What never arrived, and what arrived after it was explained; no more than the latest hundred of each."""
    found = [*gaps.late(actor(), MOST), *gaps.missing(actor(), MOST)]
    return {"data": replies.gaps(found), "has_more": False, "next_cursor": None}


@blp.route("/gaps/explained", methods=["GET"])
@allow("inspection.read")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.GapExplanationPage)
def list_explanations(args: Reply) -> Reply:
    """Every explanation, with who signed it."""
    found = paging.page(gaps.explanations(actor()), GapExplanation, args, lambda row: row)
    return {**found, "data": replies.explanations(found["data"])}


@blp.route("/devices/<device_id>/gaps", methods=["POST"])
@allow("gap.explain")
@signed
@blp.arguments(schemas.ExplainIn)
@blp.response(201, schemas.GapExplanationOut)
def explain_gap(body: Reply, device_id: str) -> Reply:
    """Explain numbers of a tablet that never arrived, or say what became of those that did so late."""
    [reply] = replies.explanations([explaining.explain(actor(), device_id, body, signer())])
    return reply
