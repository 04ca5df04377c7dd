"""The list of a site over HTTP: which of its fixes do not hold, of all that are watched."""

from typing import Any

from qc_service.auth import actor, allow
from qc_service.flags import listing, schemas
from qc_service.lines import service as lines
from qc_service.web import Blueprint

blp = Blueprint("listings", __name__, url_prefix="/v1", description="What the numbers say about a whole site")


@blp.route("/sites/<code>/not-holding", methods=["GET"])
@allow("listing.read")
@blp.response(200, schemas.NotHoldingOut)
def get_not_holding(code: str) -> dict[str, Any]:
    """Which fixes of a site do not hold: on average at most a tenth of those that reach the bar is there by chance."""
    site = lines.find_site(actor(), "listing.read", code)
    rule = listing.rule_of(site.id)
    return {
        "site": site.code, "fdr": listing.FDR, "watches": rule.watches if rule else 0,
        "listed": rule.listed if rule else 0, "log_e_next": rule.log_next if rule else None,
        "as_of": rule.as_of if rule else None, "data": [_listed(row) for row in listing.standing(site.id)],
    }  # fmt: skip


def _listed(row: Any) -> dict[str, Any]:
    return {
        "line": row.line.code, "fix": row.fix_id, "measure": row.fix.measure, "defect_code": row.fix.defect_code,
        "log_e": row.log_e, "since": row.since, "listed": row.listed, "watches": row.watches,
        "reaches_the_bar": row.rests_at is not None, "flagged": listing.is_flagged(row),
        "superseded": row.after.ends_at is not None, "verdict": row.watch.verdict, "sentence": row.watch.sentence,
        "evidence": f"/v1/evidence/{row.watch.evidence_id}",
    }  # fmt: skip
