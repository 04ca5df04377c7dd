"""`bets.py` for many watches at once: seventeen rows of stakes, a column a watch.

Stakes stay logarithms. Two things save most of the time: the money that joins is added to e^stake, which the evidence
of the lot before has asked for anyway, and everything is written into buffers that stay in the core's cache. A stake
beyond what e^x can hold goes the long way, and what joins it then is too little to show.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.detectors import bets
from workers.detectors.bets import Stakes, Wagers
from workers.detectors.values import Config

Floats = NDArray[np.float64]

LARGEST_EXP = 600.0  # e^x of a stake above is not taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The constants of a method that bets as `fixwatch-1` does; see `bets.py` for each."""

    wagers: Callable[[Config], tuple[Wagers, Wagers]]
    upper_weights: tuple[float, ...]
    lower_weights: tuple[float, ...]
    from_the_start: float
    half_joined: int
    shape_max: float
    cap_start: float
    cap_growth: float
    cap_half_grown: int
    cap_repeated: float
    cap_lower: float
    largest_strict_bet: float


FIXWATCH_1 = Terms(
    wagers=bets.wagers, upper_weights=bets.UPPER_WEIGHTS, lower_weights=bets.LOWER_WEIGHTS,
    from_the_start=bets.FROM_THE_START, half_joined=bets.HALF_JOINED, shape_max=bets.SHAPE_MAX,
    cap_start=bets.CAP_START, cap_growth=bets.CAP_GROWTH, cap_half_grown=bets.CAP_HALF_GROWN,
    cap_repeated=bets.CAP_REPEATED, cap_lower=bets.CAP_LOWER, largest_strict_bet=bets.LARGEST_STRICT_BET,
)  # fmt: skip


class Bets:
    """The stakes of watches of one mode."""

    def __init__(self, configs: Sequence[Config], stakes: Sequence[Stakes], terms: Terms) -> None:
        self._terms = terms
        self._strict = bool(configs) and configs[0].mode == "strict"
        families = [terms.wagers(config) for config in configs]
        self._up = len(terms.upper_weights)
        rows = self._up + len(terms.lower_weights)
        self._alarm = np.array([upper.against for upper, _ in families])
        self._proof = np.array([lower.against for _, lower in families])
        rates = np.array([(*upper.rates, *lower.rates) for upper, lower in families]).reshape(-1, rows).T
        against = np.vstack([np.tile(self._alarm, (self._up, 1)), np.tile(self._proof, (rows - self._up, 1))])
        self._gaps = np.ascontiguousarray(rates - against)
        self._logs = np.ascontiguousarray(
            np.array([(*upper.logs, *lower.logs) for upper, lower in families]).reshape(-1, rows).T
        )
        if self._strict:
            self._rates = np.ascontiguousarray(rates[: self._up])
        self._stakes = np.ascontiguousarray(np.array([(*one.upper, *one.lower) for one in stakes]).reshape(-1, rows).T)
        self._raw = np.ascontiguousarray(np.array([one.raw for one in stakes]).reshape(-1, self._up).T)
        self._grown, self._work, self._exp = (np.empty_like(self._stakes) for _ in range(3))
        self._caps = np.empty_like(self._raw)
        self._weights = np.array(terms.upper_weights), np.array(terms.lower_weights)
        self._exponentials(len(configs))

    def update(self, n: Floats, d: Floats, lots: Floats, rho: Floats) -> None:
        """Lot number `lots` of each watch: units `n`, events `d`, at correlation `rho`."""
        m, up, terms = len(n), self._up, self._terms
        stakes, grown, caps = self._stakes[:, :m], self._grown[:, :m], self._caps[:, :m]
        if self._strict:
            self._grow(n, d, rho, slice(up, None))
            grown[:up] = self._strict_growth(n, d, rho)
        else:
            self._grow(n, d, rho, slice(None))
            np.minimum(self._raw[:, :m], terms.cap_repeated, out=caps)
            np.maximum(caps, terms.cap_start + terms.cap_growth * lots / (lots + terms.cap_half_grown), out=caps)
            self._raw[:, :m] = grown[:up]
            np.minimum(grown[:up], caps, out=grown[:up])
        np.minimum(grown[up:], terms.cap_lower, out=grown[up:])
        money = (1 - terms.from_the_start) * terms.half_joined
        joined = self._exp[:, :m]
        joined += money / ((terms.half_joined + lots - 1) * (terms.half_joined + lots))
        np.log(joined, out=joined)
        if self._large:
            np.copyto(joined, stakes, where=stakes > LARGEST_EXP)
        np.add(joined, grown, out=stakes)

    def evidence(self, lots: Floats) -> tuple[Floats, Floats]:
        """ln of E_fail and of E_ok of each watch after lot number `lots`."""
        m, up, terms = len(lots), self._up, self._terms
        self._exponentials(m)
        unspent = (1 - terms.from_the_start) * terms.half_joined / (terms.half_joined + lots)
        found = []
        for rows, weights in zip((slice(None, up), slice(up, None)), self._weights, strict=True):
            total = weights @ self._exp[rows, :m]
            total += unspent
            np.log(total, out=total)
            if self._large:
                self._add_up(total, self._stakes[rows, :m], weights)
            found.append(total)
        return found[0], found[1]

    def of(self, place: int) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
        """The upper stakes, their growth at the latest lot, and the lower stakes of one watch."""
        stakes = self._stakes[:, place].tolist()
        return tuple(stakes[: self._up]), tuple(self._raw[:, place].tolist()), tuple(stakes[self._up :])

    def _exponentials(self, m: int) -> None:
        stakes, found = self._stakes[:, :m], self._exp[:, :m]
        self._large = bool(stakes.size) and float(stakes.max()) > LARGEST_EXP
        if self._large:
            np.minimum(stakes, LARGEST_EXP, out=found)
            np.exp(found, out=found)
        else:
            np.exp(stakes, out=found)

    def _add_up(self, total: Floats, stakes: Floats, weights: Floats) -> None:
        """The sum of stakes that e^x does not hold, relative to the largest; all else is nothing beside it."""
        some = np.flatnonzero(stakes.max(axis=0) > LARGEST_EXP)
        most = stakes[:, some].max(axis=0)
        total[some] = most + np.log(weights @ np.exp(stakes[:, some] - most))

    def _grow(self, n: Floats, d: Floats, rho: Floats, rows: slice) -> None:
        """ln of each likelihood ratio of those rows, uncapped."""
        m, up = len(n), self._up
        grown, work = self._grown[:, :m], self._work[:, :m]
        top, shape, scale = slice(rows.start or 0, up), [], []
        for against in (self._alarm[:m], self._proof[:m]):
            k = self._shape(against, rho)
            shape.append(d + k)
            scale.append(n / (k + n * against))
        np.multiply(self._gaps[top, :m], scale[0], out=work[top])
        np.multiply(self._gaps[up:, :m], scale[1], out=work[up:])
        np.log1p(work[rows], out=work[rows])
        work[top] *= shape[0]
        work[up:] *= shape[1]
        np.multiply(self._logs[rows, :m], d, out=grown[rows])
        grown[rows] -= work[rows]

    def _strict_growth(self, n: Floats, d: Floats, rho: Floats) -> Floats:
        m = len(n)
        against, rates, edge = self._alarm[:m], self._rates[:, :m], self._gaps[: self._up, :m]
        stake = edge / (rates / n + rates * rates / self._shape(against, rho) + edge * edge)
        np.minimum(stake, self._terms.largest_strict_bet / against, out=stake)
        grown: Floats = np.log1p(stake * (d / n - against))
        return grown

    def _shape(self, mean: Floats, rho: Floats) -> Floats:
        most = self._terms.shape_max
        shape: Floats = np.divide(mean * (1 - rho), rho, out=np.full(len(rho), most), where=rho > 0)
        np.minimum(shape, most, out=shape)
        return shape
