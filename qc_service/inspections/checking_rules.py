"""How well is checked: do two people agree, were answers given faster than they can be, and what chance will not do.

Everything here is about records and checks. Who inspected is only compared with who inspected, to know one person's
records from another's; nobody is counted, and nothing is told of anybody. Shares are exact fractions of whole counts
until the last step, so no rounding decides.
"""

import math
import statistics
from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any, Literal

Kind = Literal["too_fast", "same_values", "long_pass_streak"]
KINDS: tuple[Kind, ...] = ("too_fast", "same_values", "long_pass_streak")

OUTCOMES = ("ok", "defect")  # what two people can agree about
NEARLY_ALL = Fraction(9, 10)

LAST, ENOUGH = 200, 20  # a check is measured by its own last records, once there are enough of them
FURTHEST = 1000  # how far back records by other people are looked for
FASTEST_SECONDS, SHARE_OF_MEDIAN = 1.0, 5

UNLIKELY = Fraction(1, 1000)
FEWEST_FAILS = 5

SHIFTS = {"06-14": range(6, 14), "14-22": range(14, 22)}
NIGHT = "22-06"


@dataclass(frozen=True, slots=True)
class Given:
    """One answer. seconds: from being shown to being answered; measured: its values as they were written."""

    outcome: str
    seconds: float | None = None
    measured: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """One record. thing: what was inspected, where that is known to be the same for whoever else inspected it."""

    uuid: str
    at: datetime
    site: str
    line: str
    version: int
    who: str | None
    thing: Hashable | None
    result: str | None
    answers: Mapping[str, Given]
    shift: str = NIGHT


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen in a record; `values` are the numbers of its sentence."""

    record: Filled
    kind: Kind
    check: str | None
    values: Mapping[str, Any]


# --- agreement ---


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two people's answers to the same. None where a number does not exist, which is not the same as 0."""

    pairs: int
    observed: float | None = None
    kappa: float | None = None
    error: float | None = None
    pabak: float | None = None


def agreement(table: Sequence[Sequence[int]]) -> Agreement:
    """Agreement of two people from the table of their answers: rows the one's, columns the other's, the same order.

    Kappa is (Po - Pe) / (1 - Pe) (Cohen 1960), its standard error that of large samples (Fleiss, Cohen and Everitt
    1969), PABAK 2 Po - 1 (Byrt, Bishop and Carlin 1993). Kappa does not exist where both always gave one and the
    same answer; its error not where that formula comes to nothing, as it does where they never differed.
    """
    pairs = sum(map(sum, table))
    if not pairs:
        return Agreement(0)
    shares = [[Fraction(count, pairs) for count in row] for row in table]
    rows, columns = [sum(row) for row in shares], [sum(column) for column in zip(*shares, strict=True)]
    observed = sum((shares[i][i] for i in range(len(table))), Fraction(0))
    expected = sum((row * column for row, column in zip(rows, columns, strict=True)), Fraction(0))
    found = Agreement(pairs, float(observed), pabak=float(2 * observed - 1))
    if expected == 1:
        return found
    kappa = (observed - expected) / (1 - expected)
    variance = _variance(shares, kappa, expected) / pairs
    error = math.sqrt(variance) if variance > 0 else None
    return Agreement(pairs, found.observed, float(kappa), error, found.pabak)


def _variance(shares: Sequence[Sequence[Fraction]], kappa: Fraction, expected: Fraction) -> Fraction:
    """The variance of kappa for one pair (Fleiss, Cohen and Everitt 1969)."""
    rows, columns = [sum(row) for row in shares], [sum(column) for column in zip(*shares, strict=True)]
    alike = differing = Fraction(0)
    for i, row in enumerate(shares):
        for j, share in enumerate(row):
            if i == j:
                alike += share * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2
            else:
                differing += share * (columns[i] + rows[j]) ** 2
    rest = (kappa - expected * (1 - kappa)) ** 2
    return (alike + (1 - kappa) ** 2 * differing - rest) / (1 - expected) ** 2


def one_sided(table: Sequence[Sequence[int]]) -> int | None:
    """Which answer nearly all were (nine of ten), so that kappa says little; None where none was."""
    given = [sum(row) + sum(column) for row, column in zip(table, zip(*table, strict=True), strict=True)]
    total = sum(given)
    return next((i for i, count in enumerate(given) if total and Fraction(count, total) >= NEARLY_ALL), None)


def pairs(records: Iterable[Filled]) -> Iterator[tuple[Filled, Filled]]:
    """The first records of the first two people who inspected the same thing by the same version, in their order.

    A third person's are left out: pairs that share a record are no independent ones.
    """
    first: dict[Hashable, Filled] = {}
    done: set[Hashable] = set()
    for record in records:
        same = (record.thing, record.version)
        if record.thing is None or record.who is None or same in done:
            continue
        before = first.setdefault(same, record)
        if before.who != record.who:
            done.add(same)
            yield before, record


# --- time ---


@dataclass(frozen=True, slots=True)
class Quartiles:
    lower: float
    median: float
    upper: float


def quartiles(seconds: Sequence[float]) -> Quartiles | None:
    """Median and quartiles, between neighbours where they fall between two (Hyndman and Fan's type 7)."""
    if not seconds:
        return None
    if len(seconds) == 1:
        return Quartiles(seconds[0], seconds[0], seconds[0])
    return Quartiles(*statistics.quantiles(seconds, n=4, method="inclusive"))


def shift_of(hour: int) -> str:
    """The part of the day that an hour of the site's own clock belongs to."""
    return next((name for name, hours in SHIFTS.items() if hour in hours), NIGHT)


@dataclass
class Lately:
    """The last times that a check took."""

    order: deque[float] = field(default_factory=deque)
    sorted: list[float] = field(default_factory=list)

    def add(self, seconds: float) -> None:
        self.order.append(seconds)
        insort(self.sorted, seconds)
        if len(self.order) > LAST:
            del self.sorted[bisect_left(self.sorted, self.order.popleft())]

    def floor(self) -> float | None:
        """What nobody can read and do it in; None while too little is known."""
        if len(self.sorted) < ENOUGH:
            return None
        return max(FASTEST_SECONDS, statistics.median(self.sorted) / SHARE_OF_MEDIAN)


def too_fast(records: Iterable[Filled]) -> Iterator[Observed]:
    """Records of whose checks more than half were answered below the floor that the records before them set."""
    lately: dict[Hashable, Lately] = defaultdict(Lately)
    for record in records:
        fast = 0
        for check, given in record.answers.items():
            if given.seconds is None:
                continue
            known = lately[record.site, record.version, check]
            floor = known.floor()
            fast += floor is not None and given.seconds < floor
            known.add(given.seconds)
        if 2 * fast > len(record.answers):
            yield Observed(record, "too_fast", None, {"fast": fast, "checks": len(record.answers)})


# --- the same values again ---


def chance_of_repeat(history: Sequence[tuple[str, ...]], values: tuple[str, ...]) -> Fraction | None:
    """How likely the very same values come again at once, as the check's own records tell; None if they are too few.

    The larger of two shares: of records that had these values, and of records that had those of the one before them,
    whichever these were. The second is for what changes slowly, such as a cold store's temperature. What is asked
    about is counted into both, so that neither is ever 0.
    """
    if len(history) < ENOUGH:
        return None
    having = Fraction(sum(1 for one in history if one == values) + 1, len(history) + 1)
    staying = Fraction(sum(1 for before, after in pairwise(history) if before == after) + 1, len(history))
    return max(having, staying)


@dataclass
class _Run:
    """One person's records with the same values of a check, one after the other."""

    values: tuple[str, ...]
    began: int  # how many records of the check there were before it
    repeats: int = 0
    told: bool = False
    chance: Fraction | None = None


def same_values(records: Iterable[Filled]) -> Iterator[Observed]:
    """Records with which one person's run of the very same measured values became unlikely; each run once."""
    known: dict[Hashable, list[tuple[str | None, tuple[str, ...]]]] = defaultdict(list)
    runs: dict[Hashable, _Run] = {}
    for record in records:
        for check, given in record.answers.items():
            if given.measured is None:
                continue
            before = known[record.site, record.version, check]
            whose = (record.site, record.version, check, record.who)
            run = runs.get(whose)
            if run is None or run.values != given.measured:
                runs[whose] = _Run(given.measured, len(before))
            elif record.who is not None and _unlikely_by_now(run, before, record.who):
                run.told = True
                yield Observed(record, "same_values", check, {"times": run.repeats + 1})
            before.append((record.who, given.measured))


def _unlikely_by_now(run: _Run, known: Sequence[tuple[str | None, tuple[str, ...]]], who: str) -> bool:
    """Among 200 records no values are rarer than 1 in 201: to come again once is never unlikely enough."""
    run.repeats += 1
    if run.told:
        return False
    if run.repeats == 2:
        run.chance = chance_of_repeat(_spread(known, run.began, who), run.values)
    return run.chance is not None and run.chance**run.repeats < UNLIKELY


def _spread(known: Sequence[tuple[str | None, tuple[str, ...]]], began: int, who: str) -> list[tuple[str, ...]]:
    """The check's last values before a run, by others than whose run it is; by anybody where others gave too few.

    A habit of copying must not make itself look usual. The newest come first, which is all one to what is asked.
    """
    earlier = [known[place] for place in range(began - 1, max(began - FURTHEST, 0) - 1, -1)]
    others = list(islice((values for one, values in earlier if one != who), LAST))
    return others if len(others) >= ENOUGH else [values for _, values in earlier[:LAST]]


# --- long runs of passes ---


def chance_of_passes(fails: int, records: int, passes: int) -> Fraction:
    """How likely so many passes follow one another, where so many of so many records failed before."""
    return (1 - Fraction(fails, records)) ** passes


@dataclass
class _Line:
    records: int = 0  # up to the last fail, it included
    fails: int = 0
    passes: int = 0  # since
    told: bool = False

    def failed(self) -> None:
        self.records += self.passes + 1
        self.fails += 1
        self.passes, self.told = 0, False

    def long(self) -> bool:
        """Is the run unlikely? The fail before it ends the history by rule and not by chance, so it is not in it."""
        fails, records = self.fails - 1, self.records - 1
        if fails < FEWEST_FAILS or fails == records:
            return False
        return chance_of_passes(fails, records, self.passes) < UNLIKELY


def pass_streaks(records: Iterable[Filled]) -> Iterator[Observed]:
    """Records with which a line's run of passes became longer than its own rate of fails explains; each run once."""
    lines: dict[str, _Line] = defaultdict(_Line)
    for record in records:
        line = lines[record.line]
        if record.result == "fail":
            line.failed()
        elif record.result == "pass":
            line.passes += 1
            if not line.told and line.long():
                line.told = True
                values = {"passes": line.passes, "fails": line.fails - 1, "records": line.records - 1}
                yield Observed(record, "long_pass_streak", None, values)


def observations(records: Sequence[Filled]) -> list[Observed]:
    """Everything to be told of records in the order in which they happened, in that order."""
    found = [*too_fast(records), *same_values(records), *pass_streaks(records)]
    return sorted(found, key=lambda one: (one.record.at, one.record.uuid, KINDS.index(one.kind), one.check or ""))
