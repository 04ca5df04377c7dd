"""Many fixes judged side by side by the service's methods, an array for each number that one watch keeps.

Written from the formulas for the bench alone; a test holds it against the methods themselves, lot by lot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma, log

import numpy as np

from tests.evidence.plants import Floats, Ints
from workers.detectors.bets import LOWER_RATIOS, LOWER_WEIGHTS, UPPER_RATIOS, UPPER_WEIGHTS
from workers.detectors.clustering import FADES, RULED_OUT, SHAPES
from workers.detectors.convex_bets import BEND, EXCESS_MAX, LARGEST_LINE
from workers.detectors.values import Config

RELAPSED, SHORT, NEVER = 1, 2, 3


@dataclass
class Result:
    """Lots (from 1, 0 for none) of the flag and of the proof, the pattern of the flag, the evidence after each lot."""

    flagged: Ints
    proved: Ints
    pattern: Ints
    log_e_fail: Floats
    log_e_ok: Floats


@dataclass(frozen=True)
class Setting:
    """In what the two methods differ."""

    convex: bool
    upper_start: float
    lower_start: float
    cap_start: float
    clustering: bool
    seemed: int


SETTINGS = {
    "fixwatch-1": Setting(convex=False, upper_start=0.5, lower_start=0.5, cap_start=1.25, clustering=False, seemed=5),
    "fixwatch-2": Setting(convex=True, upper_start=0.25, lower_start=0.5, cap_start=1.1, clustering=True, seemed=4),
}


def judge(method: str, fixes: Sequence[Config], n: Ints, d: Ints) -> Result:
    """What a method finds in lots `n`, `d` of shape (fixes, lots)."""
    return _Watches(SETTINGS[method], fixes).run(n.T.astype(float), d.T.astype(float))


def log_gamma(x: Floats) -> Floats:
    """ln Γ(x) for x > 0: Stirling's series eight steps up, and back down by the product."""
    steps = np.ones_like(x)
    for step in range(8):
        steps = steps * (x + step)
    y = x + 8
    square = y * y
    tail = (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / y
    found: Floats = (y - 0.5) * np.log(y) - y + 0.5 * log(2 * np.pi) + tail - np.log(steps)
    return found


class _Watches:
    def __init__(self, how: Setting, fixes: Sequence[Config]) -> None:
        def column(name: str) -> Floats:
            return np.array([getattr(fix, name) for fix in fixes], float)

        self.how = how
        self.alarm, self.proof = column("alarm"), column("verification")
        self.base, self.promised, self.frozen = column("working_baseline"), column("promised"), column("rho")
        self.threshold = np.array([fix.log_threshold for fix in fixes])
        ratios = np.array(UPPER_RATIOS)[:, None]
        self.up = np.concatenate([ratios * self.alarm, np.maximum(self.base, 1.15 * self.alarm)[None]])
        kept = np.maximum(np.minimum(self.promised, 0.95 * self.proof), 0.05 * self.proof)
        self.down = np.concatenate([np.array(LOWER_RATIOS)[:, None] * self.proof, kept[None]])
        self.up_weights = np.log(np.array(UPPER_WEIGHTS))[:, None]
        self.down_weights = np.log(np.array(LOWER_WEIGHTS))[:, None]
        self.pairs, self.u, self.p = column("pairs"), column("sum_u"), column("sum_p")
        self.units, self.lots = column("sum_n"), column("sum_m")
        size = len(fixes)
        self.recent_u, self.recent_p = np.zeros(size), np.zeros(size)
        self.x = np.full((9, size), log(how.upper_start))
        self.y = np.full((8, size), log(how.lower_start))
        self.raw = np.zeros((9, size))
        self.likely = np.zeros((len(SHAPES), size))
        self.shapes = np.array(SHAPES)[:, None]
        self.gammas = np.array([lgamma(shape) for shape in SHAPES])[:, None]

    def run(self, n: Floats, d: Floats) -> Result:
        size = n.shape[1]
        units, events, most_ok = np.zeros(size), np.zeros(size), np.zeros(size)
        height, first, risen, rose = np.zeros(size), np.ones(size, np.int64), np.zeros(size), np.zeros(size)
        flagged, proved, pattern = (np.zeros(size, np.int64) for _ in range(3))
        fails, oks = np.empty(n.shape), np.empty(n.shape)
        for place in range(len(n)):
            lot = place + 1
            before = (n[place - 1], d[place - 1]) if place else None
            fail, ok = self._lot(lot, n[place], d[place], before, units, events)
            units, events = units + n[place], events + d[place]
            fails[place], oks[place] = fail, ok
            height = height + d[place] * np.log(self.base / self.alarm) - n[place] * (self.base - self.alarm)
            fallen = height <= 0
            height, first = np.where(fallen, 0, height), np.where(fallen, lot + 1, first)
            risen, rose = np.where(fallen, 0, risen + n[place]), np.where(fallen, 0, rose + d[place])
            most_ok = np.maximum(most_ok, ok)
            new = (flagged == 0) & (fail >= self.threshold) & (lot >= 3) & (events >= 2)
            worked = (proved > 0) | ((most_ok >= log(self.how.seemed)) & (first > 4))
            if self.how.clustering:
                worked |= (first > 150) & (events - rose <= self.proof * (units - risen))
            short = events / units < self.base - (self.base - self.promised) / 4
            pattern = np.where(new, np.where(worked, RELAPSED, np.where(short, SHORT, NEVER)), pattern)
            flagged = np.where(new, lot, flagged)
            proved = np.where((proved == 0) & (flagged == 0) & (ok >= self.threshold), lot, proved)
        return Result(flagged, proved, pattern, fails.T, oks.T)

    def _lot(
        self, lot: int, n: Floats, d: Floats, before: tuple[Floats, Floats] | None, units: Floats, events: Floats
    ) -> tuple[Floats, Floats]:
        """ln of both kinds of evidence after a lot; `before`: the lot before it, `units` and `events` since the fix."""
        rho = self._rho(lot)
        up, down = self._growths(rho, n, d)
        cap = self.how.cap_start + 1.75 * lot / (lot + 30)
        grown = np.minimum(up, np.maximum(cap, np.minimum(self.raw, 6)))
        self.raw = up
        joins, rest = log(200 / ((199 + lot) * (200 + lot))), log(200 / (200 + lot))
        late, early = log(1 - self.how.upper_start), log(1 - self.how.lower_start)
        self.x = np.logaddexp(self.x, joins + late) + grown
        self.y = np.logaddexp(self.y, joins + early) + np.minimum(down, 0.7)
        if self.how.clustering:
            self._remember((events + d + 0.5) / (units + n), n, d)
        if before is not None:
            self._pair(*before, n, d)
        self.units, self.lots = self.units + n, self.lots + 1
        return (
            np.logaddexp(np.logaddexp.reduce(self.x + self.up_weights, axis=0), rest + late),
            np.logaddexp(np.logaddexp.reduce(self.y + self.down_weights, axis=0), rest + early),
        )

    def _rho(self, lot: int) -> Floats:
        many = (self.pairs >= 10) & (self.p > 0)
        found = np.maximum(self.frozen, np.where(many, self.u / np.where(many, self.p, 1), 0))
        some = self.recent_p > 0
        if some.any():
            margin = 1.5 * self.lots / np.maximum(self.units, 1) / np.sqrt(min(30, lot - 2))
            recent = self.recent_u / np.where(some, self.recent_p, 1) - margin
            found = np.maximum(found, np.where(some, recent, 0))
        return np.clip(found, 0, 0.9)

    def _growths(self, rho: Floats, n: Floats, d: Floats) -> tuple[Floats, Floats]:
        k, k_proof = _shape(self.alarm, rho), _shape(self.proof, rho)
        if not self.how.convex:
            return _same_shape(self.up, self.alarm, k, n, d), _same_shape(self.down, self.proof, k_proof, n, d)
        possible = self.likely >= self.likely.max(axis=0) - RULED_OUT
        k_proof = np.minimum(k_proof, np.where(possible, self.shapes, np.inf).min(axis=0))
        return _convex(self.up, self.alarm, k, n, d), _same_shape(self.down, self.proof, k_proof, n, d)

    def _remember(self, rate: Floats, n: Floats, d: Floats) -> None:
        mean, some = n * rate, np.maximum(d, 1)
        risen = np.where(d > 0, log_gamma(some + self.shapes) - log_gamma(some) - self.gammas, 0)
        one = risen - self.shapes * np.log1p(mean / self.shapes) - d * np.log1p(self.shapes / mean)
        self.likely = FADES * self.likely + one

    def _pair(self, n1: Floats, d1: Floats, n2: Floats, d2: Floats) -> None:
        weight = 2 * n1 * n2 / (n1 + n2)
        own = d1 * (d1 - 1) / (n1 * np.maximum(n1 - 1, 1)) + d2 * (d2 - 1) / (n2 * np.maximum(n2 - 1, 1))
        u, p = weight * (own / 2 - d1 * d2 / (n1 * n2)), weight * (d1 / n1 + d2 / n2) / 2
        self.pairs, self.u, self.p = self.pairs + 1, self.u + u, self.p + p
        self.recent_u, self.recent_p = self.recent_u * 29 / 30 + u, self.recent_p * 29 / 30 + p


def _shape(mean: Floats, rho: Floats) -> Floats:
    found: Floats = np.where(rho > 0, np.minimum(mean * (1 - rho) / np.where(rho > 0, rho, 1), 100), 100)
    return found


def _same_shape(rates: Floats, against: Floats, k: Floats, n: Floats, d: Floats) -> Floats:
    grown: Floats = d * np.log(rates / against) - (d + k) * np.log1p(n * (rates - against) / (k + n * against))
    return grown


def _convex(rates: Floats, against: Floats, k: Floats, n: Floats, d: Floats) -> Floats:
    m, mean = np.minimum(k * (rates / against - 1), EXCESS_MAX), n * against
    steep = np.maximum(m, 1)
    ratio = log_gamma(d + k + steep) - log_gamma(d + k) - log_gamma(k + steep) + log_gamma(k)
    share = np.minimum(1 - (1 - np.minimum(m, 1)) ** (1 + BEND * np.log(rates / against)), LARGEST_LINE)
    line = np.log1p(share * (d - mean) / (mean + k))
    grown: Floats = np.where(m >= 1, ratio - steep * np.log1p(mean / k), line)
    return grown
