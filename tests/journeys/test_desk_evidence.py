"""A fix as its page shows it: sentence, chart, table, file, paper; and evidence that stays as it was."""

import csv
import io
import re
from html import unescape

from tests.plant import count
from tests.reader import line_with_fix


def test_a_fix_says_in_a_sentence_how_it_stands_with_chart_table_and_file(plant, desk):
    fix = line_with_fix(plant)
    effect = plant.effect(fix["id"])

    desk.get(f"/fixes/{fix['id']}")

    assert desk.headline == effect["sentence"]
    assert effect["explanation"] in desk.text
    assert "Record another fix" in desk.text
    chart = re.search(r'<img class="chart" src="([^"]+)"', desk.answer.text)[1]
    for path, kind in (
        (unescape(chart), "image/svg+xml"), (f"/fixes/{fix['id']}/chart.svg?width=360", "image/svg+xml"),
        (f"/fixes/{fix['id']}/spark.svg", "image/svg+xml"), (f"/fixes/{fix['id']}/lots.csv", "text/csv"),
    ):  # fmt: skip
        answer = desk.get(path)
        assert (answer.status_code, answer.mimetype) == (200, kind), path
    rows = list(csv.DictReader(io.StringIO(desk.answer.text)))
    assert (len(rows), rows[0]["external_id"], rows[-1]["stage"]) == (50, "JC-0", "after")


def test_the_evidence_of_a_verdict_stays_as_it_was(plant, desk):
    fix = line_with_fix(plant)
    [flag] = plant.call("GET", "/v1/flags?line=L1").json["data"]
    address = flag["evidence"].removeprefix("/v1")
    before = {path: desk.get(path).text for path in (address, f"{address}/chart.svg", f"{address}/lots.csv")}
    assert "Frozen on" in before[address]
    assert flag["evidence"].rsplit("/", 1)[1] in before[address]

    plant.ingest([count(i, 100, 0, external_version="2", source="erp-L1") for i in range(30, 50)])
    plant.work()

    assert {path: desk.get(path).text for path in list(before)[1:]} == {path: before[path] for path in list(before)[1:]}
    assert desk.get(address).status_code == 200
    assert desk.headline == flag["sentence"]
    desk.get(f"/fixes/{fix['id']}")
    assert desk.headline != flag["sentence"]
    assert "Withdrawn since." in desk.text
    assert "The evidence as it was" in desk.text


def test_a_fix_on_paper_has_no_navigation_and_no_buttons(plant, desk):
    fix = line_with_fix(plant)

    desk.get(f"/fixes/{fix['id']}?print")

    assert "<nav" not in desk.answer.text
    assert "<form" not in desk.answer.text
    assert '<details class="card" open>' in desk.answer.text
    assert desk.headline == plant.effect(fix["id"])["sentence"]


def test_a_baseline_lot_that_changed_is_told_on_the_fix(plant, desk):
    fix = line_with_fix(plant)
    plant.ingest([count(3, 100, 50, external_version="2", source="erp-L1")])
    plant.work()

    desk.get(f"/fixes/{fix['id']}")

    assert "Baseline changed since" in desk.text
    assert "JC-3 (corrected)" in desk.text
