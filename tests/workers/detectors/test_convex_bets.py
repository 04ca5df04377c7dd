"""The bets of `fixwatch-2` are fair for every law they are meant to be fair for, and better than those before them."""

import random
from math import exp, fsum, lgamma

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_service.fixes.rules import Lot, Promise, freeze
from tests.workers.detectors.test_bets import HISTORIES, RHO, beta_binomial, config, draw_events, gamma_poisson
from workers.detectors.bets import growth, shape, wagers
from workers.detectors.convex_bets import convex_growth, log_rising
from workers.detectors.fixwatch2 import State, fold, start, update
from workers.detectors.values import Config
from workers.detectors.verdicts import finding


def expected(config: Config, state: State, n: int, chances: list[float]) -> float:
    """By what factor E_fail grows with the next lot of n units, on average."""
    assert fsum(chances) == pytest.approx(1, abs=1e-9), "the outcomes are all there"
    after = [update(config, state, n, d) for d in range(len(chances))]
    return fsum(p * exp(one.log_e_fail - state.log_e_fail) for p, one in zip(chances, after, strict=True))


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("mode", ["default", "strict"])
@pytest.mark.parametrize("alarm", [0.002, 0.05, 0.3])
def test_no_beta_binomial_law_at_the_alarm_rate_makes_a_bet_pay(alarm, mode, history):
    watch = config("proportion", mode, alarm)
    state, _ = fold(watch, history)
    for n in (1, 7, 120):
        for rho in (0.0, RHO / 4, RHO):
            assert expected(watch, state, n, beta_binomial(n, watch.alarm, rho)) <= 1 + 1e-9


@given(
    alarm=st.floats(0.001, 0.3), ratio=st.floats(1.15, 10), k=st.floats(0.05, 100), n=st.integers(1, 300),
    alike=st.floats(1, 50), below=st.floats(0.1, 1),
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_without_any_cap_a_bet_is_fair_for_every_law_that_is_no_more_dispersed_and_no_higher(
    alarm, ratio, k, n, alike, below
):
    bets = wagers(Config(alarm=alarm, verification=alarm, promised=alarm, working_baseline=alarm * ratio, rho=0.01))[0]
    chances = gamma_poisson(n, alarm * below, k * alike)
    for place in (0, 8):
        paid = fsum(p * exp(convex_growth(bets, k, n, d)[place]) for d, p in enumerate(chances))
        assert paid <= 1 + 1e-6


@pytest.mark.parametrize(("alarm", "rho", "n"), [(0.015, 0.02, 300), (0.015, 0.05, 300), (0.06, 0.02, 125)])
def test_when_the_rate_doubles_a_bet_grows_faster_than_with_the_method_before(alarm, rho, n):
    bets = wagers(Config(alarm=alarm, verification=alarm, promised=alarm, working_baseline=2 * alarm, rho=rho))[0]
    k, chances = shape(alarm, rho), beta_binomial(n, 2 * alarm, rho)
    new, old = (fsum(p * kind(bets, k, n, d)[8] for d, p in enumerate(chances)) for kind in (convex_growth, growth))
    assert new > 1.04 * old > 0


def test_a_straight_line_and_a_likelihood_ratio_meet_where_the_excess_is_one():
    k = 2.0
    near = [
        wagers(Config(alarm=0.01, verification=0.01, promised=0.01, working_baseline=0.01 * (1 + m / k), rho=0.1))[0]
        for m in (1 - 1e-9, 1 + 1e-9)
    ]
    for d in range(12):
        left, right = (convex_growth(bets, k, 300, d)[8] for bets in near)
        assert left == pytest.approx(right, abs=2e-3)


@given(x=st.floats(0.05, 1e15), m=st.floats(0, 900))
@settings(deadline=None)
def test_the_rising_ratio_is_that_of_gammas_and_keeps_its_digits_where_they_lose_theirs(x, m):
    if x + m < 1e4:
        assert log_rising(x, m) == pytest.approx(lgamma(x + m) - lgamma(x), rel=1e-9, abs=1e-9)
    step = log_rising(x, m + 1) - log_rising(x, m)
    assert exp(step) == pytest.approx(x + m, rel=1e-9)


@pytest.mark.parametrize("rho", [0.0, 0.02])
def test_few_fixes_that_hold_just_at_the_alarm_rate_are_ever_called_broken(rho, config_of):
    rng = random.Random(20_261_118)
    fixes, flagged = 100, 0
    for _ in range(fixes):
        baseline = [Lot(200, draw_events(rng, 200, 0.03, rho)) for _ in range(40)]
        watch = config_of(freeze(baseline, Promise(rate=0.015)))
        state = start(watch)
        for _ in range(250):
            state = update(watch, state, 200, draw_events(rng, 200, watch.alarm, rho))
        flagged += finding(watch, state).verdict == "not_holding"
    assert flagged <= 0.05 * fixes
