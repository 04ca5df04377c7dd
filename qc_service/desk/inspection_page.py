"""One inspection: the whole of it as a document, and what can be decided about it."""

from collections.abc import Mapping

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from qc_service.auth import actor, allow
from qc_service.desk import inspection_told, inspection_whose
from qc_service.desk.blueprint import blp
from qc_service.desk.inspection_may import Ways, asked_to_void, ways
from qc_service.desk.inspection_words import DISPOSITIONS
from qc_service.desk.pages import page, words
from qc_service.errors import NotFound
from qc_service.inspections import describing, schemas
from qc_service.inspections.models import InspectionRecord

ONE = "/inspections/<uuid>"


def record_at(action: str, uuid: str) -> InspectionRecord:
    """The record at this address, if the person may do that with it."""
    try:
        schemas.UUID(uuid.lower())
    except ValidationError as error:
        raise NotFound("inspection", uuid) from error
    return describing.find(actor(), action, uuid.lower())


@blp.get(ONE, endpoint="inspection")
@allow("inspection.read")
def inspection(uuid: str) -> ResponseReturnValue:
    return shown(record_at("inspection.read", uuid))


def shown(
    record: InspectionRecord,
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """errors, values: of a form that was refused, by the form's own name and the field's."""
    one = inspection_told.inspection(record, words(), actor())
    rows = [one["row"]] if one["row"] else []
    may = ways(actor(), rows, asked_to_void(rows)).get(record.uuid, Ways())
    return page(
        "inspection.html", nav="inspections", status=status, one=one, ways=may, errors=dict(errors or {}),
        values=dict(values or {}), print_url=url_for("desk.inspection_print", uuid=record.uuid),
        own=inspection_whose.asked(actor(), one["row"]),
        dispositions=[{"code": code, "name": words().say(name)} for code, name in DISPOSITIONS.items()],
    )  # fmt: skip
