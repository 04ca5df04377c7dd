"""Lists: newest changes last, by an opaque cursor over a sort key, so that nothing is skipped or shown twice."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from qc_service.errors import invalid


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


def page(query: Any, model: Any, args: dict[str, Any], dump: Callable[[Any], Any]) -> dict[str, Any]:
    """One page of a query over `model`, in the order of its id."""
    after = decode(args["cursor"], 1)
    if after is not None:
        query = query.where(model.id > after[0])
    rows = list(query.order_by(model.id).limit(args["limit"] + 1))
    more = len(rows) > args["limit"]
    rows = rows[: args["limit"]]
    return {
        "data": [dump(row) for row in rows],
        "has_more": more,
        "next_cursor": encode([rows[-1].id]) if more else None,
    }
