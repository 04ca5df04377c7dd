"""The chart that the data call for: one that knows how much lots differ, with rare events pooled, in stages."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.charts.attributes import laney_p
from qc_service.charts.staging import staged
from qc_service.charts.values import Lot
from tests.qc_service.charts.reference import table

JUICE = [Lot(50, int(row["D"])) for row in table("orangejuice.csv")]
LATER = [Lot(50, int(row["D"])) for row in table("orangejuice2.csv")]
LEFT_OUT = {14, 22}
BEFORE = [Lot(lot.n, lot.d, place not in LEFT_OUT) for place, lot in enumerate(JUICE[:30])]


def test_each_stage_has_a_centre_line_of_its_own():
    before = staged("proportion", BEFORE)
    after = staged("proportion", LATER, before=before)

    assert (before.centre, after.centre) == pytest.approx((301 / 1400, 351 / 3200))
    assert (before.chart, before.pooled, before.measured) == ("laney_p", False, True)
    assert before.dispersion == laney_p(BEFORE).dispersion > 1.2
    assert after.dispersion == 1.0  # 64 lots that differ a little less than by chance
    assert laney_p(LATER).dispersion < 1.0


def test_a_lot_left_out_is_shown_with_its_limits_and_never_hinted_at():
    stage = staged("proportion", BEFORE)

    assert stage.lots[22].point.value > stage.lots[22].point.high
    assert not stage.lots[22].hints
    assert stage.lots[22].point.high == stage.lots[21].point.high


def test_a_young_stage_takes_over_how_much_lots_differed_before():
    before = staged("proportion", BEFORE)

    young, older = (staged("proportion", LATER[:lots], before=before) for lots in (11, 12))

    assert (young.dispersion, young.measured) == (before.dispersion, False)
    assert older.measured
    assert staged("proportion", LATER[:1]).dispersion == 1.0


def test_a_known_rate_is_the_centre_line_where_not_all_lots_are_drawn():
    stage = staged("proportion", LATER[-20:], 351 / 3200)

    assert {drawn.point.centre for drawn in stage.lots} == {351 / 3200}


def test_a_run_on_one_side_is_a_hint_at_each_lot_from_the_eighth_on():
    lots = [Lot(100, d) for d in [10, 12, 8, 11, 9, 13] * 3 + [13] * 10]

    stage = staged("proportion", lots)

    assert [place for place, drawn in enumerate(stage.lots) if "eight_on_one_side" in drawn.hints] == [24, 25, 26, 27]


def test_rare_events_are_pooled_until_a_pool_is_expected_to_have_one():
    lots = [Lot(500, int(place % 10 == 3)) for place in range(40)]

    stage = staged("proportion", lots)

    assert stage.pooled
    pools = [drawn.pool for drawn in stage.lots]
    assert pools == [place // 10 for place in range(40)]
    assert {drawn.pool_rate for drawn in stage.lots} == {1 / 5000}
    assert stage.lots[3].point.high > 1 / 5000
    assert not any(drawn.hints for drawn in stage.lots)


def test_the_last_pool_waits_for_more_lots_and_has_no_limits():
    lots = [Lot(500, int(place % 10 == 3)) for place in range(44)]

    stage = staged("proportion", lots, 1 / 5000)

    assert [drawn.point.high is None for drawn in stage.lots] == [False] * 40 + [True] * 4
    assert {drawn.pool for drawn in stage.lots[-4:]} == {4}


def test_a_cluster_of_rare_events_is_a_hint_at_the_last_lot_of_its_pool():
    lots = [Lot(500, int(place % 10 == 3)) for place in range(200)]
    lots[150:160] = [Lot(500, 1)] * 10

    stage = staged("proportion", lots)

    hinted = [place for place, drawn in enumerate(stage.lots) if "beyond_limits" in drawn.hints]
    assert hinted
    for place in hinted:
        assert stage.lots[place].pool != stage.lots[place + 1].pool
        assert stage.lots[place].pool_rate > stage.lots[place].point.high


def test_a_stage_without_events_has_nothing_to_pool_and_no_hint():
    stage = staged("proportion", [Lot(50, 0)] * 30)

    assert (stage.pooled, stage.centre) == (False, 0.0)
    assert not any(drawn.hints for drawn in stage.lots)


def test_more_than_one_event_a_unit_is_a_u_chart_with_how_much_lots_differ():
    assert staged("count", [Lot(5, 12), Lot(5, 9), Lot(5, 14)]).chart == "laney_u"


def test_an_impossible_lot_is_refused_by_its_name():
    with pytest.raises(ValueError, match="lot JC-9"):
        staged("proportion", [Lot(50, 51, name="JC-9")])


sizes = st.one_of(st.integers(1, 10**12), st.integers(1, 3))
shares = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1), st.floats(0, 1e-3))
lists = st.lists(
    st.builds(lambda n, share, counted: Lot(n, int(n * share), counted), sizes, shares, st.booleans()), max_size=60
)


@given(st.sampled_from(["proportion", "count"]), lists, lists)
def test_no_possible_lots_break_a_stage(kind, first, second):
    before = staged(kind, first)
    after = staged(kind, second, before=before)

    for stage, lots in ((before, first), (after, second)):
        assert len(stage.lots) == len(lots)
        assert stage.dispersion >= 1
        for lot, drawn in zip(lots, stage.lots, strict=True):
            low, high = drawn.point.low, drawn.point.high
            assert (low is None) == (high is None)
            assert low is None or (math.isfinite(low) and math.isfinite(high) and 0 <= low <= high)
            assert lot.counted or not drawn.hints
            assert (drawn.pool is None) == (drawn.pool_rate is None)


@pytest.mark.parametrize(
    "lots",
    [
        [Lot(50, 50)] * 40, [Lot(1, place % 97 == 0) for place in range(10_000)],
        [Lot(10 ** (place % 4), int(10 ** (place % 4) * 0.2)) for place in range(400)],
        [Lot(50, 7)] * 10 + [Lot(10**12, 10**11)] + [Lot(50, 7)] * 10,
    ],
    ids=["all defective", "ten thousand tiny", "thousandfold", "a giant"],
)  # fmt: skip
def test_strange_lots_have_a_stage(lots):
    stage = staged("proportion", lots)

    assert all(drawn.point.high is None or math.isfinite(drawn.point.high) for drawn in stage.lots)
