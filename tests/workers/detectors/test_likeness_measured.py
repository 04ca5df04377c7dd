"""How often a fix that holds is called broken where lots resemble their neighbours: with and without blocks.

The rate is exactly at the alarm number, the worst that still counts as holding. Lot rates follow an autoregression of
order one with a coefficient of variation of .3, through the baseline and on.
"""

import random
from math import log, log1p, sqrt

import pytest

from qc_service.fixes.guard_rules import guard
from qc_service.fixes.lot_rules import Lot
from qc_service.fixes.rules import Promise, freeze
from workers.detectors.blocks import in_blocks
from workers.detectors.registry import METHODS

PLAIN = METHODS["fixwatch-1"]


class Lots:
    """Lots of 100 to 500 units whose rates wander."""

    def __init__(self, chance, phi):
        self.chance, self.phi, self.now = chance, phi, chance.gauss(0, 1)

    def made(self, lots, rate):
        return [self._one(rate) for _ in range(lots)]

    def _one(self, rate):
        self.now = self.phi * self.now + self.chance.gauss(0, sqrt(1 - self.phi**2))
        n = self.chance.randint(100, 500)
        share = min(max(rate * (1 + 0.3 * self.now), 0.0), 1.0)
        return Lot(n, _binomial(self.chance, n, share))


def _binomial(chance, n, share):
    """By the gaps between events: exact, and quick where they are rare."""
    if share <= 0:
        return 0
    events, at = 0, 0
    while True:
        at += int(log(1 - chance.random()) / log1p(-share)) + 1
        if at > n:
            return events
        events += 1


def flagged(config_of, phi, known, tries, lots, *, seed, guarded=True):
    chance, found = random.Random(seed), 0
    for _ in range(tries):
        line = Lots(chance, phi)
        history = line.made(known, 0.03)
        frozen = freeze(history[-60:], Promise(rate=0.015))
        if guarded:
            frozen = guard(history[-60:], [], Promise(rate=0.015), history=history)
        method = in_blocks(PLAIN, frozen.blocks) if frozen.blocks > 1 else PLAIN
        config = config_of(frozen)
        state = method.start(config)
        for lot in line.made(lots, frozen.alarm_rate):
            state = method.update(config, state, lot.n, lot.d)
            if method.finding(config, state).flagged_at_lot is not None:
                found += 1
                break
    return found / tries


@pytest.mark.volume
def test_blocks_keep_most_of_the_promise_where_lots_wander(config_of):
    with_blocks = flagged(config_of, 0.9, 240, 40, 300, seed=5)
    without = flagged(config_of, 0.9, 240, 40, 300, seed=5, guarded=False)

    assert with_blocks <= 0.125  # 5 of 40, where 2 are to be expected
    assert without >= with_blocks + 0.2


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("phi", "known", "most"), [(0.0, 60, 0.05), (0.5, 60, 0.05), (0.5, 240, 0.05), (0.9, 240, 0.06), (0.9, 60, 0.35)]
)
def test_a_healthy_fix_is_called_broken_about_as_seldom_as_promised(config_of, phi, known, most):
    """Sixty known lots do not show all likeness: what is left then is in docs/guards.md, and bounded here."""
    assert flagged(config_of, phi, known, 300, 1000, seed=17) <= most + 0.025
