"""How much lots differ beyond chance: the running estimate of rho, the intra-lot correlation.

Units of one lot share material, machine and hour, so their events are not independent. Betting on lots as
if they were would call almost any healthy fix broken (`docs/evidence.md`), so the bets are sized by rho.
Each lot is judged by an estimate from the lots before it only, which is what keeps the guarantee.
"""

import math
from dataclasses import dataclass
from typing import Self

RHO_MAX = 0.9
PAIRS_MIN = 10  # pairs before their mean is trusted
WINDOW = 30  # pairs that the recent estimate remembers, so that lots growing unlike each other soon show
SLACK = 1.5  # how far, in rough standard errors, the recent estimate is trusted to be too high
LEAST_WEIGHT = 1e-200  # what is left of older pairs is dropped before it loses its digits


def pair_sums(n1: int, d1: int, n2: int, d2: int) -> tuple[float, float]:
    """`(U, P)` of two neighbouring lots (units n, events d): sum(U) / sum(P) over pairs estimates rho.

    U estimates the variance of the lot rates without bias (events paired within lots less events paired
    across), P the rate, both weighted by the harmonic mean of the sizes. Comparing neighbours keeps a slow
    drift from passing for differences between lots (von Neumann's successive differences, 1941).
    """
    weight = 2 * n1 * n2 / (n1 + n2)
    within = (d1 * (d1 - 1) / (n1 * max(n1 - 1, 1)) + d2 * (d2 - 1) / (n2 * max(n2 - 1, 1))) / 2
    across = d1 * d2 / (n1 * n2)
    return weight * (within - across), weight * (d1 / n1 + d2 / n2) / 2


@dataclass(frozen=True, slots=True)
class Spread:
    """Sums over pairs of neighbouring lots, baseline included.

    pairs, sum_u, sum_p: all of them; recent_u, recent_p: pairs since the fix, older ones fading.
    sum_n, sum_m: units and lots. last_n, last_d: the latest lot since the fix, last_n 0 before the first.
    """

    pairs: int
    sum_u: float
    sum_p: float
    sum_n: int
    sum_m: int
    recent_u: float = 0.0
    recent_p: float = 0.0
    last_n: int = 0
    last_d: int = 0

    def rho(self, frozen: float, lot: int) -> float:
        """The correlation to judge lot number `lot` by: the largest of three estimates, 0 to `RHO_MAX`.

        They are the `frozen` one of the baseline, the mean of all pairs, and the recent pairs less a
        margin for chance: an estimate that is too small costs the guarantee, one too large only time.
        """
        rho = frozen
        if self.pairs >= PAIRS_MIN and self.sum_p > 0:
            rho = max(rho, self.sum_u / self.sum_p)
        if self.recent_p > 0:
            margin = SLACK / (self.sum_n / self.sum_m * math.sqrt(min(WINDOW, lot - 2)))
            rho = max(rho, self.recent_u / self.recent_p - margin)
        return min(max(rho, 0.0), RHO_MAX)

    def after(self, n: int, d: int) -> Self:
        """The sums with one more lot of `n` units and `d` events."""
        pairs, sum_u, sum_p = self.pairs, self.sum_u, self.sum_p
        recent_u, recent_p = self.recent_u, self.recent_p
        if self.last_n:
            u, p = pair_sums(self.last_n, self.last_d, n, d)
            pairs, sum_u, sum_p = pairs + 1, sum_u + u, sum_p + p
            keep = (WINDOW - 1) / WINDOW if recent_p > LEAST_WEIGHT else 0.0
            recent_u, recent_p = keep * recent_u + u, keep * recent_p + p
        return type(self)(pairs, sum_u, sum_p, self.sum_n + n, self.sum_m + 1, recent_u, recent_p, last_n=n, last_d=d)
