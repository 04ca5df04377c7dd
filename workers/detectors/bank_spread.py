"""`spread.py` for many watches at once: the running estimate of the intra-lot correlation, a column a watch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workers.detectors.spread import LEAST_WEIGHT, PAIRS_MIN, RHO_MAX, SLACK, WINDOW, Spread
from workers.detectors.values import Config

Floats = NDArray[np.float64]


class Spreads:
    """The sums of `Spread`, each an array with a number a watch."""

    def __init__(self, configs: Sequence[Config], spreads: Sequence[Spread]) -> None:
        self._frozen = np.array([config.rho for config in configs])
        names = ("pairs", "sum_u", "sum_p", "sum_n", "sum_m", "recent_u", "recent_p", "last_n", "last_d")
        columns = [np.array([getattr(one, name) for one in spreads], dtype=np.float64) for name in names]
        self._pairs, self._u, self._p, self._n, self._m, self._recent_u, self._recent_p, self._ln, self._ld = columns
        self._columns = columns

    def rho(self, lots: Floats) -> Floats:
        """The correlation to judge lot number `lots` of each watch by."""
        m = len(lots)
        rho = self._frozen[:m].copy()
        p, recent_p = self._p[:m], self._recent_p[:m]
        known = (self._pairs[:m] >= PAIRS_MIN) & (p > 0)
        mean = np.divide(self._u[:m], p, out=np.zeros(m), where=known)
        np.maximum(rho, mean, out=rho)  # 0 where it is not known, and the frozen one is never below
        recent = recent_p > 0
        if recent.any():
            lately = np.divide(self._recent_u[:m], recent_p, out=np.zeros(m), where=recent)
            root = np.sqrt(np.clip(lots - 2, 1, WINDOW))
            lately -= SLACK * self._m[:m] / (np.maximum(self._n[:m], 1) * root)
            np.maximum(rho, lately, out=rho, where=recent)
        return np.clip(rho, 0.0, RHO_MAX, out=rho)

    def update(self, n: Floats, d: Floats) -> None:
        m = len(n)
        ln, ld = self._ln[:m], self._ld[:m]
        second = ln > 0
        if second.any():
            self._pair(n, d, second)
        self._n[:m] += n
        self._m[:m] += 1
        ln[:], ld[:] = n, d

    def _pair(self, n: Floats, d: Floats, second: NDArray[np.bool_]) -> None:
        m = len(n)
        ln, ld = np.maximum(self._ln[:m], 1), self._ld[:m]
        before, now = ld / ln, d / n
        weight = 2 * ln * n / (ln + n) * second
        within = before * ((ld - 1) / np.maximum(ln - 1, 1)) + now * ((d - 1) / np.maximum(n - 1, 1))
        u = weight * (within / 2 - before * now)
        p = weight * ((before + now) / 2)
        self._pairs[:m] += second
        self._u[:m] += u
        self._p[:m] += p
        recent_u, recent_p = self._recent_u[:m], self._recent_p[:m]
        keep = np.where(recent_p > LEAST_WEIGHT, (WINDOW - 1) / WINDOW, 0.0)
        keep[~second] = 1.0
        recent_u *= keep
        recent_u += u
        recent_p *= keep
        recent_p += p

    def of(self, place: int) -> Spread:
        pairs, u, p, n, m, recent_u, recent_p, last_n, last_d = (float(one[place]) for one in self._columns)
        return Spread(int(pairs), u, p, int(n), int(m), recent_u, recent_p, int(last_n), int(last_d))
