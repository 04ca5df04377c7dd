"""Charts of counted events give the published centre lines and limits, and bear whatever lots there may be."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.charts.registry import CHARTS
from qc_service.charts.values import Lot
from tests.qc_service.charts.reference import COUNTED, QCC, QICHARTS2, lots_of, table

QICHARTS2_NAMES = {
    "nhs_accidents_p": "p", "nhs_accidents_pprime": "laney_p", "cdi_pre_u": "u", "cdi_post_u": "u",
    "cdi_pre_uprime": "laney_u", "secom_pprime": "laney_p", "orangejuice_trial_pprime": "laney_p",
}  # fmt: skip


def close(values):
    return pytest.approx(values, abs=1e-9)


def limits(stage):
    return [point.low for point in stage.points], [point.high for point in stage.points]


@pytest.mark.parametrize("name", COUNTED)
def test_centre_and_limits_are_those_of_qcc(name):
    entry = QCC[name]

    stage = CHARTS[entry["type"]].draw(lots_of(entry), None)

    assert stage.centre == close(entry["center"])
    assert limits(stage) == (close(entry["lcl"]), close(entry["ucl"]))
    assert [point.value for point in stage.points] == close([*entry["statistics"], *(entry["newstats"] or ())])


@pytest.mark.parametrize("name", QICHARTS2)
def test_centre_and_limits_are_those_of_qicharts2(name):
    entry = QICHARTS2[name]
    lots = [Lot(n, round(y * n)) for y, n in zip(entry["y"], entry["n"], strict=True)]

    stage = CHARTS[QICHARTS2_NAMES[name]].draw(lots, None)

    assert [point.centre for point in stage.points] == close(entry["cl"])
    assert limits(stage) == (close(entry["lcl"]), close(entry["ucl"]))


def test_every_reference_of_a_chart_is_compared():
    assert set(QICHARTS2) == set(QICHARTS2_NAMES)
    assert {QCC[name]["type"] for name in COUNTED} == {"p", "np", "u", "c", "g"}


@pytest.mark.parametrize(
    ("chart", "file", "n", "d", "centre", "low", "high"),
    [
        ("u", "pcmanufact.csv", "size", "x", 1.93, 0.066, 3.794),
        ("u", "dyedcloth.csv", "size", "x", 1.4233, 0.291, 2.555),
        ("p", "orangejuice2.csv", "size", "D", 0.1097, 0.0, 0.2423),
        ("p", "nhs_accidents.csv", "n", "r", 0.9529, 0.9517, 0.9541),
        ("p", "secom_daily.csv", "n", "d", 0.0664, 0.0, 0.2819),
    ],
)
def test_the_series_themselves_give_the_published_lines(chart, file, n, d, centre, low, high):
    stage = CHARTS[chart].draw([Lot(float(row[n]), int(row[d])) for row in table(file)], None)

    first = stage.points[0]
    assert (stage.centre, first.low, first.high) == pytest.approx((centre, low, high), abs=6e-4)


def test_a_quarter_of_a_million_patients_differ_by_ten_times_chance_and_the_chart_knows():
    lots = [Lot(int(row["n"]), int(row["r"])) for row in table("nhs_accidents.csv")]

    plain, laney = CHARTS["p"].draw(lots, None), CHARTS["laney_p"].draw(lots, None)

    assert sum(not point.low <= point.value <= point.high for point in plain.points) == 16
    assert not [point for point in laney.points if not point.low <= point.value <= point.high]
    assert laney.dispersion == pytest.approx(10.64, abs=0.01)


def test_a_fix_of_hospital_infections_has_a_stage_of_its_own():
    months = table("cdi_infections.csv")
    before, after = (
        CHARTS["u"].draw([Lot(float(row["days"]), int(row["n"])) for row in months if row["period"] == period], None)
        for period in ("pre", "post")
    )
    assert (before.centre, after.centre) == pytest.approx((1.3024e-3, 5.009e-4), rel=1e-4)


def test_a_lot_left_out_has_limits_and_moves_no_line():
    lots = [Lot(50, d) for d in (10, 12, 9, 11)]

    stage = CHARTS["laney_p"].draw([*lots[:2], Lot(50, 50, counted=False), *lots[2:]], None)

    assert stage.centre == CHARTS["laney_p"].draw(lots, None).centre
    assert stage.dispersion == CHARTS["laney_p"].draw(lots, None).dispersion
    assert stage.points[2].high == stage.points[0].high < stage.points[2].value


# What can be no lot, and what is strange and can ---


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize(
    ("lot", "said"),
    [
        (Lot(0, 0, name="B-7"), "lot B-7 has 0 units"),
        (Lot(-5, 0), "lot 2 has -5 units"),
        (Lot(math.nan, 0), "units"),
        (Lot(math.inf, 0), "units"),
        (Lot(10, -1, name="B-7"), "lot B-7 has -1 events"),
        (Lot(10, 0.5), "whole number"),
        (Lot(10, math.nan), "whole number"),
    ],
)
def test_what_is_no_lot_is_refused_by_its_name(name, lot, said):
    with pytest.raises(ValueError, match=said):
        CHARTS[name].draw([Lot(50, 1), lot], None)


@pytest.mark.parametrize("name", ["p", "np", "laney_p"])
def test_more_defective_than_units_are_refused_of_a_proportion(name):
    with pytest.raises(ValueError, match="lot B-9 has 11 events on 10 units"):
        CHARTS[name].draw([Lot(10, 11, name="B-9")], None)
    assert CHARTS["u"].draw([Lot(10, 11)], None).centre == 1.1


def test_a_run_between_events_ends_in_its_only_event():
    with pytest.raises(ValueError, match="only event"):
        CHARTS["g"].draw([Lot(10, 2)], None)


sizes = st.one_of(st.integers(1, 10**15), st.integers(1, 3), st.floats(1e-9, 1e15))
shares = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1))
lists = st.lists(
    st.builds(lambda n, share, counted: Lot(n, int(n * share), counted), sizes, shares, st.booleans()), max_size=40
)


@given(lists)
@pytest.mark.parametrize("name", [name for name in CHARTS if name != "g"])
def test_possible_lots_never_break_a_chart_and_no_number_is_none(name, lots):
    chart = CHARTS[name]

    stage = chart.draw(lots, None)

    assert len(stage.points) == len(lots)
    for point in stage.points:
        assert math.isfinite(point.value)
        numbers = (point.centre, point.sigma, point.low, point.high)
        if stage.centre is None:
            assert numbers == (None,) * 4
        else:
            assert all(math.isfinite(number) and number >= 0 for number in numbers)
            assert point.low <= point.centre * (1 + 1e-9) <= point.high * (1 + 1e-9) + 1e-12


@given(st.lists(st.integers(1, 10**9), max_size=40))
def test_possible_runs_between_events_never_break_a_g_chart(runs):
    for point in CHARTS["g"].draw([Lot(n, 1) for n in runs], None).points:
        assert point.high is None or (math.isfinite(point.high) and 0 <= point.low <= point.high)
        assert point.sigma is None or math.isfinite(point.sigma)


@pytest.mark.parametrize(
    "lots",
    [
        [],
        [Lot(50, 7)],
        [Lot(50, 0)] * 30,
        [Lot(50, 50)] * 30,
        [Lot(50, 7)] * 10 + [Lot(10**12, 10**11)],
        [Lot(1, 0), Lot(1, 1)] * 5_000,
        [Lot(1, 0), Lot(1000, 30), Lot(10**6, 31_000)] * 10,
        [Lot(50, 5, counted=False)] * 5,
    ],
    ids=["none", "one", "no defects", "all defective", "a giant", "ten thousand tiny", "thousandfold", "all left out"],
)
@pytest.mark.parametrize("name", ["p", "np", "u", "c", "laney_p", "laney_u"])
def test_strange_lots_have_a_chart(name, lots):
    points = CHARTS[name].draw(lots, None).points

    assert len(points) == len(lots)
    assert all(math.isfinite(point.high) for point in points if point.high is not None)
