"""Which of a tablet's numbers never arrived, and what can be said of them."""

import pytest

from qc_service.inspections.gap_rules import Known, left_of, standing, without


@pytest.mark.parametrize(
    ("first", "last", "arrived", "left"),
    [
        (3, 3, (), [(3, 3)]),
        (3, 9, (3, 9), [(4, 8)]),
        (3, 9, (5, 6), [(3, 4), (7, 9)]),
        (3, 5, (3, 4, 5), []),
        (3, 2**53, (1, 2**54), [(3, 2**53)]),
    ],
)
def test_what_did_arrive_is_taken_out_of_a_range_of_numbers(first, last, arrived, left):
    assert list(without(first, last, arrived)) == left


@pytest.mark.parametrize(
    ("ranges", "taken", "left"),
    [
        ([(1, 9)], [], [(1, 9)]),
        ([(1, 9)], [(1, 9)], []),
        ([(1, 9)], [(3, 4), (9, 12)], [(1, 2), (5, 8)]),
        ([(1, 2), (5, 8)], [(2, 6)], [(1, 1), (7, 8)]),
    ],
)
def test_what_was_explained_is_taken_out_of_what_is_missing(ranges, taken, left):
    assert left_of(ranges, taken) == left


@pytest.mark.parametrize(
    ("numbers", "arrived", "explained", "answered", "what"),
    [
        ((5, 6), [], [], [], "missing"),
        ((5, 6), [], [(1, 2)], [], "missing"),
        ((5, 6), [], [(6, 6)], [], "explained"),
        ((5, 9), [], [], [], "missing"),
        ((5, 10), [], [], [], "ahead"),  # 10 is the latest
        ((11, 11), [], [], [], "ahead"),
        ((5, 6), [5], [], [], "arrived"),
        ((5, 6), [5, 6], [], [], "arrived"),
        ((5, 6), [5], [(5, 6)], [], "arrived"),  # a part is still missing
        ((5, 6), [5, 6], [(5, 5)], [], "arrived"),
        ((5, 6), [5, 6], [(1, 9)], [], "late"),
        ((5, 6), [5, 6], [(5, 5), (6, 6)], [], "late"),
        ((5, 6), [5, 6], [(1, 9)], [(6, 6)], "explained"),
    ],
)
def test_what_some_numbers_are_follows_from_what_arrived_and_was_explained(numbers, arrived, explained, answered, what):
    assert standing(*numbers, Known(10, frozenset(arrived), tuple(explained), tuple(answered))) == what
