"""What people type into forms, as the API takes it: whatever that refuses is refused here too."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError

from qc_service import clock
from qc_service.desk.pages import from_local
from qc_service.errors import from_validation, invalid
from qc_service.texts import later


def loaded(schema: Schema, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the API would take too."""
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as error:
        raise from_validation(error) from error
    return loaded


def day_typed(field: str, text: str) -> str:
    """The day as the API takes it."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise invalid(f"/{field}", later("Write a day, such as 2026-11-21.")) from error


def moment_typed(field: str, text: str, tz: str) -> str:
    """The time as the API takes it; it was typed in the time of that zone."""
    try:
        return clock.iso(from_local(text, tz))
    except ValueError as error:
        raise invalid(f"/{field}", later("Write a day and a time, such as 2026-11-21T06:00.")) from error
