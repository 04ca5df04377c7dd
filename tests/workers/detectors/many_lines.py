"""A plant of many lines, simulated; and the evidence against their fixes, all lines at once.

`docs/evidence.md` has the setting: lots of 100 to 500, 3 % before the fix and a promise of 1.5 %. A test holds the
vectors against the detector itself.
"""

from dataclasses import dataclass

import numpy as np

from qc_service.fixes.rules import Lot, Promise, freeze
from workers.detectors import bets, spread
from workers.detectors.values import Config

BEFORE, PROMISED, RELAPSE_AT, BASELINE_LOTS = 0.03, 0.015, 100, 60
GOOD, AT_ALARM, NEVER, RELAPSED = range(4)


@dataclass
class Plant:
    kinds: np.ndarray  # of each line, one of the four
    configs: list[Config]
    n: np.ndarray  # lots by lines
    d: np.ndarray

    @property
    def changes(self) -> np.ndarray:
        """The lot before the first bad one of each line."""
        return np.where(self.kinds == RELAPSED, RELAPSE_AT, 0)


def _events(chance, n, rate, rho):
    """Beta-binomial numbers of events with that intra-lot correlation."""
    if rho:
        size = (1 - rho) / rho
        rate = chance.beta(rate * size, (1 - rate) * size, size=n.shape)
    return chance.binomial(n, rate)


def plant(lines: int, lots: int, rho: float, seed: int, config_of, bad: float = 0.2) -> Plant:
    """Of the lines that do not hold (`bad` of them) half never worked and half relapse; of the others half have
    their rate exactly at the alarm number, where a false alarm is as likely as it can be, and half keep the promise."""
    chance = np.random.default_rng(seed)
    kinds = np.arange(lines) % 2
    first = round(bad * lines)
    kinds[:first] += NEVER
    base_n = chance.integers(100, 501, (BASELINE_LOTS, lines))
    base_d = _events(chance, base_n, np.full(base_n.shape, BEFORE), rho)
    configs = []
    for line in range(lines):
        before = [Lot(int(n), int(d)) for n, d in zip(base_n[:, line], base_d[:, line], strict=True)]
        configs.append(config_of(freeze(before, Promise(rate=PROMISED))))
    n = chance.integers(100, 501, (lots, lines))
    alarm = np.array([config.alarm for config in configs])
    since = np.arange(lots)[:, None]
    rate = np.where(kinds == AT_ALARM, alarm, PROMISED) * np.ones((lots, 1))
    rate = np.where((kinds == NEVER) | ((kinds == RELAPSED) & (since >= RELAPSE_AT)), BEFORE, rate)
    return Plant(kinds, configs, n, _events(chance, n, rate, rho))


def log_e_fail(of: Plant) -> np.ndarray:
    """ln E of each line after each lot (lots by lines), by the formulas of `bets` and `spread`."""
    column = {name: np.array([getattr(config, name) for config in of.configs], float) for name in (
        "alarm", "rho", "pairs", "sum_u", "sum_p", "sum_n", "sum_m", "working_baseline",
    )}  # fmt: skip
    alarm, frozen = column["alarm"], column["rho"]
    pairs, sum_u, sum_p, sum_n, sum_m = (column[name] for name in ("pairs", "sum_u", "sum_p", "sum_n", "sum_m"))
    rates = np.stack(
        [*(ratio * alarm for ratio in bets.UPPER_RATIOS), np.maximum(column["working_baseline"], 1.15 * alarm)]
    )
    logs, weights = np.log(rates / alarm), np.log(bets.UPPER_WEIGHTS)[:, None]
    stakes, raw = np.full(rates.shape, bets.LOG_FIRST_STAKE), np.zeros(rates.shape)
    recent_u, recent_p = np.zeros(len(alarm)), np.zeros(len(alarm))
    found, last = np.empty(of.n.shape), (np.ones(len(alarm)), np.zeros(len(alarm)))
    for lot, (n, d) in enumerate(zip(of.n.astype(float), of.d.astype(float), strict=True), 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where((pairs >= spread.PAIRS_MIN) & (sum_p > 0), sum_u / sum_p, -np.inf)
            margin = spread.SLACK / (sum_n / sum_m * np.sqrt(min(spread.WINDOW, max(lot - 2, 0))))
            late = np.where(recent_p > 0, recent_u / recent_p - margin, -np.inf)
            rho = np.clip(np.maximum(frozen, np.maximum(mean, late)), 0, spread.RHO_MAX)
            k = np.where(rho > 0, np.minimum(alarm * (1 - rho) / rho, bets.SHAPE_MAX), bets.SHAPE_MAX)
        before, raw = raw, d * logs - (d + k) * np.log1p(n * (rates - alarm) / (k + n * alarm))
        cap = bets.CAP_START + bets.CAP_GROWTH * lot / (lot + bets.CAP_HALF_GROWN)
        growth = np.minimum(raw, np.maximum(cap, np.minimum(before, bets.CAP_REPEATED)))
        stakes = np.logaddexp(stakes, bets._log_joining(lot)) + growth
        unspent = np.log((1 - bets.FROM_THE_START) * bets.HALF_JOINED / (bets.HALF_JOINED + lot))
        found[lot - 1] = np.logaddexp(np.logaddexp.reduce(stakes + weights, axis=0), unspent)
        if lot > 1:
            u, p = _pair(*last, n, d)
            pairs, sum_u, sum_p = pairs + 1, sum_u + u, sum_p + p
            keep = (spread.WINDOW - 1) / spread.WINDOW
            recent_u, recent_p = keep * recent_u + u, keep * recent_p + p
        sum_n, sum_m, last = sum_n + n, sum_m + 1, (n, d)
    return found


def _pair(n1, d1, n2, d2):
    weight = 2 * n1 * n2 / (n1 + n2)
    within = (d1 * (d1 - 1) / (n1 * np.maximum(n1 - 1, 1)) + d2 * (d2 - 1) / (n2 * np.maximum(n2 - 1, 1))) / 2
    return weight * (within - d1 * d2 / (n1 * n2)), weight * (d1 / n1 + d2 / n2) / 2
