"""Deeds over HTTP: stored and settled as they come, and answered with what came of them."""

from collections.abc import Mapping
from typing import Any

from flask import request

from qc_service.auth import Actor, actor, allow
from qc_service.errors import QCError, invalid
from qc_service.floor import deed_reading, deeds
from qc_service.floor import deed_schemas as schemas
from qc_service.floor.deed_kinds import KINDS
from qc_service.floor.models import Deed
from qc_service.inspections.schemas import uuid_in_address
from qc_service.people import seal
from qc_service.procedures.api_qualification import reader_language
from qc_service.procedures.qualification_schemas import LangArgs
from qc_service.texts import later, unpacked
from qc_service.web import Blueprint
from qc_service.words import Words

blp = Blueprint("deeds", __name__, url_prefix="/v1", description="What is done at a tablet besides inspecting")

_UUID = {
    "name": "uuid", "in": "path", "required": True, "description": "A UUID (RFC 9562), chosen by whoever sends it",
    "schema": {"type": "string", "format": "uuid"},
}  # fmt: skip
_SEAL = {
    "name": "QC-Seal", "in": "header", "required": False, "schema": {"type": "string"},
    "description": "From a tablet by itself: the person's PIN and the body's SHA-256, sealed with the public key. "
    f"Another one, or more than {seal.LONGEST} characters, proves nobody; what came with it is kept all the same",
}  # fmt: skip
_BODY = {"oneOf": [{"$ref": f"#/components/schemas/{type(kind.schema).__name__}"} for kind in KINDS.values()]}
NAMED = tuple(type(kind.schema) for kind in KINDS.values())  # what the description must hold for it


@blp.route("/floor/deeds/<uuid>", methods=["PUT"], parameters=[_UUID, _SEAL])
@allow("deed.send")
@blp.arguments(LangArgs, location="query")
@blp.response(201, schemas.DeedOut, description="It is stored, and either done or refused")
@blp.alt_response(200, schema=schemas.DeedOut, description="It was stored before", success=True)
@blp.doc(requestBody={"required": True, "content": {"application/json": {"schema": _BODY}}})
def put_deed(args: dict[str, Any], uuid: str) -> tuple[dict[str, Any], int]:
    """Store what somebody did and have it done. What the service refuses is kept all the same, with the reason."""
    body = request.get_data(cache=False)
    said, told = _read(actor(), body)
    row, new = deeds.receive(actor(), uuid_in_address(uuid, "record"), body, said, told, request.headers.get("QC-Seal"))
    return answer(row, args["lang"] or reader_language()), 201 if new else 200


def answer(row: Deed, language: str) -> dict[str, Any]:
    """The receipt, with its reasons in the reader's language."""
    say = Words(language).say
    why = None if row.code is None else {"code": row.code, "detail": say(unpacked(row.reason))}
    notes = [{"code": note["code"], "detail": say(unpacked(note["text"]))} for note in row.notes]
    return {"receipt": row.uuid, "sha256": row.sha256, "state": row.state, "reason": why, "notes": notes}


def _read(who: Actor, body: bytes) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The body, and what every deed says. Of a tablet's, whose app may be newer, no more is looked at yet."""
    if not request.is_json:
        raise QCError("unsupported_media_type", later("Send application/json."))
    said, told = deed_reading.read(body, strict=who.device_id is None)
    if told["badge"] is None and who.kind != "person":
        raise invalid("/badge", later("Say whose deed it is."))
    if who.kind == "person" and told["badge"] not in (None, who.badge):
        raise invalid("/badge", later("You are signed in as %(badge)s: leave this out.", badge=who.badge))
    return said, told
