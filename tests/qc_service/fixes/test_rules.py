import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_service.fixes.rules import Frozen, Lot, Promise, PromiseRefused, freeze, pair_sums

# 28 samples of 50 cans before a machine was adjusted (Montgomery 1991, pp. 152-155, without 15 and 23).
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 8, 10, 5, 13, 11, 20, 18, 15, 9, 12, 7, 13, 9, 6]
JUICE = [Lot(50, d) for d in CANS]
ALIKE = [Lot(100, 5)] * 40


def refusal(baseline: list[Lot], promise: Promise | None, kind: str = "proportion") -> PromiseRefused:
    with pytest.raises(PromiseRefused) as caught:
        freeze(baseline, promise, kind)
    return caught.value


# -- promises --------------------------------------------------------------------------------------------


def test_an_absolute_promise_is_set_against_the_measured_baseline():
    frozen = freeze(JUICE, Promise(rate=0.12))
    assert (frozen.baseline_units, frozen.baseline_events, frozen.baseline_lots) == (1400, 301, 28)
    assert frozen.baseline_rate == frozen.working_baseline == 301.5 / 1400
    assert frozen.alarm_rate == pytest.approx(0.12953571428571428, abs=1e-15)
    assert frozen.verification_rate == pytest.approx(0.16767857142857143, abs=1e-15)
    assert frozen.promised_rate == 0.12
    assert frozen.relapse_rate == frozen.baseline_rate
    assert (frozen.assumed, frozen.stays_at, frozen.notes) == (False, False, ())


def test_without_a_promise_half_the_baseline_is_assumed_and_said_so():
    frozen = freeze(JUICE, None)
    assert (frozen.promised_rate, frozen.assumed, frozen.notes) == (301.5 / 2800, True, ("assumed",))
    assert frozen.alarm_rate == pytest.approx(0.55 * 301.5 / 1400)
    assert frozen.verification_rate == pytest.approx(0.75 * 301.5 / 1400)


def test_half_of_a_thin_baseline_may_be_assumed_and_the_thinness_is_noted():
    frozen = freeze(JUICE[:10], None)
    assert frozen.notes == ("assumed", "thin_baseline", "spread_assumed")


def test_a_fix_without_baseline_and_promise_needs_a_promise():
    assert refusal([], None).reason == "promise_needed"


def test_a_promise_without_a_baseline_is_broken_by_twice_its_rate():
    frozen = freeze([], Promise(rate=0.01))
    assert (frozen.baseline_rate, frozen.working_baseline, frozen.stays_at) == (None, 0.02, False)
    assert frozen.alarm_rate == pytest.approx(0.011)
    assert frozen.verification_rate == pytest.approx(0.015)
    assert frozen.notes == ("no_baseline", "spread_assumed")


@pytest.mark.parametrize("rate", [-0.001, 1.001, math.nan, math.inf, -math.inf])
def test_a_share_below_nothing_or_above_everything_is_out_of_range(rate):
    assert refusal(JUICE, Promise(rate=rate)).reason == "promise_out_of_range"


@pytest.mark.parametrize("reduction", [-0.1, 1.1, 50, math.nan])
def test_a_reduction_below_nothing_or_above_everything_is_out_of_range(reduction):
    refused = refusal(JUICE, Promise(reduction=reduction))
    assert refused.reason == "promise_out_of_range"
    assert "0 to 1" in str(refused) == refused.detail


def test_a_promise_is_a_rate_or_a_reduction_and_never_both_or_neither():
    for numbers in ({}, {"rate": 0.1, "reduction": 0.5}):
        with pytest.raises(ValueError, match="either a rate or a reduction"):
            Promise(**numbers)


def test_counts_per_unit_may_promise_more_than_one():
    baseline = [Lot(5, 10), Lot(5, 12)] * 10
    frozen = freeze(baseline, Promise(rate=1.5), "count")
    assert (frozen.kind, frozen.baseline_rate, frozen.promised_rate) == ("count", 2.205, 1.5)
    assert refusal(baseline, Promise(rate=-1), "count").reason == "promise_out_of_range"
    assert refusal(baseline, Promise(rate=math.inf), "count").reason == "promise_out_of_range"


# -- percentages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "baseline",
    [[], [Lot(100, 5)] * 19, [Lot(100, 2)] * 24 + [Lot(100, 1)]],
    ids=["no lots", "19 lots", "49 events"],
)
def test_a_percentage_of_a_thin_baseline_is_refused(baseline):
    refused = refusal(baseline, Promise(reduction=0.5))
    assert refused.reason == "baseline_too_thin"
    assert "promise a rate instead" in refused.detail


def test_twenty_lots_and_fifty_events_are_enough_for_a_percentage():
    assert freeze([Lot(100, 3)] * 10 + [Lot(100, 2)] * 10, Promise(reduction=0.5)).stays_at is False


def test_a_percentage_is_taken_of_the_safe_end_of_the_baseline():
    mean, nu = 301 / 1400, 27
    pearson = sum((d - 50 * mean) ** 2 for d in CANS) / (50 * mean * (1 - mean))
    step = 2 / (9 * nu)
    rho_up = (pearson / (nu * (1 - step - 1.2816 * math.sqrt(step)) ** 3) - 1) / 49
    safe = 301.5 / 1400 * (1 + 1.28 * math.sqrt((1 + 49 * rho_up) / 301))
    frozen = freeze(JUICE, Promise(reduction=0.4))
    assert frozen.baseline_rate == 301.5 / 1400
    assert frozen.working_baseline == pytest.approx(safe, rel=1e-12)
    assert frozen.promised_rate == pytest.approx(0.6 * safe, rel=1e-12)
    assert frozen.alarm_rate == pytest.approx(safe * (1 - 0.9 * 0.4), rel=1e-12)
    assert frozen.verification_rate == pytest.approx(safe * (1 - 0.5 * 0.4), rel=1e-12)
    assert frozen.relapse_rate == frozen.working_baseline


def test_lots_no_more_unlike_than_chance_still_widen_a_percentage_by_chance():
    assert freeze(ALIKE, Promise(reduction=0.5)).working_baseline == pytest.approx(
        200.5 / 4000 * (1 + 1.28 / math.sqrt(200))
    )


def test_the_safe_end_of_a_share_is_at_most_one():
    frozen = freeze([Lot(50, 50)] * 18 + [Lot(50, 0)] * 2, Promise(reduction=0.5))
    assert (frozen.working_baseline, frozen.promised_rate) == (1.0, 0.5)


def test_a_reduction_by_all_promises_nothing_and_one_by_nothing_stays_at_the_baseline():
    nothing, same = freeze(JUICE, Promise(reduction=1)), freeze(JUICE, Promise(reduction=0))
    assert (nothing.promised_rate, nothing.stays_at) == (0, False)
    assert (same.working_baseline, same.notes) == (2 * same.promised_rate, ("stays_at",))


# -- staying at a rate -----------------------------------------------------------------------------------


def test_a_promise_to_stay_at_the_baseline_is_broken_by_twice_its_rate_and_the_baseline_only_shown():
    frozen = freeze(ALIKE, Promise(rate=0.05))
    assert (frozen.baseline_rate, frozen.working_baseline) == (200.5 / 4000, 0.1)
    assert (frozen.alarm_rate, frozen.verification_rate) == (pytest.approx(0.055), pytest.approx(0.075))
    assert (frozen.stays_at, frozen.notes) == (True, ("stays_at",))


def test_a_twentieth_better_is_still_staying_and_a_little_more_is_an_improvement():
    measured = 200.5 / 4000
    assert freeze(ALIKE, Promise(rate=measured / 1.0499)).stays_at
    assert not freeze(ALIKE, Promise(rate=measured / 1.0501)).stays_at


def test_a_promise_clearly_above_the_baseline_is_kept_and_noted():
    assert freeze(ALIKE, Promise(rate=0.08)).notes == ("stays_at", "promise_above_baseline")


def test_a_promise_that_no_lot_could_fail_to_prove_is_noted():
    frozen = freeze([], Promise(rate=0.7))
    assert frozen.verification_rate > 1
    assert "verification_above_one" in frozen.notes
    assert "verification_above_one" not in freeze([], Promise(rate=0.7), "count").notes


# -- zero and everything ---------------------------------------------------------------------------------


def test_a_promise_of_zero_leaves_an_alarm_rate_above_zero():
    frozen = freeze(ALIKE, Promise(rate=0))
    assert frozen.alarm_rate == pytest.approx(0.1 * 200.5 / 4000)


def test_a_promise_of_zero_needs_no_baseline_either():
    frozen = freeze([], Promise(rate=0))
    assert 0 < frozen.alarm_rate < frozen.verification_rate < frozen.working_baseline <= 1e-9


def test_a_baseline_without_any_event_still_has_a_rate():
    frozen = freeze([Lot(100, 0)] * 30, None)
    assert frozen.baseline_rate == 0.5 / 3000
    assert frozen.notes == ("assumed", "thin_baseline", "spread_assumed")


def test_a_baseline_of_nothing_but_events_gives_finite_numbers():
    frozen = freeze([Lot(1, 1)] * 60, None)
    assert frozen.baseline_rate == 60.5 / 60
    assert frozen.rho == 0.0


# -- how much lots differ --------------------------------------------------------------------------------


def test_the_correlation_puts_the_pearson_statistic_at_its_median():
    mean, nu = 301 / 1400, 27
    pearson = sum((d - 50 * mean) ** 2 for d in CANS) / (50 * mean * (1 - mean))
    wanted = (pearson / (nu * (1 - 2 / (9 * nu)) ** 3) - 1) / 49
    assert freeze(JUICE, Promise(rate=0.12)).rho == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("baseline", [[Lot(50, 10)] * 11, [Lot(50, 0)] * 30 + [Lot(50, 9)]])
def test_eleven_lots_or_nine_events_are_too_few_to_measure_how_lots_differ(baseline):
    frozen = freeze(baseline, Promise(rate=0.001))
    assert frozen.rho == 0.25 * frozen.alarm_rate
    assert (frozen.pairs, frozen.sum_u, frozen.sum_p, frozen.sum_n, frozen.sum_m) == (0, 0, 0, 0, 0)
    assert "spread_assumed" in frozen.notes


def test_twelve_lots_and_ten_events_are_enough():
    frozen = freeze([Lot(50, 1)] * 10 + [Lot(50, 0)] * 2, Promise(rate=0.001))
    assert (frozen.pairs, frozen.sum_n, frozen.sum_m) == (11, 600, 12)
    assert "spread_assumed" not in frozen.notes


def test_lots_that_are_all_good_or_all_bad_are_correlated_as_far_as_the_scale_goes():
    assert freeze([Lot(100, 100), Lot(100, 0)] * 20, Promise(rate=0.1)).rho == 0.9


def test_an_assumed_correlation_of_a_high_count_stays_on_the_scale():
    assert freeze([], Promise(rate=20), "count").rho == 0.9


def test_counts_vary_as_poisson_and_shares_as_binomial_counts_do():
    lots = [Lot(10, d) for d in (2, 8, 5, 1, 9, 4, 6, 3, 7, 5, 2, 8, 4, 6)]
    shares, counts = freeze(lots, Promise(rate=0.2)), freeze(lots, Promise(rate=0.2), "count")
    assert shares.rho > counts.rho > 0


def test_pairs_are_neighbours_in_the_list_that_remains():
    lots = [Lot(30 + i, i % 4) for i in range(20)]
    frozen = freeze(lots, Promise(rate=0.01))
    by_hand = [pair_sums(lots[i], lots[i + 1]) for i in range(19)]
    assert frozen.pairs == 19
    assert frozen.sum_u == pytest.approx(sum(u for u, _ in by_hand))
    assert frozen.sum_p == pytest.approx(sum(p for _, p in by_hand))


# -- impossible lots, storage, and everything at once ----------------------------------------------------


@pytest.mark.parametrize(
    ("lot", "kind"),
    [
        (Lot(0, 0), "proportion"),
        (Lot(-5, 0), "count"),
        (Lot(10, -1), "count"),
        (Lot(10, 11), "proportion"),
        (Lot(10**16, 0), "count"),
    ],
)
def test_a_lot_with_impossible_numbers_is_named(lot, kind):
    with pytest.raises(ValueError, match="baseline lot 3"):
        freeze([Lot(10, 1), Lot(10, 1), lot], Promise(rate=0.1), kind)


def test_more_defects_than_units_are_possible_where_they_are_counted():
    assert freeze([Lot(5, 11)] * 20, Promise(rate=1), "count").baseline_rate == 2.205


def test_what_is_frozen_comes_back_from_json_exactly():
    for frozen in (
        freeze(JUICE, Promise(reduction=0.37)),
        freeze([], Promise(rate=0.7)),
        freeze(ALIKE, None),
    ):
        assert Frozen.from_json(json.loads(json.dumps(frozen.to_json(), allow_nan=False))) == frozen


def test_json_with_an_unknown_key_is_refused():
    with pytest.raises(TypeError, match="colour"):
        Frozen.from_json({**freeze(JUICE, None).to_json(), "colour": "blue"})


@st.composite
def lots(draw: st.DrawFn) -> Lot:
    n = draw(st.one_of(st.integers(1, 500), st.integers(1, 10**15)))
    return Lot(n, draw(st.one_of(st.just(0), st.just(n), st.integers(0, n))))


PROMISES = st.one_of(
    st.none(),
    st.floats(0, 1).map(lambda rate: Promise(rate=rate)),
    st.floats(0, 1).map(lambda share: Promise(reduction=share)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(lots(), max_size=40), PROMISES, st.sampled_from(["proportion", "count"]))
def test_whatever_is_not_refused_is_finite_and_in_order(baseline, promise, kind):
    try:
        frozen = freeze(baseline, promise, kind)
    except PromiseRefused:
        assert promise is None or promise.rate is None, "an absolute promise within range is never refused"
        return
    json.dumps(frozen.to_json(), allow_nan=False)
    rates = [frozen.promised_rate, frozen.alarm_rate, frozen.verification_rate, frozen.working_baseline]
    assert rates == sorted(rates)
    assert 0 < frozen.alarm_rate < frozen.relapse_rate
    assert 0 <= frozen.rho <= 0.9


@settings(max_examples=100, deadline=None)
@given(st.lists(st.builds(Lot, st.just(100), st.integers(0, 100)), min_size=20, max_size=40))
def test_a_baseline_read_backwards_freezes_the_same_numbers(baseline):
    there, back = freeze(baseline, Promise(rate=0.01)), freeze(baseline[::-1], Promise(rate=0.01))
    assert (there.rho, there.sum_u, there.sum_p) == pytest.approx((back.rho, back.sum_u, back.sum_p), abs=1e-9)
