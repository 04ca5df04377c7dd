"""When a gauge is good for use, and what a finding throws doubt on."""

from datetime import UTC, date, datetime, timedelta

import pytest

from qc_service.lots import gauge_rules as rules
from qc_service.lots.gauge_rules import Block, Calibration

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
TODAY = NOON.date()


def days(number: float) -> datetime:
    return NOON + timedelta(days=number)


def good(at: float, due: float, name: str = "good") -> Calibration:
    return Calibration(name, days(at), days(due).date())


def bad(at: float, name: str = "bad") -> Calibration:
    return Calibration(name, days(at), None)


@pytest.mark.parametrize(
    ("calibrations", "fault"),
    [
        ([good(-10, 5)], None),
        ([good(-10, 0)], None),  # the day on which it is due is the last
        ([good(-10, -1)], "expired"),
        ([good(0, 5)], None),
        ([good(0.01, 5)], "expired"),  # it was calibrated afterwards
        ([], "expired"),
        ([good(-10, 5), bad(-1)], "out_of_tolerance"),
        ([good(-10, 5), bad(1)], None),
        ([bad(-2), good(-1, 5)], None),
        ([good(-10, -1), good(1, 5)], "expired"),
    ],
)
def test_the_last_calibration_before_the_moment_speaks_for_the_gauge(calibrations, fault):
    assert rules.fault(calibrations, [], NOON, TODAY) == fault
    assert rules.fault(calibrations[::-1], [], NOON, TODAY) == fault


@pytest.mark.parametrize(
    ("since", "until", "blocked"),
    [(-1, None, True), (0, None, True), (-2, -1, False), (-2, 0, False), (0.01, None, False), (-2, 1, True)],
)
def test_a_block_counts_while_it_lasted(since, until, blocked):
    block = Block(days(since), None if until is None else days(until))
    assert rules.fault([good(-10, 5)], [block], NOON, TODAY) == ("blocked" if blocked else None)


def test_blocks_are_read_from_what_was_said_in_turn():
    marks = [("blocked", days(1)), ("unblocked", days(2)), ("blocked", days(3))]
    assert rules.blocks_of(marks) == [Block(days(1), days(2)), Block(days(3), None)]
    assert rules.blocks_of([]) == []


@pytest.mark.parametrize(
    ("calibrations", "blocks", "state"),
    [
        ([good(-10, 31)], [], "fit"),
        ([good(-10, 30)], [], "due"),
        ([good(-10, 0)], [], "due"),
        ([good(-10, -1)], [], "overdue"),
        ([], [], "overdue"),
        ([good(-10, 99)], [Block(days(-1), None)], "blocked"),
        ([good(-10, 99)], [Block(days(-2), days(-1))], "fit"),
        ([good(-10, 99), bad(-1)], [], "blocked"),
    ],
)
def test_the_list_says_in_one_word_how_a_gauge_stands(calibrations, blocks, state):
    assert rules.state(calibrations, blocks, date(2026, 5, 20)) == state


def test_a_bad_finding_throws_doubt_back_to_the_last_good_one_and_on_to_the_next():
    [only] = rules.doubts([good(-20, 5), good(-10, 5), bad(0), good(2, 30)])
    assert [only.has(days(at)) for at in (-15, -10, -1, 1, 2, 3)] == [False, True, True, True, False, False]


def test_without_a_good_calibration_before_or_after_it_has_no_end():
    [only] = rules.doubts([bad(0)])
    assert only.has(days(-1000))
    assert only.has(days(1000))


def test_two_bad_findings_in_a_row_throw_doubt_on_the_same():
    first, second = rules.doubts([good(-9, 9), bad(-2, "one"), bad(-1, "two"), good(1, 9)])
    assert (first.calibration, second.calibration) == ("one", "two")
    assert (first.since, first.until) == (second.since, second.until) == (days(-9), days(1))


def test_good_findings_alone_throw_doubt_on_nothing():
    assert rules.doubts([good(-9, 9), good(-1, 9)]) == []
