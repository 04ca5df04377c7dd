"""What keeps a verdict honest, over HTTP: blocks, drift, open lots, one budget for one action, other fixes."""

import csv
import random
from pathlib import Path

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.desk import lots_open
from qc_service.flags.models import WatchPoint
from qc_service.lines.models import Line
from tests.plant import START, Plant, count, hour

GOLDEN = Path(__file__).parents[1] / "golden"
BEFORE = 60


def wandering(lots, seed=3):
    """Lots whose rates come in long spells."""
    chance, now, found = random.Random(seed), 1.0, []
    for _ in range(lots):
        now = 0.95 * now + chance.gauss(0, 0.31)
        found.append(sum(chance.random() < 0.06 * min(max(1 + 0.5 * now, 0.1), 3) for _ in range(200)))
    return found


@pytest.fixture
def blocked(plant):
    """A fix whose lots are judged in blocks."""
    plant.ingest([count(at, 200, d) for at, d in enumerate(wandering(BEFORE))])
    fix = plant.fix(in_effect_at=hour(BEFORE)[0], promise={"rate": 0.02})
    assert fix["blocks"] > 1
    assert "in_blocks" in [one["code"] for one in fix["warnings"]]
    return fix


def test_lots_that_resemble_their_neighbours_are_judged_a_block_at_a_time(plant, blocked):
    size = blocked["blocks"]
    for at in range(3 * size + 1):
        plant.ingest([count(BEFORE + at, 200, 20)])
        plant.work()

    effect = plant.effect(blocked["id"])
    assert (effect["lots"], effect["blocks"], effect["waiting_lots"]) == (3 * size + 1, size, 1)
    assert effect["verdict"] == "not_holding"
    assert effect["flagged_at_lot"] % size == 0
    assert "waiting_block" in effect["reasons"]
    assert f"{size} lots are judged as one: 1 of {size} lots of the next block are in" in effect["explanation"]
    assert len(effect["sentence"].split()) <= 30


def test_lots_in_any_order_come_to_the_same_blocks(plant, blocked):
    lots = [count(BEFORE + at, 200, 3 + at % 4) for at in range(2 * blocked["blocks"] + 1)]
    for row in [*lots[5:], *lots[:5]]:
        plant.ingest([row])
        plant.work()
    plant.ingest([count(BEFORE, 200, 9, external_version="2")])
    plant.work()
    late = plant.effect(blocked["id"])
    with connected():
        points = list(WatchPoint.select(WatchPoint.number, WatchPoint.external_id).order_by(WatchPoint.number).tuples())

    plant.ingest([count(BEFORE + 1, 200, 4, external_version="2", shift="B")])
    plant.work()

    assert points == [(at + 1, row["external_id"]) for at, row in enumerate(lots)]
    again = plant.effect(blocked["id"])
    assert {**again, "as_of": 0} == {**late, "as_of": 0}
    assert again["events"] == sum(row["defective"] for row in lots) + 6


def sicily(plant):
    rows = list(csv.DictReader((GOLDEN / "sicily.csv").read_text().splitlines()))
    made = []
    for at, row in enumerate(rows):
        start = START.replace(year=int(row["year"]), month=int(row["month"]))
        end = start.replace(day=28)
        period = {"period_start": clock.iso(start), "period_end": clock.iso(end)}
        made.append(count(at, round(float(row["stdpop"])), int(row["aces"]), **period))
    plant.ingest(made[:36])
    fix = plant.fix(in_effect_at="2005-01-01T00:00:00Z", promise={"reduction": 0.1}, title="No smoking")
    for row in made[36:]:
        plant.ingest([row])
        plant.work()
    return fix, plant.effect(fix["id"])


def test_the_smoking_ban_is_not_said_to_have_failed_because_the_rate_had_been_rising(plant):
    fix, effect = sicily(plant)

    assert {"trend", "season"} <= {one["code"] for one in fix["warnings"]}
    assert (effect["verdict"], effect["pattern"]) == ("too_early", None)
    assert effect["withheld_at_lot"] is not None
    assert {"baseline_trend", "baseline_season"} <= set(effect["reasons"])
    assert "already rising" in effect["explanation"]
    assert "a year: a comparison with its mean misleads" in effect["explanation"]
    assert effect["sentence"].endswith("Too early: the rate was moving.")
    assert len(effect["sentence"].split()) <= 30
    assert plant.call("GET", "/v1/flags?state=all").json["data"] == []
    told = plant.call("GET", "/v1/sites/S1/not-holding").json
    assert (told["watches"], told["data"]) == (1, []), "what is not said of a fix does not put it on its site's list"


def rework(at, d, **more):
    return count(at, None, None, total=100, reworked=d, **more)


def test_an_open_lot_is_shown_and_judged_once_it_is_closed(plant):
    plant.ingest([rework(at, 10 + at % 3) for at in range(30)])
    fix = plant.fix(in_effect_at=hour(30)[0], measure="rework", promise={"rate": 0.05})
    plant.ingest([rework(30, 4), rework(31, 0, open=True), rework(32, 5)])
    plant.work()

    effect = plant.effect(fix["id"])
    assert (effect["lots"], effect["events"], effect["open_lots"]) == (2, 9, 1)
    assert "open_lots" in effect["reasons"]
    assert "Lots still open: 1." in effect["explanation"]

    plant.ingest([rework(31, 6, external_version="2")])
    plant.work()

    effect = plant.effect(fix["id"])
    assert (effect["lots"], effect["events"], effect["open_lots"]) == (3, 15, 0)
    assert "open_lots" not in effect["reasons"]


def test_a_lot_that_is_opened_again_is_taken_back_and_one_that_only_waits_is_told_at_once(plant):
    plant.ingest([rework(at, 10 + at % 3) for at in range(30)])
    fix = plant.fix(in_effect_at=hour(30)[0], measure="rework", promise={"rate": 0.05})
    plant.work()
    plant.ingest([rework(30, 0, open=True)])
    plant.work()
    assert plant.effect(fix["id"])["open_lots"] == 1

    plant.ingest([rework(30, 3, external_version="2"), rework(31, 4)])
    plant.work()
    plant.ingest([rework(30, 3, external_version="3", open=True)])
    plant.work()

    effect = plant.effect(fix["id"])
    assert (effect["lots"], effect["events"], effect["open_lots"]) == (1, 4, 1)


def test_what_an_open_lot_settled_at_once_is_judged_at_once(plant):
    plant.ingest([count(at, 100, 10, open=True) for at in range(30)])
    fix = plant.fix(in_effect_at=hour(30)[0], promise={"rate": 0.05})
    plant.ingest([count(30, 100, 4, open=True)])
    plant.work()

    assert fix["baseline_rate"] == pytest.approx(300.5 / 3000)
    assert (plant.effect(fix["id"])["lots"], plant.effect(fix["id"])["open_lots"]) == (1, 0)


def test_a_lot_whose_corrective_order_is_open_is_open(plant):
    plant.ingest([rework(at, 10) for at in range(30)])
    fix = plant.fix(in_effect_at=hour(30)[0], measure="rework", promise={"rate": 0.05})
    order = count(40, None, None, reworked=2, charged_to="JC-30", open=True)
    plant.ingest([rework(30, 1), order])
    plant.work()
    assert plant.effect(fix["id"])["open_lots"] == 1

    plant.ingest([{**order, "open": False, "external_version": "2"}])
    plant.work()

    effect = plant.effect(fix["id"])
    assert (effect["lots"], effect["events"], effect["open_lots"]) == (1, 3, 0)


def test_open_lots_are_left_out_of_a_baseline_and_said_so_when_they_close(plant):
    plant.ingest([rework(at, 10, open=at >= 28) for at in range(30)])
    fix = plant.fix(in_effect_at=hour(30)[0], measure="rework", promise={"rate": 0.05})
    left_out = [lot["external_id"] for lot in fix["baseline"]["lots"] if lot["excluded"]]

    plant.ingest([rework(29, 10, external_version="2")])
    plant.work()

    assert left_out == ["JC-28", "JC-29"]
    changed = plant.call("GET", f"/v1/fixes/{fix['id']}").json["baseline_changed"]
    assert [one["external_id"] for one in changed["changes"]] == ["JC-29"]


def both(at, d, r, **more):
    return count(at, 100, d, total=100, reworked=r, **more)


def test_measures_of_one_action_share_its_error_budget(plant):
    plant.ingest([both(at, 10 + at % 3, 20 - at % 3) for at in range(30)])
    fix = plant.fix(
        in_effect_at=hour(30)[0], promise={"rate": 0.05}, also=[{"measure": "rework", "promise": {"rate": 0.1}}]
    )
    plant.ingest([both(at, 11, 20) for at in range(30, 60)])
    plant.work()

    [other] = fix["together_with"]
    second = plant.call("GET", f"/v1/fixes/{other}").json
    assert (second["measure"], second["promised_rate"], second["together_with"]) == ("rework", 0.1, [fix["id"]])
    assert fix["alpha"] == second["alpha"] == 0.025
    for one in (fix, second):
        effect = plant.effect(one["id"])
        assert effect["verdict"] == "not_holding"
        assert "less than once in 40 fixes" in effect["explanation"]
        assert "must reach 40" in effect["explanation"]
        assert "overlapping_fix" not in effect["reasons"]
        numbers = plant.call("GET", effect["evidence"]).json["document"]["numbers"]
        assert numbers["threshold"] == 40
        assert effect["log_e_fail"] >= numbers["log_threshold"]


@pytest.mark.parametrize(
    ("also", "pointer"),
    [
        ([{"measure": "defective"}], "/also/0/measure"),
        ([{"measure": "rework", "promise": {"rate": 3.0}}], "/also/0/promise/rate"),
        ([{"measure": "nothing"}], "/also/0/measure"),
        ([{"measure": "scrap"}], "/also/0/measure"),
    ],
)
def test_what_is_wrong_with_another_measure_is_said_of_it_and_nothing_is_declared(plant, also, pointer):
    plant.ingest([both(at, 10, 20) for at in range(30)])
    body = {"line": "L1", "measure": "defective", "title": "x", "in_effect_at": hour(30)[0], "promise": {"rate": 0.05}}

    answer = plant.call("POST", "/v1/fixes", {**body, "also": also})

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]
    assert plant.call("GET", "/v1/fixes").json["data"] == []


def test_another_fix_in_the_same_period_is_named_in_the_evidence(plant):
    plant.ingest([both(at, 10 + at % 3, 20 - at % 3) for at in range(30)])
    first = plant.fix(in_effect_at=hour(30)[0], promise={"rate": 0.05})
    plant.ingest([both(30, 6, 15)])
    plant.work()
    assert plant.effect(first["id"])["overlapping"] == []

    second = plant.fix(in_effect_at=hour(31)[0], measure="rework", promise={"rate": 0.1}, title="New oven")
    plant.work()

    effect = plant.effect(first["id"])
    assert effect["overlapping"] == [second["id"]]
    assert "overlapping_fix" in effect["reasons"]
    assert "Another fix, “New oven”, came into effect on" in effect["explanation"]
    assert plant.effect(second["id"])["overlapping"] == [first["id"]]  # it came in the baseline of the second


def test_an_earlier_fix_that_is_declared_late_is_named_where_it_stands_in_a_frozen_baseline(plant):
    plant.ingest([both(at, 10 + at % 3, 20) for at in range(30)])
    late = plant.fix(in_effect_at=hour(30)[0], promise={"rate": 0.05})
    plant.work()
    assert plant.effect(late["id"])["overlapping"] == []

    early = plant.fix(in_effect_at=hour(10)[0], promise={"rate": 0.05})
    plant.work()

    assert plant.effect(late["id"])["overlapping"] == [early["id"]]
    assert plant.effect(early["id"])["overlapping"] == []


def test_a_fix_that_came_after_the_proof_has_no_part_in_it(plant):
    plant.ingest([both(at, 10 + at % 3, 20 - at % 3) for at in range(30)])
    first = plant.fix(in_effect_at=hour(30)[0], promise={"rate": 0.05})
    plant.ingest([both(at, 2, 15) for at in range(30, 70)])
    plant.work()
    assert plant.effect(first["id"])["verdict"] == "holding"

    plant.fix(in_effect_at=hour(70)[0], measure="rework", promise={"rate": 0.1})
    plant.work()

    assert plant.effect(first["id"])["overlapping"] == []


def test_a_fix_declared_before_any_lot_is_too_early_and_never_certain(plant):
    fix = plant.fix(
        in_effect_at=hour(0)[0], promise={"rate": 0.05}, also=[{"measure": "rework", "promise": {"rate": 0.1}}]
    )
    plant.work()
    plant.ingest([count(0, 0, 0), count(1, None, 3), count(2, 10**12, 10**12)])
    plant.work()

    effect = plant.effect(fix["id"])
    assert (effect["verdict"], effect["lots"], effect["blocks"]) == ("too_early", 1, 1)


def test_lines_with_lots_that_stay_open_are_told_on_the_board(plant: Plant, desk):
    plant.ingest([rework(at, 1, open=True) for at in range(2)])
    page = desk.get("/").text

    assert "lots open for more than 30 days: 2" in page
    plant.ingest([rework(at, 1, external_version="2") for at in range(2)])
    assert "lots open for more than" not in desk.get("/").text


def test_open_lots_of_another_site_are_not_told(plant: Plant):
    plant.line("L2", site="S2")
    plant.ingest([rework(0, 1, open=True), rework(1, 1, open=True, line="L2")])

    with connected():
        site = Line.get(Line.code == "L2").site_id
        told = [row["line"]["code"] for row in lots_open.overdue(frozenset({site}), 10)]
        everywhere = lots_open.overdue(None, 10)

    assert told == ["L2"]
    assert {row["line"]["code"]: row["lots"] for row in everywhere} == {"L1": 1, "L2": 1}


def test_a_count_is_open_in_a_file_and_at_the_desk_too(plant: Plant, desk):
    start, end = hour(0)
    table = (
        f"source,external_id,line,period_start,period_end,total,reworked,open\nerp,JC-0,L1,{start},{end},100,3,yes\n"
    )
    answer = plant.call(
        "POST", "/v1/ingest/production-counts", data=table.encode(), headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 200, answer.text
    typed = {"line": "L1", "lot": "B-1", "period_start": "2026-01-02T06:00", "period_end": "2026-01-02T07:00"}
    desk.get("/counts/new")
    desk.post("/counts/new", **typed, total="50", reworked="1", open="1")
    desk.follow()

    found = plant.call("GET", "/v1/production-counts?line=L1").json["data"]
    assert {one["external_id"]: one["open"] for one in found} == {"JC-0": True, "L1/B-1": True}

    desk.get("/counts/new")
    desk.post("/counts/new", **typed, total="50", reworked="2")
    found = plant.call("GET", "/v1/production-counts?line=L1").json["data"]
    assert {one["external_id"]: bool(one["open"]) for one in found} == {"JC-0": True, "L1/B-1": False}


def test_a_baseline_of_no_lots_is_none_though_there_are_lots(plant: Plant):
    plant.ingest([count(at, 100, 10) for at in range(30)])

    fix = plant.fix(in_effect_at=hour(30)[0], promise={"rate": 0.05}, baseline={"lots": 0})

    assert (fix["baseline_rate"], fix["baseline"]["lots"]) == (None, [])
