"""When a call is an alarm and when it is history."""

from datetime import UTC, datetime, timedelta

import pytest

from qc_service.calls.rules import LATE_AFTER, is_late

NOW = datetime(2026, 1, 5, 6, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(days=3), timedelta(days=-3)])
@pytest.mark.parametrize(("waited", "late"), [(0 * SECOND, False), (LATE_AFTER, False), (LATE_AFTER + SECOND, True)])
def test_how_long_it_waited_decides_and_not_whether_the_clock_is_right(ahead, waited, late):
    assert is_late(NOW + ahead - waited, NOW + ahead, NOW) is late


def test_a_clock_that_was_set_back_meanwhile_says_that_nobody_knows():
    assert is_late(NOW + timedelta(hours=1), NOW, NOW) is True


@pytest.mark.parametrize(("ago", "late"), [(-timedelta(hours=1), False), (SECOND, False), (timedelta(hours=1), True)])
def test_without_the_moment_of_sending_its_arrival_counts(ago, late):
    assert is_late(NOW - ago, None, NOW) is late
