import csv
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_service.fixes.rules import Lot, Promise, freeze
from workers.detectors.fixwatch1 import State, fold, start, update
from workers.detectors.values import Config, Finding
from workers.detectors.verdicts import finding

HALVED = Config(alarm=0.0165, verification=0.0225, promised=0.015, working_baseline=0.03, rho=0.003)
GOOD, BAD = (300, 4), (300, 10)


def found(lots: list[tuple[int, int]], config: Config = HALVED) -> Finding:
    return finding(config, fold(config, lots)[0])


def series(path: Path, size: str, events: str) -> dict[int, tuple[int, int]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {int(row["sample"]): (int(row[size]), int(row[events])) for row in csv.DictReader(lines)}


def frozen_of(case: dict[str, Any]) -> Any:
    lots = [Lot(n, d) for n, d in case["baseline_lots"]]
    return freeze(lots, Promise(rate=case["promise"]), case["kind"])


def config_for(case: dict[str, Any], config_of: Callable[..., Config]) -> Config:
    """As frozen from the baseline's lots where the sequence has them, else from the numbers it names."""
    if "baseline_lots" in case:
        return config_of(frozen_of(case), mode=case["mode"])
    return Config(
        alarm=case["alarm"],
        verification=case["verification"],
        promised=case["promise"],
        working_baseline=case["baseline"]["B"],
        rho=case["rho_baseline"],
        kind=case["kind"],
        mode=case["mode"],
    )


# -- golden sequences ------------------------------------------------------------------------------------


def test_a_golden_baseline_freezes_to_the_golden_numbers(baseline_case):
    case, frozen, wanted = baseline_case, frozen_of(baseline_case), baseline_case["baseline"]
    assert frozen.baseline_rate == pytest.approx(wanted["B"], abs=1e-12)
    assert frozen.rho == pytest.approx(case["rho_baseline"], abs=1e-12)
    assert (frozen.sum_u, frozen.sum_p) == pytest.approx((wanted["SU"], wanted["SP"]), abs=1e-12)
    assert frozen.pairs == wanted["pairs"]
    assert frozen.alarm_rate == pytest.approx(case["alarm"], abs=1e-12)
    assert frozen.verification_rate == pytest.approx(case["verification"], abs=1e-12)
    if frozen.pairs:
        assert (frozen.sum_n, frozen.sum_m) == (wanted["N"], wanted["m"])
    else:
        assert (frozen.sum_n, frozen.sum_m) == (0, 0)


def test_the_evidence_after_every_lot_is_the_golden_one(case, config_of):
    _, points = fold(config_for(case, config_of), case["lots"])
    assert [point.lot for point in points] == list(range(1, len(case["lots"]) + 1))
    assert [point.log_e_fail for point in points] == pytest.approx(case["log_E_fail"], rel=0, abs=1e-9)
    assert [point.log_e_ok for point in points] == pytest.approx(case["log_E_ok"], rel=0, abs=1e-9)


def test_the_verdict_and_its_lots_are_the_golden_ones(case, config_of):
    config = config_for(case, config_of)
    last = found(case["lots"], config)
    words = last.verdict.replace("_", " ") + (f": {last.pattern.replace('_', ' ')}" if last.pattern else "")
    assert words == case["verdict"]
    assert last.verified_at_lot == case["lot_verified"]
    assert last.flagged_at_lot == case["lot_flagged"]
    past_the_end = len(case["lots"]) + 1
    assert last.change_located == (None if case["change_first_lot"] == past_the_end else case["change_first_lot"])


# -- published series ------------------------------------------------------------------------------------


def test_the_orange_juice_fix_is_proved_at_its_nineteenth_lot(golden_dir, config_of):
    first = series(golden_dir / "orangejuice.csv", "size", "D")
    second = series(golden_dir / "orangejuice2.csv", "size", "D")
    baseline = [Lot(*first[i]) for i in range(1, 31) if i not in {15, 23}]
    config = config_of(freeze(baseline, Promise(rate=0.12)))
    last = found([*(first[i] for i in range(31, 55)), *(second[i] for i in range(55, 95))], config)
    assert (last.verdict, last.verified_at_lot, last.flagged_at_lot, last.lots) == ("holding", 19, None, 64)


def test_a_fix_pretended_amid_the_orange_juice_baseline_never_worked(golden_dir, config_of):
    cans = series(golden_dir / "orangejuice.csv", "size", "D")
    config = config_of(freeze([Lot(*cans[i]) for i in range(1, 11)], Promise(rate=0.12)))
    last = found([cans[i] for i in range(11, 31)], config)
    assert (last.verdict, last.pattern, last.flagged_at_lot) == ("not_holding", "never_worked", 11)


def test_the_wave_solder_repair_is_proved_to_stay_at_its_rate(golden_dir, config_of):
    boards = series(golden_dir / "circuit.csv", "size", "x")
    baseline = [Lot(*boards[i]) for i in range(1, 21) if i not in {6, 20}]
    config = config_of(freeze(baseline, Promise(rate=0.195)))
    last = found([boards[i] for i in range(21, 47)], config)
    assert (last.verdict, last.verified_at_lot) == ("holding", 10)


# -- verdicts --------------------------------------------------------------------------------------------


def test_before_the_first_lot_nothing_is_known():
    first = finding(HALVED, start(HALVED))
    assert (first.verdict, first.lots, first.rate, first.lots_needed) == ("too_early", 0, None, None)
    assert (first.log_e_fail, first.log_e_ok, first.change_located) == (0.0, 0.0, None)


def test_no_fix_is_called_broken_before_its_third_lot():
    lots = [(10**6, 10**6)] * 3
    config = Config(alarm=0.0165, verification=0.0225, promised=0.015, working_baseline=0.03, rho=0, alpha=0.4)
    assert [found(lots[:i], config).verdict for i in (1, 2, 3)] == ["too_early", "too_early", "not_holding"]
    assert found(lots[:2], config).log_e_fail > config.log_threshold


def test_no_fix_is_called_broken_on_a_single_event():
    config = Config(alarm=1e-9, verification=2e-9, promised=0, working_baseline=1e-8, rho=0, alpha=0.5)
    lots = [(1, 0), (1, 0), (1, 1)]
    alone, joined = found(lots, config), found([*lots, (1, 1)], config)
    assert (alone.log_e_fail > config.log_threshold, alone.verdict) == (True, "too_early")
    assert joined.verdict == "not_holding"


def test_a_proved_fix_that_breaks_has_relapsed_and_the_rise_is_located():
    last = found([GOOD] * 60 + [BAD] * 40)
    assert (last.verdict, last.pattern, last.verified_at_lot, last.flagged_at_lot) == (
        "not_holding",
        "relapsed",
        13,
        70,
    )
    assert (last.change_located, last.change_units, last.change_events) == (61, 12_000, 400)


def test_nothing_is_proved_any_more_once_a_fix_is_called_broken():
    last = found([(300, 9)] * 20 + [(300, 0)] * 200)
    assert last.log_e_ok > HALVED.log_threshold
    assert (last.verdict, last.pattern, last.verified_at_lot) == ("not_holding", "never_worked", None)


def test_the_evidence_at_the_flag_is_kept_while_the_running_evidence_moves_on():
    flagged = found([(300, 9)] * 7)
    later = found([(300, 9)] * 7 + [GOOD] * 30)
    assert flagged.log_e_flag == flagged.log_e_fail == later.log_e_flag != later.log_e_fail


def test_leaning_is_said_between_five_to_one_and_the_verdict():
    said = [found([(300, 9)] * i) for i in range(1, 10)]
    assert [one.leaning for one in said] == [one.log_e_fail >= 1.6094 and one.lots < 7 for one in said]
    assert any(one.leaning for one in said)


def test_half_the_alpha_asks_for_twice_the_evidence():
    config = Config.from_json({**HALVED.to_json(), "alpha": 0.025})
    assert config.log_threshold == pytest.approx(3.6888794541139363)
    assert found([(300, 9)] * 40, config).flagged_at_lot == 8


def test_the_lots_still_needed_shrink_as_the_proof_comes_nearer():
    needed = [found([GOOD] * i).lots_needed for i in range(1, 14)]
    assert needed[8] in range(3, 9)
    assert needed[11] == 1
    assert needed[12] is None, "proved on lot 13"


def test_the_lots_still_needed_cannot_be_told_while_the_proof_does_not_come_nearer():
    assert found([(300, 7)] * 3).lots_needed is None


def test_the_pace_towards_a_proof_is_that_of_the_last_twenty_lots():
    config = Config.from_json({**HALVED.to_json(), "alpha": 0.001})
    some = [(300, 6)] * 30 + [GOOD] * 12
    state, points = fold(config, some)
    pace = (points[-1].log_e_ok - points[-21].log_e_ok) / 20
    assert finding(config, state).lots_needed == math.ceil((math.log(1000) - points[-1].log_e_ok) / pace)


@pytest.mark.parametrize(("first", "pattern"), [(4, "short_of_promise"), (5, "relapsed")])
def test_an_unproved_fix_has_relapsed_only_if_four_lots_lie_before_the_rise(first, pattern):
    state, _ = fold(HALVED, [GOOD] * 8 + [BAD] * 9)
    assert state.verified_at is None
    assert state.log_e_ok_max > math.log(5)
    moved = replace(state, rise=replace(state.rise, first=first))
    last = finding(HALVED, update(HALVED, moved, *BAD))
    assert (last.flagged_at_lot, last.pattern) == (18, pattern)


def test_strict_mode_is_slower_and_comes_to_the_same_verdict():
    strict = Config.from_json({**HALVED.to_json(), "mode": "strict"})
    lots = [(300, 9)] * 60
    assert (found(lots).flagged_at_lot, found(lots, strict).flagged_at_lot) == (7, 12)


# -- state and input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "n", "d", "said"),
    [
        ("proportion", 0, 0, "0 units"),
        ("proportion", -5, 0, "-5 units"),
        ("proportion", 10, -1, "-1 events"),
        ("proportion", 10, 11, "11 events"),
        ("count", 10, 10**15 + 1, "events"),
        ("count", float("nan"), 1, "nan units"),
        ("count", 10, float("nan"), "nan events"),
    ],
)
def test_impossible_numbers_are_refused_and_named(kind, n, d, said):
    config = Config.from_json({**HALVED.to_json(), "kind": kind})
    with pytest.raises(ValueError, match=said):
        update(config, start(config), n, d)


def test_an_update_leaves_the_state_it_was_given_as_it_was():
    state, _ = fold(HALVED, [GOOD] * 5)
    before = json.dumps(state.to_json())
    update(HALVED, state, *BAD)
    assert json.dumps(state.to_json()) == before


def test_a_state_fits_in_a_small_column():
    state, _ = fold(HALVED, [(137, 2), (411, 9), (290, 0)] * 300)
    assert len(json.dumps(state.to_json(), separators=(",", ":"))) <= 1300


def test_ten_thousand_tiny_lots_and_one_giant_lot_are_taken():
    state, points = fold(HALVED, [(1, 0)] * 9_999 + [(10**9, 10**7)])
    assert state.lots == len(points) == 10_000
    assert finding(HALVED, state).units == 10**9 + 9_999
    json.dumps(state.to_json(), allow_nan=False)


RATES = st.sampled_from([0.0, 1e-12, 1e-6, 0.001, 0.02, 0.3, 1.0])


@st.composite
def lots(draw: st.DrawFn, most: int = 25) -> list[tuple[int, int]]:
    sizes = draw(st.lists(st.one_of(st.integers(1, 600), st.integers(1, 10**15)), min_size=1, max_size=most))
    return [(n, draw(st.one_of(st.just(0), st.just(n), st.integers(0, n)))) for n in sizes]


@st.composite
def configs(draw: st.DrawFn) -> Config:
    baseline = draw(st.one_of(st.just([]), lots(30)))
    kind = draw(st.sampled_from(["proportion", "count"]))
    frozen = freeze([Lot(n, d) for n, d in baseline], Promise(rate=draw(RATES)), kind)
    names = ("working_baseline", "baseline_rate", "rho", "pairs", "sum_u", "sum_p", "sum_n", "sum_m", "kind")
    return Config(
        alarm=frozen.alarm_rate,
        verification=frozen.verification_rate,
        promised=frozen.promised_rate,
        mode=draw(st.sampled_from(["default", "strict"])),
        **{name: getattr(frozen, name) for name in names},
    )


@settings(max_examples=150, deadline=None)
@given(configs(), lots())
def test_no_sequence_of_lots_makes_a_number_that_json_cannot_carry(config, some):
    state, points = fold(config, some)
    json.dumps(state.to_json(), allow_nan=False)
    for point in points:  # evidence never sinks below the money that is not staked yet
        unspent = math.log(0.5 * 200 / (200 + point.lot))
        assert min(point.log_e_fail, point.log_e_ok) >= unspent - 1e-12


@settings(max_examples=80, deadline=None)
@given(configs(), lots(), st.data())
def test_a_state_that_was_stored_and_read_continues_as_if_it_had_not_been(config, some, data):
    cut = data.draw(st.integers(0, len(some)))
    kept, _ = fold(config, some[:cut])
    read = State.from_json(json.loads(json.dumps(kept.to_json())))
    read_config = Config.from_json(json.loads(json.dumps(config.to_json())))
    assert (read, read_config) == (kept, config)
    for n, d in some[cut:]:
        read = update(read_config, read, n, d)
    assert read == fold(config, some)[0]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([(300, 0), (300, 3), (300, 5), (300, 9), (300, 60)]), max_size=60))
def test_verdicts_only_ever_move_forward(some):
    order = {"too_early": 0, "holding": 1, "not_holding": 2}
    state, earlier = start(HALVED), finding(HALVED, start(HALVED))
    for n, d in some:
        state = update(HALVED, state, n, d)
        now = finding(HALVED, state)
        assert order[now.verdict] >= order[earlier.verdict]
        for once in ("verified_at_lot", "flagged_at_lot", "pattern", "log_e_flag"):
            assert getattr(earlier, once) in {None, getattr(now, once)}
        earlier = now


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 300), st.integers(1, 30))
def test_more_events_in_the_latest_lot_never_speak_for_the_fix(d, before):
    state, _ = fold(HALVED, [GOOD] * before)
    less, more = update(HALVED, state, 300, max(d - 1, 0)), update(HALVED, state, 300, d)
    assert more.log_e_fail >= less.log_e_fail
    assert more.log_e_ok <= less.log_e_ok
