"""The guarantee itself: no bet has an expectation above 1 while what it bets against is true.

Expectations are exact sums over all outcomes of one lot, given what went before; the last test watches
whole lives of simulated fixes.
"""

import random
from math import exp, fsum, lgamma, log, log1p

import pytest

from qc_service.fixes.rules import Lot, Promise, freeze
from workers.detectors.bets import LOWER_WEIGHTS, UPPER_WEIGHTS, Stakes, shape, wagers
from workers.detectors.fixwatch1 import State, fold, start, update
from workers.detectors.values import Config
from workers.detectors.verdicts import finding

RHO = 0.02
HISTORIES = ([], [(50, 1)], [(50, 9), (200, 40)], [(300, 0)] * 6)


def config(kind: str, mode: str = "default", alarm: float = 0.05, rho: float = RHO) -> Config:
    promised = alarm / 1.1
    return Config(
        alarm=alarm,
        verification=1.5 * promised,
        promised=promised,
        working_baseline=2 * promised,
        rho=rho,
        kind=kind,
        mode=mode,
    )


def beta_binomial(n: int, mean: float, rho: float) -> list[float]:
    """The chances of 0 to n events among n units whose correlation is rho (0: the binomial)."""
    if rho == 0:
        logs = [d * log(mean) + (n - d) * log1p(-mean) for d in range(n + 1)]
    else:
        a, b = mean * (1 - rho) / rho, (1 - mean) * (1 - rho) / rho
        whole = lgamma(a) + lgamma(b) - lgamma(a + b)
        logs = [lgamma(a + d) + lgamma(b + n - d) - lgamma(a + b + n) - whole for d in range(n + 1)]
    return [exp(lgamma(n + 1) - lgamma(d + 1) - lgamma(n - d + 1) + logs[d]) for d in range(n + 1)]


def gamma_poisson(n: int, mean: float, k: float) -> list[float]:
    """The chances of 0, 1, ... events on n units whose rate follows a Gamma law of shape k; all but 1e-9."""
    last = int(n * mean * 12 + 200)
    p = n * mean / (k + n * mean)
    return [exp(lgamma(k + d) - lgamma(k) - lgamma(d + 1) + k * log1p(-p) + d * log(p)) for d in range(last + 1)]


def expected_growth(config: Config, state: State, n: int, chances: list[float]) -> tuple[float, float]:
    """By what factor E_fail and E_ok grow with the next lot of n units, on average."""
    assert fsum(chances) == pytest.approx(1, abs=1e-9), "the outcomes are all there"
    after = [update(config, state, n, d) for d in range(len(chances))]
    return (
        fsum(p * exp(one.log_e_fail - state.log_e_fail) for p, one in zip(chances, after, strict=True)),
        fsum(p * exp(one.log_e_ok - state.log_e_ok) for p, one in zip(chances, after, strict=True)),
    )


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("mode", ["default", "strict"])
@pytest.mark.parametrize("alarm", [0.002, 0.05, 0.3])
def test_no_beta_binomial_law_at_the_alarm_or_verification_rate_makes_a_bet_pay(alarm, mode, history):
    watch = config("proportion", mode, alarm)
    state, _ = fold(watch, history)
    for n in (1, 7, 120):
        for rho in (0.0, RHO / 4, RHO):
            broken, _ = expected_growth(watch, state, n, beta_binomial(n, watch.alarm, rho))
            _, proved = expected_growth(watch, state, n, beta_binomial(n, watch.verification, rho))
            assert broken <= 1 + 1e-9
            assert proved <= 1 + 1e-9


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("alarm", [0.02, 0.5, 6.0])
def test_no_gamma_poisson_law_makes_a_bet_on_counts_pay(alarm, history):
    watch = config("count", alarm=alarm, rho=0.1)
    state, _ = fold(watch, history)
    for n in (1, 12):
        for more_alike in (1, 30):
            k_alarm, k_proof = (more_alike * shape(rate, 0.1) for rate in (watch.alarm, watch.verification))
            broken, _ = expected_growth(watch, state, n, gamma_poisson(n, watch.alarm, k_alarm))
            _, proved = expected_growth(watch, state, n, gamma_poisson(n, watch.verification, k_proof))
            assert broken <= 1 + 1e-9
            assert proved <= 1 + 1e-9


@pytest.mark.parametrize("history", HISTORIES)
def test_strict_bets_stay_fair_whatever_law_the_lot_rates_follow(history):
    watch = config("proportion", "strict")
    state, _ = fold(watch, history)
    for n in (1, 40):
        all_or_nothing = [1 - watch.alarm, *[0.0] * (n - 1), watch.alarm]
        for chances in (all_or_nothing, beta_binomial(n, watch.alarm, 0.6)):
            assert expected_growth(watch, state, n, chances)[0] <= 1 + 1e-9


def test_the_money_is_all_there_at_the_start_and_after_a_lot_that_says_nothing():
    assert (sum(UPPER_WEIGHTS), sum(LOWER_WEIGHTS)) == (pytest.approx(1), pytest.approx(1))
    assert Stakes().log_evidence(0) == (pytest.approx(0, abs=1e-12), pytest.approx(0, abs=1e-12))


def test_half_the_money_says_the_old_rate_is_back_and_a_third_the_promise_is_kept():
    upper, lower = wagers(config("proportion"))
    frozen = freeze([], Promise(rate=0.05 / 1.1))
    assert upper.rates[-1] == pytest.approx(frozen.relapse_rate)
    assert lower.rates[-1] == pytest.approx(frozen.promised_rate)
    assert (UPPER_WEIGHTS[-1], LOWER_WEIGHTS[-1]) == (1 / 2, 1 / 3)


def test_lots_are_never_taken_to_be_more_alike_than_a_tenth():
    assert shape(0.05, 0.0) == shape(0.05, 1e-9) == 100
    assert shape(0.05, 0.02) == pytest.approx(0.05 * 0.98 / 0.02)


def draw_events(rng: random.Random, n: int, mean: float, rho: float) -> int:
    """Events among n units of one lot: a rate from the Beta law, then gaps between events one by one."""
    rate = rng.betavariate(mean * (1 - rho) / rho, (1 - mean) * (1 - rho) / rho) if rho else mean
    if rate < 1e-9:
        return 0
    events, unit = -1, 0
    while unit <= n:
        events += 1
        unit += 1 + int(log(1 - rng.random()) / log1p(-rate))
    return events


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
