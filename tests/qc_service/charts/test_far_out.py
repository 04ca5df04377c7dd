"""One lot far out: hardly ever by chance, and at once when it is a catastrophe."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.charts.far_out import is_far_out, most_expected
from tests.qc_service.charts.laws import tail

ONE_SIDED = 0.00135  # beyond three standard deviations of a normal value


def false_mark(kind, n, rate, rho):
    """The exact chance that a lot at the very alarm rate is called far out."""
    return tail(kind, n, rate, rho, max(math.floor(most_expected(kind, n, rate, rho)) + 1, 2))


@pytest.mark.parametrize("kind", ["proportion", "count"])
@pytest.mark.parametrize("rho", [0.0, 0.005, 0.02, 0.05, 0.1, 0.2])
@pytest.mark.parametrize(
    ("n", "rate"), [(10, 0.1), (50, 0.13), (200, 0.023), (500, 0.0165), (1000, 0.001), (3000, 0.0002)]
)
def test_a_lot_at_the_alarm_rate_is_hardly_ever_called_far_out(kind, n, rate, rho):
    """With any dispersion: the limit follows it, and its skewness."""
    assert false_mark(kind, n, rate, rho) < (1.28 if rho <= 0.1 else 4.2) * ONE_SIDED


@pytest.mark.parametrize(("n", "rate"), [(200, 0.023), (1000, 0.001)])
def test_three_plain_deviations_would_be_passed_far_more_often(n, rate):
    plain = math.floor(n * rate + 3 * math.sqrt(n * rate * (1 - rate))) + 1

    assert tail("proportion", n, rate, 0.0, plain) > 2 * ONE_SIDED
    assert false_mark("proportion", n, rate, 0.0) < 1.5 * ONE_SIDED


@pytest.mark.parametrize(
    ("kind", "n", "rate", "rho", "most"),
    [
        ("count", 100, 0.01, 0.0, 1 + 3 + 4 / 3),
        ("count", 10_000, 0.01, 0.0, 100 + 30 + 4 / 3),
        ("proportion", 50, 0.5, 0.0, 25 + 3 * math.sqrt(12.5)),
        ("proportion", 50, 0.13, 0.0, 6.5 + 3 * math.sqrt(5.655) + 4 / 3 * 0.74),
    ],
)
def test_the_limit_is_the_published_formula(kind, n, rate, rho, most):
    assert most_expected(kind, n, rate, rho) == pytest.approx(most, abs=1e-9)


@pytest.mark.parametrize(
    ("n", "d", "rate", "rho", "far"),
    [
        (50, 24, 0.13, 0.0, True),
        (50, 24, 0.13, 0.3, False),  # lots here differ that much
        (200, 20, 0.023, 0.0, True),
        (200, 8, 0.023, 0.0, False),
        (1000, 1, 1e-6, 0.0, False),  # never on one event
        (1000, 3, 1e-6, 0.0, True),
        (50, 50, 0.9, 0.2, False),  # a bad lot is nothing new
    ],
)
def test_a_lot_is_far_out_by_its_own_size_and_spread(n, d, rate, rho, far):
    assert is_far_out("proportion", n, d, rate, rho) is far


def test_ten_times_the_alarm_rate_shows_in_its_first_lot():
    """Almost always; where a lot is expected to have three events instead of 0.3, in one of three."""
    for n, rate, rho in ((300, 0.0165, 0.005), (1500, 2.0e-4, 0.0), (30, 0.055, 0.0), (120, 0.066, 0.02)):
        limit = math.floor(most_expected("proportion", n, rate, rho)) + 1
        assert tail("proportion", n, 10 * rate, rho, limit) > (0.999 if n * rate > 1 else 0.35)


@given(
    st.sampled_from(["proportion", "count"]), st.integers(1, 10**15), st.floats(1e-100, 1), st.floats(0, 0.9),
    st.floats(0, 1),
)  # fmt: skip
def test_the_limit_is_always_a_number_and_no_single_event_is_far_out(kind, n, rate, rho, share):
    most = most_expected(kind, n, rate, rho)

    assert math.isfinite(most)
    assert not is_far_out(kind, n, min(1, n), rate, rho)
    if is_far_out(kind, n, int(n * share), rate, rho):
        assert int(n * share) >= n * rate
