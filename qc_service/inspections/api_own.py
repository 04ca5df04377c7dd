"""Over HTTP: which inspections somebody is asked about, and their word for several of them at once."""

from typing import Any

from qc_service.auth import actor, allow
from qc_service.inspections import schemas, whose
from qc_service.inspections.describing import places
from qc_service.signing import card_signs, signed, signer
from qc_service.web import Blueprint

blp = Blueprint("own_inspections", __name__, url_prefix="/v1", description="Whose an inspection was")

Reply = dict[str, Any]


@blp.route("/inspections/own", methods=["GET"])
@allow("inspection.own")
@blp.response(200, schemas.AskedOut)
def asked() -> Reply:
    """Inspections that name you and wait for your word, since the tablet could not prove that they were yours."""
    rows = whose.waiting(actor())
    known = places(rows)
    return {
        "data": [
            {
                "uuid": row.uuid, "lot": row.lot, "unit": row.unit, "procedure": row.procedure_code,
                "line": known.get(row.line_id), "site": known.get(row.site_id), "happened_at": row.happened_at,
            }
            for row in rows
        ]
    }  # fmt: skip


@blp.route("/inspections/own", methods=["POST"])
@allow("inspection.own")
@signed
@card_signs
@blp.arguments(schemas.OwnSeveralIn)
@blp.response(200, schemas.OwnSeveralOut)
def own(body: Reply) -> Reply:
    """Say of several inspections whether they were yours. Each is decided by itself, with one signature for all."""
    return {"data": whose.say(actor(), body["answers"], signer())}
