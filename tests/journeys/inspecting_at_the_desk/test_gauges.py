"""Gauges at the desk: the list, taking one into use, and what is told of one and done with it."""

import json
import re
from datetime import timedelta

import pytest

from qc_service import audit, clock
from qc_service.db import connected
from tests.floor_life import OK
from tests.reader import Desk, readable

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
FAR = "2099-12-31"
ADDRESS = "/gauges/SCALE"
MEASURED = {**OK, "weight": {"value": ["340", "341", "339"], "gauge": "SCALE"}}


def moment(days: float) -> str:
    return clock.iso(clock.now() + timedelta(days=days))


def day(days: float) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def gauge(code: str = "SCALE", **more) -> dict:
    return {"code": code, "name": f"Name of {code}", "site": "S1", "unit": "g", "calibrated_at": moment(-30),
            "due_on": FAR, **more}  # fmt: skip


@pytest.fixture
def scale(floor, mia, ines):
    floor.lot("A", "MIA")
    return ines.done("POST", "/gauges", gauge())


def part(desk, heading: str) -> str:
    """What one section of the page says."""
    return readable(re.search(rf"<h2[^>]*>{heading}(.*?)</section>", desk.answer.text, re.DOTALL)[1])


def codes(desk) -> list[str]:
    return re.findall(r'gauges__code">(\w+) ·', desk.answer.text)


def test_a_gauge_found_out_of_tolerance_is_blocked_and_used_again_once_it_was_put_right(floor, scale, ines, desk):
    floor.lot("GONE", "MIA", shipped_at=moment(0))
    floor.lot("B", "MIA")
    for lot in ("A", "GONE", "B"):
        floor.inspect(ines, lot, answers=MEASURED)
    eye = Desk(floor.life.app, "INES")
    eye.get(ADDRESS)
    assert "It may be used until 31 Dec 2099." in eye.text
    assert "no lot is in doubt" in part(eye, "Lots in doubt")
    assert re.search(r"Name of INES \(INES\) found it in tolerance: good until 31 Dec 2099", part(eye, "What happened"))

    eye.post(f"{ADDRESS}/calibrations?site=S1", result="out_of_tolerance", note="It reads 2 g too much.")
    eye.follow()
    assert "What it measured since it was last good is put on hold." in eye.text
    assert "It was last found out of tolerance: it may not be used." in eye.text
    assert "Why it is blocked: A calibration found it out of tolerance." in eye.text
    assert "Unblock it: That needs one of the roles quality manager." in eye.text
    floor.plant.work()
    eye.get(ADDRESS)
    assert re.match(r"GONE ✘\S* Shipped .* L1 .* 1$", eye.rows[0])
    assert re.match(r"B ◕ Held L1 .* 1$", eye.rows[1])
    assert re.match(r"A ◕ Held L1 .* 1$", eye.rows[2])
    assert "Name of INES (INES) found it out of tolerance It reads 2 g too much." in part(eye, "What happened to it")
    desk.get(ADDRESS)
    assert "Unblock it: It is calibrated first." in desk.text

    eye.post(f"{ADDRESS}/calibrations?site=S1", result="in_tolerance", due_on=FAR)
    eye.follow()
    assert "The gauge stays blocked until a quality manager unblocks it." in eye.text
    desk.get(ADDRESS)
    assert "It may not be used until a quality manager unblocks it." in desk.text
    desk.post(f"{ADDRESS}/unblock?site=S1", reason="The tray was bent.")
    desk.follow()
    assert "It may be used until 31 Dec 2099." in desk.text
    assert "Name of BOSS (BOSS) let it be used again The tray was bent." in part(desk, "What happened to it")
    assert len(desk.rows) == 3


def test_what_needs_somebody_comes_first_and_the_page_says_of_each_what_the_api_says(floor, ines, desk):
    due = {"GOOD": FAR, "SOON": day(20), "SOONER": day(3), "LATE": day(-3), "FELL": FAR}
    for code, until in due.items():
        ines.done("POST", "/gauges", gauge(code, due_on=until))
    ines.done("POST", "/gauges/FELL/block", {"reason": "It fell."})
    ines.done(
        "POST", "/gauges/LATE/calibrations", {"result": "in_tolerance", "due_on": day(-1), "calibrated_at": moment(-9)}
    )
    desk.get("/gauges")
    assert codes(desk) == ["FELL", "LATE", "SOONER", "SOON", "GOOD"]
    said = {"blocked": "Blocked", "overdue": "Calibration ran out", "due": "Due soon", "fit": "Good for use"}
    told = {one["code"]: one["state"] for one in ines.done("GET", "/gauges")["data"]}
    assert sorted(told.values()) == ["blocked", "due", "due", "fit", "overdue"]
    assert all(said[told[code]] in row for code, row in zip(codes(desk), desk.rows, strict=True))
    desk.get("/gauges", state="due")
    assert codes(desk) == ["SOONER", "SOON"]
    assert 'value="due" selected>Due soon (2)' in desk.answer.text
    desk.get("/gauges", q="name of fe")
    assert codes(desk) == ["FELL"]
    desk.get("/gauges", q="nothing like it")
    assert "Nothing fits" in desk.text
    desk.get("/gauges/LATE")
    assert "it may not be used until it is calibrated again." in desk.text
    ines.done("POST", "/gauges/LATE/block", {"reason": "It fell."})
    desk.get("/gauges/LATE")
    assert "it is calibrated first, and then a quality manager unblocks it." in desk.text
    desk.get("/gauges/SOON")
    assert "Have it calibrated before then." in desk.text


@ONE_ENGINE
def test_each_form_is_shown_to_whoever_may_use_it(floor, scale, ines, boss):
    floor.life.somebody("OLGA", "operator", site="S1")
    floor.life.somebody("AUDIT", "auditor", site="S1")
    for badge in ("OLGA", "AUDIT"):
        desk = Desk(floor.life.app, badge)
        desk.get(ADDRESS)
        assert "What you can do" not in desk.text
        desk.get("/gauges")
        assert codes(desk) == ["SCALE"]
        assert "Take a gauge into use" not in desk.text
        for form in ("calibrations", "block", "unblock", "name"):
            assert desk.post(f"{ADDRESS}/{form}?site=S1", reason="It fell.").status_code == 403
    eye = Desk(floor.life.app, "INES")
    eye.get(ADDRESS)
    assert re.findall(r"<summary>(.*?)</summary>", eye.answer.text) == ["Record a calibration", "Block it", "Rename it"]
    eye.post(f"{ADDRESS}/block?site=S1", reason="It fell.")
    eye.follow()
    assert "Why it is blocked: It fell." in eye.text
    assert re.findall(r"<summary>(.*?)</summary>", eye.answer.text) == ["Record a calibration", "Rename it"]
    lead = Desk(floor.life.app, "BOSS")
    lead.get(ADDRESS)
    assert "<summary>Unblock it</summary>" in lead.answer.text
    assert eye.post(f"{ADDRESS}/block?site=S1", reason="Again.").status_code == 409
    assert "The gauge is blocked already." in eye.text


@ONE_ENGINE
def test_a_gauge_is_taken_into_use_and_what_is_missing_is_said_beside_its_field(floor, scale, ines):
    desk = Desk(floor.life.app, "INES")
    desk.get("/gauges")
    right = {"code": "CAL-7", "name": "Caliper 7", "site": "S1", "unit": "mm", "calibrated_at": "2026-01-05T06:00",
             "due_on": FAR}  # fmt: skip
    desk.post("/gauges")
    assert desk.answer.status_code == 422
    assert set(desk.errors) == set(right)
    wrong = {"code": "a/b", "site": "S9", "calibrated_at": "noon", "due_on": "soon"}
    for field, text in wrong.items():
        desk.post("/gauges", **{**right, field: text})
        assert list(desk.errors) == [field]
        assert desk.answer.status_code == 422
    desk.post("/gauges", **{**right, "code": "SCALE"})
    assert desk.errors == {"code": "There is a gauge 'SCALE'."}
    assert desk.answer.status_code == 409
    desk.post("/gauges", **{**right, "due_on": "2026-01-04"})
    assert desk.errors == {"due_on": "It would be due before it was calibrated."}
    desk.post("/gauges", **right)
    desk.follow()
    assert desk.headline == "Caliper 7"
    assert "Gauge CAL-7 is in use." in desk.text


@ONE_ENGINE
def test_a_calibration_that_makes_no_sense_is_refused_beside_its_field_and_nothing_typed_is_lost(scale, desk):
    desk.get(ADDRESS)
    wrong = {
        "result": {}, "due_on": {"result": "in_tolerance"},
        "calibrated_at": {"result": "in_tolerance", "due_on": FAR, "calibrated_at": "2098-01-01T00:00"},
    }  # fmt: skip
    for field, typed in wrong.items():
        desk.post(f"{ADDRESS}/calibrations?site=S1", note="Weighed twice.", **typed)
        assert list(desk.errors) == [f"calibration-{field}"]
        assert desk.answer.status_code == 422
        assert "Weighed twice.</textarea>" in desk.answer.text
        assert "<details open><summary>Record a calibration" in desk.answer.text
    desk.post(f"{ADDRESS}/calibrations?site=S1", result="out_of_tolerance", due_on=FAR)
    assert list(desk.errors) == ["calibration-due_on"]
    desk.post(f"{ADDRESS}/block?site=S1", reason=" ")
    assert list(desk.errors) == ["block-reason"]


def test_a_gauge_is_renamed_and_keeps_its_code(floor, scale, ines, desk):
    desk.get(ADDRESS)
    assert desk.fields["name"] == "Name of SCALE"
    desk.post(f"{ADDRESS}/name?site=S1", name="")
    assert list(desk.errors) == ["rename-name"]
    desk.post(f"{ADDRESS}/name?site=S1", name="Scale at the filler")
    desk.follow()
    assert "It is called Scale at the filler from now on." in desk.text
    assert (desk.headline, ines.done("GET", "/gauges/SCALE")["name"]) == ("Scale at the filler", "Scale at the filler")
    answer = floor.plant.call("PATCH", "/v1/gauges/SCALE?site=S1", {"name": "Scale 2"})
    assert (answer.status_code, answer.json["name"], answer.json["code"]) == (200, "Scale 2", "SCALE")
    assert floor.plant.call("PATCH", "/v1/gauges/SCALE", {"name": "Scale 2"}).status_code == 200
    with connected():
        rows = audit.Event.select().where(audit.Event.type == "gauge.changed").order_by(audit.Event.seq)
        told = [json.loads(row.body)["data"] for row in rows]
    assert [(one["before"]["name"], one["after"]["name"]) for one in told] == [
        ("Name of SCALE", "Scale at the filler"), ("Scale at the filler", "Scale 2"),
    ]  # fmt: skip


@ONE_ENGINE
def test_a_code_that_two_sites_use_asks_for_the_site(floor, scale, boss, desk):
    boss.done("POST", "/gauges", gauge(site="S2"))
    desk.get(ADDRESS)
    assert desk.headline == "Gauge SCALE is in several sites."
    desk.get("/gauges")
    assert codes(desk) == ["SCALE", "SCALE"]
    assert [row.split()[-1] for row in desk.rows] == ["S1", "S2"]
    desk.get(re.findall(r'href="(/gauges/SCALE[^"]*)"', desk.answer.text)[1])
    assert "SCALE g S2" in desk.text


@ONE_ENGINE
def test_what_another_system_recorded_later_says_so(floor, scale, desk):
    told = {"result": "in_tolerance", "due_on": FAR, "calibrated_at": moment(-2)}
    assert floor.plant.call("POST", "/v1/gauges/SCALE/calibrations", told).status_code == 201
    desk.get(ADDRESS)
    newest, oldest = part(desk, "What happened to it").split("recorded ")[:2]
    assert newest.endswith("Another system found it in tolerance: good until 31 Dec 2099 ")
    assert "Name of INES (INES) found it in tolerance" in oldest


@ONE_ENGINE
def test_a_long_list_is_read_page_by_page(ines, desk, monkeypatch):
    from qc_service.desk import gauges

    monkeypatch.setattr(gauges, "PAGE", 2)
    desk.get("/gauges")
    assert "No gauges yet" in desk.text
    for code in ("C", "A", "B"):
        ines.done("POST", "/gauges", gauge(code))
    desk.get("/gauges")
    assert codes(desk) == ["A", "B"]
    assert "Page 1 of 2" in desk.text
    desk.get("/gauges", page="2")
    assert codes(desk) == ["C"]
    desk.get("/gauges", page="made-up")
    assert codes(desk) == ["A", "B"]
