"""What a deed says of itself, wherever its bytes come from."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from qc_service.errors import QCError, from_validation
from qc_service.floor.deed_kinds import KINDS
from qc_service.floor.deed_schemas import DeedIn
from qc_service.texts import later
from qc_service.web import read_json

_IN = DeedIn()


def read(body: bytes, *, strict: bool) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """All of the body, and what every deed says. `strict` refuses unknown fields, which a newer tablet may send."""
    try:
        said = read_json(body)
        told = dict(_IN.load(said, unknown=ma.EXCLUDE))
        if strict:
            KINDS[told["kind"]].schema.load(said)
    except ma.ValidationError as error:
        raise from_validation(error) from error
    except ValueError as error:
        raise QCError("unreadable_body", later("The body is no JSON object: it was not stored.")) from error
    return said, told
