from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_service.fixes import rules
from qc_service.fixes.rules import Lot, Promise, freeze
from workers.detectors.spread import Spread, pair_sums

SIZES = st.integers(1, 10**9)
LOTS = st.tuples(SIZES, st.integers(0, 10**9)).map(lambda lot: (lot[0], min(lot)))
NOTHING = Spread(pairs=0, sum_u=0.0, sum_p=0.0, sum_n=0, sum_m=0)


def spread_of(lots: list[tuple[int, int]]) -> Spread:
    spread = NOTHING
    for n, d in lots:
        spread = spread.after(n, d)
    return spread


@settings(max_examples=200, deadline=None)
@given(LOTS, LOTS)
def test_the_declaration_and_the_detector_compare_two_lots_alike(first, second):
    assert pair_sums(*first, *second) == rules.pair_sums(Lot(*first), Lot(*second))


def test_the_sums_a_declaration_freezes_are_those_the_detector_would_have_made():
    lots = [(100 + 7 * i % 40, 3 + i * i % 5) for i in range(40)]
    frozen, spread = freeze([Lot(n, d) for n, d in lots], Promise(rate=0.01)), spread_of(lots)
    for name in ("pairs", "sum_u", "sum_p", "sum_n", "sum_m"):
        assert getattr(frozen, name) == pytest.approx(getattr(spread, name), rel=1e-12, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(LOTS, LOTS)
def test_the_order_of_two_neighbours_does_not_matter(first, second):
    assert pair_sums(*first, *second) == pytest.approx(pair_sums(*second, *first), rel=1e-9, abs=1e-6)


def test_lots_alike_beyond_chance_show_no_correlation():
    assert spread_of([(100, 5)] * 30).rho(0.0, 31) == 0.0


def test_lots_that_are_all_good_or_all_bad_show_the_most_there_is():
    assert spread_of([(100, 100), (100, 0)] * 30).rho(0.0, 61) == 0.9


def test_nine_pairs_are_too_few_for_their_mean_and_ten_are_enough():
    alternating = [(50, 2), (50, 18)] * 6
    nine, ten = spread_of(alternating[:10]), spread_of(alternating[:11])
    assert (nine.pairs, ten.pairs) == (9, 10)
    assert nine.rho(0.0, 11) < nine.sum_u / nine.sum_p
    assert ten.rho(0.0, 12) == pytest.approx(ten.sum_u / ten.sum_p)


def test_the_frozen_correlation_is_a_floor():
    assert spread_of([(100, 5)] * 30).rho(0.04, 31) == 0.04


def test_lots_that_begin_to_differ_show_within_a_month_of_lots():
    calm, wild = [(100, 5)] * 300, [(100, 0), (100, 25)] * 15
    before, after = spread_of(calm), spread_of(calm + wild)
    assert before.rho(0.0, 301) == 0.0
    assert after.rho(0.0, 331) > 3 * after.sum_u / after.sum_p > 0


def test_the_first_lot_after_a_fix_is_not_compared_with_the_last_before_it():
    spread = Spread(pairs=27, sum_u=3.4, sum_p=292.0, sum_n=1400, sum_m=28).after(50, 9)
    assert (spread.pairs, spread.sum_u, spread.sum_n, spread.sum_m) == (27, 3.4, 1450, 29)


def test_a_very_long_run_without_events_leaves_no_stray_correlation():
    spread = spread_of([(10, 0), (10, 4), (10, 0)])
    for _ in range(30_000):
        spread = spread.after(1, 0)
    assert (spread.recent_u, spread.recent_p) == (0.0, 0.0)


def test_pairs_are_those_of_neighbours():
    lots = [(20, 1), (30, 4), (25, 0), (60, 9)]
    wanted = [pair_sums(*a, *b) for a, b in pairwise(lots)]
    spread = spread_of(lots)
    assert (spread.sum_u, spread.sum_p) == pytest.approx(tuple(map(sum, zip(*wanted, strict=True))))


def test_two_lots_by_hand():
    # h = 2*20*30/50 = 24; within = (1*0/(20*19) + 4*3/(30*29))/2 = 6/870; across = 1*4/(20*30)
    assert pair_sums(20, 1, 30, 4) == pytest.approx((24 * (6 / 870 - 4 / 600), 24 * (1 / 20 + 4 / 30) / 2))
