"""Patterns are named at the points at which the published charts name them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.charts import hints
from qc_service.charts.hints import NELSON, WESTERN_ELECTRIC, violations
from qc_service.charts.registry import CHARTS
from qc_service.charts.values import Lot, Point
from tests.qc_service.charts.reference import (
    COUNTED,
    MEASURED,
    OTHER_SIZES,
    QCC,
    RULES,
    ZONES,
    lots_of,
    points_of,
)


def at(zs):
    return [Point(z, 0.0, 1.0, -3.0, 3.0) for z in zs]


def found(points, rule):
    """Counted from 1, as everybody else counts lots."""
    return [index + 1 for index in violations(points, [rule])[rule]]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        (name, rule)
        for name in (*COUNTED, *MEASURED)
        for rule in QCC[name]["rules_1based"]
        if not (name in OTHER_SIZES and rule in ZONES)
    ],
)
def test_the_same_points_are_named_as_by_qcc(name, rule):
    """On charts of measured values, which the service does not draw, with the limits that qcc drew."""
    entry = QCC[name]
    points = points_of(entry) if name in MEASURED else CHARTS[entry["type"]].draw(lots_of(entry), None).points

    assert found(points, RULES[rule]) == entry["rules_1based"][rule]


@pytest.mark.parametrize(
    ("rule", "ours"), [("western_electric_2", [3, 8, 9, 10]), ("western_electric_3", [10, 11, 30, 61])]
)
def test_a_lot_is_compared_with_its_own_limits_where_qcc_takes_those_of_the_latest_one(rule, ours):
    entry = QCC["secom_p_daily"]
    points = CHARTS["p"].draw(lots_of(entry), None).points

    assert found(points, RULES[rule]) == ours
    assert entry["rules_1based"][rule] != ours
    zone = 2 if rule == "western_electric_2" else 1
    assert all(abs(points[place - 1].z) > zone for place in ours)
    # As qcc compares: with the limits of the latest lot, and only where the whole span is there.
    need, span = (2, 3) if zone == 2 else (4, 5)
    as_qcc = []
    for end in range(span - 1, len(points)):
        width = zone * points[end].sigma
        away = [point.value - points[end].centre for point in points[end - span + 1 : end + 1]]
        if any(sum(side * one > width for one in away) >= need and side * away[-1] > width for side in (1, -1)):
            as_qcc.append(end + 1)
    assert as_qcc == entry["rules_1based"][rule]


@pytest.mark.parametrize(
    ("rule", "zs", "where"),
    [
        (hints.BEYOND, [0, 3.1, 0, -3.1, 3.0], [2, 4]),
        (hints.TWO_OF_THREE, [2.1, 0, 2.1, -2.1, 2.1], [3, 5]),
        (hints.TWO_OF_THREE, [2.1, 2.1], [2]),
        (hints.TWO_OF_THREE, [2.1, -2.1, 0, 2.1], []),
        (hints.FOUR_OF_FIVE, [1.1, 1.1, 0, 1.1, 1.1, 0, -1.1], [5]),
        (hints.EIGHT, [0.1] * 9, [8, 9]),
        (hints.EIGHT, [0.1] * 7 + [0.0] + [0.1] * 7, []),
        (hints.EIGHT, [0.1] * 4 + [-0.1] * 8, [12]),
        ("nine_on_one_side", [0.1] * 9, [9]),
        ("six_rising_or_falling", [1, 2, 3, 4, 5, 6, 7], [6, 7]),
        ("six_rising_or_falling", [6, 5, 4, 3, 2, 1], [6]),
        ("six_rising_or_falling", [1, 2, 3, 3, 4, 5, 6], []),
        ("fourteen_alternating", [0, 1] * 7, [14]),
        ("fourteen_alternating", [0, 1] * 6 + [2, 0], []),
        ("fifteen_near_centre", [0.5, -0.5] * 8, [15, 16]),
        ("eight_away_from_centre", [1.5, -1.5] * 4, [8]),
        ("eight_away_from_centre", [1.5] * 8, []),
    ],
)
def test_a_rule_names_the_points_at_which_its_pattern_is_complete(rule, zs, where):
    assert found(at(zs), rule) == where


def test_every_rule_has_its_name_and_the_handbooks_are_complete():
    assert all(name == rule.name for name, rule in hints.RULES.items())
    assert (len(WESTERN_ELECTRIC), len(NELSON)) == (4, 8)
    assert {*WESTERN_ELECTRIC, *NELSON} == set(hints.RULES)


def test_a_stage_without_any_deviation_has_no_hint():
    points = CHARTS["p"].draw([Lot(50, 0)] * 30, None).points

    assert not any(violations(points, hints.RULES).values())


@given(st.lists(st.floats(-9, 9), max_size=60))
def test_both_sides_are_treated_alike_and_every_index_is_one(zs):
    points, mirrored = at(zs), at([-z for z in zs])

    named = violations(points, hints.RULES)

    assert named == violations(mirrored, hints.RULES)
    assert all(0 <= index < len(zs) for indices in named.values() for index in indices)


@given(st.lists(st.floats(-9, 9), max_size=40), st.lists(st.floats(-9, 9), max_size=40))
def test_what_comes_later_changes_no_hint(zs, more):
    before, after = violations(at(zs), hints.RULES), violations(at(zs + more), hints.RULES)

    assert {rule: [one for one in indices if one < len(zs)] for rule, indices in after.items()} == before


def test_ten_thousand_points_are_read_in_one_pass():
    chance = random.Random(1)

    named = violations(at([chance.gauss(0, 1) for _ in range(10_000)]), WESTERN_ELECTRIC)

    assert 70 < len({index for indices in named.values() for index in indices}) < 250
