"""Verdicts that are left unsaid, and those that are still given."""

import random

import pytest

from qc_service.fixes.rules import Lot, Promise, freeze
from workers.detectors.registry import METHODS
from workers.detectors.sparing import sparing

PLAIN = METHODS["fixwatch-1"]
NEVER = frozenset({"never_worked", "short_of_promise"})
FROZEN = freeze([Lot(100, 10 + at % 3) for at in range(60)], Promise(reduction=0.5))
BAD, GOOD = [(100, 12)] * 12, [(100, 2)] * 40


@pytest.fixture
def config(config_of):
    return config_of(FROZEN)


def found_of(config, lots, patterns=NEVER):
    method = sparing(PLAIN, patterns)
    return method.finding(config, method.fold(config, lots)[0])


def test_a_fix_that_does_nothing_is_not_called_one_that_never_worked(config):
    plain, found = PLAIN.finding(config, PLAIN.fold(config, BAD)[0]), found_of(config, BAD)

    assert (plain.verdict, plain.pattern) == ("not_holding", "never_worked")
    assert (found.verdict, found.pattern, found.flagged_at_lot) == ("too_early", None, None)
    assert found.withheld_at_lot == plain.flagged_at_lot
    assert not found.leaning


def test_what_works_after_all_is_proved_and_its_relapse_is_told(config):
    proved = found_of(config, BAD + GOOD)
    relapsed = found_of(config, BAD + GOOD + BAD * 4)

    assert proved.verdict == "holding"
    assert proved.verified_at_lot > len(BAD)
    assert (relapsed.verdict, relapsed.pattern) == ("not_holding", "relapsed")
    assert relapsed.flagged_at_lot > len(BAD + GOOD)


def test_lots_that_give_no_such_verdict_are_judged_as_ever(config):
    lots = GOOD + BAD
    plain = PLAIN.finding(config, PLAIN.fold(config, lots)[0])

    assert found_of(config, lots) == plain
    assert found_of(config, BAD, frozenset()) == PLAIN.finding(config, PLAIN.fold(config, BAD)[0])


def test_the_bet_that_begins_anew_begins_with_its_whole_stake(config):
    state, _ = PLAIN.fold(config, BAD)
    again = PLAIN.unsaid(state)

    fail, ok = again.stakes.log_evidence(again.lots)
    assert fail == pytest.approx(0.0, abs=1e-12)
    assert ok == pytest.approx(state.log_e_ok)


def test_a_fix_that_holds_is_called_broken_no_more_often_than_without(config):
    """The rate exactly at the alarm number, verdicts of every other pattern allowed: at most 1 in 20."""
    chance, tries, flagged = random.Random(8), 60, 0
    for _ in range(tries):
        lots = [(100, sum(chance.random() < config.alarm for _ in range(100))) for _ in range(200)]
        flagged += found_of(config, lots).flagged_at_lot is not None
    assert flagged <= 6
