"""How a gauge stands, in words."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from qc_service.desk.pages import words
from qc_service.lots.gauges import FOUND_OUT
from qc_service.texts import Text, later
from qc_service.words import Words

STATES: dict[str, Text] = {
    "blocked": later("Blocked"),
    "overdue": later("Calibration ran out"),
    "due": later("Due soon"),
    "fit": later("Good for use"),
}
BAD = later(
    "It was last found out of tolerance: it may not be used. When it was put right it is calibrated, and then a "
    "quality manager unblocks it."
)
RAN_OUT_TOO = later(
    "It may not be used. Its calibration ran out on %(day)s too: it is calibrated first, and then a quality manager "
    "unblocks it."
)
ONLY_BLOCKED = later("It may not be used until a quality manager unblocks it.")
RAN_OUT = later("Its calibration ran out on %(day)s: it may not be used until it is calibrated again.")
DUE = later("It may be used until %(day)s. Have it calibrated before then.")
FIT = later("It may be used until %(day)s.")
HISTORY: dict[str, Text] = {
    "in_tolerance": later("found it in tolerance: good until %(day)s"),
    "out_of_tolerance": later("found it out of tolerance"),
    "blocked": later("blocked it"),
    "unblocked": later("let it be used again"),
}


def sentence(told: Mapping[str, Any], today: date) -> str:
    """How it stands, and what has to be done that it can be used."""
    due = told["due_on"]
    if due is None:
        return words().say(BAD)
    if told["state"] == "blocked":
        text = RAN_OUT_TOO if due < today else ONLY_BLOCKED
    else:
        text = {"overdue": RAN_OUT, "due": DUE, "fit": FIT}[told["state"]]
    return words().say(text, day=on(due))


def history(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Its calibrations and blocks, the newest first; each when it happened and, where that was later, was recorded."""
    rows = [_row(one, one["result"], one["calibrated_at"], one["note"]) for one in told["calibrations"]]
    rows += [_row(one, one["kind"], one["at"], one["reason"]) for one in told["blocks"]]
    return sorted(rows, key=lambda row: (row["at"], row["recorded_at"]), reverse=True)


def _row(one: Mapping[str, Any], what: str, at: datetime, said: str | None) -> dict[str, Any]:
    person = one["person"]
    day = {"day": on(date.fromisoformat(one["due_on"]))} if what == "in_tolerance" else {}
    return {
        "at": at, "recorded_at": one["at"], "afterwards": (one["at"] - at).total_seconds() > 60, "what": what,
        "name": person["name"] if person else words().say("Another system"), "badge": person["badge"] if person else "",
        "text": words().say(HISTORY[what], **day), "said": reason(said),
    }  # fmt: skip


def reason(said: str | None) -> str:
    """What somebody wrote, as they wrote it; what the service says by itself is in the reader's language."""
    return words().say(FOUND_OUT) if said == FOUND_OUT else said or ""


def on(day: date) -> str:
    """A day with its year."""
    return f"{Words(words().language).day(datetime.combine(day, time(), UTC))} {day.year}"
