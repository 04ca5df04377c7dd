"""What can be watched: a measure is a named ratio of events over opportunities on a line, a registry entry each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from qc_service.texts import Text, later


@dataclass(frozen=True, slots=True)
class Measure:
    """`events` and `opportunities` name quantities of a count; `per_code` is where a defect code's events stand."""

    code: str
    name: Text
    events: str
    opportunities: str
    kind: Literal["proportion", "count"]
    per_code: Literal["units", "scrapped", "reworked"]
    settles_late: bool = False  # its events may come after the lot: an open lot does not carry it yet


MEASURES: dict[str, Measure] = {
    one.code: one
    for one in (
        Measure("defective", later("Defective units"), "defective", "inspected", "proportion", "units"),
        Measure("rework", later("Reworked units"), "reworked", "total", "proportion", "reworked", settles_late=True),
        Measure("scrap", later("Scrapped units"), "scrapped", "total", "proportion", "scrapped", settles_late=True),
    )
}

EVENTS = {"defective": later("defective"), "reworked": later("reworked"), "scrapped": later("scrapped")}
_PLACES = {"units": 0, "scrapped": 1, "reworked": 2}


def numbers(measure: Measure, defect_code: str | None, lot: Mapping[str, Any]) -> tuple[int, int] | None:
    """(opportunities, events) of a lot, or None where it does not carry both or they contradict each other.

    A lot that lists defects but not this code had none of it; a lot without a list says nothing about codes.
    """
    made = lot[measure.opportunities]
    if defect_code is None:
        events = lot[measure.events]
    elif lot["defects"] is None:
        events = None
    else:
        entry = lot["defects"].get(defect_code)
        events = 0 if entry is None else entry[_PLACES[measure.per_code]]
    if made is None or events is None or made <= 0 or (measure.kind == "proportion" and events > made):
        return None
    return made, events
