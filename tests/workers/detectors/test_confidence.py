"""The confidence sequence: it holds the true rate, all the way, in at least 95 of 100 fixes, and it is narrow."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from qc_service.fixes.rules import Lot, Promise, freeze
from tests.workers.detectors.conftest import config_of
from workers.detectors import confidence
from workers.detectors.confidence import Band, fold, grid, start
from workers.detectors.values import Config

HALVED = Config(alarm=0.0165, verification=0.0225, promised=0.015, working_baseline=0.03, rho=0.003)
GOOD, BAD = (300, 4), (300, 10)

SETTINGS = {  # units of a lot, rate since the fix and before it, lots of the baseline
    "base": ((100, 500), 0.015, 0.03, 60),
    "rare": ((500, 3000), 1e-4, 4e-4, 100),
    "small": ((10, 40), 0.05, 0.10, 60),
    "rework": ((50, 200), 0.06, 0.12, 60),
}
# correlation within lots: of the baseline, and since the fix from that lot on
CLUSTERED = {
    "none": (0, 0, 0), "some": (0.005, 0.005, 0), "much": (0.02, 0.02, 0), "rises": (0, 0.02, 0),
    "rises fivefold": (0.002, 0.01, 0), "rises later": (0, 0.02, 200),
}  # fmt: skip


def drawn(chance: np.random.Generator, sizes: tuple[int, int], rate: float, rho: np.ndarray) -> list[tuple[int, int]]:
    """Beta-binomial lots of one rate, with a correlation each."""
    n = chance.integers(sizes[0], sizes[1] + 1, len(rho))
    k = (1 - rho) / np.maximum(rho, 1e-12)
    rates = np.where(rho > 0, chance.beta(rate * k, (1 - rate) * k), rate)
    return [(int(size), int(events)) for size, events in zip(n, chance.binomial(n, rates), strict=True)]


def missed(setting: str, clustered: str, runs: int, lots: int, seed: int) -> tuple[float, float]:
    """In which share of fixes the interval was ever above, and ever below, the true rate."""
    sizes, rate, before, baseline = SETTINGS[setting]
    first, then, change = CLUSTERED[clustered]
    above = below = 0
    for run in range(runs):
        chance = np.random.default_rng([seed, run])
        past = drawn(chance, sizes, before, np.full(baseline, first))
        config = config_of(freeze([Lot(n, d) for n, d in past], Promise(rate=rate)))
        rho = np.where(np.arange(lots) < change, first, then)
        found = [one for one in fold(config, drawn(chance, sizes, rate, rho))[1] if one]
        above += any(low > rate for low, _ in found)
        below += any(high < rate for _, high in found)
    return above / runs, below / runs


@pytest.mark.parametrize("clustered", ["none", "much", "rises", "rises fivefold"])
def test_the_true_rate_is_left_out_in_few_fixes(clustered):
    """Sixty fixes, where 5 of 100 may be missed: more than eight have a chance of 1 in 250."""
    above, below = missed("base", clustered, runs=60, lots=150, seed=1)
    assert (above + below) * 60 <= 8


@pytest.mark.campaign
@pytest.mark.parametrize("clustered", list(CLUSTERED))
@pytest.mark.parametrize("setting", ["base", "small", "rework"])
def test_over_a_thousand_lots_the_true_rate_is_left_out_in_at_most_5_of_100_fixes(setting, clustered):
    above, below = missed(setting, clustered, runs=400, lots=1000, seed=2)
    print(f"\n{setting}, {clustered}: above {above:.3f}, below {below:.3f}")  # noqa: T201 - what a campaign is run for
    assert above + below <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 400)


def test_an_interval_without_the_margins_for_clustering_would_be_found_out(monkeypatch):
    """What guards the upper end is needed: without it the same lots leave the true rate out far too often."""
    monkeypatch.setattr(confidence, "LOWER_CAP_START", 100.0)
    monkeypatch.setattr(confidence, "_rho_high", lambda *_: 0.0)
    _, below = missed("base", "rises", runs=60, lots=150, seed=1)
    assert below * 60 > 8


def test_lots_that_differ_by_chance_alone_give_an_interval_less_than_2_5_times_the_binomial_one():
    for lots in (100, 1000):
        some = drawn(np.random.default_rng(7), (300, 300), 0.015, np.zeros(lots))
        low, high = fold(replace(HALVED, rho=0.0), some)[1][-1]
        n, d = (sum(lot[i] for lot in some) for i in (0, 1))
        binomial = 1.96 * math.sqrt(d / n * (1 - d / n) / n)
        assert binomial < (high - low) / 2 < 2.5 * binomial
        assert low < d / n < high


def exact_end(config: Config, lots: list[tuple[int, int]], *, upper: bool) -> float:
    """The rate at which the evidence is just enough, by halving; the grid is one rate then."""
    low, high = (0.0166, 0.2) if upper else (1e-5, 0.0166)
    for _ in range(40):
        middle = math.sqrt(low * high)
        rates = np.full(confidence.DENSE + 2 * confidence.OUTER, middle)
        evidence = confidence._folded(config, start(config), rates, lots)[1][1 if upper else 0][-1, 0]
        if (evidence >= confidence.LOG_ENOUGH) == upper:
            high = middle
        else:
            low = middle
    return middle


@pytest.mark.parametrize("lots", [30, 120, 600])
def test_ends_between_two_rates_of_the_grid_are_where_the_evidence_is_just_enough(lots):
    some = drawn(np.random.default_rng(3), (300, 300), 0.0166, np.full(lots, 0.004))
    low, high = fold(HALVED, some)[1][-1]
    width = math.log(high / low)
    assert abs(math.log(low / exact_end(HALVED, some, upper=False))) < 0.05 * width
    assert abs(math.log(high / exact_end(HALVED, some, upper=True))) < 0.05 * width


def test_there_is_no_interval_before_a_rate_is_too_high():
    found = fold(HALVED, [GOOD] * 30)[1]
    assert found[:13] == [None] * 13
    assert found[29] is not None
    assert fold(HALVED, [])[1] == []
    assert fold(HALVED, [(1, 0)] * 18)[1] == [None] * 18, "lots of one unit say next to nothing"


def test_nothing_found_leaves_the_lower_end_at_nothing():
    low, high = fold(HALVED, [(300, 0)] * 60)[1][-1]
    assert low == 0.0
    assert 0.0001 < high < 0.001


def test_where_every_unit_is_bad_the_upper_end_of_a_proportion_is_one():
    low, high = fold(HALVED, [(300, 300)] * 60)[1][-1]
    assert (low > 0.5, high) == (True, 1.0)
    assert fold(replace(HALVED, kind="count"), [(300, 30_000_000)] * 60)[1][-1] is None


def test_more_lots_of_one_kind_make_it_narrower():
    found = [one for one in fold(HALVED, [(300, 5)] * 400)[1] if one]
    widths = [high - low for low, high in found]
    assert all(later < earlier + 1e-9 for earlier, later in zip(widths[20:], widths[60:], strict=False))
    assert widths[-1] < widths[20] / 3


@pytest.mark.parametrize("cuts", [[1], [7, 8], [100, 130, 300]])
def test_lots_in_several_portions_by_way_of_json_give_exactly_the_same(cuts):
    lots = [(300, (place * 7) % 11) for place in range(400)]
    whole, wanted = fold(HALVED, lots)
    band, found = start(HALVED), []
    for first, last in zip([0, *cuts], [*cuts, 400], strict=True):
        band = Band.from_json(json.loads(json.dumps(band.to_json())))
        band, some = fold(HALVED, lots[first:last], band)
        found += some
    assert found == wanted
    assert band.to_json() == whole.to_json()


def test_what_another_version_has_kept_is_not_read():
    assert Band.from_json({**start(HALVED).to_json(), "name": "band-0"}) is None


@pytest.mark.parametrize(
    "config",
    [
        HALVED,
        replace(HALVED, promised=0.0),
        replace(HALVED, kind="count", working_baseline=40.0, alarm=20.0, verification=25.0, promised=18.0),
        replace(HALVED, working_baseline=0.98, verification=0.9, alarm=0.7, promised=0.6),
        replace(HALVED, working_baseline=3e-100, verification=2e-100, alarm=1e-100, promised=0.0),
    ],
)
def test_the_grid_is_sixty_ascending_rates_around_those_that_are_expected(config):
    rates = grid(config)
    assert len(rates) == 60
    assert (np.diff(rates) > 0).all()
    assert rates[0] < max(config.promised, 0.1 * config.verification)
    assert rates[-1] > config.working_baseline
    assert rates[-1] <= 1 or config.kind == "count"


def test_wild_lots_make_no_number_that_json_cannot_carry():
    for kind in ("proportion", "count"):
        lots = [(1, 0), (10**15, 10**15), (1, 1), (10**15, 0), (10**9, 5), (1, 0)] * 20
        band, found = fold(replace(HALVED, kind=kind), lots)
        json.dumps([band.to_json(), found], allow_nan=False)
        assert all(0 <= low <= high for low, high in filter(None, found))
