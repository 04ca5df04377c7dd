"""The list of a site: who comes onto it and why, how a correction takes somebody off, and that no order matters."""

import math
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qc_service.db import connected
from qc_service.flags.models import Listing, ListingMove, SiteList, Watch, WatchPoint
from tests.plant import Plant, count, hour
from workers import listing
from workers.detectors.ebh import fold

BEFORE, SINCE = 30, 14


def lots(line, events, first=BEFORE, version="1"):
    """Lots of a line since its fix, with those events."""
    more = {"line": line, "source": line, "external_version": version}
    return [count(first + place, 100, d, **more) for place, d in enumerate(events)]


def watched(plant, code, site="S1", name=None, first=BEFORE):
    """A line with a fix that promises to halve 10 %; its id."""
    plant.line(code, site, name)
    plant.ingest([count(i, 100, 9 + i % 3, line=code, site=site, source=code) for i in range(BEFORE)])
    return plant.fix(line=code, site=site, in_effect_at=hour(first)[0], promise={"rate": 0.05})["id"]


def shown(plant, site="S1"):
    answer = plant.call("GET", f"/v1/sites/{site}/not-holding")
    assert answer.status_code == 200, answer.json
    return answer.json


def moves(fix):
    with connected():
        rows = ListingMove.select().where(ListingMove.fix_id == fix).order_by(ListingMove.number)
        return [(row.move, row.reason) for row in rows]


def test_a_fix_that_does_not_hold_is_listed_with_the_numbers_of_the_rule(plant):
    bad, _good = watched(plant, "L2", name="Filler 2"), watched(plant, "L3")
    plant.ingest([*lots("L2", [11] * 8), *lots("L3", [4] * 8)])
    plant.work()

    told = shown(plant)
    assert (told["site"], told["fdr"], told["watches"], told["listed"]) == ("S1", 0.1, 2, 1)
    assert told["log_e_next"] == pytest.approx(math.log(2 / (2 * 0.1)))
    [row] = told["data"]
    assert (row["fix"], row["line"], row["measure"], row["reaches_the_bar"]) == (bad, "L2", "defective", True)
    assert (row["flagged"], row["superseded"]) == (True, False)
    assert row["log_e"] >= math.log(2 / 0.1)
    assert row["sentence"].startswith("Filler 2, ")
    assert plant.call("GET", row["evidence"]).status_code == 200
    assert moves(bad) == [("entered", "new_lots")]


def test_more_lots_move_nothing_of_a_fix_that_is_listed(plant):
    bad = watched(plant, "L2")
    plant.ingest(lots("L2", [11] * 8))
    plant.work()
    before = shown(plant)
    plant.ingest(lots("L2", [30, 0, 0, 0, 0, 0], first=BEFORE + 8))
    plant.work()
    assert [(row["log_e"], row["since"]) for row in shown(plant)["data"]] == [
        (row["log_e"], row["since"]) for row in before["data"]
    ]
    assert moves(bad) == [("entered", "new_lots")]


def test_a_fix_whose_ground_a_correction_took_is_withdrawn_and_its_history_kept(plant):
    bad = watched(plant, "L2")
    plant.ingest(lots("L2", [11] * 8))
    plant.work()
    plant.ingest(lots("L2", [4] * 8, version="2"))
    plant.work()
    assert shown(plant)["data"] == []
    assert moves(bad) == [("entered", "new_lots"), ("withdrawn", "corrected")]

    plant.ingest(lots("L2", [12] * 8, version="3"))
    plant.work()
    assert [row["fix"] for row in shown(plant)["data"]] == [bad]
    assert moves(bad)[-1] == ("entered", "new_lots")


def test_a_fix_that_stood_in_company_goes_with_it(plant):
    """Nothing of its own changed: the others were corrected, and alone it needs more."""
    fixes = [watched(plant, f"L{number}") for number in range(2, 8)]
    rows = [row for number in range(2, 7) for row in lots(f"L{number}", [12] * 8)]
    plant.ingest(rows)
    plant.ingest(lots("L7", [9] * 5))
    plant.work()
    with connected():
        weak = WatchPoint.select().join(Watch, on=(Watch.id == WatchPoint.watch_id)).where(Watch.fix_id == fixes[-1])
        found = max(point.log_e_fail for point in weak)
    assert math.log(10) < found < math.log(60), "the weak one stands only in company"
    assert {row["fix"] for row in shown(plant)["data"]} == set(fixes)

    plant.ingest([row for number in range(2, 7) for row in lots(f"L{number}", [3] * 8, version="2")])
    plant.work()
    assert shown(plant)["data"] == []
    assert moves(fixes[-1]) == [("entered", "new_lots"), ("withdrawn", "others_corrected")]


def test_fixes_that_are_declared_later_raise_the_bar_and_take_nobody_off(plant):
    bad = watched(plant, "L2")
    plant.ingest(lots("L2", [9] * 5))
    plant.work()
    [row] = shown(plant)["data"]
    assert row["log_e"] < math.log(40), "it came onto the list with little"
    for number in range(3, 8):
        watched(plant, f"L{number}", first=BEFORE + 6)
    plant.work()
    told = shown(plant)
    assert (told["watches"], told["listed"]) == (6, 0)
    assert [(row["fix"], row["reaches_the_bar"]) for row in told["data"]] == [(bad, False)]

    plant.ingest(lots("L2", [13] * 6, first=BEFORE + 6))
    plant.work()
    assert [(row["fix"], row["reaches_the_bar"]) for row in shown(plant)["data"]] == [(bad, True)]
    assert moves(bad) == [("entered", "new_lots")]


def test_a_fix_that_another_took_over_still_counts(plant):
    bad = watched(plant, "L2")
    plant.ingest(lots("L2", [13] * 8))
    plant.work()
    plant.fix(line="L2", in_effect_at=hour(BEFORE + 8)[0], promise={"rate": 0.05})
    plant.work()
    told = shown(plant)
    assert told["watches"] == 2
    assert [(row["fix"], row["superseded"], row["flagged"]) for row in told["data"]] == [(bad, True, False)]


def test_a_site_knows_nothing_of_another(plant):
    watched(plant, "M1", "S2")
    plant.ingest([{**row, "site": "S2"} for row in lots("M1", [12] * 8)])
    plant.work()
    assert shown(plant)["data"] == []
    assert shown(plant, "S2")["watches"] == 1
    assert plant.call("GET", "/v1/sites/nowhere/not-holding").status_code == 404


def test_a_healthy_line_never_has_the_list_looked_at(plant, monkeypatch):
    watched(plant, "L2")
    plant.work()
    monkeypatch.setattr(listing, "fold", lambda *_: pytest.fail("the list was folded"))
    plant.ingest(lots("L2", [4, 5, 4, 3, 5]))
    plant.work()


# --- any order ---


@pytest.fixture
def sites(app):
    with connected():
        plant = Plant(app)
    numbers = iter(range(10**6))
    return plant, lambda: f"S{next(numbers)}"


@st.composite
def histories(draw):
    """For each of some lines its events, wrong first numbers of some lots, and a seed for the disorder."""
    chance = random.Random(draw(st.integers(0, 10**6)))
    rates = draw(st.lists(st.sampled_from([0.05, 0.08, 0.09, 0.11, 0.13]), min_size=2, max_size=5))
    final = [[sum(chance.random() < rate for _ in range(100)) for _ in range(SINCE)] for rate in rates]
    wrong = {(draw(st.integers(0, len(rates) - 1)), draw(st.integers(0, SINCE - 1))) for _ in range(3)}
    return final, wrong, draw(st.integers(0, 10**6))


def told_so(plant, site, history, *, disorder):
    """Tell the lots, at once or in disorder with wrong ones first; what the list came to."""
    final, wrong, seed = history
    chance = random.Random(seed)
    codes = [f"{site}-{number}" for number in range(len(final))]
    fixes = [watched(plant, code, site, first=BEFORE + 2 * number) for number, code in enumerate(codes)]
    rows = [(line, place, d) for line, events in enumerate(final) for place, d in enumerate(events)]
    batches = [[(line, place, d, "2") for line, place, d in rows]]
    if disorder:
        first = [(line, place, chance.randint(0, 40), "1") for line, place in sorted(wrong)]
        chance.shuffle(rows)
        cut = chance.randrange(len(rows))
        late = [(line, place, final[line][place], "2") for line, place in sorted(wrong)]
        chance.shuffle(late)
        rest = [(*row, "2") for row in rows if row[:2] not in wrong]
        batches = [first, rest[:cut], *[[row] for row in late], rest[cut:]]
    for batch in filter(None, batches):
        sent = [
            row | {"site": site}
            for line, place, d, version in batch
            for row in lots(codes[line], [d], first=BEFORE + place, version=version)
        ]
        plant.ingest(sent)
        plant.work()
    return fixes, stored(fixes)


def stored(fixes):
    with connected():
        rows = {row.fix_id: row for row in Listing.select().where(Listing.fix_id.in_(fixes))}
        site_id = Watch.get(Watch.fix_id == fixes[0]).site_id
        rule = SiteList.get(SiteList.site_id == site_id)
    places = [
        (row.since, row.log_e, row.listed, row.watches, row.rests_at)
        if (row := rows.get(fix)) is not None and row.state == "standing"
        else None
        for fix in fixes
    ]
    return places, (rule.watches, rule.listed, rule.log_next)


def anew(fixes):
    """The list folded from every stored point."""
    with connected():
        watches = {watch.id: watch for watch in Watch.select().where(Watch.fix_id.in_(fixes))}
        points = WatchPoint.select().where(WatchPoint.watch_id.in_(list(watches))).order_by(WatchPoint.period_end)
        gains = [(point.period_end, watches[point.watch_id].fix_id, point.log_e_fail) for point in points]
        site_id = next(iter(watches.values())).site_id
        begins = [row[0] for row in listing._begun(site_id, max(row[0] for row in gains))]
    roll = fold(begins, gains, 0.1)
    entries = [roll.entries.get(fix) for fix in fixes]
    places = [entry and (entry.since, entry.log_e, entry.listed, entry.watches, entry.rests_at) for entry in entries]
    return places, (roll.watches, roll.listed, roll.log_next)


@pytest.mark.volume
@pytest.mark.mostly_sqlite
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=12)
@given(histories())
def test_the_list_is_the_same_in_whatever_order_lots_and_corrections_come(sites, history):
    plant, fresh = sites
    fixes, calm = told_so(plant, fresh(), history, disorder=False)
    _, wild = told_so(plant, fresh(), history, disorder=True)
    assert wild == calm == anew(fixes)
