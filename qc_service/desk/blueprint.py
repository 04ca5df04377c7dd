"""The desk: pages for supervisors, quality managers and auditors. Full pages, POST-redirect-GET, no script."""

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from qc_service.auth import public

blp = Blueprint("desk", __name__, template_folder="templates")

STATIC = Path(__file__).parent / "static"


@blp.get("/desk/static/<path:filename>", endpoint="static")
@public
def static_file(filename: str) -> Response:
    response = send_from_directory(STATIC, filename, max_age=300)
    response.cache_control.public = True
    return response
