"""The hard cases: records that wait for each other, corrections across lots and lines, accounts that are parted."""

import uuid

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.inspections import judging
from qc_service.queue import Outbox
from tests.attacks import found as broken
from tests.floor_life import OK, record
from tests.procedure_life import SIGNED
from workers.tasks import inspections as tasks

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
WHY = "I looked at the wrong seam."
STANDS, SUPERSEDED = ("accepted", [], True, True), ("superseded", [], False, False)


def confirmed(floor, boss, who, lot="A", **more):
    """A correction that another person gave their word for."""
    name = floor.inspect(who, lot, reason=WHY, **more)
    boss.done("POST", f"/inspections/{name}/confirm", SIGNED)
    return name


def test_a_record_that_waited_for_its_lot_leaves_the_trail_whole(floor, mia, ines):
    name = floor.inspect(ines)
    floor.lot("A", "MIA")
    floor.plant.work()
    assert floor.standing(name) == STANDS
    with connected():
        assert broken() == []


def test_a_correction_that_moves_a_record_to_another_line_leaves_the_trail_whole(floor, mia, ines, boss):
    floor.plant.line("L2", "S1")
    floor.lot("A", "MIA")
    floor.lot("B", "MIA", line="L2")
    first = floor.inspect(ines)
    confirmed(floor, boss, ines, "B", amends=first)
    assert floor.standing(first) == SUPERSEDED
    with connected():
        assert broken() == []


def test_accounts_are_parted_whatever_was_corrected_meanwhile(floor, mia, ines, omar, boss):
    admin = floor.life.somebody("ADMIN", "admin")
    floor.lot("A", "MIA")
    first = floor.inspect(ines)
    confirmed(floor, boss, omar, amends=first)
    admin.done("POST", "/people/OMAR/same-as", {"badge": "MIA"})
    confirmed(floor, boss, ines, amends=first)
    admin.done("POST", "/people/OMAR/same-as", {"badge": "OMAR"})


def test_corrections_of_one_record_do_not_fork(floor, mia, ines, boss):
    floor.lot("A", "MIA", quantity=100)
    first = floor.inspect(ines)
    again, second = (floor.inspect(ines, amends=first, reason=WHY) for _ in range(2))
    boss.done("POST", f"/inspections/{again}/confirm", SIGNED)
    confirmed(floor, boss, ines, amends=again)
    assert boss.refused("POST", f"/inspections/{second}/confirm", SIGNED) == (409, "illegal_transition")
    assert floor.count()["inspected"] == 10


def test_what_was_corrected_into_another_lot_stands_again_when_the_correction_does_not(floor, mia, ines, omar, boss):
    floor.lot("A", "MIA")
    floor.lot("B", "MIA")
    first = floor.inspect(ines)
    second = confirmed(floor, boss, omar, "B", amends=first)
    floor.lot("B", "OMAR")
    assert floor.standing(second) == ("quarantined", ["self_check"], False, False)
    assert floor.standing(first) == STANDS
    assert floor.count("A")["inspected"] == 10


def test_a_correction_that_waited_for_its_lot_takes_the_place_once_that_is_known(floor, mia, ines, boss):
    floor.lot("A", "MIA")
    first = floor.inspect(ines)
    confirmed(floor, boss, ines, "B", amends=first)
    floor.lot("B", "MIA")
    floor.plant.work()
    assert floor.standing(first) == SUPERSEDED


def test_a_record_that_waits_for_its_lot_is_void_once_two_people_say_so(floor, ines, boss):
    name = floor.inspect(ines)
    ines.done("POST", f"/inspections/{name}/void", {**SIGNED, "reason": WHY})
    assert boss.done("POST", f"/inspections/{name}/void/agree", SIGNED)["state"] == "void"


@pytest.mark.parametrize("names", ["reinspects", "amends"])
def test_a_record_may_come_before_the_one_that_it_names(floor, mia, ines, boss, names):
    floor.lot("A", "MIA")
    first = str(uuid.uuid4())
    name = floor.inspect(ines, units_inspected=2, reason=WHY, **{names: first})
    floor.send(ines, record("INES"), at=first)
    floor.plant.work()
    assert "unmatched" not in floor.get(name)["reasons"]


def test_what_does_not_conform_is_kept_of_a_record_that_waited_for_its_lot(floor, mia, ines):
    found = {"check": "tight", "defect_code": "LEAK", "units": 4, "disposition": "hold"}
    name = floor.inspect(ines, answers={**OK, "tight": {"value": "defect"}}, nonconformities=[found])
    floor.lot("A", "MIA")
    floor.plant.work()
    assert floor.count()["defective"] == 4
    assert [one["units"] for one in floor.get(name)["nonconformities"]] == [4]
    assert [one["units"] for one in floor.count()["defects"]] == [4]


def test_with_more_units_in_the_lot_a_second_look_counts_too(floor, mia, ines, omar):
    floor.lot("A", "MIA")
    first, second = floor.inspect(ines), floor.inspect(omar)
    assert [floor.standing(name)[2] for name in (first, second)] == [True, False]
    floor.lot("A", quantity=20)
    assert [floor.standing(name)[2] for name in (first, second)] == [True, True]
    assert floor.count()["inspected"] == 20


def test_a_second_round_that_is_judged_between_its_lot_and_its_first_round_is_matched_all_the_same(floor, mia, ines):
    parts = [{"check": "tight", "defect_code": "LEAK", "units": 2, "disposition": "rework"}]
    answers = {**OK, "tight": {"value": "defect"}}
    first = floor.inspect(ines, answers=answers, nonconformities=parts)
    again, _ = floor.send(ines, record("INES", reinspects=first, units_inspected=2))
    floor.lot("A", "MIA")
    with connected():
        judging.judge(again)  # before anybody looked at the first one anew
    assert floor.standing(again) == ("unconfirmed", ["unmatched"], False, False)
    floor.plant.work()
    assert floor.standing(again) == STANDS
    assert floor.get(again)["round"] == 2
    with connected():
        assert broken() == []


def test_a_lot_that_becomes_known_while_a_record_of_it_is_judged_is_found_all_the_same(floor, mia, ines):
    """Whoever looked for the records of the lot saw this one not yet: the order of three commits, played by hand."""
    name = floor.inspect(ines)
    floor.lot("A", "MIA")
    with connected():
        Outbox.delete().where(Outbox.reaction == "judge_waiting").execute()
        assert judging.awaiting(name) == [name]
        tasks.judge_awaiting({"uuid": name}, clock.now())
    floor.plant.work()
    assert floor.standing(name) == STANDS
    with connected():
        assert judging.awaiting(name) == []


# --- corrections that name another lot, and holds of which somebody lets go ---


def test_of_two_corrections_in_two_lots_the_one_that_was_confirmed_last_stands(floor, mia, ines, omar, boss):
    admin = floor.life.somebody("ADMIN", "admin")
    floor.lot("A", "MIA")
    floor.lot("B", "MIA")
    first = floor.inspect(ines)
    here = confirmed(floor, boss, omar, amends=first)
    admin.done("POST", "/people/OMAR/same-as", {"badge": "MIA"})
    there = confirmed(floor, boss, ines, "B", amends=first)
    admin.done("POST", "/people/OMAR/same-as", {"badge": "OMAR"})
    assert [floor.standing(name) for name in (first, here, there)] == [SUPERSEDED, SUPERSEDED, STANDS]
    assert (floor.count("A")["inspected"], floor.count("B")["inspected"]) == (None, 10)


def let_go(asks, agrees, lot="A"):
    asks.done("POST", f"/lots/{lot}/release", {**SIGNED, "reason": WHY})
    agrees.done("POST", f"/lots/{lot}/release/agree", SIGNED)


@pytest.fixture
def twice(floor, mia, boss, chief):
    """Held and let go, and held for the same and let go again; whoever let it go is then found to be one, or not."""
    other, admin = floor.life.somebody("OTHER"), floor.life.somebody("ADMIN", "admin")
    floor.lot("A", "MIA")
    for second in (chief, other):
        mia.done("POST", "/lots/A/hold", {"reason": WHY})
        let_go(boss, second)

    def one_human_being(badge, same):
        admin.done("POST", f"/people/{badge}/same-as", {"badge": same})

    return one_human_being


def holds(floor):
    return [one["state"] for one in floor.plant.call("GET", "/v1/lots/A/holds").json["data"]]


def test_the_same_words_again_are_the_hold_that_came_back(floor, mia, twice):
    twice("HEAD", "BOSS")
    floor.plant.work()
    assert holds(floor) == ["open", "released"]
    assert mia("POST", "/lots/A/hold", {"reason": WHY}).status_code == 200
    assert holds(floor) == ["open", "released"]


def test_a_hold_that_came_back_is_the_one_that_is_meant_before_a_worker_has_looked(floor, mia, twice):
    twice("HEAD", "BOSS")
    assert mia("POST", "/lots/A/hold", {"reason": WHY}).status_code == 200
    twice("HEAD", "HEAD")
    assert mia("POST", "/lots/A/hold", {"reason": WHY}).status_code == 201
    floor.plant.work()
    assert holds(floor) == ["released", "released", "open"]


def test_of_two_holds_for_the_same_the_other_stands_where_one_is_let_go(floor, mia, twice):
    twice("HEAD", "BOSS")
    twice("OTHER", "BOSS")
    floor.plant.work()
    assert holds(floor) == ["released", "open"]
    twice("OTHER", "OTHER")
    floor.plant.work()
    assert holds(floor) == ["open", "released"]
    assert "held" in floor.release()[1]


def test_a_lot_is_held_for_a_withdrawn_version_once_its_inspection_stands_again(floor, mia, ines, omar, boss):
    floor.lot("A", "MIA")
    floor.lot("B", "MIA")
    first = floor.inspect(ines)
    confirmed(floor, boss, omar, "B", amends=first)
    boss.done("POST", "/procedures/CAN/versions/1/withdraw", {**SIGNED, "reason": WHY})
    floor.plant.work()
    assert holds(floor) == []
    floor.lot("B", "OMAR")
    floor.plant.work()
    assert floor.standing(first) == STANDS
    assert holds(floor) == ["open"]


def test_a_record_of_a_lot_that_nobody_knows_is_superseded_by_its_correction_for_as_long_as_that_stands(
    floor, mia, ines, omar, boss, chief
):  # fmt: skip
    floor.lot("A", "MIA")
    first = floor.inspect(ines, "B")
    again = confirmed(floor, boss, omar, "A", amends=first)
    assert [floor.standing(one)[0] for one in (first, again)] == ["superseded", "accepted"]
    assert broken_now() == []
    boss.done("POST", f"/inspections/{again}/void", {**SIGNED, "reason": WHY})
    chief.done("POST", f"/inspections/{again}/void/agree", SIGNED)
    assert [floor.standing(one)[0] for one in (first, again)] == ["unconfirmed", "void"]
    floor.lot("B", "MIA")
    floor.plant.work()
    assert floor.standing(first) == STANDS
    assert broken_now() == []


def test_nobody_gives_their_word_for_what_a_correction_took_the_place_of(floor, mia, ines, omar, boss):
    floor.lot("A", "MIA")
    first = floor.inspect(ines)
    second = floor.inspect(omar, amends=first, reason=WHY)
    confirmed(floor, boss, ines, "A", amends=second)
    assert floor.standing(second)[0] == "superseded"
    answer = boss("POST", f"/inspections/{second}/confirm", json=SIGNED)
    assert (answer.status_code, answer.json["code"]) == (409, "illegal_transition")


def broken_now():
    with connected():
        return broken()
