"""Evidence packs over HTTP."""

import base64
from typing import Any

from flask import Response, current_app, send_file

from qc_service.auth import actor, allow
from qc_service.idempotency import unrepeated
from qc_service.packs import schemas, service
from qc_service.packs.finding import ACTION
from qc_service.web import Blueprint

blp = Blueprint(
    "packs", __name__, url_prefix="/v1", description="Evidence packs: records with the proof of their chain"
)

ZIP = "application/zip"
_BYTES = {"type": "string", "format": "binary"}


@blp.route("/evidence-packs", methods=["POST"])
@allow(ACTION)
@unrepeated  # the answer is made anew each time, and too large to be kept for ninety days
@blp.arguments(schemas.PackIn)
@blp.response(200, _BYTES, content_type=ZIP, description="A ZIP archive that can be checked without the service")
def make_pack(body: dict[str, Any]) -> Response:
    """Give a lot's, a procedure's or a line's inspections with all that proves them."""
    pack = service.make(actor(), body, current_app.config["QC"].data_dir)
    response = send_file(pack.file, mimetype=ZIP, as_attachment=True, download_name=pack.name)
    response.content_length = pack.size
    response.headers["Content-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(pack.sha256)).decode()}:"
    response.headers["Cache-Control"] = "no-store"
    return response
