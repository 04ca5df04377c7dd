"""Gauges: only a good one may be used for a check, and what a bad one measured is put on hold."""

from datetime import timedelta

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.lines.models import Site
from qc_service.lots import measuring
from qc_service.lots.models import GaugeUse
from tests.floor_life import OK
from tests.procedure_life import SIGNED
from workers.tasks import holds as task

BAD = {"result": "out_of_tolerance", "note": "It reads 2 g too much."}
FAR = "2099-12-31"


def moment(days: float) -> str:
    return clock.iso(clock.now() + timedelta(days=days))


def day(days: float) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def gauge(code: str = "SCALE", **more) -> dict:
    return {"code": code, "name": "Scale at the filler", "site": "S1", "unit": "g", "calibrated_at": moment(-30),
            "due_on": FAR, **more}  # fmt: skip


def measured(code: object = "SCALE", value: list[str] | None = None) -> dict:
    return {**OK, "weight": {"value": value or ["340", "341", "339"], "gauge": code}}


@pytest.fixture
def scale(floor, mia, ines):
    floor.lot("A", "MIA")
    return ines.done("POST", "/gauges", gauge())


def state(who, code: str = "SCALE") -> str:
    return who.done("GET", f"/gauges/{code}")["state"]


def holds(floor, lot: str = "A") -> list[tuple[str, str]]:
    return [(one["kind"], one["state"]) for one in floor.plant.call("GET", f"/v1/lots/{lot}/holds").json["data"]]


# --- who may do what ---


def test_an_inspector_takes_a_gauge_into_use_and_blocks_it_and_a_quality_manager_unblocks_it(floor, ines, boss, scale):
    olga = floor.life.somebody("OLGA", "operator", site="S1")
    assert olga.refused("POST", "/gauges", gauge("OTHER")) == (403, "scope_missing")
    assert ines.refused("POST", "/gauges", gauge()) == (409, "already_exists")
    assert olga.refused("POST", "/gauges/SCALE/block", {"reason": "It fell."}) == (403, "scope_missing")
    ines.done("POST", "/gauges/SCALE/block", {"reason": "It fell."})
    assert state(olga) == "blocked"
    assert ines.refused("POST", "/gauges/SCALE/block", {"reason": "Again."}) == (409, "illegal_transition")
    assert ines.refused("POST", "/gauges/SCALE/unblock", {"reason": "It works."}) == (403, "scope_missing")
    found = boss.done("POST", "/gauges/SCALE/unblock", {"reason": "It works."})
    assert (found["state"], [one["kind"] for one in found["blocks"]]) == ("fit", ["unblocked", "blocked"])
    assert boss.refused("POST", "/gauges/SCALE/unblock", {"reason": "Again."}) == (409, "illegal_transition")


def test_the_list_says_which_gauges_are_due_and_overdue(floor, ines, scale):
    for code, due in (("SOON", day(3)), ("LATE", day(-3))):
        ines.done("POST", "/gauges", gauge(code, due_on=due))
    found = {one["code"]: one["state"] for one in ines.done("GET", "/gauges?site=S1")["data"]}
    assert found == {"SCALE": "fit", "SOON": "due", "LATE": "overdue"}


def test_a_system_with_the_scope_records_calibrations_too(floor, scale):
    answer = floor.plant.call("POST", "/v1/gauges/SCALE/calibrations", {"result": "in_tolerance", "due_on": day(3)})
    assert (answer.status_code, answer.json["state"], len(answer.json["calibrations"])) == (201, "due", 2)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"result": "in_tolerance"}, "/due_on"),
        ({"result": "out_of_tolerance", "due_on": FAR}, "/due_on"),
        ({"result": "in_tolerance", "due_on": "2020-01-01"}, "/due_on"),
        ({"result": "in_tolerance", "due_on": FAR, "calibrated_at": "2098-01-01T00:00:00Z"}, "/calibrated_at"),
    ],
)
def test_a_calibration_that_makes_no_sense_is_refused(ines, scale, told, field):
    answer = ines("POST", "/gauges/SCALE/calibrations", told)
    assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, [field])


# --- measuring ---


def test_what_was_measured_with_a_good_gauge_counts(floor, ines, scale):
    name = floor.inspect(ines, answers=measured())
    assert floor.standing(name) == ("accepted", [], True, True)
    with connected():
        [use] = GaugeUse.select()
        assert (use.check_id, use.gauge, use.gauge_id, use.fault) == ("weight", "SCALE", scale["id"], None)


@pytest.mark.parametrize("said", ["NONE", 7, "a/b", "\0", "x" * 65, None])
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_gauge_that_nobody_knows_leaves_the_inspection_unconfirmed_until_a_supervisors_word(
    floor, ines, boss, scale, said
):
    name = floor.inspect(ines, answers=measured(said))
    assert floor.standing(name) == ("unconfirmed", ["gauge_expired"], False, False)
    boss.done("POST", f"/inspections/{name}/confirm", SIGNED)
    assert floor.standing(name) == ("accepted", [], True, True)


def test_a_blocked_and_an_overdue_gauge_cannot_be_used(floor, ines, scale):
    ines.done("POST", "/gauges", gauge("LATE", due_on=day(-3)))
    ines.done("POST", "/gauges/SCALE/block", {"reason": "It fell."})
    for code in ("SCALE", "LATE"):
        name = floor.inspect(ines, answers=measured(code))
        assert floor.standing(name) == ("unconfirmed", ["gauge_expired"], False, False)


def test_what_matters_is_the_time_at_which_it_was_measured(floor, ines, boss, scale):
    before = clock.now()
    ines.done("POST", "/gauges/SCALE/block", {"reason": "It fell."})
    while_blocked = clock.now()
    assert floor.get(floor.inspect(ines, answers=measured(), observed_at=clock.iso(before)))["state"] == "accepted"
    boss.done("POST", "/gauges/SCALE/unblock", {"reason": "It works."})
    assert floor.get(floor.inspect(ines, answers=measured()))["state"] == "accepted"
    with connected():
        site_id = Site.get(Site.code == "S1").id
        moments = (before, while_blocked, clock.now(), before - timedelta(days=31))
        faults = [measuring.uses(site_id, {"weight": "SCALE"}, at, at)[0].fault for at in moments]
    assert faults == [None, "blocked", None, "expired"]


def test_answers_that_measure_nothing_need_no_gauge(floor, ines, scale):
    answers = {
        "tight": {"value": "ok", "gauge": "NONE"},
        "weight": {"value": "not_applicable", "reason": "No scale here.", "gauge": "NONE"},
    }
    name = floor.inspect(ines, answers=answers)
    assert floor.get(name)["state"] == "accepted"
    with connected():
        assert not GaugeUse.select().exists()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_clock_that_no_calendar_reaches_spoils_nothing(floor, ines, scale):
    floor.plant.call("PATCH", "/v1/sites/S1", {"time_zone": "America/Lima"})
    name = floor.inspect(ines, answers=measured(), observed_at="0001-01-01T00:00:00Z")
    assert "gauge_expired" in floor.get(name)["reasons"]


# --- found out of tolerance ---


def test_a_gauge_found_out_of_tolerance_holds_what_it_measured_since_it_was_last_good(floor, ines, boss, scale):
    floor.lot("B", "MIA")
    floor.lot("C", "MIA")
    floor.lot("GONE", "MIA", shipped_at=clock.iso(clock.now()))
    floor.inspect(ines, answers=measured())
    floor.inspect(ines, "GONE", answers=measured())
    floor.inspect(ines, "C")
    found = ines.done("POST", "/gauges/SCALE/calibrations", BAD)
    assert (found["state"], found["blocks"][0]["reason"]) == ("blocked", "A calibration found it out of tolerance.")
    floor.plant.work()
    assert [holds(floor, lot) for lot in ("A", "B", "C", "GONE")] == [[("gauge", "open")], [], [], []]
    told = ines.done("GET", "/lots/A/holds")["data"][0]["reason"]
    assert told == "It was measured with gauge SCALE, which was found out of tolerance."
    affected = ines.done("GET", "/gauges/SCALE/affected")["data"]
    assert [(one["lot"], one["answers"], one["on_hold"]) for one in affected] == [("A", 1, True), ("GONE", 1, False)]
    assert boss.refused("POST", "/gauges/SCALE/unblock", {"reason": "It works."}) == (409, "illegal_transition")
    ines.done("POST", "/gauges/SCALE/calibrations", {"result": "in_tolerance", "due_on": FAR})
    assert boss.done("POST", "/gauges/SCALE/unblock", {"reason": "Adjusted."})["state"] == "fit"
    floor.inspect(ines, "B", answers=measured())
    assert holds(floor, "B") == []
    assert len(ines.done("GET", "/gauges/SCALE/affected")["data"]) == 2


def test_what_was_measured_before_the_last_good_calibration_is_not_held(floor, ines, scale):
    floor.inspect(ines, answers=measured())
    ines.done("POST", "/gauges/SCALE/calibrations", {"result": "in_tolerance", "due_on": FAR})
    ines.done("POST", "/gauges/SCALE/calibrations", BAD)
    floor.plant.work()
    assert holds(floor) == []
    assert ines.done("GET", "/gauges/SCALE/affected")["data"] == []


def test_what_arrives_after_the_finding_is_held_as_well_and_once(floor, ines, boss, scale):
    before = clock.iso(clock.now())
    ines.done("POST", "/gauges/SCALE/calibrations", BAD)
    floor.plant.work()
    name = floor.inspect(ines, answers=measured(), observed_at=before)
    assert floor.get(name)["state"] == "accepted"
    assert holds(floor) == [("gauge", "open")]
    boss.done("POST", "/lots/A/release", {**SIGNED, "reason": "Weighed again with another."})
    floor.life.somebody("HEAD").done("POST", "/lots/A/release/agree", SIGNED)
    calibration = ines.done("GET", "/gauges/SCALE")["calibrations"][0]["id"]
    with connected():
        task.gauge_calibrated({"calibration_id": calibration, "result": "out_of_tolerance"}, clock.now())
    assert holds(floor) == [("gauge", "released")]


def test_a_finding_from_before_the_gauge_was_put_right_blocks_it_no_more(floor, ines, scale):
    floor.inspect(ines, answers=measured(), observed_at=moment(-9))
    ines.done(
        "POST", "/gauges/SCALE/calibrations", {"result": "in_tolerance", "due_on": FAR, "calibrated_at": moment(-1)}
    )
    found = ines.done("POST", "/gauges/SCALE/calibrations", {**BAD, "calibrated_at": moment(-2)})
    assert found["state"] == "fit"
    floor.plant.work()
    assert holds(floor) == [("gauge", "open")]
