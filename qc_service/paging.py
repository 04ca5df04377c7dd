"""Lists: newest changes last, by an opaque cursor over a sort key, so that nothing is skipped or shown twice."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from qc_service import clock
from qc_service.db import UtcField
from qc_service.errors import invalid
from qc_service.texts import later


def encode(key: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def decode(cursor: str | None, length: int) -> list[Any] | None:
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        key = None
    if not isinstance(key, list) or len(key) != length or not all(_harmless(part) for part in key):
        raise invalid("/cursor", "Use next_cursor of the page before, unchanged.")
    return key


def _harmless(part: Any) -> bool:
    """Text that a database can be asked for: no NUL, no half of a character."""
    return isinstance(part, str) and part.isprintable()


def page(
    query: Any, model: Any, args: dict[str, Any], dump: Callable[[Any], Any], *, order: Sequence[str] = ("id",)
) -> dict[str, Any]:
    """One page of a query over `model`, in the order of its id or of other columns that no two rows share."""
    columns = [getattr(model, name) for name in order]
    after = decode(args["cursor"], len(columns))
    if after is not None:
        query = query.where(_after(columns, _values(columns, after)))
    rows = list(query.order_by(*columns).limit(args["limit"] + 1))
    more = len(rows) > args["limit"]
    rows = rows[: args["limit"]]
    return {
        "data": [dump(row) for row in rows],
        "has_more": more,
        "next_cursor": encode([_written(getattr(rows[-1], name)) for name in order]) if more else None,
    }


def _after(columns: Sequence[Any], values: Sequence[Any]) -> Any:
    """The condition of the rows behind a key, by the first column, then the second, and so on."""
    column, value = columns[0], values[0]
    if len(columns) == 1:
        return column > value
    return (column > value) | ((column == value) & _after(columns[1:], values[1:]))


def _written(value: Any) -> str:
    return clock.fixed(value) if isinstance(value, datetime) else str(value)


def _values(columns: Sequence[Any], key: Sequence[str]) -> list[Any]:
    try:
        pairs = zip(columns, key, strict=True)
        return [clock.parse(text) if isinstance(column, UtcField) else text for column, text in pairs]
    except (ValueError, OverflowError) as error:
        raise invalid("/cursor", later("Use next_cursor of the page before, unchanged.")) from error
