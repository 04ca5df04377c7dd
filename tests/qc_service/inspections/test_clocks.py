"""A tablet's clock that is wrong, is set meanwhile, or goes through a night in which the hour is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.inspections.rules import Looked, first_of, in_order
from qc_service.lines.models import Site
from tests.desk_client import ONE_ENGINE
from tests.floor_life import record
from tests.tablet_life import set_pin, tablet_of

PIN = "739154"
DAY, MOMENT = timedelta(days=1), timedelta(milliseconds=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def tablet(floor, mia, ines):
    floor.lot("A", "MIA", units=["U-1", "U-2", "U-3"])
    set_pin("INES", PIN)
    return tablet_of(floor)


def sent(tablet, at, seq, unit="U-1", **more):
    body = record("INES", unit=unit, units_inspected=1, observed_at=clock.iso(at), device_seq=seq, **more)
    return tablet.judged(body, PIN)


# --- which came first ---


def looked(uuid, hours, device=None, seq=None):
    return Looked(uuid, NOON + timedelta(hours=hours), 1, device, seq)


def test_one_tablets_records_stand_in_the_order_of_its_numbers_whatever_its_clock_said():
    first, second, third = looked("c", 3, "T", 1), looked("b", 1, "T", 2), looked("a", 2, "T", 3)
    assert [one.uuid for one in in_order([third, first, second])] == ["c", "b", "a"]
    assert first_of([third, first, second], 1) == {"c"}


def test_between_two_tablets_the_time_says_which_came_first():
    mine, between, next_ = looked("a", 9, "T", 1), looked("b", 1, "U", 7), looked("c", 2, "T", 2)
    assert [one.uuid for one in in_order([mine, between, next_])] == ["b", "a", "c"]


def test_records_without_a_number_stand_by_their_time():
    assert [one.uuid for one in in_order([looked("a", 2), looked("b", 1), looked("c", 1)])] == ["b", "c", "a"]


@pytest.mark.parametrize("days", [1, -1])
@ONE_ENGINE
def test_a_clock_that_is_a_day_off_changes_no_order_and_the_time_is_said_to_be_an_estimate(floor, tablet, days):
    off, now = days * DAY, clock.now()
    names = [
        sent(tablet, now + off + n * MOMENT, n, clock_offset_ms=int(off.total_seconds() * 1000)) for n in (1, 2, 3)
    ]
    found = [floor.get(name) for name in names]
    assert ["time_estimated" in one["reasons"] for one in found] == [True] * 3
    assert [one["happened_at"] for one in found] == sorted(one["happened_at"] for one in found)
    assert all(abs(clock.parse(one["happened_at"]) - now) < timedelta(minutes=10) for one in found)
    assert [one["counted"] for one in found] == [True, False, False]


@ONE_ENGINE
def test_a_clock_that_is_set_in_the_middle_of_a_form_leaves_the_order_to_the_numbers(floor, tablet):
    """The clock was set back between the two, by less than anybody can tell afterwards."""
    now = clock.now()
    second = sent(tablet, now, 2, clock_jumped=True)
    first = sent(tablet, now + MOMENT, 1, clock_jumped=True)
    told = [floor.get(name) for name in (first, second)]
    assert [one["reasons"] for one in told] == [["time_estimated"], ["also_inspected", "time_estimated"]]
    assert [one["counted"] for one in told] == [True, False]
    assert [one["notes"][-1] for one in told] == ["The tablet's clock was not certain: the time is estimated."] * 2


# --- a night in which the hour is changed ---

NIGHTS = {  # the hour that comes twice, once with each offset
    "America/Denver": ("2025-11-02T01:30:00-06:00", "2025-11-02T01:30:00-07:00"),
    "Europe/Copenhagen": ("2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+01:00"),
}


@pytest.mark.parametrize("zone", NIGHTS)
@ONE_ENGINE
def test_in_the_night_that_has_an_hour_twice_each_record_keeps_its_place(floor, tablet, zone):
    """Half past is told twice; the tablet sends its time with the offset, so nothing is in doubt."""
    early, late = NIGHTS[zone]
    with connected():
        Site.update(time_zone=zone).where(Site.code == "S1").execute()
    found = [floor.get(sent(tablet, clock.parse(at), seq)) for seq, at in ((2, late), (1, early))]
    times = [clock.parse(one["happened_at"]) for one in found]
    assert times[0] - times[1] == timedelta(hours=1)
    assert times == [clock.parse(late), clock.parse(early)]
    assert [one for one in found if "time_estimated" in one["reasons"]] == []
    assert {at.astimezone(ZoneInfo(zone)).hour for at in times} == {clock.parse(early).astimezone(ZoneInfo(zone)).hour}
