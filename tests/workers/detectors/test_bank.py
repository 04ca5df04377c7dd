"""The bank is the scalar code with a column a watch: every number of a state, after every lot."""

import json
import math
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_service.fixes.rules import Lot, Promise, freeze
from tests.workers.detectors.test_fixwatch1 import config_for
from workers.detectors import bank
from workers.detectors.bank import Bank, fold_many
from workers.detectors.fixwatch1 import State, fold, start, update
from workers.detectors.values import Config
from workers.detectors.verdicts import finding

HALVED = Config(alarm=0.0165, verification=0.0225, promised=0.015, working_baseline=0.03, rho=0.003)
CLOSE = 1e-12  # of the largest number that a sum has carried, and absolute near nothing


def numbers(value: Any) -> Iterable[Any]:
    """Every number and word of a state, in its order."""
    if isinstance(value, dict):
        for one in value.values():
            yield from numbers(one)
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from numbers(one)
    else:
        yield value


def assert_same(found: State, wanted: State, scale: float = 1.0) -> None:
    """What is counted or decided is equal; what is computed is as close as rounding lets it be."""
    ours, theirs = list(numbers(found.to_json())), list(numbers(wanted.to_json()))
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        if isinstance(other, float):
            assert isinstance(one, float)
            assert math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE * scale), (one, other)
        else:
            assert (one, type(one)) == (other, type(other))


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(bank, "CHUNK", 3)


def test_a_golden_sequence_gives_the_golden_evidence_and_the_scalar_state_after_every_lot(case, config_of):
    config = config_for(case, config_of)
    many, state = Bank([config]), start(config)
    for number, (n, d) in enumerate(case["lots"]):
        many.update([n], [d])
        state = update(config, state, n, d)
        assert_same(many.state(0), state)
        assert many.log_e_fail[0] == pytest.approx(case["log_E_fail"][number], rel=0, abs=1e-9)
        assert many.log_e_ok[0] == pytest.approx(case["log_E_ok"][number], rel=0, abs=1e-9)
        assert finding(config, many.state(0)).lots_needed == finding(config, state).lots_needed


@st.composite
def fixes(draw: st.DrawFn, length: int | None = None) -> tuple[Config, list[tuple[int, int]]]:
    """A fix as its declaration froze it, and lots that need not have anything to do with it."""
    seed = draw(st.integers(0, 2**32))
    chance = random.Random(seed)
    rate = draw(st.sampled_from([0.0004, 0.015, 0.1, 0.5]))
    largest = draw(st.sampled_from([1, 40, 500, 3000]))
    kind = draw(st.sampled_from(["proportion", "count"]))

    def lot(mean: float) -> tuple[int, int]:
        n = chance.randint(1, largest)
        mean *= chance.choice([0.2, 1, 1, 1, 1.8])
        d = min(n, int(n * mean + chance.random() * math.sqrt(n * mean + 1)))
        return (n, d) if kind == "proportion" or chance.random() < 0.9 else (n, d + n)

    before = [Lot(*lot(rate)) for _ in range(draw(st.sampled_from([0, 5, 30, 60])))]
    promise = Promise(rate=rate * draw(st.sampled_from([0.0, 0.3, 0.5, 1.0])))
    frozen = freeze(before, promise, kind)
    names = ("working_baseline", "baseline_rate", "rho", "pairs", "sum_u", "sum_p", "sum_n", "sum_m", "kind")
    config = Config(
        alarm=frozen.alarm_rate, verification=frozen.verification_rate, promised=frozen.promised_rate,
        mode=draw(st.sampled_from(["default", "strict"])), alpha=draw(st.sampled_from([0.05, 0.025, 0.4])),
        **{name: getattr(frozen, name) for name in names},
    )  # fmt: skip
    first, then = draw(st.tuples(*[st.sampled_from([0.0, 0.4, 1.0, 3.0])] * 2))
    most = draw(st.integers(0, 90)) if length is None else length
    cut = most // 2
    return config, [lot(rate * (first if place < cut else then)) for place in range(most)]


@settings(max_examples=100, deadline=None)
@given(st.lists(fixes(length=45), min_size=1, max_size=7))
def test_watches_side_by_side_are_each_as_if_alone_after_every_lot(some):
    configs = [config for config, _ in some]
    many, states = Bank(configs), [start(config) for config in configs]
    for step in range(45):
        lots = [history[step] for _, history in some]
        many.update([n for n, _ in lots], [d for _, d in lots])
        states = [update(config, state, n, d) for config, state, (n, d) in zip(configs, states, lots, strict=True)]
        for place, state in enumerate(states):
            assert_same(many.state(place), state, scale=100)
            assert finding(configs[place], many.state(place)).verdict == finding(configs[place], state).verdict


@settings(max_examples=60, deadline=None)
@given(st.lists(fixes(), max_size=8))
def test_histories_of_any_lengths_are_folded_at_once(some):
    found = fold_many([config for config, _ in some], [history for _, history in some])
    for state, (config, history) in zip(found, some, strict=True):
        assert_same(state, fold(config, history)[0], scale=100)


@settings(max_examples=40, deadline=None)
@given(st.lists(fixes(length=30), min_size=1, max_size=5), st.data())
def test_a_bank_goes_on_from_states_that_were_stored(some, data):
    cuts = [data.draw(st.integers(0, 30 - 10)) for _ in some]
    configs = [config for config, _ in some]
    stored = [
        State.from_json(json.loads(json.dumps(fold(config, history[:cut])[0].to_json())))
        for (config, history), cut in zip(some, cuts, strict=True)
    ]
    many = Bank(configs, stored)
    for step in range(10):
        lots = [history[cut + step] for (_, history), cut in zip(some, cuts, strict=True)]
        many.update([n for n, _ in lots], [d for _, d in lots])
    for place, ((config, history), cut) in enumerate(zip(some, cuts, strict=True)):
        assert_same(many.state(place), fold(config, history[: cut + 10])[0], scale=100)


@pytest.mark.usefixtures("small_chunks")
def test_more_watches_than_a_chunk_holds_keep_their_numbers():
    strict = replace(HALVED, mode="strict")
    configs = [strict if number % 3 else HALVED for number in range(20)]
    histories = [[(300, (number * step) % 17) for step in range(number)] for number in range(20)]
    for state, config, history in zip(fold_many(configs, histories), configs, histories, strict=True):
        assert_same(state, fold(config, history)[0], scale=10)
    many = Bank(configs)
    for _ in range(30):
        many.update(np.full(20, 300), np.arange(20))
    for number in range(20):
        assert_same(many.state(number), fold(configs[number], [(300, number)] * 30)[0], scale=10)
        assert many.flagged_at[number] == (fold(configs[number], [(300, number)] * 30)[0].flagged_at or 0)


def test_evidence_beyond_what_e_to_the_x_holds_stays_exact():
    lots = [(300, 40)] * 150 + [(300, 0)] * 30 + [(300, 40)] * 30
    state, points = fold(HALVED, lots)
    many = Bank([HALVED, HALVED])
    for n, d in lots:
        many.update([n, n], [d, 3])
    assert max(point.log_e_fail for point in points) > 710
    assert_same(many.state(0), state, scale=1000)
    assert_same(many.state(1), fold(HALVED, [(300, 3)] * len(lots))[0], scale=10)


@pytest.mark.parametrize(("n", "d"), [(0, 0), (10, -1), (10, 11), (float("nan"), 0), (10, float("nan"))])
def test_an_impossible_lot_is_refused_and_no_watch_has_moved(n, d):
    many = Bank([HALVED, HALVED])
    with pytest.raises(ValueError, match="cannot be"):
        many.update([300, n], [4, d])
    with pytest.raises(ValueError, match="cannot be"):
        fold_many([HALVED], [[(300, 4), (n, d)]])
    assert many.state(0) == start(HALVED)


def test_as_many_lots_as_watches_are_asked_for():
    with pytest.raises(ValueError, match="2 watches"):
        Bank([HALVED, HALVED]).update([300], [4])


def test_an_empty_bank_has_nothing_to_say():
    assert fold_many([], []) == []
    assert fold_many([HALVED], [[]]) == [start(HALVED)]
    assert len(Bank([])) == 0
