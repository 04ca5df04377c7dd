"""The upper bets of `fixwatch-2`: the best that are fair whatever law the lot rates follow below a bound.

A bet on the events d of a lot is a factor g(d). If g is increasing and convex, its expectation is largest for the
most dispersed law that is allowed, so it is enough that it is 1 there: for the Gamma-Poisson law of the alarm rate.
The best such factor against lots of a higher rate and the same intra-lot correlation is their likelihood ratio,
which has that form as soon as the excess (in units of the shape) is 1 or more; below it, the ratio bends the other
way, and the best factor that is left is a straight line. `fixwatch-1` bets on a higher rate with the same shape
instead: as fair, and slower.

Sources: Grünwald, de Heide and Koolen (2024) on the most powerful bets; Shaked and Shanthikumar (2007) on the
convex order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma, log, log1p
from typing import Self

from workers.detectors.bets import (
    LOG_LOWER_WEIGHTS,
    LOG_UPPER_WEIGHTS,
    LOWER_WEIGHTS,
    UPPER_WEIGHTS,
    Wagers,
    capped,
    growth,
    joined,
    log_mix,
    shape,
    strict_growth,
    wagers,
)
from workers.detectors.values import Config

UPPER_FROM_THE_START = 0.25  # of the money that bets on a broken fix: most waits for a relapse
LOWER_FROM_THE_START = 0.5  # of the money that bets on a fix that works
LOG_UPPER_LATE, LOG_LOWER_LATE = log(1 - UPPER_FROM_THE_START), log(1 - LOWER_FROM_THE_START)
HALF_JOINED = 200  # half of the rest joins within this many lots
CAP_START, CAP_GROWTH, CAP_HALF_GROWN = 1.1, 1.75, 30
CAP_REPEATED = 6.0
CAP_LOWER = 0.7
BEND = 0.85  # how the best straight line leans with ln(rate / alarm), fitted: it loses 0.2 % of the growth at most
LARGEST_LINE = 0.999  # of the stake that a straight line puts at risk, so that no lot loses all of it
EXCESS_MAX = 1000.0  # of the shape; beyond it floats would lose what they are to tell
STIRLING_FROM = 100.0  # from here on the difference of two lgammas would lose digits


def log_rising(x: float, m: float) -> float:
    """ln of Γ(x + m) / Γ(x), for x > 0 and m >= 0, to about 1e-13 however large x is (Stirling's series)."""
    if x < STIRLING_FROM:
        return lgamma(x + m) - lgamma(x)
    y = x + m
    return (x - 0.5) * log1p(m / x) + m * log(y) - m + _tail(y) - _tail(x)


def log_rises(x: float, steps: Sequence[float]) -> list[float]:
    """`log_rising` of x for each m of several, to the last bit; what they share is worked out once."""
    if x < STIRLING_FROM:
        low = lgamma(x)
        return [lgamma(x + m) - low for m in steps]
    half, low = x - 0.5, _tail(x)
    return [
        half * log1p(m / x) + m * log(y := x + m) - m + (1 / 12 - (1 / 360 - 1 / (1260 * (y * y))) / (y * y)) / y - low
        for m in steps
    ]


def _tail(x: float) -> float:
    square = x * x
    return (1 / 12 - (1 / 360 - 1 / (1260 * square)) / square) / x


def convex_growth(bets: Wagers, k: float, n: int, d: int) -> tuple[float, ...]:
    """ln of each upper bet's factor for a lot of n units and d events; k: the shape of the lot rates, over 0 to 100."""
    against, most = bets.against, EXCESS_MAX
    mean = n * against
    thinned, excess = log1p(mean / k), (d - mean) / (mean + k)
    steps = [m if (m := k * (rate / against - 1)) < most else most for rate in bets.rates]
    return tuple([
        now - before - m * thinned
        if m >= 1
        else log1p(min(1 - (1 - m) ** (1 + BEND * ratio), LARGEST_LINE) * excess)
        for m, ratio, now, before in zip(steps, bets.logs, log_rises(d + k, steps), log_rises(k, steps), strict=True)
    ])  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConvexStakes:
    """What each bet has grown to (ln), and the upper ones' uncapped growth at the latest lot."""

    upper: tuple[float, ...] = (log(UPPER_FROM_THE_START),) * len(UPPER_WEIGHTS)
    raw: tuple[float, ...] = (0.0,) * len(UPPER_WEIGHTS)
    lower: tuple[float, ...] = (log(LOWER_FROM_THE_START),) * len(LOWER_WEIGHTS)

    def after(self, config: Config, rho: float, proof_shape: float, lot: int, n: int, d: int) -> Self:
        """The stakes after lot number `lot` of `n` units and `d` events.

        rho: the correlation for the bets that the fix is broken; proof_shape: the shape for those that it works.
        """
        upper, lower = wagers(config)
        if config.mode == "strict":
            raw, grown = self.raw, strict_growth(upper, rho, n, d)
        else:
            raw = convex_growth(upper, shape(upper.against, rho), n, d)
            cap = CAP_START + CAP_GROWTH * lot / (lot + CAP_HALF_GROWN)
            grown = capped(raw, self.raw, cap)
        proved = [one if one < CAP_LOWER else CAP_LOWER for one in growth(lower, proof_shape, n, d)]
        joins = log(HALF_JOINED / ((HALF_JOINED + lot - 1) * (HALF_JOINED + lot)))
        late, early = joins + LOG_UPPER_LATE, joins + LOG_LOWER_LATE
        return type(self)(
            upper=joined(self.upper, late, grown),
            raw=raw,
            lower=joined(self.lower, early, proved),
        )

    def renewed(self, lot: int) -> Self:
        """The stakes with the upper family's whole money placed again after lot number `lot`: its evidence is 1."""
        spent = log1p(-(1 - UPPER_FROM_THE_START) * HALF_JOINED / (HALF_JOINED + lot))
        return type(self)(upper=(spent,) * len(UPPER_WEIGHTS), raw=self.raw, lower=self.lower)

    def log_evidence(self, lot: int) -> tuple[float, float]:
        """ln of E_fail and of E_ok after lot number `lot`: the weighted stakes and the unspent money."""
        unspent = log(HALF_JOINED / (HALF_JOINED + lot))
        return (
            log_mix(self.upper, LOG_UPPER_WEIGHTS, unspent + LOG_UPPER_LATE),
            log_mix(self.lower, LOG_LOWER_WEIGHTS, unspent + LOG_LOWER_LATE),
        )
