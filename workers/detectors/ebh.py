"""Many lines at once: the list of a site, on which at most a tenth stands by chance (e-BH).

The rule is Wang and Ramdas, "False discovery rate control with e-values" (Journal of the Royal Statistical Society B
84, 2022): of K bets with gains E, take the k largest, for the largest k with E_(k) >= K / (k * FDR). The expected share
of those taken whose fix does hold is at most FDR, however the lines depend on each other.

Three things are added, because here lots come one after the other and fixes are declared all the time.

* **A stake rests while it is taken.** From the look that takes a watch on, its stake stands still: later lots neither
  add to it nor take from it. So a watch that is taken stays so ("flag now, keep it"), and its stake is still that of a
  bet with stakes chosen before each lot, whose expectation is at most 1 while the fix holds.
* **K is every watch that has begun, the ended ones too.** A watch that ends, because another fix took over, had its
  chance to be listed by mistake, and mostly ends because it *was* listed: to forget it would lower the bar for the
  others by what the numbers themselves said. Its stake stands at its last value.
* **Where K grows, a stake may no longer reach the bar.** The watch stays on the list, *carried*, and its bet goes on
  from where it rested: what it gained meanwhile is not counted. It rests again when it reaches the bar again.

What is guaranteed, at every look: of those on the list that reach the bar (that rest), the expected share of fixes that
do hold is at most FDR. Three conditions, which no arithmetic can replace: each line's bet is fair given all that the
site has seen, not only the line's own lots (a look at one line stops the bet of another); fixes are not declared
because lines that *hold* happened to have good lots; and what each bet assumes of its own lots (`fixwatch1`). Those
carried along, and a part of the list that somebody picks out, have no such guarantee.

Gains are natural logarithms throughout.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from math import inf, isnan, log
from operator import itemgetter
from typing import Any


def bar(k: int, watches: int, fdr: float) -> float:
    """ln E that the k-th largest of `watches` gains needs for k to be taken: ln(watches / (k * fdr)).

    Errors: `ValueError` unless k and watches are at least 1 and 0 < fdr < 1.
    """
    if k < 1 or watches < 1 or not 0 < fdr < 1:
        raise ValueError(f"no bar for {k} of {watches} at {fdr}")
    return log(watches) - log(k) - log(fdr)


def taken(logs: Sequence[float], watches: int, fdr: float) -> int:
    """How many of the largest are taken (Wang and Ramdas 2022). Equal gains are taken together or not at all.

    `logs` are gains (ln E, any order; infinite ones too), of `watches` in all: those left out have less than 1 / fdr.
    Errors: `ValueError` for what is no number, and for more gains than watches.
    """
    if len(logs) > watches or any(map(isnan, logs)):
        raise ValueError("each watch has one gain, which is a number")
    falling = sorted(logs, reverse=True)
    return next((k for k in range(len(falling), 0, -1) if falling[k - 1] >= bar(k, watches, fdr)), 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """How a watch came onto the list: at which moment, with which gain (ln E), as one of how many of how many.

    `rests_at`: since when its stake rests, which is since when it reaches the bar; None while it is carried.
    """

    since: Any
    log_e: float
    listed: int
    watches: int
    rests_at: Any


class Roll:
    """The list as it grows, look by look. Keys and moments may be of any kind; moments must come in order."""

    def __init__(self, fdr: float) -> None:
        self.fdr = fdr
        self.watches = 0
        self.entries: dict[Hashable, Entry] = {}
        self.woken: set[Hashable] = set()  # whose stake ever went on after a rest
        self._floor = bar(1, 1, fdr)  # less is never taken, in whatever company
        self._logs: dict[Hashable, float] = {}
        self._resting: dict[Hashable, float] = {}
        self._went_on: dict[Hashable, tuple[float, float]] = {}  # ln E and the stake at the end of a rest
        self._waiting: dict[Hashable, float] = {}  # stakes that could be taken

    @property
    def listed(self) -> int:
        """How many reach the bar."""
        return len(self._resting)

    @property
    def log_next(self) -> float | None:
        """ln E that a watch needs to be taken by itself now; None before any watch has begun."""
        return bar(min(self.listed + 1, self.watches), self.watches, self.fdr) if self.watches else None

    def look(self, when: Any, begun: int, gains: Iterable[tuple[Hashable, float]]) -> None:
        """At a moment: so many more watches have begun, and these gains (key, ln E) are now as they are.

        Errors: `ValueError` for a gain that is no number, or of a watch that has not begun.
        """
        most = -inf
        for key, log_e in gains:
            most = max(most, self._gained(key, log_e))
        self.watches += begun
        if len(self._logs) > self.watches:
            raise ValueError("a watch has a gain before it has begun")
        if begun:
            self._wake()
        if most >= self._floor and most >= bar(len(self._resting) + len(self._waiting), self.watches, self.fdr):
            self._take(when)  # else nobody: who waited before did not suffice, and new watches only raise the bar

    def _gained(self, key: Hashable, log_e: float) -> float:
        """Note a gain; the stake, if it waits to be taken."""
        if isnan(log_e):
            raise ValueError("a gain is a number")
        self._logs[key] = log_e
        if key in self._resting:
            return -inf
        stake = log_e
        if key in self._went_on:
            then, rested = self._went_on[key]
            stake = rested if log_e == then else rested + (log_e - then)  # also where both are infinite
        if stake < self._floor:
            self._waiting.pop(key, None)
            return -inf
        self._waiting[key] = stake
        return stake

    def _wake(self) -> None:
        """After K grew: those whose stakes no longer reach the bar go on betting."""
        stakes = [*self._resting.values(), *self._waiting.values()]
        k = taken(stakes, self.watches, self.fdr)
        for key, stake in list(self._resting.items()):
            if k == 0 or stake < bar(k, self.watches, self.fdr):
                del self._resting[key]
                self._went_on[key] = (self._logs[key], stake)
                self._waiting[key] = stake
                self.entries[key] = _carried(self.entries[key])
                self.woken.add(key)

    def _take(self, when: Any) -> None:
        """Those that rest reach the bar whoever joins them; so only how many of the others join is asked."""
        falling = sorted(self._waiting.items(), key=itemgetter(1), reverse=True)
        resting = len(self._resting)
        reach = (j for j in range(len(falling), 0, -1) if falling[j - 1][1] >= bar(resting + j, self.watches, self.fdr))
        joining = falling[: next(reach, 0)]
        for key, stake in joining:
            del self._waiting[key]
            self._resting[key] = stake
            new = Entry(when, stake, resting + len(joining), self.watches, when)
            before = self.entries.get(key)
            self.entries[key] = new if before is None else _rests(before, when)


def _carried(entry: Entry) -> Entry:
    return Entry(entry.since, entry.log_e, entry.listed, entry.watches, None)


def _rests(entry: Entry, when: Any) -> Entry:
    return Entry(entry.since, entry.log_e, entry.listed, entry.watches, when)


def fold(begins: Sequence[Any], gains: Iterable[tuple[Any, Hashable, float]], fdr: float) -> Roll:
    """The list after all of this: watches that began at those moments, and gains (moment, key, ln E of that moment).

    Both in the order of their moments, which is all the order there is: gains of one moment are looked at together, and
    several of one watch at one moment leave the last. So the list follows from what is known, whenever it came.
    """
    roll = Roll(fdr)
    start = ((moment, None, 0.0) for moment in begins)
    for when, group in groupby(merge(start, gains, key=itemgetter(0)), key=itemgetter(0)):
        rows = list(group)
        begun = sum(key is None for _, key, _ in rows)
        roll.look(when, begun, [(key, log_e) for _, key, log_e in rows if key is not None])
    return roll
