"""What a row may say, which revision is newer, and what charges add up to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from qc_service.counts.rules import CountRow, RowRefused, add_up, compare_versions, outcome, read_row
from qc_service.counts.schemas import CountIn

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROW = {
    "source": "erp", "external_id": "JC-1", "external_version": "3", "line": "L1", "product": "P", "lot": "B-7",
    "period_start": "2026-11-18T06:00:00Z", "period_end": "2026-11-18T14:00:00Z",
    "total": 480, "good": 462, "scrapped": 12, "reworked": 6, "inspected": 125, "defective": 5,
    "defects": [{"code": "COLD-SOLDER", "units": 3}], "rework_in_good": False, "charged_to": None,
    "work_order": "WO-118", "operation": "Final assembly", "shift": "A",
}  # fmt: skip


def refused(**changes: Any) -> dict[str, str]:
    """Pointer → code of a row that must be refused."""
    row = {name: value for name, value in {**ROW, **changes}.items() if value is not ...}
    with pytest.raises(RowRefused) as caught:
        read_row(row, NOW)
    return {pointer: code for pointer, code, _ in caught.value.problems}


def test_the_contract_s_own_row_is_read_whole():
    row = read_row(ROW, NOW)

    assert (row.total, row.good, row.scrapped, row.reworked, row.inspected, row.defective) == (480, 462, 12, 6, 125, 5)
    assert row.defects == (("COLD-SOLDER", 3, None, None),)
    assert row.period_start == datetime(2026, 11, 18, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"defective": -1}, "/defective", "negative"),
        ({"defective": 2.5}, "/defective", "not_whole"),
        ({"defective": "three"}, "/defective", "not_whole"),
        ({"defective": "3"}, "/defective", "not_whole"),
        ({"inspected": True}, "/inspected", "not_whole"),
        ({"total": 10**13}, "/total", "too_large"),
        ({"defective": 126}, "/defective", "contradiction"),
        ({"good": 463}, "/total", "contradiction"),
        ({"good": 475, "rework_in_good": True}, "/total", "contradiction"),
        ({"line": ...}, "/line", "required"),
        ({"source": None}, "/source", "required"),
        ({"external_id": ""}, "/external_id", "invalid"),
        ({"external_id": "x" * 201}, "/external_id", "invalid"),
        ({"external_id": "a\x00b"}, "/external_id", "invalid"),
        ({"surprise": 1}, "/surprise", "unknown_field"),
        ({"period_end": "2026-11-18T05:59:59Z"}, "/period_end", "reversed"),
        ({"period_end": "2026-11-20T12:10:01Z"}, "/period_end", "in_the_future"),
        ({"period_end": "yesterday"}, "/period_end", "not_a_time"),
        ({"period_end": "2026-11-18T14:00:00"}, "/period_end", "not_a_time"),
        ({"period_end": 1763474400}, "/period_end", "not_a_time"),
        ({"period_start": "0001-01-01T00:00:00+14:00"}, "/period_start", "not_a_time"),
        ({"period_start": "1969-12-31T23:59:59Z"}, "/period_start", "too_early"),
        ({"rework_in_good": "yes"}, "/rework_in_good", "not_boolean"),
        ({"open": "yes"}, "/open", "not_boolean"),
        ({"open": 1}, "/open", "not_boolean"),
        ({"defects": [{"code": "A", "units": 126}]}, "/defects/0/units", "contradiction"),
        ({"defects": [{"code": "A", "units": 1}, {"code": "A", "units": 2}]}, "/defects/1/code", "twice"),
        ({"defects": [{"units": 1}]}, "/defects/0/code", "required"),
        ({"defects": [{"code": "A"}]}, "/defects/0/units", "required"),
        ({"defects": [{"code": "A", "units": -1}]}, "/defects/0/units", "negative"),
        ({"defects": ["A"]}, "/defects/0", "invalid"),
        ({"defects": {"A": 1}}, "/defects", "invalid"),
        ({"charged_to": "JC-1"}, "/charged_to", "invalid"),
    ],
)
def test_each_wrong_field_is_named(changes, pointer, code):
    assert refused(**changes)[pointer] == code


def test_every_problem_of_a_row_is_named_at_once():
    found = refused(total=-1, good="x", surprise=1, line=...)

    assert set(found) == {"/total", "/good", "/surprise", "/line"}


@pytest.mark.parametrize("raw", [None, [], "x", 3, True])
def test_what_is_no_object_is_refused(raw):
    with pytest.raises(RowRefused):
        read_row(raw, NOW)


def test_a_row_needs_at_least_one_quantity():
    nothing = dict.fromkeys(("total", "good", "scrapped", "reworked", "inspected", "defective", "defects"), ...)

    assert refused(**nothing) == {"/total": "required"}


def test_a_whole_number_written_as_a_decimal_is_a_whole_number():
    assert read_row({**ROW, "total": 480.0}, NOW).total == 480


def test_ten_minutes_ahead_is_a_clock_and_more_is_a_mistake():
    edge = (NOW + timedelta(minutes=10)).isoformat()

    assert read_row({**ROW, "period_end": edge}, NOW).period_end == NOW + timedelta(minutes=10)


def test_sums_are_checked_only_where_every_term_is_there():
    assert read_row({**ROW, "good": 480, "reworked": None}, NOW).good == 480
    assert read_row({**ROW, "good": 468, "rework_in_good": True}, NOW).good == 468


def test_what_is_charged_elsewhere_may_say_a_part_only():
    row = read_row({**ROW, "charged_to": "JC-9", "total": 1}, NOW)

    assert row.charged_to == "JC-9"


# Versions ---


@pytest.mark.parametrize(
    ("new", "old", "order"),
    [
        ("10", "9", 1), ("9", "10", -1), ("03", "3", 0), ("-1", "0", -1),
        ("2026-11-18T13:02:11.482913Z", "2026-11-18T13:02:11.48291Z", 1),
        ("2026-11-18T13:02:11.4829131Z", "2026-11-18T13:02:11.4829132Z", -1),
        ("2026-11-18T20:02:11+07:00", "2026-11-18T13:02:11Z", 0),
        ("2026-11-18 13:02:12", "2026-11-18T13:02:11", 1),
        ("2026-11-18T13:02:11", "2026-11-18T13:02:10Z", 1),
        ("b", "a", 1), ("B", "a", -1), ("10", "9a", -1), ("2026-13-45T99:00:00Z", "2026-11-18T13:02:11Z", 1),
    ],
)  # fmt: skip
def test_versions_are_ordered_as_numbers_then_as_times_then_as_text(new, old, order):
    assert compare_versions(new, old) == order


@given(
    st.lists(
        st.integers(-(10**30), 10**30).map(str)
        | st.datetimes().map(lambda t: t.isoformat() + "Z")
        | st.text(max_size=8),
        min_size=2,
        max_size=2,
    )
)
def test_comparing_the_other_way_round_gives_the_opposite(pair):
    assert compare_versions(*pair) == -compare_versions(*pair[::-1])


def row(**changes: Any) -> CountRow:
    return read_row({**ROW, **changes}, NOW)


def test_what_arrives_is_created_updated_unchanged_stale_or_a_conflict():
    stored = row()

    assert outcome(stored, None) == "created"
    assert outcome(row(), stored) == "unchanged"
    assert outcome(row(external_version="4"), stored) == "updated"
    assert outcome(row(external_version="2", total=481), stored) == "stale"
    assert outcome(row(total=481), stored) == "conflict"


def test_without_a_version_what_arrives_last_wins():
    assert outcome(row(external_version=None, total=481), row()) == "updated"
    assert outcome(row(external_version=None), row()) == "unchanged"
    assert outcome(row(external_version="1", total=481), row(external_version=None)) == "updated"


# Charges ---


def test_a_charge_adds_what_it_knows_and_leaves_the_rest_unknown():
    own = row(reworked=None, rework_in_good=True, good=468)
    charge = read_row(
        {**{n: ROW[n] for n in ("source", "line", "period_start", "period_end")}, "external_id": "JC-2", "reworked": 6,
         "charged_to": "JC-1", "defects": [{"code": "COLD-SOLDER", "units": 1, "reworked": 6}]}, NOW,
    )  # fmt: skip

    sums = add_up(own, [charge])

    assert sums["reworked"] == 6
    assert sums["total"] == 480
    assert sums["defects"] == {"COLD-SOLDER": [4, None, 6]}


def test_nothing_known_stays_unknown():
    own = row(total=None, good=None, scrapped=None, reworked=None)

    assert add_up(own, [])["total"] is None


# The hand-written check against the schema that describes the row to clients ---

QUANTITY = st.none() | st.integers(-2, 600) | st.floats(0, 5) | st.booleans() | st.text(max_size=2)
ANYTHING = st.fixed_dictionaries(
    {},
    optional={
        "source": st.none() | st.text(max_size=3), "external_id": st.none() | st.text(max_size=3),
        "external_version": st.none() | st.text(max_size=2), "line": st.none() | st.text("L1/ ", max_size=3),
        "period_start": st.sampled_from([None, "2026-11-18T06:00:00Z", "nonsense", 5, "2026-11-18T06:00:00"]),
        "period_end": st.sampled_from([None, "2026-11-18T07:00:00+00:00", "", "2026-11-18"]),
        "total": QUANTITY, "inspected": QUANTITY, "defective": QUANTITY,
        "rework_in_good": st.none() | st.booleans() | st.just("x"),
        "surprise": st.just(1),
    },
)  # fmt: skip


@given(ANYTHING)
def test_what_the_rules_accept_the_described_schema_accepts(raw):
    try:
        accepted = read_row(raw, NOW)
    except RowRefused:
        return
    described = {**raw}
    for name in ("total", "inspected", "defective"):
        if isinstance(described.get(name), float):
            described[name] = int(described[name])
    try:
        CountIn().load(described)
    except ValidationError as error:
        if set(error.messages) - {"line"}:  # a code's own form is narrower than any text that names a line
            raise AssertionError((accepted, error.messages)) from error


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_no_json_value_makes_the_check_fall_over(raw):
    with pytest.raises(RowRefused):
        read_row(raw, NOW)
