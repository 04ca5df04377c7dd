"""The chart of a line before and after a fix: a centre line for each stage, and the chart that the data call for.

Laney's p' (u' for counts) where a lot of mean size is expected to have an event. Where events are rarer the limits of
single lots would mean nothing: one event would lie beyond them. Such lots are pooled in their order until a pool is
expected to have one, and the pools are the points; the g chart needs to know at which unit an event happened, which
counts by lot do not say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from qc_service.charts.attributes import laney_p, laney_u
from qc_service.charts.hints import WESTERN_ELECTRIC, violations
from qc_service.charts.values import Kind, Lot, Point, check

EVENTS_EXPECTED = 1.0  # by a lot, or a pool of lots
LOTS_TO_MEASURE = 12  # fewer points say too little about how much lots differ


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a chart says of one lot: its limits, its hints by rule, and the pool it belongs to.

    low, high, centre and sigma are rates; None where there is no limit to speak of. pool: the number, from 0, of its
    pool in the stage, with the rate of that pool; both None where lots stand for themselves. Limits and hints of a
    pooled lot are those of its pool, and the hints stand at the pool's last lot.
    """

    point: Point
    hints: tuple[str, ...] = ()
    pool: int | None = None
    pool_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Staged:
    """One stage: the chart, whether its lots are pooled, centre line, dispersion, and what it says of each lot.

    dispersion: how many times as far as chance alone lots differ, at least 1; `measured` where this stage's own lots
    say so, else it was carried over from the stage before, or is 1.
    """

    chart: str
    pooled: bool
    centre: float | None
    dispersion: float
    measured: bool
    lots: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Lots that make one point: their places in the stage, and their sum. `whole`: enough to have limits."""

    places: tuple[int, ...]
    lot: Lot
    whole: bool = True


def staged(kind: Kind, lots: Sequence[Lot], centre: float | None = None, before: Staged | None = None) -> Staged:
    """The chart of one stage. Raises `ValueError` naming a lot whose numbers cannot be.

    `centre` is the rate of the stage where more lots than these are known; `before` is the stage before this one,
    whose dispersion is taken while this one has fewer than 12 points. Lots that happen to be more alike than chance
    would have them get the limits of chance: with few lots that is mostly luck.
    """
    check(kind, lots)
    name, draw = ("laney_p", laney_p) if kind == "proportion" else ("laney_u", laney_u)
    counted = [lot for lot in lots if lot.counted]
    units = sum(lot.n for lot in counted)
    if centre is None and counted:
        centre = sum(lot.d for lot in counted) / units
    pooled = bool(centre and counted) and (centre or 0.0) * units / len(counted) < EVENTS_EXPECTED
    groups = _pools(lots, centre or 0.0) if pooled else [_Group((place,), lot) for place, lot in enumerate(lots)]
    telling = [group.lot for group in groups if group.whole and group.lot.counted]
    measured = len(telling) >= LOTS_TO_MEASURE
    dispersion = draw(telling, centre).dispersion if measured else before.dispersion if before is not None else 1.0
    dispersion = max(dispersion, 1.0)
    points = draw([group.lot for group in groups], centre, dispersion).points
    drawn = _drawn(groups, points, pooled=pooled)
    return Staged(name, pooled, centre, dispersion, measured, tuple(drawn[place] for place in range(len(lots))))


def _pools(lots: Sequence[Lot], rate: float) -> list[_Group]:
    """Neighbouring counted lots, until together they are expected to have an event; the last pool may be waiting for
    more. A lot that is left out stands alone and is no pool."""
    found: list[_Group] = []
    open_pool: list[int] = []
    units = 0.0
    for place, lot in enumerate(lots):
        if not lot.counted:
            found.append(_Group((place,), lot, whole=False))
            continue
        open_pool.append(place)
        units += lot.n
        if units * rate >= EVENTS_EXPECTED:
            found.append(_sum(lots, open_pool, whole=True))
            open_pool, units = [], 0.0
    return [*found, _sum(lots, open_pool, whole=False)] if open_pool else found


def _sum(lots: Sequence[Lot], places: Sequence[int], *, whole: bool) -> _Group:
    members = [lots[place] for place in places]
    return _Group(tuple(places), Lot(sum(lot.n for lot in members), sum(lot.d for lot in members)), whole)


def _drawn(groups: Sequence[_Group], points: Sequence[Point], *, pooled: bool) -> dict[int, Drawn]:
    """What is said of each lot, by its place. Lots that are left out are in no pattern, and end none."""
    judged = [place for place, group in enumerate(groups) if group.whole and group.lot.counted]
    hints: dict[int, list[str]] = {}
    for rule, found in violations([points[place] for place in judged], WESTERN_ELECTRIC).items():
        for index in found:
            hints.setdefault(judged[index], []).append(rule)
    drawn = {}
    pool = 0
    for place, (group, point) in enumerate(zip(groups, points, strict=True)):
        shown = point if group.whole else Point(point.value, point.centre)
        in_pool = pooled and group.lot.counted
        for one in group.places:
            said = tuple(hints.get(place, ())) if one == group.places[-1] else ()
            drawn[one] = Drawn(shown, said, pool if in_pool else None, point.value if in_pool else None)
        pool += in_pool
    return drawn
