"""The chart of a fix as the evidence has it: limits that fit the lots, hints, and one lot far out, said at once."""

import csv
import io
import re

import pytest

from qc_service import audit
from qc_service.db import connected, new_id
from qc_service.flags import drawing, evidence
from qc_service.flags.models import Evidence, Watch
from tests.plant import count, hour
from tests.reader import line_with_fix


def lots(plant, numbers):
    """Lots of 100 from 30 on; the worker comes after each of them."""
    for place, d in enumerate(numbers, 30):
        plant.ingest([count(place, 100, d)])
        plant.work()


@pytest.fixture
def fix(people):
    """A fix that promised 4 %, after 30 lots with 10 %."""
    people.ingest([count(i, 100, 10 + i % 3 - 1) for i in range(30)])
    return people.fix(in_effect_at=hour(30)[0], promise={"rate": 0.04})


def shown(desk, fix):
    desk.get(f"/fixes/{fix['id']}")
    return desk.text


def test_one_lot_far_out_is_amber_at_once_and_no_verdict(people, desk, fix):
    lots(people, [4, 5, 3, 4, 31])

    effect = people.effect(fix["id"])
    assert effect["verdict"] == "too_early"
    assert [mark["lot"] for mark in effect["far_out"]] == [5]
    assert 10 <= effect["far_out"][0]["most"] <= 14
    assert people.call("GET", "/v1/alerts").json["data"] == []
    desk.get("/")
    assert desk.headline == "No line needs you. One lot far out: look at it now. 1 fix is being watched."
    assert "Lot 5 far out: look at it now." in desk.text
    text = shown(desk, fix)
    assert f"Lot JC-34 had 31 of 100; at most {effect['far_out'][0]['most']} were to be expected." in text
    assert "lot 5 far out" in desk.get(f"/fixes/{fix['id']}/chart.svg").text


def test_it_is_told_no_more_when_ten_lots_have_followed(people, desk, fix):
    lots(people, [4, 31, *[4, 5, 3] * 3])
    assert "look at it now" in shown(desk, fix)

    people.ingest([count(60, 100, 4)])
    people.work()

    assert "look at it now" not in shown(desk, fix)
    assert "far out" in desk.text, "the table still has it"
    desk.get("/")
    assert "far out" not in desk.text


def test_a_lot_that_was_corrected_is_far_out_no_more(people, fix):
    lots(people, [4, 31, 4])
    assert people.effect(fix["id"])["far_out"]

    people.ingest([count(31, 100, 3, external_version="2")])
    people.work()

    assert people.effect(fix["id"])["far_out"] == []


def test_marks_are_the_same_in_whatever_batches_lots_come(people, fix):
    numbers = [4, 5, 31, 4, 2, 5, 40, 3]
    lots(people, numbers)
    one_by_one = people.effect(fix["id"])["far_out"]

    people.ingest([count(place, 100, d, external_version="2", lot="B") for place, d in enumerate(numbers, 30)])
    people.ingest([count(29.5, 100, 1, external_id="late", period_start=hour(30)[0], period_end=hour(30)[0])])
    people.work()

    assert [mark["lot"] for mark in one_by_one] == [3, 7]
    assert [mark["lot"] for mark in people.effect(fix["id"])["far_out"]] == [4, 8]


def test_where_a_fix_is_not_holding_the_verdict_says_more_than_a_lot(people, desk, fix):
    lots(people, [30] * 6)

    text = shown(desk, fix)

    assert "Not holding" in text
    assert "look at it now" not in text
    assert "What to do: Look for another cause, and record the next fix." in text


# What the document says ---


def document(plant, fix):
    return plant.call("GET", plant.effect(fix["id"])["evidence"]).json["document"]


def test_each_stage_of_frozen_evidence_names_its_chart_and_how_much_lots_differ(people, fix):
    lots(people, [12, 8, 14, 9, 13, 10, 11, 12] * 3)

    found = document(people, fix)

    assert found["verdict"] == "not_holding"
    before, after = found["stages"]
    assert (before["chart"], before["centre"], before["dispersion"]) == ("laney_p", pytest.approx(0.1), 1.0)
    point = found["points"][0]
    assert (point["low"], point["high"]) == pytest.approx((0.01, 0.19))
    assert after["chart"] == "laney_p"
    assert (after["dispersion_measured"], after["pooled"]) == (found["numbers"]["lots"] >= 12, False)


def test_limits_follow_how_much_lots_differ_since_the_fix(people, fix):
    lots(people, [2, 8, 1, 9, 2, 8, 1, 7] * 2)
    with connected():
        watch = Watch.get()
        shown_now = evidence.document(watch, evidence_fix(watch))

    after = shown_now["stages"][1]
    assert after["dispersion"] > 2
    rate = after["centre"]
    plain = rate + 3 * (rate * (1 - rate) / 100) ** 0.5
    assert shown_now["points"][-1]["high"] == pytest.approx(rate + (plain - rate) * after["dispersion"])
    assert not any(point["hints"] for point in shown_now["points"])


def evidence_fix(watch):
    from qc_service.fixes.models import Fix

    return Fix.get_by_id(watch.fix_id)


def test_hints_are_named_in_chart_page_table_and_file(people, desk, fix):
    lots(people, [4, 5, 4, 3, 4, 5] + [2] * 9)

    text = shown(desk, fix)

    assert re.search(r"Hints, never verdicts:.*eight in a row on one side: lots 14–15", text)
    assert "hint: eight in a row on one side" in text
    rows = list(csv.DictReader(io.StringIO(desk.get(f"/fixes/{fix['id']}/lots.csv").text)))
    assert [row["lot"] for row in rows if "eight_on_one_side" in row["hints"]] == ["14", "15"]
    assert {row["far_out"] for row in rows} == {"False"}
    assert float(rows[-1]["high"]) > float(rows[-1]["low"])


def test_rare_events_are_judged_in_pools_of_lots(people, desk):
    people.ingest([count(i, 500, int(i % 10 == 3)) for i in range(60)])
    fix = people.fix(in_effect_at=hour(60)[0], promise={"rate": 0.0001})
    people.ingest([count(i, 500, int(i % 10 == 3)) for i in range(60, 90)])
    people.work()

    assert "Band: where pools of lots lie by chance" in shown(desk, fix)
    svg = desk.get(f"/fixes/{fix['id']}/chart.svg").text
    assert '<g class="pools"' in svg
    with connected():
        watch = Watch.get()
        found = evidence.document(watch, evidence_fix(watch))
    assert [stage["pooled"] for stage in found["stages"]] == [True, True]
    assert found["points"][0]["pool_rate"] == pytest.approx(1 / 5000)


def test_a_lot_that_changes_no_verdict_draws_no_chart(people, fix, monkeypatch):
    """What a lot costs does not grow with the lots before it."""
    lots(people, [4, 5, 3])
    drawn = []
    monkeypatch.setattr(drawing, "staged", lambda *args: drawn.append(args))

    people.ingest([count(33, 100, 4)])
    people.work()

    assert people.effect(fix["id"])["lots"] == 4
    assert not drawn


NEW = ("hints", "far_out", "pool", "pool_rate")


def test_evidence_that_was_frozen_before_charts_had_hints_is_shown_as_it_was(people, desk):
    fix = line_with_fix(people)
    with connected():
        kept = Evidence.get(Evidence.fix_id == fix["id"])
        old = {
            **kept.document,
            "points": [{name: one[name] for name in one if name not in NEW} for one in kept.document["points"]],
            "stages": [{"stage": one["stage"], "centre": one["centre"]} for one in kept.document["stages"]],
            "numbers": {name: value for name, value in kept.document["numbers"].items() if name != "far_out"},
        }
        with audit.change(
            audit.SYSTEM, "line.verdict.changed", site_id=kept.site_id, line_id=kept.line_id, follow=False
        ) as change:
            row = change.insert(
                Evidence, id=new_id("evd"), site_id=kept.site_id, line_id=kept.line_id, fix_id=kept.fix_id,
                document=old, sha256=evidence.sha256(old), created_at=change.now,
            )  # fmt: skip

    assert desk.get(f"/evidence/{row.id}").status_code == 200
    assert desk.headline == old["sentence"]
    assert "Limits:" not in desk.text
    assert '<g class="limits"' in desk.get(f"/evidence/{row.id}/chart.svg").text
    rows = list(csv.DictReader(io.StringIO(desk.get(f"/evidence/{row.id}/lots.csv").text)))
    assert len(rows) == len(old["points"])
    assert {one["hints"] for one in rows} == {""}
