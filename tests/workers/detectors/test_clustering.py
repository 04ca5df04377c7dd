from hypothesis import given
from hypothesis import strategies as st

from workers.detectors.clustering import SHAPES, Clustering


def after(lots: list[tuple[int, int]]) -> Clustering:
    seen, units, events = Clustering(), 0, 0
    for n, d in lots:
        units, events = units + n, events + d
        seen = seen.after((events + 0.5) / units, n, d)
    return seen


def test_before_the_first_lot_the_most_clustered_law_is_possible():
    assert Clustering().shape() == min(SHAPES)


def test_lots_that_are_alike_rule_clustering_out():
    assert after([(300, 4), (300, 5), (300, 6)] * 10).shape() >= 12


def test_many_good_lots_and_a_few_very_bad_ones_leave_it_possible():
    assert after([*[(300, 0)] * 7, (300, 40)] * 4).shape() <= 0.4


def test_what_the_last_lots_show_is_soon_believed_over_what_was_long_before():
    before = [(300, 4), (300, 5), (300, 6)] * 60
    assert after(before).shape() >= 12
    assert after([*before, *[(300, 0), (300, 0), (300, 0), (300, 30)] * 5]).shape() <= 1.5


@given(st.lists(st.integers(1, 10**15).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=20))
def test_it_is_always_one_of_the_shapes(lots):
    assert after(lots).shape() in SHAPES
