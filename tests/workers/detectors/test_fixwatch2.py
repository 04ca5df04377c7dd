import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plain_fixwatch2 import evidence
from tests.workers.detectors.test_fixwatch1 import config_for
from workers.detectors.fixwatch2 import State, fold, start, update
from workers.detectors.values import Config
from workers.detectors.verdicts import finding

HALVED = Config(alarm=0.0165, verification=0.0225, promised=0.015, working_baseline=0.03, rho=0.003)
GOOD, BAD = (300, 4), (300, 10)


def found(lots: list[tuple[int, int]], config: Config = HALVED) -> Any:
    return finding(config, fold(config, lots)[0])


def test_the_evidence_after_every_lot_is_the_golden_one_and_that_of_the_plain_formulas(case, config_of, golden_dir):
    wanted = json.loads((golden_dir / "fixwatch2_golden.json").read_text(encoding="utf-8"))[case["name"]]
    _, points = fold(config_for(case, config_of), case["lots"])
    fails, oks = [one.log_e_fail for one in points], [one.log_e_ok for one in points]
    assert fails == pytest.approx(wanted["log_E_fail"], rel=0, abs=1e-9)
    assert oks == pytest.approx(wanted["log_E_ok"], rel=0, abs=1e-9)
    again = evidence(case)
    assert (fails, oks) == (pytest.approx(again[0], rel=0, abs=1e-9), pytest.approx(again[1], rel=0, abs=1e-9))


def test_a_fix_that_never_worked_is_called_broken_and_one_that_works_is_proved():
    assert (found([BAD] * 8).verdict, found([BAD] * 8).pattern) == ("not_holding", "never_worked")
    assert found([GOOD] * 40).verdict == "holding"


def test_a_fix_that_was_proved_and_breaks_has_relapsed():
    told = found([GOOD] * 40 + [BAD] * 12)
    assert (told.verdict, told.pattern, told.change_located) == ("not_holding", "relapsed", 41)


def test_lots_that_may_be_clustered_take_longer_to_prove_a_fix_than_lots_that_are_alike():
    alike = found([(300, 4), (300, 5)] * 30).verified_at_lot
    clustered = found([(300, 0), (300, 0), (300, 0), (300, 18)] * 15).verified_at_lot
    assert alike is not None
    assert clustered is None or clustered > 2 * alike


def test_before_the_first_lot_nothing_is_known():
    told = finding(HALVED, start(HALVED))
    assert (told.verdict, told.lots, told.log_e_fail, told.log_e_ok) == ("too_early", 0, 0.0, 0.0)


def test_a_state_keeps_within_two_kilobytes_and_comes_back_from_json_as_it_was():
    state, _ = fold(HALVED, [GOOD, BAD] * 500)
    text = json.dumps(state.to_json())
    assert len(text) <= 2048
    assert State.from_json(json.loads(text)) == state


@given(
    lots=st.lists(
        st.integers(1, 10**15).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1, max_size=30
    ),
    alarm=st.floats(1e-9, 0.9),
    rho=st.floats(0, 0.9),
    mode=st.sampled_from(["default", "strict"]),
)
@settings(max_examples=150)
def test_whatever_lots_come_the_numbers_stay_finite(lots, alarm, rho, mode):
    config = Config(
        alarm=alarm, verification=alarm * 1.05, promised=alarm / 1.1, working_baseline=alarm * 2, rho=rho, mode=mode
    )
    state = start(config)
    for n, d in lots:
        state = update(config, state, n, d)
    text = json.dumps(state.to_json(), allow_nan=False)
    assert State.from_json(json.loads(text)) == state


@pytest.mark.parametrize("lot", [(0, 0), (10, 11), (10, -1)])
def test_a_lot_that_cannot_be_is_refused(lot):
    with pytest.raises(ValueError, match="must be"):
        update(HALVED, start(HALVED), *lot)
