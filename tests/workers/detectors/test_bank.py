from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workers.detectors.test_fixwatch1 import config_for
from workers.detectors.bank import CHUNK, Bank
from workers.detectors.registry import METHODS
from workers.detectors.values import Config

NAMES = ("fixwatch-1", "fixwatch-2")
HALVED = Config(alarm=0.0165, verification=0.0225, promised=0.015, working_baseline=0.03, rho=0.003)
LEAST = -700  # a stake below e^-700 is lost either way: what joins next is all that counts


def numbers(state):
    """Every number of a state, by the path to it."""

    def walk(value, path):
        if isinstance(value, dict):
            for name, one in value.items():
                yield from walk(one, f"{path}.{name}")
        elif isinstance(value, (tuple, list)):
            for place, one in enumerate(value):
                yield from walk(one, f"{path}.{place}")
        else:
            yield path, value

    return dict(walk(state.to_json(), ""))


def nearness(state):
    return (4e-12 if hasattr(state, "clustering") else 1e-12) * max(state.lots, state.events)


def same(bank_state, state):
    """As near as the digits of the methods themselves: 1e-12 for each lot, or each event where there are more.

    A bet's growth is a difference of two terms as large as the lot has events, and so are its last digits. Those of
    `fixwatch-2` are differences of two ln Γ of up to some thousands, which the bank does without.
    """
    here, there = numbers(bank_state), numbers(state)
    assert here.keys() == there.keys()
    for path, found in here.items():
        wanted, near = there[path], nearness(state)
        if path.startswith(".recent"):
            near = 1.01e-4  # rounded: the last place may fall either way
        if isinstance(wanted, float) and max(found, wanted) > LEAST:
            assert found == pytest.approx(wanted, rel=1e-12, abs=near), path
        elif not isinstance(wanted, float):
            assert found == wanted, path


def side_by_side(name, fixes, lots):
    """Every lot of every fix by the bank and by the method, compared after each; lots: (lots, fixes) of (n, d)."""
    method, bank = METHODS[name], Bank(name, fixes)
    states = [method.start(fix) for fix in fixes]
    for row in lots:
        fail, ok = bank.update(np.array([n for n, _ in row]), np.array([d for _, d in row]))
        states = [method.update(fix, state, *lot) for fix, state, lot in zip(fixes, states, row, strict=True)]
        for place, state in enumerate(states):
            near = nearness(state)
            assert fail[place] == pytest.approx(state.log_e_fail, rel=1e-12, abs=near)
            assert ok[place] == pytest.approx(state.log_e_ok, rel=1e-12, abs=near)
            same(bank.state(place), state)


@pytest.mark.parametrize("name", NAMES)
def test_a_bank_finds_in_every_golden_sequence_what_the_method_finds(name, case, config_of):
    config = config_for(case, config_of)
    side_by_side(name, [config, HALVED], [[tuple(lot), (300, 4)] for lot in case["lots"]])


@st.composite
def fixes_with_lots(draw):
    size, count = draw(st.integers(1, 4)), draw(st.integers(1, 45))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    fixes, columns = [], []
    for _ in range(size):
        base, kept = draw(st.floats(1e-4, 0.6)), draw(st.floats(0.05, 0.95))
        promised = base * kept
        fixes.append(
            Config(
                alarm=base - 0.9 * (base - promised), verification=(base + promised) / 2, promised=promised,
                working_baseline=base, rho=draw(st.sampled_from([0.0, 1e-4, 0.003, 0.05, 0.4, 0.9])),
                pairs=draw(st.sampled_from([0, 9, 40])), sum_u=draw(st.floats(-1, 3)), sum_p=draw(st.floats(0, 60)),
                sum_n=draw(st.integers(0, 9000)), sum_m=draw(st.integers(0, 60)),
                kind=draw(st.sampled_from(["proportion", "count"])), mode=draw(st.sampled_from(["default", "strict"])),
            )
        )  # fmt: skip
        n = rng.integers(1, draw(st.sampled_from([20, 500, 20_000])) + 1, count)
        worse = np.where(np.arange(count) < draw(st.integers(0, count)), promised, base * draw(st.floats(0.1, 1.5)))
        columns.append(list(zip(n.tolist(), rng.binomial(n, np.minimum(worse, 1)).tolist(), strict=True)))
    return fixes, list(zip(*columns, strict=True))


@pytest.mark.parametrize("name", NAMES)
@given(drawn=fixes_with_lots())
@settings(max_examples=40)
def test_a_bank_finds_what_each_method_finds_lot_by_lot(name, drawn):
    side_by_side(name, *drawn)


@pytest.mark.parametrize("name", NAMES)
def test_stakes_beyond_what_a_float_holds_are_kept_all_the_same(name):
    lots = [[(300, 3 if lot < 100 else 40)] for lot in range(700)]
    method, bank = METHODS[name], Bank(name, [HALVED])
    state = method.start(HALVED)
    for row in lots:
        bank.update(np.array([row[0][0]]), np.array([row[0][1]]))
        state = method.update(HALVED, state, *row[0])
    assert state.log_e_fail > 1000
    same(bank.state(0), state)


@pytest.mark.parametrize("name", NAMES)
def test_watches_beyond_one_chunk_are_judged_by_their_own_fixes(name):
    other = Config(alarm=0.2, verification=0.3, promised=0.1, working_baseline=0.4, rho=0.0)
    bank = Bank(name, [HALVED] * CHUNK + [other])
    n = np.full(CHUNK + 1, 50)
    for d in (20, 22, 19, 21, 23):
        bank.update(n, np.where(np.arange(CHUNK + 1) < CHUNK, 1, d))
    state, _ = METHODS[name].fold(other, [(50, d) for d in (20, 22, 19, 21, 23)])
    same(bank.state(CHUNK), state)
    assert bank.column("events")[[0, CHUNK]].tolist() == [5, 105]


@pytest.mark.parametrize("lot", [(0, 0), (10, 11), (10, -1), (float("nan"), 1)])
def test_lots_that_cannot_be_are_refused_and_leave_the_bank_as_it_was(lot):
    bank = Bank("fixwatch-2", [HALVED, HALVED])
    with pytest.raises(ValueError, match="must be"):
        bank.update(np.array([300, lot[0]]), np.array([4, lot[1]]))
    assert bank.chunks[0].lots == 0


def test_there_is_a_bank_for_every_method():
    assert set(METHODS) == set(NAMES)
    assert {field.name for field in fields(METHODS[NAMES[0]].start(HALVED))} <= {
        path.split(".")[1] for path in numbers(Bank(NAMES[0], [HALVED]).state(0))
    }
