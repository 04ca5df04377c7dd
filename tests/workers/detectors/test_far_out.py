"""One lot far out: hardly ever by chance, and at once when it is a catastrophe."""

import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import tail
from workers.detectors.far_out import Marks, is_far_out, most_expected
from workers.detectors.values import Config

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


# From lot to lot ---


def watched(rho=0.0, alarm=0.05):
    return Config(alarm=alarm, verification=0.07, promised=0.04, working_baseline=0.1, rho=rho)


def marked(lots, config=None):
    config = config or watched()
    return [mark.lot for mark in Marks.start(config).after(config, lots).latest]


def test_one_catastrophe_does_not_hide_the_next():
    quiet = [(100, d) for d in (4, 5, 3, 4, 6)]

    assert marked([*quiet, (100, 40), *quiet, (100, 31), *quiet]) == [6, 12]


def test_where_lots_far_out_are_not_seldom_they_are_how_lots_are():
    """Lots of which every fourth has ten times as many: at first each is far out, then none."""
    found = marked([(100, 40 if place % 4 == 3 else 4) for place in range(200)])

    assert found[0] == 4
    assert len(found) <= 4


def test_a_mark_says_the_most_that_was_to_be_expected_of_its_lot():
    config = watched(rho=0.01)
    [mark] = Marks.start(config).after(config, [(100, 4), (100, 40)]).latest

    assert mark.lot == 2
    assert mark.most == math.floor(most_expected("proportion", 100, 0.05, 0.01))


def test_what_is_kept_goes_through_json_and_on_from_there():
    config = watched()
    lots = [(100, 4), (50, 20), (100, 6), (100, 3), (100, 33)]
    whole = Marks.start(config).after(config, lots)

    kept = Marks.start(config)
    for lot in lots:
        kept = Marks.from_json(json.loads(json.dumps(kept.after(config, [lot]).to_json())))

    assert kept == whole
    assert [mark.lot for mark in whole.latest] == [2, 5]


def test_only_the_last_marks_are_kept():
    config = watched()
    lots = [lot for _ in range(80) for lot in [(100, 3)] * 19 + [(100, 60)]]

    assert [mark.lot for mark in Marks.start(config).after(config, lots).latest] == [20 * one for one in range(31, 81)]


def test_a_lot_that_cannot_be_is_refused():
    config = watched()
    with pytest.raises(ValueError, match="0 units"):
        Marks.start(config).after(config, [(0, 0)])


@pytest.mark.parametrize("rho", [0.0, 0.005, 0.02, 0.05])
def test_a_healthy_year_has_few_marks(rho):
    """A thousand lots of a fix at its promise, 1.5 % of 100 to 500 units; the baseline has measured how much they
    differ."""
    chance = random.Random(rho)
    config = Config(alarm=0.0165, verification=0.0225, promised=0.015, working_baseline=0.03, rho=rho)
    lots = []
    for _ in range(1000):
        n = chance.randint(100, 500)
        rate = chance.betavariate(0.015 * (1 - rho) / rho, 0.985 * (1 - rho) / rho) if rho else 0.015
        lots.append((n, sum(chance.random() < rate for _ in range(n))))

    assert len(marked(lots, config)) <= 4
