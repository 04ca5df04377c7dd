"""A list over many lines keeps what it promises, and misses nobody: simulated plants, as dispersed as real ones."""

from dataclasses import dataclass

import numpy as np
import pytest

from qc_service.flags.rules import FDR
from tests.evidence.watches import judge
from tests.workers.detectors.many_lines import NEVER, RELAPSED, Plant, plant
from workers.detectors.ebh import Roll, fold

LOTS = 300
METHODS = pytest.mark.parametrize("method", ["fixwatch-1", "fixwatch-2"])


@dataclass
class Outcome:
    false_share: float
    power: dict[int, float]
    delays: dict[int, float]
    carried: int


def _fold(method: str, of: Plant, begins: np.ndarray | None = None) -> Roll:
    """All lines have their lots at the same moments; with `begins`, a line's first lot is at that moment."""
    logs = judge(method, of.configs, of.n.T, of.d.T).log_e_fail.T
    begins = np.zeros(logs.shape[1], int) if begins is None else begins
    rows = sorted((begins[line] + lot + 1, line, float(logs[lot, line])) for lot, line in np.ndindex(logs.shape))
    return fold(sorted(begins.tolist()), rows, FDR)


def _outcome(of: Plant, roll: Roll, begins: np.ndarray | None = None) -> Outcome:
    """What became of it. Of a line that relapses, listed before it does is a false listing."""
    begun = np.zeros(len(of.kinds), int) if begins is None else begins
    false = [
        line
        for line, entry in roll.entries.items()
        if of.kinds[line] < NEVER or entry.since - begun[line] <= of.changes[line]
    ]
    right, power, delays = set(roll.entries) - set(false), {}, {}
    for kind in (NEVER, RELAPSED):
        lines = np.flatnonzero(of.kinds == kind)
        power[kind] = sum(line in right for line in lines) / len(lines)
        waited = [roll.entries[line].since - begun[line] - of.changes[line] for line in lines if line in right]
        delays[kind] = float(np.median(waited))
    carried = sum(entry.rests_at is None for entry in roll.entries.values())
    return Outcome(len(false) / max(len(roll.entries), 1), power, delays, carried)


@METHODS
@pytest.mark.parametrize("rho", [0, 0.005])
def test_of_a_hundred_lines_every_bad_one_is_listed_and_hardly_a_good_one(config_of, rho, method):
    of = plant(100, LOTS, rho, 11, config_of)
    found = _outcome(of, _fold(method, of))
    assert found.power == {NEVER: 1.0, RELAPSED: 1.0}
    assert found.false_share <= FDR
    assert found.carried == 0


@METHODS
def test_where_fixes_are_declared_one_after_the_other_it_holds_as_well(config_of, method):
    """The bad ones first, so the bar rises all the time under those who are listed."""
    of = plant(100, LOTS, 0.005, 12, config_of)
    begins = np.arange(100)
    roll = _fold(method, of, begins)
    found = _outcome(of, roll, begins)
    assert roll.woken, "nobody was carried: the test asks for nothing"
    assert found.power == {NEVER: 1.0, RELAPSED: 1.0}
    assert found.false_share <= FDR
    assert found.carried == 0


@pytest.mark.campaign
@METHODS
@pytest.mark.parametrize("rho", [0, 0.005])
@pytest.mark.parametrize("staggered", [False, True], ids=["all at once", "one after the other"])
def test_of_a_thousand_lines_every_bad_one_is_listed_and_hardly_a_good_one(config_of, rho, staggered, method):
    shares, delays = [], {NEVER: [], RELAPSED: []}
    for seed in range(3):
        of = plant(1000, LOTS, rho, 100 + seed, config_of)
        begins = np.random.default_rng(seed).permutation(1000) // 3 if staggered else None
        found = _outcome(of, _fold(method, of, begins), begins)
        assert found.power == {NEVER: 1.0, RELAPSED: 1.0}
        shares.append(found.false_share)
        for kind, lots in found.delays.items():
            delays[kind].append(lots)
    print(f"{method}, rho {rho}: false {np.mean(shares):.4f}, never {delays[NEVER]}, relapsed {delays[RELAPSED]}")  # noqa: T201
    assert np.mean(shares) <= FDR
