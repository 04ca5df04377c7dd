"""Lots that resemble their neighbours are judged in blocks; what misleads is not said."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.fixes.drift_rules import Season, Trend
from qc_service.fixes.guard_rules import BLOCKS, block_size, guard, lag_one, residuals, withheld_patterns
from qc_service.fixes.lot_rules import Lot, in_blocks
from qc_service.fixes.rules import Promise, PromiseRefused, freeze


def wandering(chance, lots, phi, rate=0.03, spread=0.3, mean_size=300):
    """Lots whose rates follow an autoregression of order one."""
    found, now = [], chance.gauss(0, 1)
    for _ in range(lots):
        now = phi * now + chance.gauss(0, (1 - phi * phi) ** 0.5)
        n = chance.randint(mean_size // 2, mean_size * 3 // 2)
        share = min(max(rate * (1 + spread * now), 0.0), 1.0)
        found.append(Lot(n, sum(chance.random() < share for _ in range(n))))
    return found


def test_lots_that_are_all_the_same_resemble_nobody():
    assert block_size([Lot(50, 5)] * 60, "proportion") == 1
    assert lag_one([]) == lag_one([1.0]) == 0.0


def test_lots_that_come_in_long_spells_are_judged_in_blocks_that_resemble_each_other_no_more():
    spells = [Lot(100, 2 if at // 5 % 2 else 8) for at in range(60)]

    size = block_size(spells, "proportion")

    assert size in BLOCKS[1:]
    assert size == BLOCKS[-1] or lag_one(residuals(in_blocks(spells, size), "proportion")) < 0.1


def test_a_block_is_the_last_so_many_lots_before_the_fix():
    lots = [Lot(10, at) for at in range(7)]

    assert in_blocks(lots, 3) == [Lot(30, 1 + 2 + 3), Lot(30, 4 + 5 + 6)]
    assert in_blocks(lots, 1) == lots
    assert in_blocks([], 5) == []


def test_the_spread_that_is_frozen_is_that_of_blocks_and_the_rate_that_of_lots():
    chance = random.Random(1)
    lots = wandering(chance, 60, 0.9)
    plain, blocked = freeze(lots, Promise(rate=0.015)), freeze(lots, Promise(rate=0.015), blocks=5)

    assert blocked.baseline_rate == plain.baseline_rate
    assert blocked.alarm_rate == plain.alarm_rate
    assert (blocked.sum_m, blocked.pairs, blocked.blocks) == (12, 11, 5)
    assert freeze(lots, Promise(rate=0.015), blocks=10).pairs == 0  # six blocks do not tell a spread: it is assumed


def test_a_longer_history_shows_the_likeness_that_sixty_lots_only_hint_at():
    chance = random.Random(9)
    histories = [wandering(chance, 240, 0.9, mean_size=200) for _ in range(25)]

    short = sum(block_size(lots[-60:], "proportion") > 1 for lots in histories)
    long = sum(block_size(lots[-60:], "proportion", history=lots) > 1 for lots in histories)

    assert long >= 23
    assert long >= short


def test_a_rate_that_was_another_one_long_ago_is_no_likeness_of_neighbours():
    chance = random.Random(12)
    blocked = 0
    for _ in range(20):
        before = wandering(chance, 180, 0.0, rate=0.05, spread=0.05)
        now = wandering(chance, 60, 0.0, rate=0.03, spread=0.05)
        blocked += block_size(now, "proportion", history=[*before, *now]) > 1
    assert blocked <= 3


def test_lots_that_are_alike_by_blocks_move_the_safe_end_of_a_percentage():
    lots = wandering(random.Random(2), 60, 0.0)
    plain, blocked = (freeze(lots, Promise(reduction=0.5), blocks=size) for size in (1, 5))

    assert blocked.alarm_rate > plain.alarm_rate
    assert blocked.baseline_rate == plain.baseline_rate


@pytest.mark.parametrize(("lots", "events", "refused"), [(20, 50, False), (19, 57, True), (20, 49, True)])
def test_a_percentage_needs_twenty_lots_and_fifty_events_and_not_one_less(lots, events, refused):
    made = [Lot(100, events // lots + (at < events % lots)) for at in range(lots)]
    if refused:
        with pytest.raises(PromiseRefused):
            guard(made, [], Promise(reduction=0.5))
    else:
        assert guard(made, [], Promise(reduction=0.5)).promised_rate > 0


def test_one_giant_lot_is_named_and_its_own_size_widens_the_safe_end():
    small = [Lot(100, 5 + at % 3) for at in range(30)]
    even = guard(small, [], Promise(reduction=0.5))
    giant = guard([*small, Lot(10**6, 60_000)], [], Promise(reduction=0.5))

    assert "uneven_baseline" in giant.notes
    assert "uneven_baseline" not in even.notes
    assert giant.working_baseline > giant.baseline_rate


def test_a_fix_before_any_lot_and_one_after_a_single_lot_are_guarded_too():
    for lots in ([], [Lot(1, 1)], [Lot(10**12, 0)], [Lot(10**12, 10**12)]):
        frozen = guard(lots, [], Promise(rate=0.01), shared_by=2)
        assert (frozen.blocks, frozen.trend, frozen.season, frozen.alpha) == (1, None, None, 0.025)


@given(
    st.lists(st.tuples(st.integers(1, 10**12), st.floats(0, 1)), max_size=70), st.sampled_from(["proportion", "count"])
)
def test_no_baseline_is_a_failure(shares, kind):
    lots = [Lot(n, int(n * share)) for n, share in shares]

    frozen = guard(lots, [], Promise(rate=0.01), kind, history=lots * 3)

    assert frozen.blocks in (1, *BLOCKS)
    assert frozen.alarm_rate > 0
    assert 0 <= frozen.rho <= 0.9


RISING = Trend(first=0.1, last=0.2, per_year=None, chance=0.001)
FALLING = Trend(first=0.2, last=0.1, per_year=None, chance=0.001)
WAVE = Season(low=0.1, high=0.2, peak_month=1, chance=0.001)


@pytest.mark.parametrize(
    ("drift", "of_a_share", "withheld"),
    [
        ({}, True, set()),
        ({"trend": RISING}, False, {"never_worked"}),
        ({"trend": RISING}, True, {"never_worked", "short_of_promise"}),
        ({"trend": FALLING}, True, set()),
        ({"season": WAVE}, False, {"never_worked"}),
        ({"trend": FALLING, "season": WAVE}, False, {"never_worked"}),
    ],
)
def test_what_rests_on_a_mean_that_misleads_is_not_said_and_a_relapse_is(drift, of_a_share, withheld):
    frozen = replace(freeze([Lot(100, 10)] * 30, Promise(rate=0.05)), **drift)

    assert withheld_patterns(frozen, of_a_share=of_a_share) == withheld
