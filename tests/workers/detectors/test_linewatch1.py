"""A line against its own past: golden values, what the verdict needs, and how often it is wrong."""

import json
import random
from pathlib import Path

import pytest

from qc_service.fixes.rules import Lot, Promise, freeze
from qc_service.flags.line_watches import METHODS
from tests.workers.detectors import naive_line
from workers.detectors.linewatch1 import State, finding, fold, start, update
from workers.detectors.past import past_of
from workers.detectors.registry import LINE_METHODS

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "linewatch_golden.json").read_text())
CASES = pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["name"])
USUAL, WORSE = (300, 4), (300, 10)


def lots_of(seed: int, count: int, size: int, rate: float, rho: float = 0.0) -> list[tuple[int, int]]:
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        p = chance.betavariate(rate * (1 - rho) / rho, (1 - rate) * (1 - rho) / rho) if rho else rate
        found.append((size, sum(chance.random() < p for _ in range(size))))
    return found


@CASES
def test_the_evidence_after_every_lot_is_the_golden_one(golden):
    state, evidence = fold(golden["lots"])
    assert [one for one in evidence if one is not None] == pytest.approx(golden["log_e"], rel=0, abs=1e-9)
    assert finding(state).flagged_at_lot == golden["flagged"]


@CASES
def test_the_past_is_frozen_to_the_golden_numbers(golden):
    told = finding(fold(golden["lots"])[0])
    if golden["past"] is None:
        assert (told.verdict, told.alarm_rate) == ("learning", None)
        return
    assert told.past_lots == golden["past"]["lots"]
    assert (told.past_rate, told.alarm_rate, told.rho) == pytest.approx(
        tuple(golden["past"][name] for name in ("rate", "alarm", "rho")), abs=1e-9
    )


@CASES
def test_the_golden_numbers_are_what_the_plain_formulas_give(golden):
    base, evidence, flagged = naive_line.evidence([tuple(lot) for lot in golden["lots"]])
    assert evidence == pytest.approx(golden["log_e"], rel=0, abs=1e-9)
    assert (base and base["alarm"], flagged) == (
        golden["past"] and pytest.approx(golden["past"]["alarm"]),
        golden["flagged"],
    )


def test_a_line_that_does_as_ever_stays_in_control():
    told = finding(fold([USUAL, (300, 5)] * 60)[0])
    assert (told.verdict, told.flagged_at_lot) == ("in_control", None)


def test_a_line_that_doubles_is_told_and_the_change_is_located():
    told = finding(fold([*lots_of(3, 90, 300, 0.02), *lots_of(4, 30, 300, 0.05)])[0])
    assert told.verdict == "out_of_control"
    assert told.change_located is not None
    assert abs(told.change_located + told.past_lots - 91) <= 3


def test_an_alarm_stays_when_the_line_is_as_before_again():
    worse, _ = fold([USUAL] * 30 + [WORSE] * 20)
    flagged = finding(worse).flagged_at_lot
    assert flagged is not None
    for _ in range(100):
        worse = update(worse, *USUAL)
    told = finding(worse)
    assert (told.verdict, told.flagged_at_lot, told.change_located) == (
        "out_of_control",
        flagged,
        finding(fold([USUAL] * 30 + [WORSE] * 20)[0]).change_located,
    )


def test_a_line_that_gets_better_is_no_alarm():
    assert finding(fold([WORSE] * 30 + [(300, 0)] * 100)[0]).verdict == "in_control"


def test_a_past_without_any_event_is_complete_at_sixty_lots_and_watched():
    state, _ = fold([(200, 0)] * 60)
    told = finding(state)
    assert told.verdict == "in_control"
    assert told.alarm_rate == pytest.approx(3 / 12_000, rel=0.15)
    for _ in range(6):
        state = update(state, 200, 3)
    assert finding(state).verdict == "out_of_control"


def test_fewer_than_twenty_lots_are_no_past():
    assert finding(fold([(5000, 400)] * 19)[0]).verdict == "learning"
    assert finding(fold([(5000, 400)] * 20)[0]).verdict == "in_control"


@pytest.mark.parametrize("count", [7, 45, 90])
def test_a_state_goes_through_json_unchanged(count):
    state, _ = fold(lots_of(1, count, 120, 0.04, 0.01))
    again = State.from_json(json.loads(json.dumps(state.to_json())))
    assert again == state
    assert update(again, 120, 7) == update(state, 120, 7)


@pytest.mark.parametrize(("n", "d"), [(0, 0), (10, 11), (10, -1)])
def test_impossible_numbers_are_refused(n, d):
    with pytest.raises(ValueError, match="the lot has"):
        update(start(), n, d)


def test_the_spread_of_a_past_is_that_of_the_baseline_of_a_fix():
    lots = lots_of(9, 60, 150, 0.06, 0.01)
    baseline = freeze([Lot(n, d) for n, d in lots], Promise(rate=0.03))
    past = past_of(lots, "proportion")
    assert (past.rho, past.sum_u, past.sum_p, past.pairs, past.rate) == (
        baseline.rho, baseline.sum_u, baseline.sum_p, baseline.pairs, baseline.baseline_rate,
    )  # fmt: skip


def test_the_service_and_the_workers_name_the_same_methods():
    assert tuple(LINE_METHODS) == METHODS


def _alarms(runs: int, lots: int, size: int, rate: float, rho: float) -> int:
    found = 0
    for seed in range(runs):
        state = start()
        for n, d in lots_of(seed, lots, size, rate, rho):
            state = update(state, n, d)
        found += finding(state).verdict == "out_of_control"
    return found


@pytest.mark.parametrize("rho", [0.0, 0.005, 0.02])
def test_hardly_any_line_that_stays_as_it_is_is_called_worse(rho):
    """20 lines of 300 lots: at a chance of .05 each, more than 4 alarms would come once in 400 times."""
    assert _alarms(20, 300, 60, 0.05, rho) <= 4


@pytest.mark.campaign
@pytest.mark.parametrize("rho", [0.0, 0.005, 0.02])
@pytest.mark.parametrize(("size", "rate"), [(250, 0.03), (25, 0.1), (120, 0.12)])
def test_in_a_year_of_a_thousand_lots_fewer_than_one_line_in_twenty_is_called_worse(size, rate, rho):
    assert _alarms(200, 1000, size, rate, rho) <= 10
