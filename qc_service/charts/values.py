"""What every chart speaks of: lots, points with their own limits, and stages.

Sizes `n` are units, or any other measure of the chance to go wrong (metres, patient days), so they may be fractions;
`d` is events, a whole number of them. A rate is events per unit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Literal

Kind = Literal["proportion", "count"]

SIGMAS = 3.0
LEAST_SIZE, MOST = 1e-9, 1e15  # no rate of lots within these bounds, and no square of one, leaves the floats


@dataclass(frozen=True, slots=True)
class Lot:
    """`n` units looked at and `d` events among them.

    counted: False for a lot that is shown but left out of centre line and dispersion. name: how a refusal calls it.
    """

    n: float
    d: float
    counted: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One value on a chart, with the centre line, the standard deviation and the limits of a lot of its own size.

    All but the value are None where nothing could be measured: a stage none of whose lots is counted.
    """

    value: float
    centre: float | None = None
    sigma: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def z(self) -> float | None:
        """How many of its own standard deviations it lies above the centre; None where there is no deviation."""
        if self.centre is None or not self.sigma:
            return None
        return (self.value - self.centre) / self.sigma


@dataclass(frozen=True, slots=True)
class Stage:
    """Lots between two fixes on one chart: their points, one a lot in their order.

    centre: in the chart's unit, None where no lot is counted. dispersion: how many times as far as chance alone the
    lots differ (Laney's sigma of z); 1 on charts that take chance for granted.
    """

    chart: str
    centre: float | None
    dispersion: float
    points: tuple[Point, ...]


def check(kind: Kind, lots: Iterable[Lot]) -> None:
    """Raise `ValueError` naming the first lot whose numbers cannot be: no units, events below 0 or not whole, or of a
    proportion more events than units."""
    for place, lot in enumerate(lots, start=1):
        name = f"lot {lot.name or place}"
        if not (isfinite(lot.n) and LEAST_SIZE <= lot.n <= MOST):
            raise ValueError(f"{name} has {lot.n} units; must be {LEAST_SIZE} to {MOST:.0e}")
        if not (isfinite(lot.d) and 0 <= lot.d <= MOST and lot.d == int(lot.d)):
            raise ValueError(f"{name} has {lot.d} events; must be a whole number from 0 to {MOST:.0e}")
        if kind == "proportion" and lot.d > lot.n:
            raise ValueError(f"{name} has {lot.d} events on {lot.n} units; a proportion has at most one a unit")
