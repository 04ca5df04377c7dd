"""Agreement of two people, against published tables."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qc_service.inspections.checking_rules import Agreement, agreement, one_sided

# Cohen 1960, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20: table 2b, p. 45.
COHEN = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
# Fleiss 1981, "Statistical methods for rates and proportions", 2nd ed., p. 213: 100 diagnoses by two people.
FLEISS = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
# SAS/STAT User's Guide, PROC FREQ, "Agreement study": 88 skins seen by two dermatologists; the error that it prints is
# that of Fleiss, Cohen and Everitt 1969.
SKINS = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]
# Feinstein and Cicchetti 1990, "High agreement but low kappa", J. Clin. Epidemiol. 43: agreement is 0.85 in both.
BALANCED, PREVALENT = [[40, 9], [6, 45]], [[80, 10], [5, 5]]


def test_kappa_is_that_of_cohens_own_table():
    found = agreement(COHEN)
    assert (found.pairs, found.observed) == (200, 0.7)
    assert found.kappa == pytest.approx(0.492, abs=5e-4)


def test_kappa_is_that_of_fleiss_book():
    found = agreement(FLEISS)
    assert (found.pairs, found.observed) == (100, 0.89)
    assert found.kappa == pytest.approx(0.23 / 0.34)


def test_the_standard_error_is_the_one_that_a_statistics_package_prints():
    found = agreement(SKINS)
    assert found.kappa == pytest.approx(0.3449, abs=5e-5)
    assert found.error == pytest.approx(0.0724, abs=5e-5)


def test_the_standard_error_is_the_formula_worked_out_by_hand():
    """Po 0.7, Pe 0.5 and kappa 0.4, with the same margins: var = (Po (1 - Po)) / (n (1 - Pe)²), and so 0.21 / 25."""
    found = agreement([[35, 15], [15, 35]])
    assert (found.observed, found.kappa) == (0.7, 0.4)
    assert found.error == pytest.approx(math.sqrt(0.21 / 25))


def test_where_nearly_all_is_in_order_kappa_falls_and_pabak_does_not():
    even, uneven = agreement(BALANCED), agreement(PREVALENT)
    assert (even.observed, uneven.observed) == (0.85, 0.85)
    assert even.kappa == pytest.approx(0.70, abs=5e-3)
    assert uneven.kappa == pytest.approx(0.32, abs=5e-3)
    assert even.pabak == uneven.pabak == 0.7


@pytest.mark.parametrize("table", [[[7, 0], [0, 0]], [[0, 0], [0, 1]]])
def test_kappa_does_not_exist_where_both_always_said_the_same_one_thing(table):
    assert agreement(table) == Agreement(sum(map(sum, table)), 1.0, None, None, 1.0)


def test_nothing_exists_without_pairs():
    assert agreement([[0, 0], [0, 0]]) == Agreement(0, None, None, None, None)


def test_kappa_is_nothing_and_exists_where_they_agree_as_chance_does():
    found = agreement([[25, 25], [25, 25]])
    assert found.kappa == 0.0
    assert found.error == pytest.approx(0.1)


@pytest.mark.parametrize(("table", "kappa"), [([[5, 0], [0, 5]], 1.0), ([[0, 5], [5, 0]], -1.0)])
def test_the_error_does_not_exist_at_the_ends_where_its_formula_knows_no_doubt(table, kappa):
    found = agreement(table)
    assert (found.kappa, found.error) == (kappa, None)


def tables(size: int = 2):
    cell = st.integers(0, 10**6) | st.integers(0, 3)
    return st.lists(st.lists(cell, min_size=size, max_size=size), min_size=size, max_size=size)


SOME = st.integers(2, 4).flatmap(tables)


@given(SOME)
def test_every_number_of_agreement_is_in_its_bounds_or_does_not_exist(table):
    found = agreement(table)
    assume(found.pairs)
    assert 0 <= found.observed <= 1
    assert -1 <= found.pabak <= 1
    assert found.pabak == pytest.approx(2 * found.observed - 1)
    assert found.kappa is None or -1 <= found.kappa <= found.observed
    assert found.error is None or (math.isfinite(found.error) and found.error > 0)
    assert found.kappa is not None or found.error is None


@given(SOME)
def test_it_is_one_who_is_called_the_first(table):
    assert agreement([list(column) for column in zip(*table, strict=True)]) == agreement(table)


@given(SOME.flatmap(lambda table: st.tuples(st.just(table), st.permutations(range(len(table))))))
def test_agreement_does_not_depend_on_what_the_answers_are_called(drawn):
    table, order = drawn
    assert agreement([[table[i][j] for j in order] for i in order]) == agreement(table)


@given(tables(), st.integers(2, 50))
def test_more_of_the_same_changes_the_error_alone(table, times):
    one, many = agreement(table), agreement([[count * times for count in row] for row in table])
    assert (many.observed, many.kappa, many.pabak) == (one.observed, one.kappa, one.pabak)
    if one.error:
        assert many.error == pytest.approx(one.error / math.sqrt(times))


def test_nearly_all_begins_at_nine_of_ten_answers():
    assert one_sided([[8, 1], [1, 0]]) == 0
    assert one_sided([[79, 11], [10, 0]]) is None
    assert one_sided([[0, 1], [1, 8]]) == 1
    assert one_sided([[0, 0], [0, 0]]) is None
