"""What a line is held against where no fix was declared: the rate and the spread of its own first lots.

The lots of the past are taken in their order until they say enough, and then never again: a past that went
on growing would slowly learn every decline. `docs/watch-without-a-fix.md` has the formulas and what was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from workers.detectors.spread import RHO_MAX, Spread, pair_sums
from workers.detectors.values import Kind

LOTS_MIN, LOTS_MAX = 20, 60
SHARP = 1.2  # a past is complete once its alarm rate is at most this multiple of its rate, or at 60 lots
SPREAD_LOTS, SPREAD_EVENTS = 12, 10  # fewer than either: too thin to measure how much lots differ
ASSUMED_SPREAD = 0.25  # the correlation then supposed, as a share of the safe end of the rate
LEAST_RISE = 1.1  # a line is never called worse for less than a tenth more
ONE_SIDED_95, ONE_SIDED_90 = 1.6449, 1.2816  # normal quantiles below which 95 % and 90 % lie
BISECTIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The numbers a line is held against, frozen with the last lot of its past. Rates are events per unit.

    lots, units, events: of the past. rate: (events + 1/2) / units, what the line is known to do.
    alarm: A, the rate that it is certain to have passed when it is called out of control.
    rho: intra-lot correlation (0: lots differ as chance alone makes them), 0 to 0.9; measured or supposed.
    pairs, sum_u, sum_p, sum_n, sum_m: as in `Spread`; all 0 where rho was supposed.
    """

    lots: int
    units: int
    events: int
    rate: float
    alarm: float
    rho: float
    pairs: int = 0
    sum_u: float = 0.0
    sum_p: float = 0.0
    sum_n: int = 0
    sum_m: int = 0

    @property
    def spread(self) -> Spread:
        """Where the running estimate of the correlation goes on from; no lot of the past is paired with a later one."""
        return Spread(self.pairs, self.sum_u, self.sum_p, self.sum_n, self.sum_m)


def complete(lots: Sequence[tuple[int, int]], kind: Kind) -> Past | None:
    """The past of these first lots, if they say enough: 20 that tell a rise of a fifth, or 60 whatever they tell."""
    if len(lots) < LOTS_MIN:
        return None
    past = past_of(lots, kind)
    return past if past.alarm <= SHARP * past.rate or len(lots) >= LOTS_MAX else None


def past_of(lots: Sequence[tuple[int, int]], kind: Kind) -> Past:
    """The numbers of a past: lots `(units, events)` in their order, at least two."""
    units, events = sum(n for n, _ in lots), sum(d for _, d in lots)
    rate = (events + 0.5) / units
    if len(lots) < SPREAD_LOTS or events < SPREAD_EVENTS:
        rho = min(ASSUMED_SPREAD * _most_events(events) / units, RHO_MAX)
        alarm = max(LEAST_RISE * rate, _safe_rate(units, events, _design_effect(units, len(lots), rho)))
        return Past(lots=len(lots), units=units, events=events, rate=rate, alarm=alarm, rho=rho)
    sums = [pair_sums(*first, *second) for first, second in pairwise(lots)]
    effect = _design_effect(units, len(lots), correlation(lots, kind, -ONE_SIDED_90))
    return Past(
        lots=len(lots), units=units, events=events, rate=rate,
        alarm=max(LEAST_RISE * rate, _safe_rate(units, events, effect)), rho=correlation(lots, kind),
        pairs=len(sums), sum_u=sum(u for u, _ in sums), sum_p=sum(p for _, p in sums), sum_n=units, sum_m=len(lots),
    )  # fmt: skip


def correlation(lots: Sequence[tuple[int, int]], kind: Kind, quantile: float = 0.0) -> float:
    """The rho at which Pearson's statistic of the lots sits at a quantile of its chi-squared law, 0 to 0.9.

    quantile: as one of the normal law, 0 for the median, -1.2816 for the upper end of a one-sided 90 % interval
    (Wilson and Hilferty, 1931). The same estimate as that of a fix's baseline, in `docs/evidence.md`.
    """
    units, events = sum(n for n, _ in lots), sum(d for _, d in lots)
    mean = min(events / units, 0.999) if kind == "proportion" else events / units
    variance = mean * (1 - mean) if kind == "proportion" else mean
    freedom = len(lots) - 1
    step = 2 / (9 * freedom)
    target = freedom * (1 - step + quantile * sqrt(step)) ** 3

    def excess(rho: float) -> float:
        return sum((d - n * mean) ** 2 / (n * (1 + (n - 1) * rho)) for n, d in lots) / variance - target

    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, RHO_MAX
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


def _design_effect(units: int, lots: int, rho: float) -> float:
    """By how much clustering makes the past count for less (Kish, 1965): 1 or more."""
    return 1 + max(units / lots - 1, 0.0) * rho


def _safe_rate(units: int, events: int, effect: float) -> float:
    """The upper end of a one-sided 95 % interval of the rate: of events / effect independent ones."""
    return effect * _most_events(events / effect) / units


def _most_events(events: float) -> float:
    """The upper 95 % limit of a Poisson mean of which `events` were counted, none too (Wilson and Hilferty, 1931)."""
    more = events + 1
    return float(more * (1 - 1 / (9 * more) + ONE_SIDED_95 / (3 * sqrt(more))) ** 3)
