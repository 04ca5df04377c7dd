"""Two accounts of one human being, over HTTP. It stands here because of what follows from it."""

from typing import Any

from qc_service.auth import actor, allow
from qc_service.inspections import merging, person_schemas
from qc_service.procedures.finding import Found
from qc_service.web import Blueprint

blp = Blueprint("same_people", __name__, url_prefix="/v1", description="Accounts of one human being")


@blp.route("/people/<code>/same-as", methods=["POST"])
@allow("person.same_as")
@blp.arguments(person_schemas.SameAsIn)
@blp.response(200, person_schemas.SameAsOut)
def same_as(body: dict[str, Any], code: str) -> dict[str, Any]:
    """Two accounts are one human being's; what that human may not have signed twice is taken back or named."""
    merged = merging.same_as(actor(), code, body["badge"])
    return {
        "badge": code, "accounts": merged.outcome.accounts, "demoted": merged.demoted,
        "reopened": [_name(one) for one in merged.outcome.reopened],
        "conflicts": [_name(one) for one in merged.outcome.conflicts],
    }  # fmt: skip


def _name(found: Found) -> dict[str, Any]:
    return {"procedure": found.procedure.code, "version": found.version.number}
