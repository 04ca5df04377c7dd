"""Fixes over HTTP."""

from collections.abc import Iterable
from typing import Any

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.fixes import schemas, service
from qc_service.fixes.models import Fix, FixState
from qc_service.fixes.rules import ALPHA
from qc_service.lines import service as lines
from qc_service.lines.models import Line
from qc_service.schemas import page_of
from qc_service.texts import later
from qc_service.web import Blueprint

blp = Blueprint("fixes", __name__, url_prefix="/v1", description="Corrective actions and what they promise")

FixPage = page_of(schemas.FixOut)

WARNINGS = {
    "promise_above_baseline": ("/promise/rate", later("The promise is above the rate before the fix.")),
    "stays_at": (
        "/promise/rate",
        later("The promise is no better than the rate before: it is judged as a promise to stay."),
    ),
    "thin_baseline": ("/baseline", later("There are few lots or events before the fix: the rate before is uncertain.")),
    "in_blocks": (
        "/baseline",
        later(
            "Lots before the fix resemble their neighbours: several lots are judged as one, and verdicts take longer."
        ),
    ),
    "trend": ("/baseline", later("The rate was on the move before the fix: a comparison with its mean may mislead.")),
    "season": ("/baseline", later("The rate follows the year: a comparison with its mean may mislead.")),
    "uneven_baseline": ("/baseline", later("One lot before the fix is larger than all the others together.")),
    "no_baseline": ("/baseline", later("There are no lots before the fix.")),
}


@blp.route("/fixes", methods=["POST"])
@allow("fix.declare")
@blp.arguments(schemas.FixIn)
@blp.response(201, schemas.FixOut)
def declare_fix(body: dict[str, Any]) -> dict[str, Any]:
    """Declare a fix: its measure, promise and baseline are frozen now."""
    return describe(service.declare_fix(actor(), body))


@blp.route("/fixes", methods=["GET"])
@allow("fix.read")
@blp.arguments(schemas.FixListArgs, location="query")
@blp.response(200, FixPage)
def list_fixes(args: dict[str, Any]) -> dict[str, Any]:
    """The fixes that you may see."""
    query = Fix.select().where(lines.in_sites(Fix, actor().sites_for("fix.read")))
    if args["line"]:
        query = query.where(Fix.line_id == lines.line_at(actor(), "fix.read", args["line"], args["site"]).id)
    return paging.page(query, Fix, args, describe)


@blp.route("/fixes/<fix_id>", methods=["GET"])
@allow("fix.read")
@blp.response(200, schemas.FixOut)
def get_fix(fix_id: str) -> dict[str, Any]:
    """One fix as it was declared."""
    return describe(service.find_fix(actor(), "fix.read", fix_id))


def describe(fix: Fix) -> dict[str, Any]:
    frozen = fix.frozen
    state: FixState = FixState.get_by_id(fix.id)
    shown = ("baseline_rate", "promised_rate", "assumed", "alarm_rate", "verification_rate")
    changed = {"at": state.baseline_changed_at, "changes": state.baseline_change}
    return {
        **fix.__data__, **{name: frozen[name] for name in shown}, "line": Line.get_by_id(fix.line_id).code,
        "ends_at": state.ends_at, "superseded_by": state.superseded_by,
        "baseline_changed": changed if state.baseline_change else None,
        "warnings": warnings(fix.frozen["notes"], fix.baseline["unmatched"]),
        "effect": f"/v1/fixes/{fix.id}/effect", "together_with": fix.together_with or [],
        "blocks": frozen.get("blocks", 1), "trend": frozen.get("trend"), "season": frozen.get("season"),
        "alpha": frozen.get("alpha", ALPHA),
    }  # fmt: skip


def warnings(notes: Iterable[str], unmatched: Iterable[str]) -> list[dict[str, str]]:
    """What the person should know before relying on the fix; none of it is a refusal."""
    found = [
        {"pointer": WARNINGS[note][0], "code": note, "detail": WARNINGS[note][1]} for note in notes if note in WARNINGS
    ]
    return found + [
        {
            "pointer": "/baseline/exclude",
            "code": "unknown_ref",
            "detail": later("%(name)s is no lot of the baseline.", name=repr(name)),
        }
        for name in unmatched
    ]
