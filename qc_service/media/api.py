"""Pictures over HTTP: put in by the hash of their bytes, shown as copies that hold nothing but the picture."""

import hashlib
from typing import Any

from flask import Response, current_app, request

from qc_service.auth import actor, allow
from qc_service.errors import QCError
from qc_service.media import rules, schemas, service
from qc_service.media.models import MediaBytes
from qc_service.texts import later
from qc_service.web import Blueprint

blp = Blueprint("media", __name__, url_prefix="/v1", description="Pictures of procedures and of inspections")

# The address names the bytes, so they never change; but only who may see them may keep them, and only for themselves.
CACHE = "private, max-age=31536000, immutable"
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
SHOWN = "The copy for screens, or the original"
_HASH = {
    "name": "sha256", "in": "path", "required": True, "description": "SHA-256 of the original bytes, in lower case",
    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}  # fmt: skip


@blp.route("/media/<sha256>", methods=["PUT"], parameters=[_HASH])
@allow("media.write")
@blp.arguments(schemas.PlaceArgs, location="query")
@blp.response(201, schemas.PictureOut, description="It is now there")
@blp.alt_response(200, schema=schemas.PictureOut, description="It was there already", success=True)
@blp.doc(
    requestBody={
        "required": True,
        "description": "The bytes of the picture: at most 12 MB and 40 million points",
        "content": {kind: {"schema": _BYTES} for kind in rules.TYPES},
    }
)
def put_picture(args: dict[str, Any], sha256: str) -> tuple[dict[str, Any], int]:
    """Put a picture in; sent again it changes nothing, and sent for another site it may be seen there too."""
    site_id = service.place_for(actor(), args["site"])
    if request.mimetype not in rules.TYPES:
        raise QCError("unsupported_media_type", later("Send image/jpeg, image/png or image/webp."))
    data = _body()
    if hashlib.sha256(data).hexdigest() != sha256:
        detail = later("The bytes have another SHA-256 than the address names: were they cut off on their way?")
        raise QCError("hash_mismatch", detail)
    daily_mb = current_app.config["QC"].media_daily_mb
    picture, new = service.put(actor(), site_id, sha256, data, request.mimetype, daily_mb=daily_mb)
    return _described(picture), 201 if new else 200


@blp.route("/media/<sha256>", methods=["GET"], parameters=[_HASH])
@allow("media.read")
@blp.arguments(schemas.ShowArgs, location="query")
@blp.response(200, _BYTES, content_type="image/jpeg")
@blp.alt_response(304, description="It is the one that you have", success=True)
@blp.doc(responses={"200": {"description": SHOWN, "content": {kind: {"schema": _BYTES} for kind in rules.TYPES}}})
def get_picture(args: dict[str, Any], sha256: str) -> Response:
    """Show a picture that you may see: a copy without metadata, or with `original` the bytes as they came."""
    picture = service.find(actor(), sha256)
    name = "original" if args["original"] else str(args["width"])
    response = Response()
    response.set_etag(f"{sha256}-{name}")
    response.headers["Cache-Control"] = CACHE
    response.headers["Vary"] = "Authorization"
    if args["original"]:
        response.headers["Content-Disposition"] = f'attachment; filename="{sha256[:16]}.{ENDINGS[picture.type]}"'
    known = request.if_none_match.contains(f"{sha256}-{name}")
    if known or request.method == "HEAD":
        del response.headers["Content-Type"]
        response.status_code = 304 if known else 200
        return response
    shown = service.original_of(sha256) if args["original"] else service.copy_of(sha256, args["width"])
    response.content_type = shown.type
    response.set_data(shown.content)
    return response


def _body() -> bytes:
    """The bytes, if they are few enough; what says that it has more is not read at all."""
    request.max_content_length = rules.MOST_BYTES + 1  # what does not say is cut off there, and so is seen to have more
    data = b"" if _too_large(request.content_length) else request.get_data(cache=False)
    if _too_large(request.content_length) or _too_large(len(data)):
        raise QCError("payload_too_large", later("A picture has at most 12 MB: make it smaller."))
    return data


def _too_large(size: int | None) -> bool:
    return size is not None and size > rules.MOST_BYTES


def _described(picture: MediaBytes) -> dict[str, Any]:
    return {
        "sha256": picture.sha256, "type": picture.type, "width": picture.width, "height": picture.height,
        "bytes": picture.size,
    }  # fmt: skip
