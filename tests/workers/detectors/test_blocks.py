"""Lots judged in blocks: the method sees sums, people see lots."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.fixes.rules import Lot, Promise, freeze
from workers.detectors.blocks import in_blocks
from workers.detectors.registry import METHODS
from workers.detectors.sparing import sparing

PLAIN = METHODS["fixwatch-1"]
FROZEN = freeze([Lot(100, 10 + at % 3) for at in range(60)], Promise(rate=0.04))
LOTS = st.lists(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=60)


@given(lots=LOTS, size=st.sampled_from([2, 5, 10]))
def test_the_evidence_is_that_of_the_sums_and_only_of_complete_blocks(config_of, lots, size):
    config, method = config_of(FROZEN), in_blocks(PLAIN, size)
    whole = len(lots) // size
    sums = [tuple(map(sum, zip(*lots[at * size : (at + 1) * size], strict=True))) for at in range(whole)]

    state, points = method.fold(config, lots)
    _, blocks = PLAIN.fold(config, sums)
    found = method.finding(config, state)

    assert [point.log_e_fail for point in points[size - 1 :: size]] == [point.log_e_fail for point in blocks]
    assert [point.lot for point in points] == list(range(1, len(lots) + 1))
    assert (found.lots, found.waiting_lots, found.block_lots) == (len(lots), len(lots) % size, size)
    assert (found.units, found.events) == (sum(n for n, _ in lots), sum(d for _, d in lots))


@given(lots=LOTS, size=st.sampled_from([2, 5]), cut=st.integers(0, 60))
def test_a_state_that_was_stored_in_the_middle_of_a_block_goes_on_from_there(config_of, lots, size, cut):
    config, method = config_of(FROZEN), in_blocks(sparing(PLAIN, frozenset({"never_worked"})), size)
    state, _ = method.fold(config, lots[:cut])

    state = method.load(json.loads(json.dumps(method.dump(state))))
    for n, d in lots[cut:]:
        state = method.update(config, state, n, d)

    assert method.finding(config, state) == method.finding(config, method.fold(config, lots)[0])


def test_verdicts_stand_at_the_last_lot_of_their_block(config_of):
    config, method = config_of(FROZEN), in_blocks(PLAIN, 5)

    bad = method.finding(config, method.fold(config, [(100, 20)] * 17)[0])
    good = method.finding(config, method.fold(config, [(100, 1)] * 63)[0])

    assert bad.flagged_at_lot == 15
    assert bad.change_located == 1
    assert bad.change_units == 1700
    assert good.verdict == "holding"
    assert good.verified_at_lot % 5 == 0
    assert good.waiting_lots == 3


def test_what_is_still_needed_is_said_in_lots(config_of):
    config, method = config_of(FROZEN), in_blocks(PLAIN, 5)
    state, _ = method.fold(config, [(10, 0)] * 7)
    found = method.finding(config, state)

    assert found.verdict == "too_early"
    assert found.lots_needed is None or (found.lots_needed + 7) % 5 == 0


@pytest.mark.parametrize(("n", "d"), [(0, 0), (5, 6), (-1, 0)])
def test_an_impossible_lot_is_refused_before_its_block_is_complete(config_of, n, d):
    config, method = config_of(FROZEN), in_blocks(PLAIN, 5)
    with pytest.raises(ValueError):
        method.update(config, method.start(config), n, d)
