"""A fix is recorded at the desk: what is asked, what is wrong with it, what is shown and what is frozen."""

import re

import pytest

from qc_service.db import connected
from qc_service.fixes.models import Fix
from qc_service.lines.models import Site
from qc_service.words import ENGLISH
from tests.plant import count


def right_fix(**more):
    return {
        "line": "L1", "measure": "defective", "defect_code": "", "title": "New nozzle", "cause": "Worn",
        "action": "Replaced it", "owner": "P-4", "in_effect_at": "2026-01-02T06:00", "promise": "rate",
        "promise_rate": "5", "promise_reduction": "", "baseline_lots": "60", "exclude": "", **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"line": ""}, "line", "Choose a line."),
        ({"line": "L9"}, "line", "No line 'L9'"),
        ({"title": ""}, "title", "Give the fix a short name."),
        ({"title": "x" * 201}, "title", "Longer than"),
        ({"in_effect_at": ""}, "in_effect_at", "Say from when"),
        ({"in_effect_at": "yesterday"}, "in_effect_at", "Say from when"),
        ({"promise_rate": ""}, "promise_rate", "Write a percentage"),
        ({"promise_rate": "a lot"}, "promise_rate", "Write a percentage"),
        ({"promise_rate": "1.250,5"}, "promise_rate", "Write a percentage"),
        ({"promise_rate": "nan"}, "promise_rate", ""),
        ({"promise_rate": "100.1"}, "promise_rate", ""),
        ({"promise_rate": "-1"}, "promise_rate", ""),
        ({"promise": "reduction", "promise_reduction": "101"}, "promise_reduction", ""),
        ({"promise": "reduction", "promise_reduction": "x"}, "promise_reduction", "Write a percentage"),
        ({"promise": "reduction", "promise_reduction": "50", "baseline_lots": "10"}, "promise_reduction", ""),
        ({"baseline_lots": "many"}, "baseline_lots", ""),
        ({"baseline_lots": "1001"}, "baseline_lots", ""),
        ({"measure": "scrap"}, "measure", "choose another measure"),
        ({"measure": "luck"}, "measure", "No measure"),
        ({"defect_code": "NONE"}, "defect_code", ""),
        ({"exclude": "x" * 201}, "exclude", ""),
        ({"cause": "x" * 2001}, "cause", "Longer than"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_wrong_with_a_fix_is_said_beside_its_field_and_nothing_typed_is_lost(plant, desk, typed, field, said):
    plant.ingest([count(i, 100, 10) for i in range(30)])
    form = right_fix(**typed)

    for path, more in (("/fixes/new", {}), ("/fixes/confirm", {"step": "confirm"})):
        desk.get("/fixes/new")
        desk.post(path, **form, **more)

        assert desk.answer.status_code == 422
        assert field in desk.errors, desk.text
        assert said in desk.errors[field]
        kept = {name: value for name, value in desk.fields.items() if name in form}
        unknown = {name for name in ("line", "measure") if name in typed}  # no such choice
        assert {n: v for n, v in kept.items() if n not in unknown} == {
            n: v for n, v in form.items() if n not in unknown
        }
    with connected():
        assert Fix.select().count() == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_mistake_of_a_form_is_told_at_once(plant, desk):
    desk.get("/fixes/new")
    desk.post("/fixes/new", **right_fix(line="", title="", promise_rate="", in_effect_at="", baseline_lots="x"))

    assert set(desk.errors) == {"line", "title", "promise_rate", "in_effect_at", "baseline_lots"}


def test_a_fix_is_recorded_with_the_very_numbers_that_were_shown(plant, desk):
    plant.ingest([count(i, 100, 10) for i in range(30)])
    desk.get("/fixes/new", line="L1", measure="defective")
    assert desk.fields["line"] == "L1"

    desk.post("/fixes/new", **right_fix(exclude="JC-3: a new carton\nJC-4"))

    assert desk.answer.status_code == 200
    assert desk.headline == "New nozzle: from 10.0% to at most 5.0%."
    assert "280 of 2,800 Lots: 28" in desk.text
    assert "JC-3 (10 of 100): a new carton" in desk.text
    assert "Quang Tran (P-4)" in desk.text
    assert "2 Jan 2026 06:00" in desk.text
    with connected():
        assert Fix.select().count() == 0
    shown = dict(re.findall(r"<dt>([\w ]+)</dt>\s*<dd class=\"stat__value\">([^<]+)</dd>", desk.answer.text))

    desk.post("/fixes/confirm", **desk.fields, step="confirm")
    desk.follow()

    assert "The fix is recorded. Its numbers are frozen." in desk.text
    with connected():
        fix = Fix.get()
    frozen = [fix.frozen[name] for name in ("baseline_rate", "promised_rate", "alarm_rate", "verification_rate")]
    assert list(shown.values()) == [ENGLISH.percent(rate) for rate in frozen]
    assert (fix.title, fix.owner, fix.declared_by.split(":")[0]) == ("New nozzle", "P-4", "person")
    assert [lot["why"] for lot in fix.baseline["lots"] if lot["excluded"]] == ["a new carton", None]


def test_numbers_that_moved_while_somebody_looked_are_shown_again_before_anything_is_frozen(plant, desk):
    plant.ingest([count(i, 100, 10) for i in range(30)])
    desk.get("/fixes/new")
    desk.post("/fixes/new", **right_fix(promise_rate="2"))
    page = desk.fields
    plant.ingest([count(3, 100, 90, external_version="2")])

    desk.post("/fixes/confirm", **page, step="confirm")

    assert desk.answer.status_code == 409
    assert "Counts came or changed while you looked." in desk.text
    assert "380 of 3,000" in desk.text
    with connected():
        assert Fix.select().count() == 0

    desk.post("/fixes/confirm", **desk.fields, step="confirm")
    desk.follow()
    with connected():
        assert Fix.get().frozen["baseline_events"] == 380


def test_going_back_to_change_something_keeps_what_was_typed(plant, desk):
    plant.ingest([count(i, 100, 10) for i in range(30)])
    form = right_fix(cause="<b>Worn</b> & loose", exclude='JC-3: a "new" carton', promise_rate="2,5 %")
    desk.get("/fixes/new")
    desk.post("/fixes/new", **form)
    assert desk.answer.status_code == 200

    desk.post("/fixes/confirm", **desk.fields, step="change")

    assert desk.answer.status_code == 200
    assert {name: value for name, value in desk.fields.items() if name in form} == form
    with connected():
        assert Fix.select().count() == 0


def test_a_fix_without_a_promise_assumes_half_and_says_so(plant, desk):
    plant.ingest([count(i, 100, 10) for i in range(30)])
    desk.get("/fixes/new")

    desk.post("/fixes/new", **right_fix(promise="none", promise_rate=""))

    assert desk.headline == "New nozzle: from 10.0% to at most 5.01%."
    assert "assumed: half of before" in desk.text


def test_a_time_is_that_of_the_lines_own_site(plant, desk):
    plant.call("POST", "/v1/sites", {"code": "Surabaya", "time_zone": "Asia/Jakarta"})
    plant.line("J1", "Surabaya", "Jakarta line")
    plant.ingest([count(i, 100, 10, line="J1", site="Surabaya") for i in range(30)])
    desk.get("/fixes/new")
    desk.post("/fixes/new", **right_fix(line="J1", in_effect_at="2026-01-02T13:00"))
    assert "2 Jan 2026 13:00" in desk.text

    desk.post("/fixes/confirm", **desk.fields, step="confirm")

    with connected():
        assert Fix.get().in_effect_at.isoformat() == "2026-01-02T06:00:00+00:00"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_the_first_and_the_last_moment_that_there_is_are_no_failure(plant, desk, moment):
    for zone in ("Asia/Jakarta", "America/Lima"):
        plant.call("PATCH", "/v1/sites/S1", {"time_zone": zone})
        desk.get("/fixes/new")
        assert desk.post("/fixes/new", **right_fix(in_effect_at=moment)).status_code in (200, 422)


def test_lines_of_one_code_in_two_sites_are_told_apart(plant, desk):
    plant.line("L1", "S2", "Line 1 of the other site")
    plant.ingest([count(i, 100, 10, site="S2") for i in range(30)])
    desk.get("/fixes/new")
    assert "Line 1 of the other site · S2" in desk.text

    desk.post("/fixes/new", **right_fix(line="S2/L1"))
    assert desk.answer.status_code == 200, desk.text
    desk.post("/fixes/confirm", **desk.fields, step="confirm")
    desk.follow()

    with connected():
        assert Fix.get().site_id == Site.get(Site.code == "S2").id


def test_two_measures_of_one_change_are_recorded_together_and_share_the_budget(plant, desk):
    plant.ingest([count(i, 100, 10, total=100, reworked=20) for i in range(30)])
    desk.get("/fixes/new", line="L1")
    desk.post("/fixes/new", **right_fix(also_measure="rework", also_rate="10"))
    assert "each must be proved 40 to 1" in desk.text
    assert "before 20.0%, promise 10.0%" in desk.text

    desk.post("/fixes/confirm", **desk.fields, step="confirm")
    desk.follow()

    with connected():
        first, second = Fix.select().order_by(Fix.measure)
    assert (first.measure, second.measure) == ("defective", "rework")
    assert (first.together_with, second.together_with) == ([second.id], [first.id])
    assert first.frozen["alpha"] == second.frozen["alpha"] == 0.025


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"also_measure": "rework", "also_rate": "much"}, "also_rate"),
        ({"also_measure": "rework", "also_rate": "101"}, "also_rate"),
        ({"also_measure": "defective", "also_rate": "10"}, "also_measure"),
        ({"also_measure": "scrap", "also_rate": "10"}, "also_measure"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_wrong_with_the_other_measure_is_said_beside_it(plant, desk, typed, field):
    plant.ingest([count(i, 100, 10, total=100, reworked=20) for i in range(30)])
    desk.get("/fixes/new")
    desk.post("/fixes/new", **right_fix(**typed))

    assert set(desk.errors) == {field}
