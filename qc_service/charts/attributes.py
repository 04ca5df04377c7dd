"""Charts of counted events: p, np, u, c, g, and Laney's p' and u'.

Each takes the lots of one stage and gives a point a lot with limits of three standard deviations of a lot of that
size (W. A. Shewhart 1931). `centre` puts a known centre line in the place of the measured one. Impossible numbers
raise `ValueError` naming the lot; no other input raises, and no number is ever NaN.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil, log, log1p, sqrt

from qc_service.charts.values import MOST, SIGMAS, Kind, Lot, Point, Stage, check

MOVING_RANGE = 1.128  # mean difference of two normal values with standard deviation 1 (d2 of two)
TAIL = 0.00135  # the chance beyond three standard deviations on one side

Deviation = Callable[[float, float], float]  # rate, size → standard deviation of the rate by chance alone


def p(lots: Sequence[Lot], centre: float | None = None) -> Stage:
    """Share of units defective, by lot: limits p ± 3 sqrt(p (1 - p) / n), within 0 and 1."""
    return _rates("p", "proportion", _binomial, lots, centre)


def u(lots: Sequence[Lot], centre: float | None = None) -> Stage:
    """Events per unit, of which one unit may have several: limits u ± 3 sqrt(u / n), from 0 up."""
    return _rates("u", "count", _poisson, lots, centre)


def laney_p(lots: Sequence[Lot], centre: float | None = None, dispersion: float | None = None) -> Stage:
    """The p chart for lots that differ by more than chance: its deviations times Laney's sigma of z.

    D. B. Laney, Improved control charts for attributes, *Quality Engineering* 2002. `dispersion` puts a known one in
    the place of the measured.
    """
    return _rates("laney_p", "proportion", _binomial, lots, centre, dispersion, laney=True)


def laney_u(lots: Sequence[Lot], centre: float | None = None, dispersion: float | None = None) -> Stage:
    """The u chart for lots that differ by more than chance, as `laney_p`."""
    return _rates("laney_u", "count", _poisson, lots, centre, dispersion, laney=True)


def np(lots: Sequence[Lot], centre: float | None = None) -> Stage:
    """Units defective, by lot: n p ± 3 sqrt(n p (1 - p)), within 0 and n. `centre` is the share p.

    The stage's centre is that of a lot of mean size; each point has that of its own.
    """
    return _counts("np", p(lots, centre), lots)


def c(lots: Sequence[Lot], centre: float | None = None) -> Stage:
    """Events, by lot: c ± 3 sqrt(c), from 0 up. `centre` is the rate per unit. Lots of other sizes have a centre line
    of their own."""
    return _counts("c", u(lots, centre), lots)


def g(lots: Sequence[Lot], centre: float | None = None) -> Stage:
    """Good units between two events, for events too rare for any other chart.

    A lot is a run of `n` units up to and with the one event that ends it (`d` = 1), its value n - 1. The limits leave
    out 0.00135 on either side of the geometric law with mean `centre`, as the R package qcc takes it: p = 1 / mean
    (J. C. Benneyan, *Quality and Reliability Engineering International* 2001, for its use). A mean of at most one unit
    is no rare event and gets no limits. Raises `ValueError` for a run without exactly one event.
    """
    check("count", lots)
    for place, lot in enumerate(lots, start=1):
        if lot.d != 1 or lot.n < 1:
            raise ValueError(f"lot {lot.name or place} has {lot.d} events on {lot.n} units; must end in its only event")
    counted = [lot.n - 1 for lot in lots if lot.counted]
    mean = sum(counted) / len(counted) if centre is None and counted else centre
    if mean is None or mean <= 1:
        return Stage("g", mean, 1.0, tuple(Point(lot.n - 1, mean) for lot in lots))
    chance = 1 / mean
    low, high = (max(ceil(log(share) / log1p(-chance) - 1), 0) for share in (1 - TAIL, TAIL))
    sigma = sqrt((1 - chance) / chance**2)
    return Stage("g", mean, 1.0, tuple(Point(lot.n - 1, mean, sigma, low, high) for lot in lots))


def _binomial(rate: float, n: float) -> float:
    return sqrt(max(rate * (1 - rate), 0.0) / n)


def _poisson(rate: float, n: float) -> float:
    return sqrt(max(rate, 0.0) / n)


def _rates(
    name: str, kind: Kind, deviation: Deviation, lots: Sequence[Lot], centre: float | None,
    dispersion: float | None = None, *, laney: bool = False,
) -> Stage:  # fmt: skip
    check(kind, lots)
    most = 1.0 if kind == "proportion" else MOST / 1e-9
    if centre is not None and not 0 <= centre <= most:
        raise ValueError(f"the centre line is {centre}; must be 0 to {most}")
    counted = [lot for lot in lots if lot.counted]
    mean = centre
    if mean is None and counted:
        mean = sum(lot.d for lot in counted) / sum(lot.n for lot in counted)
    if mean is None:
        return Stage(name, None, 1.0, tuple(Point(lot.d / lot.n) for lot in lots))
    if dispersion is None:
        dispersion = sigma_of_z(counted, mean, deviation) if laney else 1.0
    points = []
    for lot in lots:
        sigma = dispersion * deviation(mean, lot.n)
        low, high = max(mean - SIGMAS * sigma, 0.0), min(mean + SIGMAS * sigma, most)
        points.append(Point(lot.d / lot.n, mean, sigma, low, high))
    return Stage(name, mean, dispersion, tuple(points))


def sigma_of_z(lots: Sequence[Lot], mean: float, deviation: Deviation) -> float:
    """How many times as far as chance alone the rates of neighbouring lots differ: mean moving range of z / 1.128.

    1 where fewer than two lots, or a centre line on the edge of what is possible, say nothing about it.
    """
    deviations = [deviation(mean, lot.n) for lot in lots]
    if len(lots) < 2 or not all(deviations):
        return 1.0
    z = [(lot.d / lot.n - mean) / sigma for lot, sigma in zip(lots, deviations, strict=True)]
    return sum(abs(after - before) for before, after in pairwise(z)) / (len(z) - 1) / MOVING_RANGE


def _counts(name: str, rates: Stage, lots: Sequence[Lot]) -> Stage:
    """A chart of rates in events: every number of a point times the size of its lot."""
    sizes = [lot.n for lot in lots if lot.counted]
    mean_size = sum(sizes) / len(sizes) if sizes else 1.0
    points = tuple(_scaled(point, lot) for point, lot in zip(rates.points, lots, strict=True))
    centre = None if rates.centre is None else rates.centre * mean_size
    return Stage(name, centre, rates.dispersion, points)


def _scaled(point: Point, lot: Lot) -> Point:
    def times(number: float | None) -> float | None:
        return None if number is None else number * lot.n

    return Point(lot.d, times(point.centre), times(point.sigma), times(point.low), times(point.high))
