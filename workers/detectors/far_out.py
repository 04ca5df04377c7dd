"""One lot far out: a catastrophe is to be looked at now, and not only when lots enough for a verdict have followed.

A mark is no verdict. It compares a lot with the alarm rate, which a fix that holds stays at or below, and with how much
the lots before it differed; so it can be said the moment the lot arrives, and no later lot changes it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any, Self

from workers.detectors.spread import RHO_MAX, Spread
from workers.detectors.values import Config, Kind, check_lot

SIGMAS = 3.0
SKEW = (SIGMAS**2 - 1) / 6
LEAST_EVENTS = 2  # a single event is no catastrophe, however rare events are
MOST_KEPT = 50  # marks; a line with more has other worries than the first of them
SELDOM = 10  # a lot far out teaches nothing about how much lots differ, unless more than one in so many is


def most_expected(kind: Kind, n: float, rate: float, rho: float) -> float:
    """The most events that a lot of `n` units may be expected to have at that `rate` per unit and correlation `rho`.

    Three standard deviations above the mean n * rate, of a beta-binomial lot (of a proportion) or a gamma-Poisson one
    (of a count), whose units have intra-lot correlation rho, 0 to 0.9: the limit of Laney's p' chart with the
    dispersion that a lot of this size has. Small counts lie skew, so that three standard deviations are passed too
    often by chance; the limit is moved by the first term of Cornish and Fisher's expansion, (9 - 1)/6 of the third
    central moment over the variance, as A. Winterbottom, *Quality and Reliability Engineering International* 1993,
    does it for binomial lots; never downwards. At one event in a lot's mean the limit is 5.3 instead of 4, at a
    hundred 131 instead of 130. By exact summation one lot in 580 or fewer lies above it by chance at the alarm rate
    itself, up to rho = 0.1; at rho = 0.2 one in 180 of the gamma-Poisson ones.
    """
    rho = min(max(rho, 0.0), RHO_MAX)
    mean = n * rate
    if kind == "proportion":
        variance = mean * (1 - rate) * (1 + (n - 1) * rho)
        lopsided = max(1 - 2 * rate, 0.0) * (1 + (2 * n - 1) * rho) / (1 + rho)
        return min(mean + SIGMAS * sqrt(max(variance, 0.0)) + SKEW * lopsided, n)
    spread = n * rho / (1 - rho)
    return mean + SIGMAS * sqrt(mean * (1 + spread)) + SKEW * (1 + 2 * spread)


def is_far_out(kind: Kind, n: float, d: float, rate: float, rho: float) -> bool:
    """Whether a lot of `n` units with `d` events lies beyond what was to be expected at the alarm `rate`.

    Never with fewer than two events, nor where a lot of only bad units was to be expected now and then.
    """
    return d >= LEAST_EVENTS and d > most_expected(kind, n, rate, rho)


@dataclass(frozen=True, slots=True)
class Mark:
    """A lot far out, counted from 1 after the fix, and the most events that were to be expected of it."""

    lot: int
    most: int


@dataclass(frozen=True, slots=True)
class Marks:
    """The lots of a fix that were far out: what is kept from lot to lot.

    lots, far_out: how many so far. latest: the last marks. spread: how much lots differ, those far out left out, so
    that one catastrophe does not hide the next.
    """

    spread: Spread
    lots: int = 0
    far_out: int = 0
    latest: tuple[Mark, ...] = ()

    @classmethod
    def start(cls, config: Config) -> Self:
        """Before any lot, with what the baseline says about how much lots differ."""
        return cls(Spread(config.pairs, config.sum_u, config.sum_p, config.sum_n, config.sum_m))

    def after(self, config: Config, lots: Iterable[tuple[int, int]]) -> Self:
        """With more lots `(n, d)`; constant time each. Raises `ValueError` on one whose numbers cannot be."""
        now = self
        for n, d in lots:
            now = now._with(config, n, d)
        return now

    def _with(self, config: Config, n: int, d: int) -> Self:
        check_lot(config.kind, n, d)
        lot = self.lots + 1
        rho = self.spread.rho(config.rho, lot)
        if not is_far_out(config.kind, n, d, config.alarm, rho):
            return type(self)(self.spread.after(n, d), lot, self.far_out, self.latest)
        far_out = self.far_out + 1
        learnt = self.spread.after(n, d) if far_out > 1 + lot / SELDOM else self.spread
        mark = Mark(lot, int(most_expected(config.kind, n, config.alarm, rho)))
        return type(self)(learnt, lot, far_out, (*self.latest, mark)[-MOST_KEPT:])

    def to_json(self) -> dict[str, Any]:
        """A dict that JSON can carry; `from_json` of it, also by way of text, equals this exactly."""
        return {**asdict(self), "latest": [asdict(mark) for mark in self.latest]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`. Raises `KeyError` or `TypeError` on a missing or unknown key."""
        latest = tuple(Mark(**mark) for mark in data["latest"])
        return cls(**{**data, "spread": Spread(**data["spread"]), "latest": latest})
