"""Lists of what stays: the lots on hold, and those that were let go though no second person inspected them."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import choices, chosen, options
from qc_service.desk.pages import page, words
from qc_service.errors import QCError
from qc_service.lines.service import in_sites
from qc_service.lots import hold_replies
from qc_service.lots.hold_models import LotHold, LotRequest, OpenHold
from qc_service.texts import Text, later

PAGE = 50
OPEN, RELEASED = "open", "released"
STATES: dict[str, Text] = {
    "in_effect": later("In effect"),
    "lapsed": later("Fell away: the two who agreed are one person, or one of them made the lot"),
    "asked": later("Waits for another quality manager"),
    "replaced": later("Asked anew since"),
}


@blp.get("/holds", endpoint="holds")
@allow("lot.read")
def list_holds() -> ResponseReturnValue:
    lines = choices("lot.read")
    values = {name: request.args.get(name, "") for name in ("state", "line")}
    line = chosen(values["line"], lines)
    is_open = LotHold.id.in_(OpenHold.select(OpenHold.hold_id))
    released = values["state"] == RELEASED
    query = _seen(LotHold).where(~is_open if released else is_open)
    if line is not None:
        query = query.where(LotHold.line_id == line.line_id)
    rows, following = _page(query, LotHold)
    asked: dict[str, Any] = {**({"state": RELEASED} if released else {}), **({"line": values["line"]} if line else {})}
    return page(
        "holds.html", nav="inspections", tab="holds", values=values, released=released, lines=options(lines),
        rows=[_linked(one) for one in hold_replies.holds(rows, words().language)],
        next_url=url_for("desk.holds", **asked, cursor=following) if following else "",
        first_url=url_for("desk.holds", **asked), later_page=bool(request.args.get("cursor")),
    )  # fmt: skip


@blp.get("/overrides", endpoint="overrides")
@allow("lot.read")
def list_overrides() -> ResponseReturnValue:
    rows, following = _page(_seen(LotRequest).where(LotRequest.kind == "override"), LotRequest)
    found = [{**_linked(one), "state_word": words().say(STATES[one["state"]])} for one in hold_replies.overrides(rows)]
    return page(
        "overrides.html", nav="inspections", tab="overrides", rows=found,
        next_url=url_for("desk.overrides", cursor=following) if following else "",
        first_url=url_for("desk.overrides"), later_page=bool(request.args.get("cursor")),
    )  # fmt: skip


def _seen(model: Any) -> Any:
    return model.select().where(in_sites(model, actor().sites_for("lot.read")))


def _page(query: Any, model: Any) -> tuple[list[Any], str | None]:
    """The newest first; ids are in the order of time. A cursor that somebody changed leads to the first page."""
    try:
        [before] = paging.decode(request.args.get("cursor"), 1) or [None]
    except QCError:
        before = None
    if before is not None:
        query = query.where(model.id < before)
    rows = list(query.order_by(model.id.desc()).limit(PAGE + 1))
    return rows[:PAGE], paging.encode([rows[PAGE - 1].id]) if len(rows) > PAGE else None


def _linked(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "url": url_for("desk.lot", code=one["lot"], site=one["site"])}
