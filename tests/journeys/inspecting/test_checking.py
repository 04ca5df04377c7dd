"""How well is checked, as a supervisor is told: about checks and records, and never about a person."""

import itertools
import json
import logging
from datetime import timedelta

import pytest

from qc_service import clock
from qc_service.inspections import checking
from qc_service.inspections.checking_rules import KINDS, shift_of
from qc_service.words import LANGUAGES, Words
from tests.floor_life import record
from tests.procedure_life import SIGNED

WHERE = "/checking?procedure=CAN"
ONCE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # many records, and no statement of its own
WEIGHTS = [[str(one) for one in three] for three in itertools.product(range(338, 346), repeat=3)]


def answers(tight: str = "ok", weight=("340", "341", "339"), seconds: float | None = None) -> dict:
    """Both checks, each answered so long after it was shown."""
    shown = clock.now() - timedelta(minutes=5)
    times = {} if seconds is None else {
        "shown_at": clock.iso(shown), "at": clock.iso(shown + timedelta(seconds=seconds))
    }  # fmt: skip
    return {"tight": {"value": tight, **times}, "weight": {"value": list(weight), **times}}


@pytest.fixture
def lead(floor):
    return floor.life.somebody("BOSS", "supervisor")


@pytest.fixture
def big(floor, mia):
    """A lot so large that nobody inspects all of it: two people may see different cans."""
    return floor.lot("BIG", "MIA", quantity=10_000)


def sent(floor, who, *filled: dict, **more) -> list[str]:
    """Records of the large lot, one after the other; judged together."""
    names = [floor.send(who, record(who.badge, "BIG", answers=one, **more))[0] for one in filled]
    floor.plant.work()
    return names


def by_check(told: dict) -> dict:
    return {one["check"]: one for one in told["checks"]}


def seen(told: dict) -> list[tuple[str, str]]:
    return [(one["kind"], one["uuid"]) for one in told["observations"]]


def test_two_people_who_inspect_the_same_are_compared_check_by_check(floor, mia, ines, omar, lead):
    for number, (first, second) in enumerate([("ok", "ok"), ("ok", "defect"), ("defect", "defect"), ("ok", "ok")]):
        floor.lot(f"A{number}", "MIA")
        floor.inspect(ines, f"A{number}", answers=answers(first))
        floor.inspect(omar, f"A{number}", answers=answers(second))
    told = lead.done("GET", WHERE)
    tight, weight = by_check(told)["tight"], by_check(told)["weight"]
    assert told["records"] == 8
    assert tight["counts"] == {"ok_ok": 2, "ok_defect": 1, "defect_ok": 0, "defect_defect": 1}
    assert (tight["n"], tight["pairs"], tight["agreement"], tight["kappa"], tight["pabak"]) == (8, 4, 0.75, 0.5, 0.5)
    assert tight["se"] == pytest.approx(0.375)
    assert (tight["note"], tight["seconds"], tight["type"]) == (None, None, "confirm")
    assert (weight["pairs"], weight["agreement"], weight["kappa"], weight["se"], weight["pabak"]) == (
        4,
        1,
        None,
        None,
        1,
    )
    assert "kappa says little" in weight["note"]


def test_only_what_is_surely_the_same_is_compared(floor, big, mia, ines, omar, lead):
    sent(floor, ines, answers())
    sent(floor, omar, answers())
    assert by_check(lead.done("GET", WHERE))["tight"]["pairs"] == 0
    for who in (ines, ines, omar):
        sent(floor, who, answers(), unit="CAN-7", units_inspected=1)
    assert by_check(lead.done("GET", WHERE))["tight"]["pairs"] == 1
    self_check = floor.inspect(mia, "BIG", unit="CAN-8", units_inspected=1)
    assert floor.get(self_check)["state"] == "quarantined"
    assert lead.done("GET", WHERE)["records"] == 5


def test_each_check_has_its_time_and_a_record_is_told_that_was_too_fast(floor, big, ines, omar, lead):
    sent(floor, ines, *(answers(seconds=10) for _ in range(20)))
    [fast] = sent(floor, omar, answers(seconds=1.5))
    [slow] = sent(floor, omar, answers(seconds=2.5))
    told = lead.done("GET", WHERE)
    assert by_check(told)["tight"]["seconds"] == {"n": 22, "lower_quartile": 10, "median": 10, "upper_quartile": 10}
    assert seen(told) == [("too_fast", fast)]
    assert told["observations"][0]["sentence"] == "Answered faster than anybody can read and do it: 2 of 2 checks."
    assert lead.done("GET", f"/inspections/{fast}/checking")["observations"] == told["observations"]
    assert omar.done("GET", f"/inspections/{slow}/checking") == {"uuid": slow, "lot": "BIG", "observations": []}


def test_a_clock_that_is_doubtful_tells_no_time(floor, big, ines, lead):
    sent(floor, ines, answers(seconds=10), clock_jumped=True)
    sent(floor, ines, answers(seconds=0), answers(seconds=-3))
    assert by_check(lead.done("GET", WHERE))["tight"]["seconds"] is None


@ONCE
def test_the_same_values_again_and_again_are_told_of_the_record_and_its_check(floor, big, ines, omar, lead):
    sent(floor, omar, *(answers(weight=one) for one in WEIGHTS[:40]))
    names = sent(floor, ines, *(answers(weight=("344", "343", "342")) for _ in range(4)))
    told = lead.done("GET", WHERE)
    assert seen(told) == [("same_values", names[2])]
    assert told["observations"][0]["check"] == "weight"


@ONCE
def test_a_run_of_passes_longer_than_the_lines_own_fails_explain_is_told(floor, big, ines, lead):
    weights = iter(WEIGHTS)
    known = [answers(tight, next(weights)) for tight in ("defect", "ok") * 5]
    names = sent(floor, ines, *known, answers("defect"), *(answers(weight=next(weights)) for _ in range(11)))
    assert seen(lead.done("GET", WHERE)) == [("long_pass_streak", names[20])]


def test_a_record_that_no_longer_stands_is_not_looked_at(floor, big, ines, lead):
    [name] = sent(floor, ines, answers())
    ines.done("POST", f"/inspections/{name}/void", {**SIGNED, "reason": "Another lot was meant."})
    lead = floor.life.somebody("LEAD", "supervisor")
    assert lead.done("GET", WHERE)["records"] == 1
    lead.done("POST", f"/inspections/{name}/void/agree", SIGNED)
    told = lead.done("GET", WHERE)
    assert (told["records"], told["checks"], told["observations"]) == (0, [], [])
    assert lead.done("GET", f"/inspections/{name}/checking")["observations"] == []


def test_the_numbers_are_split_by_line_and_by_shift_and_kept_to_a_period(floor, big, ines, lead):
    floor.plant.line("L2", "S1")
    floor.lot("OTHER", "MIA", line="L2")
    sent(floor, ines, answers())
    between = clock.iso(clock.now())
    floor.inspect(ines, "OTHER", answers=answers())
    told = lead.done("GET", f"{WHERE}&by=line")
    assert [(one["check"], one["line"], one["n"]) for one in told["checks"]] == [
        ("tight", "L1", 1), ("tight", "L2", 1), ("weight", "L1", 1), ("weight", "L2", 1),
    ]  # fmt: skip
    assert [lead.done("GET", f"{WHERE}{more}")["records"] for more in (
        "&line=L1", f"&to={between}", f"&from={between}", f"&line=L1&from={between}"
    )] == [1, 1, 1, 0]  # fmt: skip
    assert lead.refused("GET", f"{WHERE}&from={between}&to={between}") == (422, "validation_failed")
    assert lead.refused("GET", f"{WHERE}&line=L3") == (404, "not_found")
    assert lead.refused("GET", "/checking?procedure=NONE") == (404, "not_found")


def test_the_shift_is_the_one_of_the_sites_own_clock(floor, big, ines, lead):
    [name] = sent(floor, ines, answers())
    here = clock.parse(floor.get(name)["happened_at"])
    shifts = []
    for zone in ("UTC", "Asia/Singapore"):  # eight hours apart, as long as a shift
        assert floor.plant.call("PATCH", "/v1/sites/S1", {"time_zone": zone}).status_code == 200
        shifts.append({one["shift"] for one in lead.done("GET", f"{WHERE}&by=shift")["checks"]})
    assert shifts == [{shift_of(here.hour)}, {shift_of((here.hour + 8) % 24)}]


def test_two_accounts_of_one_human_being_are_not_two_people(floor, mia, ines, omar, lead):
    floor.lot("A", "MIA")
    floor.inspect(ines, answers=answers())
    floor.inspect(omar, answers=answers())
    assert by_check(lead.done("GET", WHERE))["tight"]["pairs"] == 1
    floor.life.somebody("ADMIN", "admin").done("POST", "/people/OMAR/same-as", {"badge": "INES"})
    assert by_check(lead.done("GET", WHERE))["tight"]["pairs"] == 0


def test_what_a_record_is_measured_by_reaches_back_before_the_period_and_beyond_the_line(floor, big, ines, omar, lead):
    floor.plant.line("L2", "S1")
    floor.lot("OTHER", "MIA", line="L2")
    sent(floor, ines, *(answers(seconds=10) for _ in range(20)))
    between = clock.iso(clock.now())
    fast = floor.inspect(omar, "OTHER", answers=answers(seconds=1.5))
    assert seen(lead.done("GET", f"{WHERE}&line=L2&from={between}")) == [("too_fast", fast)]
    assert seen(lead.done("GET", f"{WHERE}&line=L1")) == []


@ONCE
def test_nothing_of_it_names_a_person_and_it_cannot_be_asked_about_one(floor, big, ines, omar, lead):
    sent(floor, omar, *(answers(weight=one, seconds=10) for one in WEIGHTS[:40]))
    names = sent(floor, ines, *(answers(weight=("344", "343", "342"), seconds=1) for _ in range(3)))
    replies = [lead.done("GET", f"{WHERE}{more}") for more in ("", "&line=L1", "&by=line", "&by=shift", "&site=S1")]
    replies += [lead.done("GET", f"/inspections/{name}/checking") for name in names]
    assert all(reply["observations"] for reply in replies[:-2])
    said = json.dumps(replies)
    people = [floor.get(name)["signatures"][0] for name in names]
    words = {"MIA", "INES", "OMAR", "BOSS", "Name of", *(one[what] for one in people for what in ("badge", "name"))}
    assert [word for word in words if word in said] == []
    assert not {"inspector", "person", "human", "badge", "name"} & set(_fields(replies))
    for more in ("&inspector=INES", "&person=INES", "&by=person", "&by=inspector"):
        assert lead.refused("GET", WHERE + more) == (422, "validation_failed")


def _fields(found) -> list[str]:
    if isinstance(found, list):
        return [name for one in found for name in _fields(one)]
    return [*found, *(name for one in found.values() for name in _fields(one))] if isinstance(found, dict) else []


def test_who_leads_may_ask_and_who_may_read_a_record_reads_what_was_seen_in_it(floor, big, ines, mia):
    [name] = sent(floor, ines, answers())
    assert ines.refused("GET", WHERE) == (403, "scope_missing")
    assert ines.done("GET", f"/inspections/{name}/checking")["lot"] == "BIG"
    stranger = floor.life.somebody("FAR", "supervisor", site="S2")
    assert stranger.done("GET", WHERE)["records"] == 0
    assert stranger.refused("GET", f"/inspections/{name}/checking") == (404, "not_found")
    waiting, _ = floor.send(ines, record("INES", "BIG"))
    assert ines.done("GET", f"/inspections/{waiting}/checking")["observations"] == []


def test_many_records_cost_as_many_statements_as_few_and_what_is_left_out_is_said(
    floor, big, ines, lead, monkeypatch, caplog
):
    sent(floor, ines, *(answers() for _ in range(2)))
    few = statements(lead, caplog)
    sent(floor, ines, *(answers() for _ in range(8)))
    assert statements(lead, caplog) == few < 15
    assert lead.done("GET", WHERE)["notes"] == []
    monkeypatch.setattr(checking, "MOST_RECORDS", 6)
    told = lead.done("GET", WHERE)
    assert (told["records"], by_check(told)["tight"]["n"]) == (6, 6)
    assert [note.split(".")[0] for note in told["notes"]] == [
        "Only the newest 6 inspections before the end of the period were looked at"
    ]
    monkeypatch.setattr(checking, "MOST_ANSWERS", 7)
    told = lead.done("GET", WHERE)
    assert (told["records"], by_check(told)["weight"]["n"]) == (3, 3), "a record is looked at whole or not at all"
    newest = clock.iso(clock.now() - timedelta(microseconds=1))
    assert lead.done("GET", f"{WHERE}&from={newest}")["notes"] == []


def statements(lead, caplog) -> int:
    lead.done("GET", WHERE)
    caplog.clear()
    with caplog.at_level(logging.DEBUG, logger="peewee"):
        lead.done("GET", WHERE)
    return len([one for one in caplog.records if one.name == "peewee"])


@ONCE
def test_of_many_observations_the_newest_are_shown_and_that_is_said(floor, big, ines, omar, monkeypatch):
    sent(floor, ines, *(answers(seconds=10) for _ in range(20)))
    names = sent(floor, omar, *(answers(seconds=1.5, weight=one) for one in WEIGHTS[:3]))
    monkeypatch.setattr(checking, "MOST_TOLD", 2)
    told = floor.plant.call("GET", f"/v1{WHERE}", headers={"Accept-Language": "da"}).json
    assert seen(told) == [("too_fast", names[2]), ("too_fast", names[1])]
    assert len(told["notes"]) == 1
    assert told["notes"][0].startswith("Kun de nyeste 2 ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_has_at_most_thirty_words_in_every_language(language):
    values = {
        "fast": 12, "checks": 14, "check": "weight", "times": 5, "passes": 140, "fails": 12, "records": 240,
    }  # fmt: skip
    assert set(checking.SENTENCES) == set(KINDS)
    for text in checking.SENTENCES.values():
        assert len(Words(language).say(text, **values).split()) <= 30
