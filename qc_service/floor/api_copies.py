"""Saved copies of tablets over HTTP: a file that was carried where the network did not reach."""

from typing import Any

from flask import current_app, request

from qc_service.auth import actor, allow
from qc_service.errors import QCError
from qc_service.floor import copies, copy_file, copy_schemas
from qc_service.idempotency import unrepeated
from qc_service.texts import later
from qc_service.web import Blueprint, takes

blp = Blueprint("copies", __name__, url_prefix="/v1", description="What tablets saved as files")


@blp.route("/floor/copies", methods=["POST"])
@allow(copy_file.ACTION)
@takes(copy_file.MOST_BYTES, copy_file.TOO_LARGE)
@unrepeated  # each record is known by its own address, so twice is once without a key
@blp.response(200, copy_schemas.CopyOut)
@blp.doc(
    requestBody={
        "required": True,
        "description": "The file that a tablet saved, as it is: at most 64 MB",
        "content": {"application/json": {"schema": copy_schemas.CopyIn}},
    }
)
def import_copy() -> dict[str, Any]:
    """Bring in what a tablet saved as a file. Each record is stored as if the tablet had sent it itself."""
    if not request.is_json:
        raise QCError("unsupported_media_type", later("Send the tablet's file as application/json."))
    data = request.get_data(cache=False)
    return shown(copies.take(actor(), data, daily_mb=current_app.config["QC"].media_daily_mb))


def shown(taken: copies.Taken) -> dict[str, Any]:
    return {
        "device": taken.device.id, "name": taken.device.name, "revoked": taken.device.revoked_at is not None,
        "made_at": taken.made_at, "records": taken.records, "deeds": taken.deeds,
        "pictures": taken.pictures,
    }  # fmt: skip
