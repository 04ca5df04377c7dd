import random
import subprocess
import sys
from fractions import Fraction
from math import comb, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sops.errors import LotQuantityNeeded
from sops.sampling import LOT_LARGEST, Plan, accept_zero, checks_due, drawn, due, plan, rule_of, units_of

ALL = {"rule": "all"}
ZERO = {"rule": "accept_zero", "quality": "1.0", "confidence": "0.95"}
QUALITIES = ("0.1", "0.5", "0.65", "1.0", "2", "2.5", "5", "10", "33.333333", "50", "99.5", "100")
CONFIDENCES = ("0.5", "0.8", "0.9", "0.95", "0.99", "0.999")


def every(units):
    return {"rule": "every", "units": units}


def per_shift(units):
    return {"rule": "per_shift", "units": units}


def chance_of_finding_none(lot: int, bad: int, sample: int) -> Fraction:
    """One unit after the other, without binomial coefficients."""
    chance = Fraction(1)
    for taken in range(sample):
        chance *= Fraction(max(lot - bad - taken, 0), lot - taken)
    return chance


def by_trying(lot: int, quality: str, confidence: str) -> int:
    bad = next(bad for bad in range(1, lot + 1) if Fraction(bad, lot) >= Fraction(quality) / 100)
    return next(n for n in range(1, lot + 1) if chance_of_finding_none(lot, bad, n) <= 1 - Fraction(confidence))


# -- accept zero -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("confidence", CONFIDENCES)
@pytest.mark.parametrize("quality", QUALITIES)
def test_the_smallest_sample_is_the_one_that_trying_every_size_finds(quality, confidence):
    for lot in [*range(1, 41), 63, 77, 100, 128, 150, 199, 200]:
        assert accept_zero(lot, quality, confidence) == by_trying(lot, quality, confidence), lot


def test_the_smallest_sample_is_right_for_every_lot_up_to_two_hundred():
    for lot in range(1, 201):
        assert accept_zero(lot, "2.5", "0.95") == by_trying(lot, "2.5", "0.95")


# Lots in which the level is a whole number of units, of table 1 (95 % confidence, hypergeometric) of the
# International Standard for Phytosanitary Measures 31, Methodologies for sampling of consignments (FAO, 2008).
@pytest.mark.parametrize(
    ("lot", "level", "sample"),
    [
        (50, "2", 48), (100, "5", 45), (100, "2", 78), (100, "1", 95), (200, "5", 51), (200, "2", 105),
        (200, "1", 155), (200, "0.5", 190), (300, "5", 54), (300, "2", 117), (300, "1", 189), (400, "5", 55),
        (400, "2", 124), (400, "1", 211), (400, "0.5", 311), (600, "0.5", 379), (1000, "5", 57), (1000, "2", 138),
        (1000, "1", 258), (1000, "0.5", 450), (1000, "0.1", 950), (2000, "1", 277), (2000, "0.1", 1553),
    ],
)  # fmt: skip
def test_samples_are_those_of_a_published_table(lot, level, sample):
    assert accept_zero(lot, level, "0.95") == sample
    bad = int(lot * Fraction(level) / 100)
    assert chance_of_finding_none(lot, bad, sample) <= Fraction(5, 100) < chance_of_finding_none(lot, bad, sample - 1)


@pytest.mark.parametrize(
    ("quality", "confidence", "binomial"),
    [("1", "0.95", 299), ("5", "0.95", 59), ("10", "0.95", 29), ("20", "0.95", 14), ("5", "0.99", 90)],
)
def test_for_a_large_lot_the_sample_is_the_well_known_binomial_one(quality, confidence, binomial):
    assert accept_zero(10**6, quality, confidence) == binomial


def test_a_fraction_of_a_unit_counts_as_a_whole_bad_one():
    # 1.5 % of 100 units: with one bad unit the lot is better than that, with two it is not.
    assert accept_zero(100, "1.5", "0.95") == accept_zero(100, "2", "0.95") == 78


def test_a_lot_so_small_that_one_bad_unit_is_too_many_is_looked_at_nearly_whole():
    assert accept_zero(1, "1", "0.95") == 1
    assert accept_zero(19, "1", "0.95") == 19  # leaving out one of 19 misses the bad unit in 5.3 % of all samples
    assert accept_zero(20, "1", "0.95") == 19  # ... and one of 20 in just 5 %


lots = st.integers(1, 10**6)
qualities = st.integers(1, 10**8).map(lambda n: f"{n // 10**6}.{n % 10**6:06d}")
confidences = st.integers(1, 999_999).map(lambda n: f"0.{n:06d}")


@given(lots, qualities, confidences)
def test_a_sample_is_enough_and_one_less_is_not(lot, quality, confidence):
    sample = accept_zero(lot, quality, confidence)
    bad = -(-lot * Fraction(quality) // 100)
    risk = 1 - Fraction(confidence)

    def enough(n):
        few, many = min(n, bad), max(n, bad)
        return Fraction(comb(lot - many, few), comb(lot, few)) <= risk

    bad = int(bad)
    assert 1 <= sample <= lot - bad + 1
    assert enough(sample)
    assert sample == 1 or not enough(sample - 1)


@given(lots, qualities, qualities, confidences)
def test_a_better_limiting_quality_never_needs_a_smaller_sample(lot, one, other, confidence):
    strict, lax = sorted((one, other), key=Fraction)
    assert accept_zero(lot, strict, confidence) >= accept_zero(lot, lax, confidence)


@given(lots, qualities, confidences, confidences)
def test_more_confidence_never_needs_a_smaller_sample(lot, quality, one, other):
    less, more = sorted((one, other), key=Fraction)
    assert accept_zero(lot, quality, more) >= accept_zero(lot, quality, less)


@given(lots, qualities, confidences)
def test_no_lot_needs_more_than_an_endless_one(lot, quality, confidence):
    share = float(Fraction(quality) / 100)
    if share < 1:
        endless = log(1 - float(confidence)) / log(1 - share)
        assert accept_zero(lot, quality, confidence) <= endless * (1 + 1e-9) + 1


@given(st.integers(1, 2000), st.integers(1, 500), st.sampled_from(CONFIDENCES))
def test_a_lot_as_many_times_larger_with_as_many_times_more_bad_units_never_needs_less(lot, times, confidence):
    # Only whole multiples: one unit more may round the bad units up, and then the sample gets smaller.
    bad = max(1, lot // 20)
    quality = Fraction(100 * bad, lot)
    if quality.denominator in (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100):
        written = f"{float(quality):.6f}"
        assert accept_zero(lot * times, written, confidence) >= accept_zero(lot, written, confidence)


@pytest.mark.parametrize("lot", [0, -1, LOT_LARGEST + 1])
def test_a_lot_that_cannot_be_is_refused(lot):
    with pytest.raises(ValueError, match="units"):
        accept_zero(lot, "1", "0.95")


@pytest.mark.parametrize(
    ("quality", "confidence"), [("0", "0.95"), ("100.1", "0.9"), ("1", "0"), ("1", "1"), ("-1", "0.5")]
)
def test_a_level_or_a_confidence_that_cannot_be_is_refused(quality, confidence):
    with pytest.raises(ValueError, match="Quality"):
        accept_zero(100, quality, confidence)


# -- plans -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "lot", "sample"),
    [
        (ALL, 1, 1), (ALL, 480, 480),
        (every(50), 480, 10), (every(50), 500, 10), (every(50), 501, 11), (every(50), 3, 1), (every(1), 7, 7),
        (per_shift(5), 480, 5), (per_shift(5), 3, 3),
        (ZERO, 1000, 258),
    ],
)  # fmt: skip
def test_a_plan_says_how_many_units_and_lets_no_bad_one_pass(rule, lot, sample):
    assert plan(rule, lot) == Plan(sample, accept=0)
    assert len(units_of(rule, lot)) == sample


def test_a_lot_made_in_three_shifts_is_looked_at_in_each():
    assert plan(per_shift(5), 480, shifts=3).sample == 15
    assert plan(per_shift(5), 11, shifts=3).sample == 11


@pytest.mark.parametrize("rule", [ALL, every(50), ZERO], ids=lambda rule: rule["rule"])
def test_a_rule_that_depends_on_the_lot_asks_for_its_quantity(rule):
    with pytest.raises(LotQuantityNeeded, match="Say how many units the lot has") as error:
        plan(rule, None)
    assert error.value.code == "lot_quantity_needed"


def test_a_sample_per_shift_needs_no_quantity_to_be_planned_but_one_to_be_placed():
    assert plan(per_shift(5), None, shifts=2) == Plan(10)
    with pytest.raises(LotQuantityNeeded):
        units_of(per_shift(5), None)


@pytest.mark.parametrize("rule", [ALL, every(50), per_shift(5), ZERO], ids=lambda rule: rule["rule"])
def test_a_lot_of_nothing_is_refused(rule):
    for ask in (plan, units_of):
        with pytest.raises(ValueError, match="A lot of 0 units"):
            ask(rule, 0)
    with pytest.raises(ValueError, match="0 shifts"):
        plan(rule, 10, shifts=0)


# -- which units -----------------------------------------------------------------------------------------


def test_every_fiftieth_unit_starts_with_the_first():
    assert list(units_of(every(50), 151)) == [1, 51, 101, 151]
    assert [unit for unit in range(1, 160) if due(every(50), unit)] == [1, 51, 101, 151]


def test_units_of_a_shift_are_spread_over_it():
    assert list(units_of(per_shift(4), 100)) == [1, 26, 51, 76]
    assert list(units_of(per_shift(3), 2)) == [1, 2]
    assert list(units_of(per_shift(3), 10)) == [1, 4, 7]


@given(
    st.sampled_from([ALL, every(7), every(50), per_shift(1), per_shift(12), ZERO]),
    st.integers(1, 700),
    st.text(max_size=5),
)
def test_units_are_of_the_lot_as_many_as_planned_and_due_one_by_one(rule, lot, key):
    units = units_of(rule, lot, key=key)
    assert len(units) == len(set(units)) == plan(rule, lot).sample
    assert set(units) <= set(range(1, lot + 1))
    assert {unit for unit in range(1, lot + 1) if due(rule, unit, lot, key=key)} == set(units)
    assert units == units_of(rule, lot, key=key)


@pytest.mark.parametrize("rule", [per_shift(5), ZERO], ids=lambda rule: rule["rule"])
def test_a_unit_cannot_be_called_due_before_the_quantity_is_known_where_that_matters(rule):
    with pytest.raises(LotQuantityNeeded):
        due(rule, 1)


def test_a_drawn_sample_depends_on_its_key_and_holds_the_smaller_ones():
    assert drawn(1000, 50, "lot 1") != drawn(1000, 50, "lot 2")
    assert drawn(1000, 20, "lot 1") < drawn(1000, 50, "lot 1")
    assert drawn(50, 50, "any") == frozenset(range(1, 51))


def test_a_draw_favours_no_unit_and_no_pair():
    lot, sample, draws = 6, 3, 6000
    sets = [drawn(lot, sample, f"lot {n}") for n in range(draws)]
    for unit in range(1, lot + 1):
        assert abs(sum(unit in s for s in sets) - draws / 2) < 5 * (draws / 4) ** 0.5
    seen = {one: sets.count(one) for one in set(sets)}
    assert len(seen) == comb(lot, sample)
    expected = draws / comb(lot, sample)
    assert sum((count - expected) ** 2 / expected for count in seen.values()) < 48  # chi-squared, 19 degrees: 0.0003


def test_a_draw_is_the_same_in_another_process_whatever_its_hashes():
    code = "from sops.sampling import drawn; print(sorted(drawn(10_000, 8, 'L-1')))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == str(sorted(drawn(10_000, 8, "L-1")))


def test_a_sample_finds_a_bad_lot_as_often_as_promised():
    rule = {"rule": "accept_zero", "quality": "10", "confidence": "0.9"}
    source, found, lots_made = random.Random(7), 0, 2000
    for number in range(lots_made):
        bad = set(source.sample(range(1, 121), 12))
        found += bool(bad & set(units_of(rule, 120, key=f"lot {number}")))
    assert found / lots_made > 0.9 - 4 * (0.9 * 0.1 / lots_made) ** 0.5


# -- rules in documents ----------------------------------------------------------------------------------


def test_a_check_follows_its_own_rule_else_the_documents_else_every_unit():
    document = {"sampling": every(50)}
    assert rule_of(document, {"sampling": ZERO}) == ZERO
    assert rule_of(document, {}) == every(50)
    assert rule_of({}, {}) == ALL


def test_the_checks_that_a_unit_is_asked_are_named_in_order():
    checks = [{"id": "a", "sampling": ALL}, {"id": "b"}, {"id": "c", "sampling": every(3)}]
    document = {"sampling": every(50), "checks": checks}
    assert checks_due(document, 1) == ("a", "b", "c")
    assert checks_due(document, 4) == ("a", "c")
    assert checks_due(document, 51) == ("a", "b")
    assert checks_due({}, 1) == ()
