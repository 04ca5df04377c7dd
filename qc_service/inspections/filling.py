"""How a record was filled in, as the tablet tells it: answers that were changed, who took over, what else happened.

Nothing is judged by it, and a tablet may tell anything: what has not the form of such a thing is left out.
"""

from collections.abc import Mapping
from typing import Any

from qc_service.clock import parse

WHAT = ("handed_over", "photo", "language", "offline", "online")
MOST_CHANGES = 20
NAMES = ("from", "to", "check")
LONGEST = 100


def events(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What happened meanwhile, as it was told and in that order; times are by the tablet's clock."""
    found = []
    for one in told["events"]:
        at = _moment(one.get("at"))
        if one.get("what") in WHAT and at is not None:
            found.append({"what": one["what"], "at": at, **{name: _name(one.get(name)) for name in NAMES}})
    return found


def changes(told: Mapping[str, Any], check: str) -> list[dict[str, Any]]:
    """What was answered to a check before the answer that stands."""
    said = (told["answers"].get(check) or {}).get("changes")
    if not isinstance(said, list):
        return []
    kept = [one for one in said[:MOST_CHANGES] if isinstance(one, dict)]
    return [{"value": one.get("value"), "at": _moment(one.get("at"))} for one in kept]


def language(told: Mapping[str, Any], check: str) -> str | None:
    """The language in which the check was read."""
    return _name((told["answers"].get(check) or {}).get("language"))


def _name(value: Any) -> str | None:
    return value[:LONGEST] if isinstance(value, str) else None


def _moment(value: Any) -> Any:
    try:
        return parse(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
