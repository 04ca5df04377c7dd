"""Western Electric's and Nelson's rules: patterns in a chart that are worth a look. They are hints, never verdicts.

In control, the first four Western Electric rules together speak up once in about 92 points although nothing has
happened (C. W. Champ and W. H. Woodall, *Technometrics* 1987), so nothing is ever decided by them.

Each point is compared with its own limits and its own standard deviation. The R package qcc, where lots differ in
size, compares the earlier points of a pattern with the limits of the *latest* lot: a rate of 30 % in a tiny lot then
looks far out because a large lot followed it. That is the one deliberate difference from qcc here; where all lots are
of one size the same points are named. A pattern of "two of three" is named as soon as there are two.

Sources: Western Electric Company, *Statistical Quality Control Handbook*, 1956; L. S. Nelson, The Shewhart control
chart: tests for special causes, *Journal of Quality Technology* 1984.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qc_service.charts.values import Point


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern. `find` gives the indices, from 0, of the points at which it stands complete."""

    name: str
    find: Callable[[Sequence[Point]], list[int]]


def violations(points: Sequence[Point], rules: Iterable[str]) -> dict[str, list[int]]:
    """The indices, from 0, of the points at which each rule's pattern stands complete.

    A point without a standard deviation belongs to no pattern and ends every run. Raises `KeyError` for a rule
    that is not in `RULES`.
    """
    return {name: RULES[name].find(points) for name in rules}


def _beyond_limits(points: Sequence[Point]) -> list[int]:
    return [index for index, point in enumerate(points) if point.z is not None and _is_beyond(point)]


def _is_beyond(point: Point) -> bool:
    above = point.high is not None and point.value > point.high
    return above or (point.low is not None and point.value < point.low)


def _some_of(needed: int, span: int, zone: float) -> Callable[[Sequence[Point]], list[int]]:
    """At least so many of so many points beyond a zone, on one side of the centre, the latest among them."""

    def find(points: Sequence[Point]) -> list[int]:
        sides = [0 if z is None or abs(z) <= zone else _side(z) for z in _zs(points)]
        return [
            index
            for index, side in enumerate(sides)
            if side and sides[max(index - span + 1, 0) : index + 1].count(side) >= needed
        ]

    return find


def _run(length: int, belongs: Callable[[float], int]) -> Callable[[Sequence[Point]], list[int]]:
    """So many points in a row for which `belongs` is the same, and not 0."""

    def find(points: Sequence[Point]) -> list[int]:
        found, run, last = [], 0, 0
        for index, z in enumerate(_zs(points)):
            kind = 0 if z is None else belongs(z)
            run = 0 if not kind else run + 1 if kind == last else 1
            last = kind
            if run >= length:
                found.append(index)
        return found

    return find


def _trend(length: int) -> Callable[[Sequence[Point]], list[int]]:
    """So many points in a row, each above, or each below, the one before."""

    def find(points: Sequence[Point]) -> list[int]:
        found, run, last = [], 1, 0
        for index, step in enumerate(_steps(points), start=1):
            run = 1 if not step else run + 1 if step == last else 2
            last = step
            if run >= length:
                found.append(index)
        return found

    return find


def _alternating(length: int) -> Callable[[Sequence[Point]], list[int]]:
    """So many points in a row, up and down by turns."""

    def find(points: Sequence[Point]) -> list[int]:
        found, run, last = [], 1, 0
        for index, step in enumerate(_steps(points), start=1):
            run = 1 if not step else run + 1 if step == -last else 2
            last = step
            if run >= length:
                found.append(index)
        return found

    return find


def _zs(points: Sequence[Point]) -> list[float | None]:
    return [point.z for point in points]


def _steps(points: Sequence[Point]) -> list[int]:
    """From each point to the next: 1 up, -1 down, 0 level or not to be compared."""
    return [
        0 if one.z is None or two.z is None else (two.value > one.value) - (two.value < one.value)
        for one, two in pairwise(points)
    ]


def _side(z: float) -> int:
    return (z > 0) - (z < 0)


def _inside(z: float) -> int:
    return int(abs(z) < 1)


def _mixed(length: int) -> Callable[[Sequence[Point]], list[int]]:
    """So many points in a row with none near the centre, and some of them on either side of it."""

    def find(points: Sequence[Point]) -> list[int]:
        sides = [0 if z is None or abs(z) <= 1 else _side(z) for z in _zs(points)]
        latest = {end: sides[end - length + 1 : end + 1] for end in range(length - 1, len(sides))}
        return [end for end, run in latest.items() if all(run) and len(set(run)) > 1]

    return find


BEYOND, TWO_OF_THREE, FOUR_OF_FIVE, EIGHT = "beyond_limits", "two_of_three", "four_of_five", "eight_on_one_side"
WESTERN_ELECTRIC = (BEYOND, TWO_OF_THREE, FOUR_OF_FIVE, EIGHT)  # rules 1 to 4
NELSON = (  # tests 1 to 8
    BEYOND, "nine_on_one_side", "six_rising_or_falling", "fourteen_alternating", TWO_OF_THREE, FOUR_OF_FIVE,
    "fifteen_near_centre", "eight_away_from_centre",
)  # fmt: skip

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(BEYOND, _beyond_limits),
        Rule(TWO_OF_THREE, _some_of(2, 3, 2.0)),
        Rule(FOUR_OF_FIVE, _some_of(4, 5, 1.0)),
        Rule(EIGHT, _run(8, _side)),
        Rule("nine_on_one_side", _run(9, _side)),
        Rule("six_rising_or_falling", _trend(6)),
        Rule("fourteen_alternating", _alternating(14)),
        Rule("fifteen_near_centre", _run(15, _inside)),
        Rule("eight_away_from_centre", _mixed(8)),
    )
}
