"""Many watches side by side: the same methods, an array for each number that one watch keeps.

For histories of many fixes at once, all counted from their own first lot. One watch by itself is judged quicker by its
method's own `update`: an array operation costs a microsecond before it does anything. What the two find agrees to the
last digits that the methods' own arithmetic has (`tests/workers/detectors/test_bank.py`); two things differ here:
- stakes are kept as numbers with a power of e taken off, not as their logarithms: joining money is a sum then, and the
  evidence a weighted sum, so a lot takes one exponential for a bet and no more;
- Γ(d + k + m) / Γ(d + k) to Γ(k + m) / Γ(k) is the product of its first factors, and Stirling's series beyond them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.detectors import bets, convex_bets, fixwatch1, fixwatch2
from workers.detectors.bank_bets import Floats, convex_growth, risen, same_shape_growth, shapes, strict_growth
from workers.detectors.bank_rows import state_of
from workers.detectors.bets import (
    CAP_REPEATED,
    HALF_JOINED,
    LOWER_RATIOS,
    LOWER_WEIGHTS,
    UPPER_RATIOS,
    UPPER_WEIGHTS,
)
from workers.detectors.clustering import FADES, RULED_OUT, SHAPES
from workers.detectors.spread import LEAST_WEIGHT, PAIRS_MIN, RHO_MAX, SLACK, WINDOW
from workers.detectors.values import QUANTITY_MAX, Config
from workers.detectors.verdicts import (
    EVENTS_MIN,
    LEANING,
    LOTS_MIN,
    PACE_LOTS,
    SHORT_OF_PROMISE,
)

CHUNK = 1024  # watches at once: as many as stay in a processor's cache
RELAPSED, SHORT, NEVER = 1, 2, 3  # of `pattern`, 0 for none

_SHAPES = np.array(SHAPES)[:, None]
_LOG_GAMMAS = np.array([lgamma(one) for one in SHAPES])[:, None]
_UP = np.array(UPPER_WEIGHTS)
_DOWN = np.array(LOWER_WEIGHTS)
_LARGE, _TAKEN = exp(400), 300.0  # stakes this large have a power of e taken off


class Bank:
    """Watches of one method, each with its fix. Lot number t of all of them comes at once."""

    def __init__(self, method: str, fixes: Sequence[Config]) -> None:
        """Raises `KeyError` for a method that has no bank."""
        first = {fixwatch1.NAME: FIRST, fixwatch2.NAME: SECOND}[method]
        starts = range(0, len(fixes), CHUNK)
        self.chunks = [Chunk(first, fixes[start : start + CHUNK]) for start in starts]

    def update(self, n: NDArray[Any], d: NDArray[Any]) -> tuple[Floats, Floats]:
        """With the next lot of each watch: ln of E_fail and of E_ok after it. `ValueError` on impossible numbers."""
        both = [
            chunk.update(n[at : at + CHUNK], d[at : at + CHUNK])
            for at, chunk in zip(range(0, len(n), CHUNK), self.chunks, strict=True)
        ]
        return np.concatenate([one for one, _ in both]), np.concatenate([one for _, one in both])

    def column(self, name: str) -> NDArray[Any]:
        """One number of every watch, by its name in `Chunk`."""
        return np.concatenate([getattr(chunk, name) for chunk in self.chunks])

    def state(self, place: int) -> fixwatch1.State | fixwatch2.State:
        """One watch's state as its method keeps it."""
        return state_of(self.chunks[place // CHUNK], place % CHUNK)


@dataclass(frozen=True, slots=True)
class How:
    """In what the two methods differ."""

    second: bool
    upper_start: float
    lower_start: float
    cap: float
    growth: float
    half: float
    cap_lower: float
    seemed: float
    lots_before: int


FIRST = How(
    second=False, upper_start=bets.FROM_THE_START, lower_start=bets.FROM_THE_START,
    cap=bets.CAP_START, growth=bets.CAP_GROWTH, half=bets.CAP_HALF_GROWN, cap_lower=bets.CAP_LOWER,
    seemed=LEANING, lots_before=fixwatch1.LOTS_BEFORE_RELAPSE,
)  # fmt: skip
SECOND = How(
    second=True, upper_start=convex_bets.UPPER_FROM_THE_START, lower_start=convex_bets.LOWER_FROM_THE_START,
    cap=convex_bets.CAP_START, growth=convex_bets.CAP_GROWTH, half=convex_bets.CAP_HALF_GROWN,
    cap_lower=convex_bets.CAP_LOWER, seemed=fixwatch2.SEEMED_TO_WORK, lots_before=fixwatch2.LOTS_BEFORE_RELAPSE,
)  # fmt: skip


class Chunk:
    """Arrays of one number for each watch, or of (bets, watches)."""

    def __init__(self, how: How, fixes: Sequence[Config]) -> None:
        def column(name: str) -> Floats:
            return np.array([getattr(fix, name) for fix in fixes], float)

        size = len(fixes)
        self.how, self.lots = how, 0
        self.frozen, self.base, self.promised = column("rho"), column("working_baseline"), column("promised")
        self.alarm, self.proof = column("alarm"), column("verification")
        self.threshold = np.array([fix.log_threshold for fix in fixes])
        self.most = np.array([1.0 if fix.kind == "proportion" else np.inf for fix in fixes])
        self.strict = np.array([fix.mode == "strict" for fix in fixes])
        self._bets()
        self.pairs, self.sum_u, self.sum_p = column("pairs"), column("sum_u"), column("sum_p")
        self.sum_n, self.sum_m = column("sum_n"), column("sum_m")
        self.recent_u, self.recent_p, self.last_n, self.last_d = (np.zeros(size) for _ in range(4))
        self.upper = np.full((len(_UP), size), how.upper_start)
        self.lower = np.full((len(_DOWN), size), how.lower_start)
        self.upper_taken, self.lower_taken = np.zeros_like(self.upper), np.zeros_like(self.lower)
        self.taken = [False, False]  # of any upper bet, of any lower one
        self.raw = np.zeros_like(self.upper)
        self.likely = np.zeros((len(SHAPES), size))
        self.units, self.events, self.height, self.risen_n, self.risen_d = (np.zeros(size) for _ in range(5))
        self.first = np.ones(size, np.int64)
        self.flagged, self.verified, self.pattern = (np.zeros(size, np.int64) for _ in range(3))
        self.log_e_fail, self.log_e_ok, self.log_e_ok_max, self.log_e_flag = (np.zeros(size) for _ in range(4))
        self.recent = np.zeros((PACE_LOTS + 1, size))

    def _bets(self) -> None:
        alarm, proof = self.alarm, self.proof
        ratios = np.array(UPPER_RATIOS)[:, None]
        self.up = np.concatenate([ratios * alarm, np.maximum(self.base, 1.15 * alarm)[None]])
        promised = np.maximum(np.minimum(self.promised, 0.95 * proof), 0.05 * proof)
        self.down = np.concatenate([np.array(LOWER_RATIOS)[:, None] * proof, promised[None]])
        self.up_logs, self.down_logs = np.log(self.up / alarm), np.log(self.down / proof)
        self.climb, self.step = np.log(self.base / alarm), self.base - alarm

    def update(self, units: NDArray[Any], events: NDArray[Any]) -> tuple[Floats, Floats]:
        n, d = units.astype(float), events.astype(float)
        if not ((n >= 1) & (n <= QUANTITY_MAX) & (d >= 0) & (d <= np.minimum(n * self.most, QUANTITY_MAX))).all():
            raise ValueError("a lot has numbers that cannot be; units must be 1 or more, events 0 or more")
        self.lots += 1
        self.units += n
        self.events += d
        rho = self._rho()
        grown = self._growths(rho, n, d)
        self._stake(*grown)
        self._spread(n, d)
        self._rise(n, d)
        if self.how.second:
            self._remember((self.events + 0.5) / self.units, n, d)
        self._judge()
        return self.log_e_fail, self.log_e_ok

    def _rho(self) -> Floats:
        """`Spread.rho`."""
        many, some = (self.pairs >= PAIRS_MIN) & (self.sum_p > 0), self.recent_p > 0
        with np.errstate(over="ignore"):  # of next to no events: as much as can be
            mean = self.sum_u / np.where(many, self.sum_p, 1)
        found = np.where(many, np.maximum(self.frozen, mean), self.frozen)
        if some.any():
            margin = SLACK / (self.sum_n / self.sum_m * sqrt(min(WINDOW, self.lots - 2)))
            recent = self.recent_u / np.where(some, self.recent_p, 1) - margin
            found = np.where(some, np.maximum(found, recent), found)
        return np.clip(found, 0, RHO_MAX)

    def _growths(self, rho: Floats, n: Floats, d: Floats) -> tuple[Floats, Floats]:
        how, k, k_proof = self.how, shapes(self.alarm, rho), shapes(self.proof, rho)
        if how.second:
            possible = self.likely >= self.likely.max(axis=0) - RULED_OUT
            k_proof = np.minimum(k_proof, np.where(possible, _SHAPES, np.inf).min(axis=0))
            raw = convex_growth(self.up, self.up_logs, self.alarm, k, n, d)
        else:
            raw = same_shape_growth(self.up, self.up_logs, self.alarm, k, n, d)
        least = how.cap + how.growth * self.lots / (self.lots + how.half)
        up = np.minimum(raw, np.maximum(np.minimum(self.raw, CAP_REPEATED), least))
        if self.strict.any():
            up = np.where(self.strict, strict_growth(self.up, self.alarm, k, n, d), up)
            raw = np.where(self.strict, self.raw, raw)
        self.raw = raw
        down = same_shape_growth(self.down, self.down_logs, self.proof, k_proof, n, d)
        return up, np.minimum(down, how.cap_lower, out=down)

    def _stake(self, up: Floats, down: Floats) -> None:
        joins = HALF_JOINED / ((HALF_JOINED + self.lots - 1) * (HALF_JOINED + self.lots))
        unspent = HALF_JOINED / (HALF_JOINED + self.lots)
        early, late = 1 - self.how.lower_start, 1 - self.how.upper_start
        self._bet(0, self.upper, self.upper_taken, up, joins * late)
        self._bet(1, self.lower, self.lower_taken, down, joins * early)
        self.log_e_fail = self._mixed(0, _UP, self.upper, self.upper_taken, unspent * late)
        self.log_e_ok = self._mixed(1, _DOWN, self.lower, self.lower_taken, unspent * early)

    def _bet(self, place: int, stakes: Floats, taken: Floats, grown: Floats, joins: float) -> None:
        """In place: the money that joins, the growth, and a power of e off what has become large."""
        stakes += joins * np.exp(-taken) if self.taken[place] else joins
        stakes *= np.exp(grown, out=grown)
        large = stakes > _LARGE
        if large.any():
            stakes[large] *= exp(-_TAKEN)
            taken[large] += _TAKEN
            self.taken[place] = True

    def _mixed(self, place: int, weights: Floats, stakes: Floats, taken: Floats, unspent: float) -> Floats:
        """ln of the weighted stakes and the unspent money."""
        if not self.taken[place]:
            return np.asarray(np.log(weights @ stakes + unspent))
        most = taken.max(axis=0)
        return np.asarray(np.log(weights @ (stakes * np.exp(taken - most)) + unspent * np.exp(-most)) + most)

    def _spread(self, n: Floats, d: Floats) -> None:
        """`Spread.after`."""
        if self.lots > 1:
            n1, d1 = self.last_n, self.last_d
            weight = 2 * n1 * n / (n1 + n)
            within = d1 * (d1 - 1) / (n1 * np.maximum(n1 - 1, 1)) + d * (d - 1) / (n * np.maximum(n - 1, 1))
            u, p = weight * (within / 2 - d1 * d / (n1 * n)), weight * (d1 / n1 + d / n) / 2
            keep = np.where(self.recent_p > LEAST_WEIGHT, (WINDOW - 1) / WINDOW, 0.0)
            self.pairs, self.sum_u, self.sum_p = self.pairs + 1, self.sum_u + u, self.sum_p + p
            self.recent_u, self.recent_p = keep * self.recent_u + u, keep * self.recent_p + p
        self.sum_n, self.sum_m, self.last_n, self.last_d = self.sum_n + n, self.sum_m + 1, n, d

    def _rise(self, n: Floats, d: Floats) -> None:
        """`Rise.after`."""
        height = self.height + d * self.climb - n * self.step
        rises = height > 0
        self.height = np.where(rises, height, 0)
        self.first = np.where(rises, self.first, self.lots + 1)
        self.risen_n, self.risen_d = np.where(rises, self.risen_n + n, 0), np.where(rises, self.risen_d + d, 0)

    def _remember(self, rate: Floats, n: Floats, d: Floats) -> None:
        """`Clustering.after`."""
        mean = n * rate
        one = risen(d) - np.where(d > 0, _LOG_GAMMAS, 0)
        one -= _SHAPES * np.log1p(mean / _SHAPES)
        one -= d * np.log1p(_SHAPES / mean)
        self.likely *= FADES
        self.likely += one

    def _judge(self) -> None:
        """`verdicts.judged`: the order of its questions is the same."""
        lot, base = self.lots, self.base
        self.log_e_ok_max = np.maximum(self.log_e_ok_max, self.log_e_ok)
        self.recent[lot % (PACE_LOTS + 1)] = self.log_e_ok
        calm = self.flagged == 0
        new = calm & (self.log_e_fail >= self.threshold) & (self.events >= EVENTS_MIN) & (lot >= LOTS_MIN)
        if new.any():
            seemed = (self.log_e_ok_max >= self.how.seemed) & (self.first > self.how.lots_before)
            if self.how.second:
                units, events = self.units - self.risen_n, self.events - self.risen_d
                seemed |= (self.first > fixwatch2.LONG_BEFORE) & (events <= self.proof * units)
            short = self.events / self.units < base - SHORT_OF_PROMISE * (base - self.promised)
            worked = (self.verified > 0) | seemed
            pattern = np.where(worked, RELAPSED, np.where(short, SHORT, NEVER))
            self.pattern, self.flagged = np.where(new, pattern, self.pattern), np.where(new, lot, self.flagged)
            self.log_e_flag = np.where(new, self.log_e_fail, self.log_e_flag)
        proved = calm & ~new & (self.verified == 0) & (self.log_e_ok >= self.threshold)
        self.verified = np.where(proved, lot, self.verified)
