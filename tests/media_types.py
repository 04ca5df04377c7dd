"""Teaches schemathesis bodies of one JSON object a line, and to send a workbook as the bytes that it is."""

import json
from typing import Any

import schemathesis

from qc_service.procedures.documents import XLSX

NDJSON = "application/x-ndjson"

schemathesis.serializer.alias(XLSX, "application/octet-stream")


@schemathesis.serializer(NDJSON)
def as_lines(context: Any, value: Any) -> dict[str, bytes]:
    """The content is described as a sequence; each of it stands on a line of its own."""
    if isinstance(value, bytes):
        return {"data": value}
    rows = value if isinstance(value, list) else [value]
    return {"data": "\n".join(json.dumps(row) for row in rows).encode()}


@schemathesis.deserializer(NDJSON)
def from_lines(context: Any, response: Any) -> list[Any]:
    return [json.loads(line) for line in response.text.splitlines()]
