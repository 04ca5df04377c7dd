"""Between which rates a fix has brought its line: one answer in the effect, the evidence, the words and the table."""

import csv
import io

import pytest

from qc_service.counts.models import ProductionCount
from qc_service.db import connected, write
from qc_service.flags.models import Watch, WatchBand, WatchPoint
from qc_service.verify import verify
from tests.journeys.test_fixes import judge_series
from tests.plant import count


def points_of(fix):
    with connected():
        watch = Watch.get(Watch.fix_id == fix["id"])
        points = WatchPoint.select().where(WatchPoint.watch_id == watch.id).order_by(WatchPoint.number)
        return [(point.rate_low, point.rate_high) for point in points], WatchBand.get_by_id(watch.id).state


@pytest.fixture
def juice(plant):
    return judge_series(plant, "juice-cans", 100)


def test_the_interval_is_around_the_rate_and_the_same_wherever_it_is_told(plant, juice):
    _, effect = juice
    low, high = effect["interval"]
    assert 0.07 < low < effect["rate"] < high < effect["baseline_rate"]
    assert "With 95% confidence the rate since the fix lies between 8.33% and 14.3%" in effect["explanation"]
    document = plant.call("GET", effect["evidence"]).json["document"]
    assert document["numbers"]["interval"] == effect["interval"]
    assert (document["points"][-1]["rate_low"], document["points"][-1]["rate_high"]) == (low, high)
    assert [point["rate_low"] for point in document["points"] if point["stage"] == "before"] == [None] * 30
    table = plant.call("GET", effect["evidence"], headers={"Accept": "text/csv"}).text
    last = list(csv.DictReader(io.StringIO(table)))[-1]
    assert (float(last["rate_low"]), float(last["rate_high"])) == (low, high)


def test_lot_by_lot_and_all_at_once_come_to_the_same_after_every_lot(plant, juice):
    alone = judge_series(plant_again(plant), "juice-cans", 1)
    assert points_of(alone[0]) == points_of(juice[0])
    assert alone[1]["interval"] == juice[1]["interval"]


def plant_again(plant):
    """The same plant with another line, on which the series is recorded once more."""
    plant.line("L2")
    ingest, fix = plant.ingest, plant.fix
    plant.ingest = lambda rows: ingest([{**row, "line": "L2", "source": "again"} for row in rows])
    plant.fix = lambda **values: fix(**{**values, "line": "L2"})
    return plant


def test_there_is_none_while_hardly_anything_is_known(plant):
    fix, effect = judge_series(plant, "juice-cans-b", 5)
    found, _ = points_of(fix)
    first = next(place for place, ends in enumerate(found) if ends != (None, None))
    assert 12 < first < 20
    assert effect["interval"] == list(found[-1])
    _, effect = judge_series(plant_again(plant), "wave-solder", 100)
    assert effect["interval"] is not None


def test_a_watch_judged_before_there_were_intervals_has_them_after_its_next_lot(plant, juice):
    fix, effect = juice
    whole = points_of(fix)
    with connected(), write():
        last = ProductionCount.select().order_by(ProductionCount.period_end.desc()).first()
        WatchBand.delete().execute()
        WatchPoint.update(rate_low=None, rate_high=None).execute()
        watch = Watch.get()
        Watch.update(finding={k: v for k, v in watch.finding.items() if k != "interval"}).execute()
    assert plant.effect(fix["id"])["interval"] is None
    number = int(last.external_id.removeprefix("JC-")) + 1
    plant.ingest([count(number, 50, 5)])
    plant.work()
    points, _ = points_of(fix)
    assert points[: len(whole[0])] == whole[0]
    assert plant.effect(fix["id"])["interval"] == list(points[-1]) != effect["interval"]


def test_a_corrected_lot_moves_what_was_known_after_it(plant, juice):
    fix, effect = juice
    before, _ = points_of(fix)
    plant.ingest([count(70, 50, 40, external_version="2")])
    plant.work()
    after, _ = points_of(fix)
    assert after[:39] == before[:39]
    assert after[39:] != before[39:]
    assert plant.effect(fix["id"])["interval"][1] > effect["interval"][1]


def test_what_is_kept_for_the_next_interval_is_part_of_the_trail(plant, juice):
    with connected():
        assert list(verify()) == []
        with write():
            WatchBand.update(state={}).execute()
        assert any("watch_band" in str(finding) for finding in verify())
