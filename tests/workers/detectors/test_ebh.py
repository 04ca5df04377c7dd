from itertools import permutations
from math import inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.detectors.ebh import FDR, entering, listed, threshold

SOME = st.lists(st.floats(-20, 20), max_size=12)


def plainly(log_e: list[float], fdr: float) -> set[int]:
    """The largest set of k whose every member has E >= K / (k fdr), by trying every k."""
    order = sorted(range(len(log_e)), key=lambda place: -log_e[place])
    for k in range(len(log_e), 0, -1):
        if log_e[order[k - 1]] >= log(len(log_e) / (k * fdr)):
            return {place for place in range(len(log_e)) if log_e[place] >= log_e[order[k - 1]]}
    return set()


@given(SOME, st.sampled_from([0.01, 0.1, 0.5]))
def test_the_list_is_the_largest_that_the_rule_allows(log_e, fdr):
    assert set(listed(log_e, fdr)) == plainly(log_e, fdr)


@given(st.lists(st.floats(-5, 12), max_size=5))
def test_the_order_of_the_lines_does_not_matter(log_e):
    values = {tuple(sorted(order[place] for place in listed(order))) for order in permutations(log_e)}
    assert len(values) <= 1


@given(SOME, st.integers(0, 11), st.floats(0, 30))
def test_more_evidence_takes_nobody_off_the_list(log_e, which, more):
    if log_e:
        grown = [one + more * (place == which % len(log_e)) for place, one in enumerate(log_e)]
        assert set(listed(log_e)) <= set(listed(grown))


def test_one_line_by_itself_needs_ten_to_one():
    assert listed([log(9.99)]) == []
    assert listed([log(10.01)]) == [0]


def test_of_many_each_needs_less_the_more_there_are():
    assert listed([log(120), *[0.0] * 9]) == [0]
    assert listed([log(90), *[0.0] * 9]) == []
    assert listed([log(55), log(55), *[0.0] * 8]) == [0, 1]


def test_nobody_and_endless_evidence_are_no_trouble():
    assert (listed([]), threshold([])) == ([], None)
    assert listed([inf, -inf, 0.0]) == [0]


@pytest.mark.parametrize("fdr", [0, 1, -0.1, 2])
def test_an_impossible_rate_is_refused(fdr):
    with pytest.raises(ValueError, match="fdr"):
        listed([1.0], fdr)


def test_who_is_on_the_list_stays_with_the_evidence_of_that_day_and_helps_the_others():
    first = entering({"a": log(60), "b": log(12), "c": 0.0}, {})
    assert first == {"a": log(60)}
    assert entering({"a": 0.0, "b": log(16), "c": 0.0}, first) == {"b": log(16)}
    assert entering({"b": log(16), "c": 0.0}, {}) == {}


def test_who_is_no_longer_watched_still_counts_among_all():
    assert entering({"b": log(14.0)}, {"gone": log(60)}) == {"b": log(14.0)}
    assert entering({"b": log(9.0)}, {"gone": log(60)}) == {}


@given(st.lists(st.lists(st.floats(-5, 12), min_size=4, max_size=4), max_size=8))
def test_the_frozen_list_only_grows_and_each_entry_met_the_rule_on_its_day(days):
    frozen: dict[str, float] = {}
    for day in days:
        new = entering({str(line): one for line, one in enumerate(day)}, frozen)
        assert not set(new) & set(frozen)
        frozen |= new
        if frozen:
            assert min(frozen.values()) >= log(4 / (len(frozen) * FDR)) - 1e-12
