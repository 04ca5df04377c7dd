"""Is a gauge good for use at a moment, and which measurements does a bad finding throw doubt on? Plain values only.

A day is a day in the site's time zone: a gauge that is due on a day may still be used on it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

Fault = Literal["unknown", "expired", "out_of_tolerance", "blocked"]
State = Literal["fit", "due", "overdue", "blocked"]

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The gauge was held against a standard; `due_on` is None where it was found out of tolerance."""

    id: str
    at: datetime
    due_on: date | None

    @property
    def good(self) -> bool:
        return self.due_on is not None


@dataclass(frozen=True, slots=True)
class Block:
    """From one moment, until another or, with None, until now."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What was measured from one moment (None: from the first) until another (None: until now) may be wrong."""

    calibration: str
    since: datetime | None
    until: datetime | None

    def has(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


def blocks_of(marks: Sequence[tuple[str, datetime]]) -> list[Block]:
    """Blocks out of what was said, in order: `blocked`, then `unblocked`, and so on."""
    ends = [at for _, at in marks[1::2]]
    return [Block(at, ends[place] if place < len(ends) else None) for place, (_, at) in enumerate(marks[::2])]


def fault(calibrations: Iterable[Calibration], blocks: Iterable[Block], at: datetime, day: date) -> Fault | None:
    """Why the gauge could not be used at a moment, which fell on a day; None: it could."""
    if any(one.since <= at and (one.until is None or at < one.until) for one in blocks):
        return "blocked"
    last = latest(one for one in calibrations if one.at <= at)
    if last is None:
        return "expired"
    if last.due_on is None:
        return "out_of_tolerance"
    return "expired" if last.due_on < day else None


def latest(calibrations: Iterable[Calibration]) -> Calibration | None:
    """The calibration that speaks for the gauge now."""
    return max(calibrations, key=lambda one: one.at, default=None)


def state(calibrations: Iterable[Calibration], blocks: Iterable[Block], today: date) -> State:
    """What the list of gauges says; who finds a gauge out of tolerance blocks it thereby."""
    last = latest(calibrations)
    if any(one.until is None for one in blocks) or (last is not None and last.due_on is None):
        return "blocked"
    if last is None or last.due_on is None or last.due_on < today:
        return "overdue"
    return "due" if last.due_on - today <= SOON else "fit"


def doubts(calibrations: Iterable[Calibration]) -> list[Doubt]:
    """For each finding out of tolerance, from the last good calibration before it until the next good one."""
    found, since = [], None
    waiting: list[str] = []
    for one in sorted(calibrations, key=lambda calibration: calibration.at):
        if one.good:
            found += [Doubt(name, since, one.at) for name in waiting]
            since, waiting = one.at, []
        else:
            waiting.append(one.id)
    return found + [Doubt(name, since, None) for name in waiting]
