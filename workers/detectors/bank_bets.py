"""`bets.py` for many watches at once: seventeen rows of stakes, a column a watch.

Stakes stay logarithms. Three things save most of the time: the money that joins is added to e^stake, which the
evidence of the lot before has asked for anyway; what is the same for all watches is kept once; and all chunks work in
the same buffers, which so stay in the core's cache. A stake beyond what e^x can hold goes the long way, and what joins
it then is too little to show.
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
    """The constants of a method that bets as `fixwatch-1` does; see `bets.py` for each.

    Of either family all bets but the last are on a multiple of the rate they bet against; the last is the fix's own.
    """

    upper_ratios: tuple[float, ...]
    lower_ratios: tuple[float, ...]
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
    upper_ratios=bets.UPPER_RATIOS, lower_ratios=bets.LOWER_RATIOS, wagers=bets.wagers,
    upper_weights=bets.UPPER_WEIGHTS, lower_weights=bets.LOWER_WEIGHTS, from_the_start=bets.FROM_THE_START,
    half_joined=bets.HALF_JOINED, shape_max=bets.SHAPE_MAX,
    cap_start=bets.CAP_START, cap_growth=bets.CAP_GROWTH, cap_half_grown=bets.CAP_HALF_GROWN,
    cap_repeated=bets.CAP_REPEATED, cap_lower=bets.CAP_LOWER, largest_strict_bet=bets.LARGEST_STRICT_BET,
)  # fmt: skip


class Buffers:
    """Room for the lot at hand, which all chunks share."""

    def __init__(self, terms: Terms, watches: int) -> None:
        up, rows = len(terms.upper_weights), len(terms.upper_weights) + len(terms.lower_weights)
        self.grown, self.work = np.empty((rows, watches)), np.empty((rows, watches))
        self.caps = np.empty((up, watches))


class _Family:
    """The upper or the lower bets: against which rate, on which multiples of it, and on which one of the fix's own."""

    def __init__(self, wagers: Sequence[Wagers], ratios: Sequence[float], rows: slice) -> None:
        self.rows = rows
        self.against = np.array([one.against for one in wagers])
        self.own_gap = np.array([one.rates[-1] - one.against for one in wagers])
        self.own_log = np.array([one.logs[-1] for one in wagers])
        self.gaps = np.array(ratios)[:, np.newaxis] - 1
        self.logs = np.log(np.array(ratios))[:, np.newaxis]


class Bets:
    """The stakes of watches of one mode."""

    def __init__(self, configs: Sequence[Config], stakes: Sequence[Stakes], terms: Terms, buffers: Buffers) -> None:
        self._terms, self._buffers = terms, buffers
        self._strict = bool(configs) and configs[0].mode == "strict"
        self._up = len(terms.upper_weights)
        wagers = [terms.wagers(config) for config in configs]
        self._upper = _Family([one for one, _ in wagers], terms.upper_ratios, slice(None, self._up))
        self._lower = _Family([one for _, one in wagers], terms.lower_ratios, slice(self._up, None))
        self._stakes = _rows([(*one.upper, *one.lower) for one in stakes])
        self._raw = _rows([one.raw for one in stakes])
        self._exp = np.empty_like(self._stakes)
        self._weights = np.array(terms.upper_weights), np.array(terms.lower_weights)
        self._exponentials(len(configs))

    def update(self, n: Floats, d: Floats, lots: Floats, rho: Floats) -> None:
        """Lot number `lots` of each watch: units `n`, events `d`, at correlation `rho`."""
        m, up, terms = len(n), self._up, self._terms
        stakes, grown, caps = self._stakes[:, :m], self._buffers.grown[:, :m], self._buffers.caps[:, :m]
        self._grow(self._lower, n, d, rho)
        if self._strict:
            grown[:up] = self._strict_growth(n, d, rho)
        else:
            self._grow(self._upper, n, d, rho)
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

    def _grow(self, bets: _Family, n: Floats, d: Floats, rho: Floats) -> None:
        """ln of each likelihood ratio of the family, uncapped, into the buffer."""
        m, against = len(n), bets.against[: len(n)]
        grown, work = self._buffers.grown[bets.rows, :m], self._buffers.work[bets.rows, :m]
        shape = self._shape(against, rho)
        scale = n / (shape + n * against)
        np.multiply(bets.gaps, scale * against, out=work[:-1])
        np.multiply(bets.own_gap[:m], scale, out=work[-1])
        np.log1p(work, out=work)
        shape += d
        work *= shape
        np.multiply(bets.logs, d, out=grown[:-1])
        np.multiply(bets.own_log[:m], d, out=grown[-1])
        grown -= work

    def _strict_growth(self, n: Floats, d: Floats, rho: Floats) -> Floats:
        m, bets = len(n), self._upper
        against = bets.against[:m]
        edge = np.vstack([bets.gaps * against, bets.own_gap[:m]])
        rates = edge + against
        stake = edge / (rates / n + rates * rates / self._shape(against, rho) + edge * edge)
        np.minimum(stake, self._terms.largest_strict_bet / against, out=stake)
        grown: Floats = np.log1p(stake * (d / n - against))
        return grown

    def _shape(self, mean: Floats, rho: Floats) -> Floats:
        most = self._terms.shape_max
        shape: Floats = np.divide(mean * (1 - rho), rho, out=np.full(len(rho), most), where=rho > 0)
        np.minimum(shape, most, out=shape)
        return shape


def _rows(columns: Sequence[Sequence[float]]) -> Floats:
    """A row a bet, from what each watch has of them."""
    return np.ascontiguousarray(np.array(columns, dtype=np.float64).T)
