"""The table that `make bench` prints, and how two things are measured in turn.

Absolute figures depend on the machine and on what else it does, so a goal is a ratio of two things that were
measured in the same run, turn by turn; the median of the pairs is what counts. Nothing here fails on a time.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

HEAD = ("what", "ours", "beside it", "ratio", "target")


@dataclass
class Table:
    """Rows of text; they are printed when everything is measured."""

    rows: list[tuple[str, str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, ours: str, beside: str = "", ratio: float | None = None, target: str = "") -> None:
        self.rows.append((what, ours, beside, "" if ratio is None else f"{ratio:.2f}", target))

    def write(self) -> None:
        rows = [HEAD, *self.rows]
        widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        lines.insert(1, "  ".join("-" * width for width in widths))
        sys.stdout.write("\n\n" + "\n".join(line.rstrip() for line in lines) + "\n")


@dataclass(frozen=True)
class Pair:
    """Seconds that two things took, turn by turn."""

    one: list[float]
    other: list[float]

    @property
    def ratio(self) -> float:
        """How long the other took for each second of the one: above 1 where the one is quicker."""
        return statistics.median(b / a for a, b in zip(self.one, self.other, strict=True))


def in_turn(one: Callable[[], float | None], other: Callable[[], float | None], turns: int) -> Pair:
    """Both, one after the other, so often; who begins changes from turn to turn, and the first turn warms up.

    One that says itself how many seconds count is believed.
    """
    found = Pair([], [])
    for turn in range(turns + 1):
        both = [(one, found.one), (other, found.other)]
        for act, kept in both if turn % 2 else reversed(both):
            began = time.perf_counter()
            said = act()
            if turn:
                kept.append(time.perf_counter() - began if said is None else said)
    return found


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of all values does not exceed."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def thousands(number: float) -> str:
    return f"{number:,.0f}"
