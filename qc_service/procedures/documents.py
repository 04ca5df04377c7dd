"""Documents as they are sent and given out: JSON, YAML, and a workbook of Excel."""

import string
from typing import Any

from flask import Response, request

from qc_service.errors import FieldProblem, Invalid, QCError
from qc_service.procedures import schemas
from qc_service.procedures.finding import Found
from qc_service.procedures.refusing import refusals
from qc_service.procedures.workbooks import Told, own
from qc_service.texts import later
from qc_service.web import read_json
from sops.files import read_yaml, write_yaml

YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

BODY = {
    "required": True,
    "description": "A new version as JSON, and no query; or its document alone as a file, with the rest in the query",
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/VersionIn"}},
        "application/yaml": {"schema": {"type": "object"}},
        XLSX: {"schema": {"type": "string", "format": "binary"}},
    },
}


def received(args: dict[str, Any]) -> tuple[dict[str, Any], list[Told]]:
    """The new version in the request's body, its document still to be judged, and translations that came with it."""
    if request.mimetype == "application/json":
        if request.args:
            words = later("With JSON everything stands in the body: leave the query out.")
            raise Invalid(*(FieldProblem(f"/{name}", "invalid", words) for name in request.args))
        return dict(schemas.VersionIn().load(_json())), []
    body = request.get_data()
    if request.mimetype in YAML:
        with refusals():
            return {**args, "document": read_yaml(body)}, []
    if request.mimetype == XLSX:
        from sops.workbook import read_xlsx  # a library of its own, and seldom needed

        with refusals():
            document, translations = read_xlsx(body)
        return {**args, "document": document}, [(path, language, text) for path, language, text in translations]
    words = later("Send application/json, application/yaml, or a workbook (%(type)s).", type=XLSX)
    raise QCError("unsupported_media_type", words)


def _json() -> dict[str, Any]:
    try:
        found = read_json(request.get_data())
    except ValueError as error:
        raise QCError("unreadable_body", later("The body is not valid JSON.")) from error
    if not isinstance(found, dict):
        raise QCError("unreadable_body", later("Send a JSON object with a document."))
    return found


def as_yaml(found: Found) -> Response:
    return _file(found, write_yaml(found.document).encode(), "application/yaml; charset=utf-8", "yaml")


def as_workbook(found: Found) -> Response:
    from sops.workbook import write_xlsx

    told = [(one.path, one.language, one.text) for one in own(found)]
    return _file(found, write_xlsx(found.document, told), XLSX, "xlsx")


def _file(found: Found, content: bytes, kind: str, ending: str) -> Response:
    response = Response(content, content_type=kind)
    plain = string.ascii_letters + string.digits + "-_."
    name = "".join(char if char in plain else "_" for char in found.procedure.code)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{found.version.number}.{ending}"'
    return response
