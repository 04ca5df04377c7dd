"""Explaining at a desk why numbers of a tablet never arrived, and the list of what was explained."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.desk import inspection_waiting
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, page, words
from qc_service.desk.sign_here import by_field, signer
from qc_service.desk.typed import loaded
from qc_service.errors import QCError, status_of
from qc_service.inspections import explaining, gap_replies, gap_schemas, gaps
from qc_service.inspections.models import GapExplanation

PAGE = 50
SHOWN = ("reason", "password")  # what has a place for an error


@blp.get("/gaps", endpoint="gaps")
@allow("inspection.read")
def list_explained() -> ResponseReturnValue:
    query = gaps.explanations(actor())
    try:
        [before] = paging.decode(request.args.get("cursor"), 1) or [None]
    except QCError:  # somebody changed the cursor: the first page
        before = None
    if before is not None:
        query = query.where(GapExplanation.id < before)
    rows = list(query.order_by(GapExplanation.id.desc()).limit(PAGE + 1))
    following = paging.encode([rows[PAGE - 1].id]) if len(rows) > PAGE else None
    return page(
        "gaps.html", nav="inspections", tab="tablets", rows=gap_replies.explanations(rows[:PAGE]),
        next_url=url_for("desk.gaps", cursor=following) if following else "", first_url=url_for("desk.gaps"),
        later_page=before is not None,
    )  # fmt: skip


@blp.post("/devices/<device_id>/gaps", endpoint="gap_explain")
@allow("gap.explain")
def explain(device_id: str) -> ResponseReturnValue:
    form = f"gap-{device_id}-{request.form.get('first', '')}"
    reason = request.form.get("reason", "").strip()
    try:
        told = {"first": _number("first"), "last": _number("last"), "reason": reason, "password": "-"}
        explaining.explain(actor(), device_id, loaded(gap_schemas.ExplainIn(), told), signer())
    except QCError as error:
        if error.code in ("not_found", "scope_missing"):
            raise
        errors = {(f"{form}-{field}" if field in SHOWN else ""): text for field, text in by_field(error).items()}
        return inspection_waiting.shown(errors, {f"{form}-reason": reason}, status_of(error.code))
    flash("success", words().say("Explained, and signed."))
    return redirect(url_for("desk.inspections_waiting") + "#gaps", 303)


def _number(name: str) -> int | str:
    """A number as the form has it; what somebody else put there is refused as such."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else text
