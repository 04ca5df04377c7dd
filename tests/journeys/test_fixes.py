"""A fix is declared, its lots come in, and the verdict is what the published numbers say it must be."""

import csv
import json
from pathlib import Path

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.flags.models import Watch
from tests.plant import Plant, count, hour

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = json.loads((GOLDEN / "eprocess_golden.json").read_text())["cases"]


def table(name):
    return [
        (int(row["sample"]), int(row["size"]), int(row.get("D") or row["x"]))
        for row in csv.DictReader((GOLDEN / name).read_text().splitlines())
    ]


JUICE = table("orangejuice.csv") + [row for row in table("orangejuice2.csv") if row[0] > 54]
CIRCUIT = table("circuit.csv")

# name: golden case, samples, first sample of the fix, promise, left out of the baseline
SERIES = {
    "juice-cans": (0, JUICE, 31, 0.12, [15, 23]),
    "juice-cans-b": (1, JUICE[:30], 11, 0.12, []),
    "wave-solder": (2, CIRCUIT, 21, 0.195, [6, 20]),
}


def judge_series(plant, name, batch):
    _, rows, first, promise, left_out = SERIES[name]
    plant.ingest([count(i, n, d) for i, n, d in rows if i < first])
    fix = plant.fix(
        in_effect_at=hour(first)[0], promise={"rate": promise},
        baseline={"lots": 60, "exclude": [f"JC-{i}" for i in left_out]}, method="fixwatch-1",
    )  # fmt: skip
    after = [count(i, n, d) for i, n, d in rows if i >= first]
    for start in range(0, len(after), batch):
        plant.ingest(after[start : start + batch])
        plant.work()
    return fix, plant.effect(fix["id"])


@pytest.mark.parametrize("batch", [1, 100])
@pytest.mark.parametrize("name", SERIES)
def test_a_published_series_sent_through_the_api_gives_the_golden_evidence(plant, name, batch):
    golden = CASES[SERIES[name][0]]

    fix, effect = judge_series(plant, name, batch)

    verdict, _, pattern = golden["verdict"].partition(": ")
    assert effect["verdict"] == verdict.replace(" ", "_")
    assert effect["pattern"] == (pattern.replace(" ", "_") or None)
    assert effect["log_e_fail"] == pytest.approx(golden["log_E_fail"][-1], abs=1e-9)
    assert effect["log_e_ok"] == pytest.approx(golden["log_E_ok"][-1], abs=1e-9)
    assert effect["verified_at_lot"] == golden["lot_verified"]
    assert effect["flagged_at_lot"] == golden["lot_flagged"]
    assert effect["baseline_rate"] == pytest.approx(golden["baseline"]["B"], abs=1e-12)
    assert fix["alarm_rate"] == pytest.approx(golden["alarm"], abs=1e-12)
    assert effect["lots"] == len(golden["lots"])
    assert len(effect["sentence"].split()) <= 30


def test_the_evidence_keeps_its_numbers_after_the_data_moved_on(plant):
    fix, _ = judge_series(plant, "juice-cans-b", 1)
    [flag] = plant.call("GET", "/v1/flags?line=L1&state=open").json["data"]
    before = plant.call("GET", flag["evidence"]).json

    plant.ingest([count(21, 50, 0, external_version="2")])
    plant.work()

    after = plant.call("GET", flag["evidence"]).json
    assert after == before
    assert after["sha256"] == audit_hash(after["document"])
    assert (flag["kind"], flag["fix"], flag["episode"]) == ("fix_not_holding", fix["id"], 1)


def audit_hash(document):
    import hashlib

    return hashlib.sha256(audit.canonical(document)).hexdigest()


def test_a_verdict_whose_ground_was_corrected_away_is_withdrawn_with_its_reason(plant):
    fix, effect = judge_series(plant, "juice-cans-b", 1)
    assert effect["verdict"] == "not_holding"

    plant.ingest([count(i, 50, 3, external_version="2") for i in range(11, 31)])
    plant.work()

    assert plant.effect(fix["id"])["verdict"] == "holding"
    verdicts = plant.call("GET", f"/v1/fixes/{fix['id']}/verdicts").json["data"]
    withdrawn = next(one for one in verdicts if one["verdict"] == "not_holding")
    assert verdicts[-1]["withdraws"] == withdrawn["id"]
    assert verdicts[-1]["reason"] == "corrected"
    assert "JC-11" in verdicts[-1]["detail"]
    assert plant.call("GET", "/v1/flags?state=open").json["data"] == []
    [flag] = plant.call("GET", "/v1/flags?state=closed").json["data"]
    assert flag["close_reason"] == "corrected"
    [alert] = plant.call("GET", "/v1/alerts?state=all").json["data"]
    assert alert["state"] == "resolved"


def test_a_baseline_lot_that_changes_later_is_marked_and_moves_nothing(plant):
    fix, before = judge_series(plant, "juice-cans", 100)

    plant.ingest([count(3, 50, 20, external_version="2"), count(0, 50, 1)])
    plant.work()

    after = plant.effect(fix["id"])
    assert {**after, "as_of": 0} == {**before, "as_of": 0}
    changed = plant.call("GET", f"/v1/fixes/{fix['id']}").json["baseline_changed"]
    assert {(one["external_id"], one["what"]) for one in changed["changes"]} == {
        ("JC-3", "corrected"),
        ("JC-0", "arrived"),
    }
    plant.ingest([count(3, JUICE[2][1], JUICE[2][2], external_version="3")])
    plant.work()
    changed = plant.call("GET", f"/v1/fixes/{fix['id']}").json["baseline_changed"]
    assert [one["what"] for one in changed["changes"]] == ["arrived"]


def test_a_lot_that_runs_while_the_fix_comes_belongs_to_neither_side(plant):
    plant.ingest([count(i, 50, 10) for i in range(25)])
    fix = plant.fix(in_effect_at="2026-01-02T01:30:00Z", promise={"rate": 0.1})

    plant.ingest([count(25, 50, 50), count(26, 50, 5)])
    plant.work()

    effect = plant.effect(fix["id"])
    assert (effect["lots"], effect["events"]) == (1, 5)
    assert [lot["external_id"] for lot in fix["baseline"]["lots"]] == [f"JC-{i}" for i in range(25)]
    document = plant.call("GET", effect["evidence"]).json["document"]
    assert document["verdict"] == "too_early"


def test_a_later_fix_takes_over_and_its_baseline_does_not_cross_the_earlier_one(plant):
    plant.ingest([count(i, 50, 10) for i in range(30)])
    first = plant.fix(in_effect_at=hour(30)[0], promise={"rate": 0.05})
    plant.ingest([count(i, 50, 10) for i in range(30, 50)])
    plant.work()
    assert plant.effect(first["id"])["verdict"] == "not_holding"

    second = plant.fix(in_effect_at=hour(50)[0], promise={"rate": 0.05}, title="Second try")
    plant.ingest([count(i, 50, 1) for i in range(50, 60)])
    plant.work()

    assert [lot["external_id"] for lot in second["baseline"]["lots"]] == [f"JC-{i}" for i in range(30, 50)]
    assert (plant.effect(first["id"])["lots"], plant.effect(second["id"])["lots"]) == (20, 10)
    assert plant.call("GET", f"/v1/fixes/{first['id']}").json["superseded_by"] == second["id"]
    assert plant.effect(first["id"])["verdict"] == "not_holding"
    assert plant.call("GET", "/v1/flags?state=open").json["data"] == []
    [flag] = plant.call("GET", "/v1/flags?state=closed").json["data"]
    assert flag["close_reason"] == "superseded"


def test_a_count_that_moved_to_another_line_leaves_the_watch_of_the_first(plant):
    plant.line("L2")
    plant.ingest([count(i, 50, 10) for i in range(25)])
    fix = plant.fix(in_effect_at=hour(25)[0], promise={"rate": 0.1})
    plant.ingest([count(i, 50, 5) for i in range(25, 30)])
    plant.work()

    plant.ingest([count(27, 50, 5, line="L2", external_version="2")])
    plant.work()

    effect = plant.effect(fix["id"])
    assert (effect["lots"], effect["events"]) == (4, 20)


def test_a_defect_code_is_watched_on_its_own(plant):
    def lot(i, cold, other):
        defects = [{"code": "COLD", "units": cold}, {"code": "OTHER", "units": other}]
        return count(i, 100, cold + other, defects=[one for one in defects if one["units"]])

    plant.ingest([lot(i, 8, 2) for i in range(25)])
    fix = plant.fix(in_effect_at=hour(25)[0], defect_code="COLD", promise={"reduction": 0.5})
    plant.ingest([lot(i, 0, 9) for i in range(25, 45)] + [count(50, 100, 3)])
    plant.work()

    effect = plant.effect(fix["id"])
    assert (effect["lots"], effect["events"]) == (20, 0)  # the lot without a list of defects says nothing about COLD
    assert effect["verdict"] == "holding"


# What is refused ---


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "validation_failed", "/line"),
        ({"line": "nowhere"}, "unknown_ref", "/line"),
        ({"measure": "nonsense"}, "unknown_ref", "/measure"),
        ({"measure": "rework"}, "measure_without_numbers", "/measure"),
        ({"defect_code": "COLD"}, "measure_without_numbers", "/defect_code"),
        ({"promise": {"reduction": 0.5}}, "baseline_too_thin", "/promise/reduction"),
        ({"promise": {"rate": 1.5}}, "promise_out_of_range", "/promise/rate"),
        ({"promise": {"rate": -0.1}}, "promise_out_of_range", "/promise/rate"),
        ({"promise": {"rate": True}}, "validation_failed", "/promise/rate"),
        ({"promise": {"rate": 0.1, "reduction": 0.5}}, "validation_failed", "/promise"),
        ({"promise": {}}, "validation_failed", "/promise"),
        ({"in_effect_at": "soon"}, "validation_failed", "/in_effect_at"),
        ({"method": "guess-1"}, "validation_failed", "/method"),
        ({"baseline": {"lots": -1}}, "validation_failed", "/baseline/lots"),
        ({"baseline": {"lots": 5, "exclude": [7]}}, "validation_failed", "/baseline/exclude"),
        ({"surprise": 1}, "validation_failed", "/surprise"),
    ],
)
def test_a_fix_that_cannot_be_judged_is_refused_with_its_field(plant, body, code, pointer):
    plant.ingest([count(i, 50, 1) for i in range(5)])
    whole = {
        "line": "L1", "measure": "defective", "title": "x", "in_effect_at": hour(5)[0], "promise": {"rate": 0.01},
        **body,
    }  # fmt: skip

    answer = plant.call("POST", "/v1/fixes", whole if body else {})

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert any(error["pointer"].startswith(pointer) for error in answer.json["errors"]), answer.json["errors"]
    assert plant.call("GET", "/v1/fixes").json["data"] == []


def test_a_promise_worse_than_before_is_taken_and_named(plant):
    plant.ingest([count(i, 50, 5) for i in range(25)])

    fix = plant.fix(in_effect_at=hour(25)[0], promise={"rate": 0.5})

    assert {one["code"] for one in fix["warnings"]} >= {"promise_above_baseline"}
    assert fix["baseline_rate"] == pytest.approx(125.5 / 1250)


def test_a_lot_left_out_by_a_wrong_name_is_named(plant):
    plant.ingest([count(i, 50, 5) for i in range(25)])

    fix = plant.fix(in_effect_at=hour(25)[0], promise={"rate": 0.05}, baseline={"exclude": ["JC-3", "JC-99"]})

    assert [(one["pointer"], one["detail"]) for one in fix["warnings"]] == [
        ("/baseline/exclude", "'JC-99' is no lot of the baseline.")
    ]
    assert sum(lot["excluded"] for lot in fix["baseline"]["lots"]) == 1


def test_a_fix_may_be_declared_before_any_count(plant):
    fix = plant.fix(in_effect_at=hour(0)[0], promise={"rate": 0.01})
    plant.work()

    effect = plant.effect(fix["id"])
    assert (effect["verdict"], effect["reasons"][0], effect["lots"]) == ("too_early", "insufficient_data", 0)
    refused = plant.call(
        "POST", "/v1/fixes", {"line": "L1", "measure": "scrap", "title": "x", "in_effect_at": hour(0)[0]}
    )
    assert refused.json["code"] == "promise_needed"


def test_before_the_worker_came_the_effect_says_too_early(plant):
    fix = plant.fix(in_effect_at=hour(0)[0], promise={"rate": 0.01})

    assert plant.effect(fix["id"])["verdict"] == "too_early"


def test_a_fix_of_another_site_is_not_there(plant, app):
    fix = plant.fix(in_effect_at=hour(0)[0], promise={"rate": 0.01})
    plant.work()
    plant.line("M1", "S2")
    with connected():
        other = Plant(app, site_id=plant.call("GET", "/v1/sites/S2").json["id"])
        evidence = Watch.get().evidence_id

    assert other.call("GET", f"/v1/fixes/{fix['id']}").status_code == 404
    assert other.call("GET", f"/v1/fixes/{fix['id']}/effect").status_code == 404
    assert other.call("GET", f"/v1/evidence/{evidence}").status_code == 404
    assert other.call("GET", "/v1/fixes").json["data"] == []


def test_evidence_comes_as_a_table_too(plant):
    _, effect = judge_series(plant, "juice-cans-b", 100)

    answer = plant.call("GET", effect["evidence"], headers={"Accept": "text/csv"})

    lines = answer.text.splitlines()
    assert lines[0].startswith("stage,lot,source,external_id")
    assert len(lines) == 31
