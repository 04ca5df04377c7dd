"""Inspections over HTTP: stored as they come, judged afterwards, and shown with what was found."""

from typing import Any

import marshmallow as ma
from flask import request

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.errors import QCError, from_validation
from qc_service.inspections import acts, describing, dispositions, matching, reading, receiving, schemas
from qc_service.inspections.models import CountedInspection, Inspection, InspectionRecord
from qc_service.lines import service as lines
from qc_service.lines.models import Line, Site
from qc_service.people import seal
from qc_service.signing import card_signs, signed, signer
from qc_service.texts import later
from qc_service.web import Blueprint, read_json

blp = Blueprint("inspections", __name__, url_prefix="/v1", description="Second-person inspections")

_UUID = {
    "name": "uuid", "in": "path", "required": True, "description": "A UUID (RFC 9562), chosen by whoever sends it",
    "schema": {"type": "string", "format": "uuid"},
}  # fmt: skip
_IN = schemas.InspectionIn()


_SEAL = {
    "name": "QC-Seal", "in": "header", "required": False, "schema": {"type": "string"},
    "description": "From a tablet by itself: an inspector's PIN or card and the record's SHA-256, sealed with its key. "
    f"Another one, or more than {seal.LONGEST} characters, proves nobody; what came with it is kept all the same",
}  # fmt: skip


@blp.route("/seal-key", methods=["GET"])
@allow("seal.read")
@blp.response(200, schemas.SealKeyOut)
def get_seal_key() -> dict[str, str]:
    """The public key with which a tablet seals a PIN or a card for the service alone."""
    return seal.public_key()


@blp.route("/inspections/<uuid>", methods=["PUT"], parameters=[_UUID, _SEAL])
@allow("inspection.sign")
@blp.response(201, schemas.ReceiptOut, description="It is stored")
@blp.alt_response(200, schema=schemas.ReceiptOut, description="It was stored before", success=True)
@blp.doc(requestBody={"required": True, "content": {"application/json": {"schema": schemas.InspectionIn}}})
def put_inspection(uuid: str) -> tuple[dict[str, Any], int]:
    """Store an inspection. Whatever it is worth is found out afterwards: a readable one is never refused."""
    body = request.get_data(cache=False)
    receipt = receiving.receive(
        actor(), schemas.uuid_in_address(uuid, "inspection"), body, _read(body), request.headers.get("QC-Seal")
    )
    return {"receipt": receipt.uuid, "sha256": receipt.sha256}, 201 if receipt.new else 200


@blp.route("/inspections/<uuid>", methods=["GET"], parameters=[_UUID])
@allow("inspection.read")
@blp.response(200, schemas.InspectionOut)
def get_inspection(uuid: str) -> dict[str, Any]:
    """One inspection: where it stands and why, and every answer with the check it was judged against."""
    return describing.whole(describing.find(actor(), "inspection.read", schemas.uuid_in_address(uuid, "inspection")))


@blp.route("/inspections/<uuid>/confirm", methods=["POST"], parameters=[_UUID])
@allow("inspection.confirm")
@signed
@blp.arguments(schemas.ConfirmIn)
@blp.response(200, schemas.InspectionOut)
def confirm(body: dict[str, Any], uuid: str) -> dict[str, Any]:
    """Give your word for what made an inspection doubtful."""
    return _shown(acts.confirm(actor(), schemas.uuid_in_address(uuid, "inspection"), body["note"], signer()))


@blp.route("/inspections/<uuid>/match", methods=["POST"], parameters=[_UUID])
@allow("inspection.confirm")
@signed
@blp.arguments(schemas.MatchIn)
@blp.response(200, schemas.InspectionOut)
def match(body: dict[str, Any], uuid: str) -> dict[str, Any]:
    """Say which lot an inspection was of that names one which nobody knows."""
    return _shown(matching.match(actor(), schemas.uuid_in_address(uuid, "inspection"), body, signer()))


@blp.route("/nonconformities/<nonconformity_id>/dispositions", methods=["POST"])
@allow("inspection.dispose")
@signed
@blp.arguments(schemas.DispositionIn)
@blp.response(200, schemas.InspectionOut)
def decide_disposition(body: dict[str, Any], nonconformity_id: str) -> dict[str, Any]:
    """Decide anew what becomes of units that do not conform."""
    return _shown(dispositions.decide(actor(), nonconformity_id, body, signer()))


@blp.route("/inspections/<uuid>/own", methods=["POST"], parameters=[_UUID])
@allow("inspection.own")
@signed
@card_signs
@blp.arguments(schemas.OwnIn)
@blp.response(200, schemas.InspectionOut)
def own(body: dict[str, Any], uuid: str) -> dict[str, Any]:
    """Say whether an inspection that names you was yours, where the tablet could not prove it."""
    return _shown(acts.own(actor(), schemas.uuid_in_address(uuid, "inspection"), signer(), mine=body["mine"]))


@blp.route("/inspections/<uuid>/void", methods=["POST"], parameters=[_UUID])
@allow("inspection.void")
@signed
@blp.arguments(schemas.VoidIn)
@blp.response(200, schemas.InspectionOut)
def ask_to_void(body: dict[str, Any], uuid: str) -> dict[str, Any]:
    """Say why an inspection should not stand; it does until another person agrees."""
    return _shown(acts.ask_to_void(actor(), schemas.uuid_in_address(uuid, "inspection"), body["reason"], signer()))


@blp.route("/inspections/<uuid>/void/agree", methods=["POST"], parameters=[_UUID])
@allow("inspection.confirm")
@signed
@blp.arguments(schemas.AgreeIn)
@blp.response(200, schemas.InspectionOut)
def agree_to_void(body: dict[str, Any], uuid: str) -> dict[str, Any]:  # noqa: ARG001 - who signed is known
    """Agree that an inspection is void. It stays to be read."""
    return _shown(acts.agree_to_void(actor(), schemas.uuid_in_address(uuid, "inspection"), signer()))


@blp.route("/inspections", methods=["GET"])
@allow("inspection.read")
@blp.arguments(schemas.InspectionListArgs, location="query")
@blp.response(200, schemas.InspectionPage)
def list_inspections(args: dict[str, Any]) -> dict[str, Any]:
    """Inspections that were judged, without their answers."""
    query = (
        Inspection.select(Inspection, InspectionRecord.sha256, CountedInspection.uuid.alias("counting"))
        .join(InspectionRecord, on=(InspectionRecord.uuid == Inspection.uuid), attr="record")
        .left_outer_join(CountedInspection, on=(CountedInspection.uuid == Inspection.uuid))
        .where(lines.in_sites(Inspection, actor().sites_for("inspection.read")))
    )
    for name in ("lot", "state"):
        if args[name]:
            query = query.where(getattr(Inspection, name) == args[name])
    if args["site"]:
        query = query.where(Inspection.site_id == Site.select(Site.id).where(Site.code == args["site"]))
    if args["line"]:
        query = query.where(Inspection.line_id.in_(Line.select(Line.id).where(Line.code == args["line"])))
    found = paging.page(query.objects(), Inspection, args, lambda row: row, order=("received_at", "uuid"))
    places, sent = describing.places(found["data"]), describing.sent(found["data"])
    return {**found, "data": [{**_listed(row, places), "lot_sent": sent.get(row.uuid)} for row in found["data"]]}


def _shown(row: Inspection) -> dict[str, Any]:
    return describing.whole(InspectionRecord.get_by_id(row.uuid))


def _listed(row: Any, places: dict[str | None, str]) -> dict[str, Any]:
    found = describing.summary(row, row.sha256, counted=row.counting is not None, places=places)
    return {**found, "answers": [], "nonconformities": [], "signatures": []}


def _read(body: bytes) -> dict[str, Any]:
    """The envelope; what the answers hold is not looked at. A tablet's record is stored whatever else it says."""
    if not request.is_json:
        raise QCError("unsupported_media_type", later("Send application/json."))
    try:
        said = read_json(body)
        told: dict[str, Any] = _IN.load(reading.known(said) if actor().device_id else said)
    except ma.ValidationError as error:
        raise from_validation(error) from error
    except ValueError as error:
        raise QCError("unreadable_body", later("The body is no JSON object: it was not stored.")) from error
    return told
