"""A plant of many lines, simulated: lots of 100 to 500, 3 % before the fix and a promise of 1.5 %."""

from dataclasses import dataclass

import numpy as np

from qc_service.fixes.rules import Lot, Promise, freeze
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
