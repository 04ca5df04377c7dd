"""Lots over HTTP: who made them, and whether they may go on."""

from typing import Any

from qc_service.auth import actor, allow
from qc_service.inspections import making, release, schemas
from qc_service.inspections.making import Named
from qc_service.lots import schemas as lot_schemas
from qc_service.lots import service as lots
from qc_service.web import Blueprint

blp = Blueprint("lots", __name__, url_prefix="/v1", description="Lots of product and their makers")


@blp.route("/lots/<code>", methods=["PUT"])
@allow("lot.write")
@blp.arguments(lot_schemas.LotIn)
@blp.response(200, lot_schemas.LotOut)
@blp.alt_response(201, schema=lot_schemas.LotOut, description="It is new", success=True)
def put_lot(body: dict[str, Any], code: str) -> tuple[dict[str, Any], int]:
    """Make a lot or add to what is known of it. Makers are added and never removed."""
    named = making.put_lot(actor(), code, body)
    return _shown(named), 201 if named.new else 200


@blp.route("/lots/<code>", methods=["GET"])
@allow("lot.read")
@blp.arguments(lot_schemas.LotArgs, location="query")
@blp.response(200, lot_schemas.LotOut)
def get_lot(args: dict[str, Any], code: str) -> dict[str, Any]:
    """One lot with its makers."""
    return lots.described(lots.find(actor(), "lot.read", code, args["site"]))


@blp.route("/lots/<code>/makers", methods=["POST"])
@allow("lot.write")
@blp.arguments(lot_schemas.MakersIn)
@blp.response(200, lot_schemas.LotOut)
def name_makers(body: dict[str, Any], code: str) -> dict[str, Any]:
    """Say who made a lot, one unit of it, or one step."""
    return _shown(making.name_makers(actor(), code, body))


@blp.route("/lots/<code>/release-check", methods=["GET"])
@allow("lot.read")
@blp.arguments(lot_schemas.LotArgs, location="query")
@blp.response(200, schemas.ReleaseOut)
def release_check(args: dict[str, Any], code: str) -> Any:
    """May the lot go on?"""
    return release.check(lots.find(actor(), "lot.read", code, args["site"]))


def _shown(named: Named) -> dict[str, Any]:
    return {**lots.described(named.lot), "demoted": named.demoted}
