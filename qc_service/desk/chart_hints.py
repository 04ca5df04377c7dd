"""The hints of a chart in words, and the lots that each of them is about. A hint is never called more than that."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from qc_service.charts import hints
from qc_service.texts import Text, later

PATTERNS: dict[str, Text] = {
    hints.BEYOND: later("outside the limits"),
    hints.TWO_OF_THREE: later("two of three near a limit"),
    hints.FOUR_OF_FIVE: later("four of five away from the centre line"),
    hints.EIGHT: later("eight in a row on one side"),
}

CHART_NAMES: dict[str, Text] = {"laney_p": later("Laney's p′ chart"), "laney_u": later("Laney's u′ chart")}


def pattern(rule: str) -> str:
    """What a rule has seen; evidence of other days may name one that nobody knows here, by its own name."""
    return PATTERNS.get(rule, rule)


def listed(points: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each pattern that was seen since the fix, with the lots at which it was complete: those from 19 to 21, and 40."""
    seen: dict[str, list[int]] = {}
    for point in points:
        for rule in point.get("hints") or ():
            if point["lot"] is not None:
                seen.setdefault(rule, []).append(point["lot"])
    return [{"pattern": pattern(rule), "lots": _runs(lots), "one": len(lots) == 1} for rule, lots in seen.items()]


def _runs(lots: list[int]) -> str:
    """Consecutive numbers as a span."""
    spans = []
    for _, run in groupby(enumerate(lots), key=lambda item: item[1] - item[0]):
        members = [lot for _, lot in run]
        spans.append(f"{members[0]}–{members[-1]}" if len(members) > 1 else str(members[0]))
    return ", ".join(spans)
