"""A trend or a season of the baseline: found where there is one, and hardly ever where there is none."""

import csv
import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.fixes.drift_rules import LEVEL, _student_tails, find_drift
from qc_service.fixes.guard_rules import guard
from qc_service.fixes.lot_rules import Lot
from qc_service.fixes.rules import Frozen, Promise, correlation

GOLDEN = Path(__file__).parents[2] / "golden"
MONTHS = [datetime(2002 + at // 12, at % 12 + 1, 28, tzinfo=UTC) for at in range(60)]


def table(name):
    return list(csv.DictReader((GOLDEN / name).read_text().splitlines()))


SICILY = [Lot(round(float(row["stdpop"])), int(row["aces"])) for row in table("sicily.csv")]
JUICE = [Lot(int(row["size"]), int(row["D"])) for row in table("orangejuice.csv")]
CIRCUIT = [Lot(int(row["size"]), int(row["x"])) for row in table("circuit.csv")]


def hours(lots):
    return [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=at) for at in range(len(lots))]


def clustered(chance, lots, sizes, rate, rho):
    """Beta-binomial lots."""
    found = []
    for _ in range(lots):
        n = chance.randint(*sizes)
        share = rate if rho == 0 else chance.betavariate(rate * (1 - rho) / rho, (1 - rate) * (1 - rho) / rho)
        found.append((n, drawn(n, share, chance)))
    return found


def drawn(n, share, chance):
    return sum(chance.random() < share for _ in range(n))


@pytest.mark.parametrize(("t", "freedom"), [(12.706, 1), (4.303, 2), (3.182, 3), (2.228, 10), (2.201, 11)])
def test_the_tails_of_students_law_are_those_of_its_tables(t, freedom):
    assert _student_tails(t, freedom) == pytest.approx(0.05, abs=3e-5)


def test_the_rate_that_rose_before_the_smoking_ban_is_found_with_its_year():
    drift = find_drift([(lot.n, lot.d) for lot in SICILY[:36]], MONTHS[:36], 0.0)

    assert drift.trend.rising
    assert 0.05 < drift.trend.per_year < 0.08
    assert drift.trend.first == pytest.approx(0.00194, abs=1e-5)
    assert drift.trend.last == pytest.approx(0.00232, abs=1e-5)
    assert drift.season.peak_month in (12, 1, 2)
    assert drift.season.low < drift.season.high


@pytest.mark.parametrize(
    ("lots", "kind", "promise"),
    [
        ([lot for at, lot in enumerate(JUICE[:30], 1) if at not in (15, 23)], "proportion", 0.12),
        (JUICE[:10], "proportion", 0.12),
        ([lot for at, lot in enumerate(CIRCUIT[:20], 1) if at not in (6, 20)], "count", 0.195),
    ],
)
def test_the_published_series_have_neither_drift_nor_likeness(lots, kind, promise):
    frozen = guard(lots, hours(lots), Promise(rate=promise), kind)

    assert (frozen.trend, frozen.season, frozen.blocks) == (None, None, 1)


@pytest.mark.parametrize("rho", [0.0, 0.005, 0.05])
def test_lots_that_merely_differ_hardly_ever_pass_for_a_drift(rho):
    chance, tries = random.Random(20), 150
    found = 0
    for _ in range(tries):
        lots = clustered(chance, 40, (40, 120), 0.08, rho)
        drift = find_drift(lots, MONTHS[:40], correlation([Lot(*lot) for lot in lots], "proportion"))
        found += drift.trend is not None or drift.season is not None

    most = tries * 2 * LEVEL
    assert found <= most + 2.6 * math.sqrt(most)  # beyond the design's 1 in 25 by chance once in 200 runs


@pytest.mark.campaign
@pytest.mark.parametrize("rho", [0.0, 0.005, 0.02, 0.05])
@pytest.mark.parametrize(
    ("sizes", "rate", "lots"),
    [((100, 500), 0.03, 60), ((10, 40), 0.1, 60), ((50, 200), 0.12, 60), ((100, 500), 0.03, 20)],
)
def test_no_kind_of_line_is_taken_to_drift_more_than_once_in_twenty(sizes, rate, lots, rho):
    chance, tries = random.Random(21), 600
    found = 0
    for _ in range(tries):
        made = clustered(chance, lots, sizes, rate, rho)
        drift = find_drift(made, MONTHS[:lots], correlation([Lot(*lot) for lot in made], "proportion"))
        found += drift.trend is not None or drift.season is not None

    assert found / tries <= 0.05 + 0.018


@pytest.mark.parametrize("share", [0.3, -0.3])
def test_a_rate_that_went_one_way_all_along_is_a_trend_of_that_direction_and_size(share):
    chance = random.Random(4)
    lots = [(400, drawn(400, 0.1 * (1 + share * (at / 59 - 0.5) * 2), chance)) for at in range(60)]

    trend = find_drift(lots, [], 0.0).trend

    assert trend is not None
    assert trend.rising == (share > 0)
    assert (trend.last - trend.first) / 0.1 == pytest.approx(2 * share, abs=0.25)
    assert trend.per_year is None


def test_a_season_is_only_looked_for_where_the_dates_reach_over_a_year_and_a_half():
    chance = random.Random(5)
    lots = [(2000, drawn(2000, 0.05 * (1 + 0.4 * math.cos(2 * math.pi * at / 12)), chance)) for at in range(36)]

    assert find_drift(lots, MONTHS[:36], 0.0).season.peak_month in (1, 2)
    assert find_drift(lots[:12], MONTHS[:12], 0.0).season is None
    assert find_drift(lots, [], 0.0).season is None


@given(
    st.lists(st.tuples(st.integers(1, 10**15), st.floats(0, 1)), max_size=40),
    st.floats(0, 0.9),
    st.sampled_from(["proportion", "count"]),
    st.integers(0, 2000),
)
def test_no_baseline_is_a_failure_and_what_is_found_has_a_size(shares, rho, kind, days):
    lots = [(n, int(n * share)) for n, share in shares]
    ended = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=days * at / 40) for at in range(len(lots))]

    drift = find_drift(lots, ended, rho, kind)

    if drift.trend is not None:
        assert drift.trend.first != drift.trend.last
        assert 0 <= drift.trend.chance <= LEVEL
    if drift.season is not None:
        assert 0 <= drift.season.low < drift.season.high


def test_what_was_frozen_comes_back_as_it_was_and_what_is_older_has_no_guards():
    frozen = guard(SICILY[:36], MONTHS[:36], Promise(reduction=0.1), "count")

    assert Frozen.from_json(frozen.to_json()) == frozen
    older = {
        name: value for name, value in frozen.to_json().items() if name not in ("blocks", "trend", "season", "alpha")
    }
    assert Frozen.from_json(older).blocks == 1
    assert Frozen.from_json(older).alpha == 0.05


@pytest.mark.parametrize("worse", [8, 20, 40])
def test_a_line_that_got_worse_at_once_before_its_fix_has_no_trend_and_no_blocks(worse):
    chance = random.Random(worse)
    lots = [Lot(*one) for one in clustered(chance, 60 - worse, (200, 400), 0.01, 0.0)]
    lots += [Lot(*one) for one in clustered(chance, worse, (200, 400), 0.03, 0.0)]

    drift = find_drift([(lot.n, lot.d) for lot in lots], hours(lots), correlation(lots, "proportion"))
    frozen = guard(lots, hours(lots), Promise(rate=0.01))

    assert drift.trend is None
    assert abs(drift.step.at - (60 - worse)) <= 3
    assert drift.step.last == pytest.approx(0.03, rel=0.3)
    assert (frozen.trend, frozen.blocks) == (None, 1)


def test_a_rate_that_climbs_lot_by_lot_is_a_trend_and_no_step():
    chance = random.Random(7)
    lots = [(300, drawn(300, 0.01 + 0.03 * at / 59, chance)) for at in range(60)]

    drift = find_drift(lots, hours(lots), 0.0)

    assert drift.step is None
    assert drift.trend.rising
