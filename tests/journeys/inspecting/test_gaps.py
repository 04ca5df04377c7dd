"""Numbers of a tablet that never arrived are asked for until somebody who leads explains them and signs."""

import threading

import pytest

from qc_service.db import connected
from qc_service.inspections.models import GapExplanation
from qc_service.verify import verify
from tests.floor_life import record
from tests.procedure_life import SIGNED
from tests.tablet_life import tablet_of

WHY = {"reason": "The tablet fell into the brine."}


@pytest.fixture
def tablet(floor, mia, ines):
    """Tablet 4, of whose records nos. 1, 3, 6 and 9 arrived."""
    floor.lot("A", "MIA")
    made = tablet_of(floor)
    for number in (1, 3, 6, 9):
        made.deliver(record("INES", device_seq=number), None)
    return made


def asked(who):
    found = who.done("GET", "/gaps")["data"]
    return [(one["state"], one["first"], one["last"]) for one in found]


def test_a_number_that_never_arrived_is_explained_once_and_asked_for_again_if_it_comes(floor, tablet, mia, boss, chief):
    address = f"/devices/{tablet.id}/gaps"
    assert asked(mia) == [("missing", 7, 8), ("missing", 4, 5), ("missing", 2, 2)]
    made = boss.done("POST", address, {**SIGNED, **WHY, "first": 4, "last": 5})
    assert (made["kind"], made["tablet"]["name"], made["site"]) == ("missing", "Tablet 4", "S1")
    assert (made["signature"]["name"], made["signature"]["meaning"]) == ("Name of BOSS", "gap_explained")
    assert asked(mia) == [("missing", 7, 8), ("missing", 2, 2)]
    for numbers in ({"first": 4, "last": 5}, {"first": 5}):
        assert chief.refused("POST", address, {**SIGNED, **WHY, **numbers}) == (409, "already_exists")

    name, _ = tablet.deliver(record("INES", device_seq=5), None)
    late, *others = mia.done("GET", "/gaps")["data"]
    assert (late["state"], late["first"], late["last"], late["inspection"]) == ("arrived_late", 5, 5, name)
    assert (late["explained"]["reason"], late["explained"]["signature"]["badge"]) == (WHY["reason"], "BOSS")
    assert [one["first"] for one in others] == [7, 2]
    answer = {**SIGNED, "first": 5, "reason": "It was found and dried."}
    assert chief.done("POST", address, answer)["kind"] == "late"
    assert asked(mia) == [("missing", 7, 8), ("missing", 2, 2)]
    assert chief.refused("POST", address, answer) == (409, "already_exists")

    taken, _ = floor.send(mia, record("MIA"))  # an address that is taken: what comes under it is kept beside it
    tablet.deliver(record("INES", device_seq=4), None, at=taken)
    assert asked(mia)[0] == ("arrived_late", 4, 4)
    said = mia.done("GET", "/gaps/explained")["data"]
    assert [(one["kind"], one["first"], one["last"]) for one in said] == [("missing", 4, 5), ("late", 5, 5)]
    with connected():
        assert list(verify()) == []


def test_whoever_may_not_or_explains_what_is_no_gap_is_told_why(floor, tablet, mia, boss):
    address = f"/devices/{tablet.id}/gaps"
    told = {**SIGNED, **WHY, "first": 2}
    assert mia.refused("POST", address, told) == (403, "scope_missing")
    away = floor.life.somebody("AWAY", "supervisor", site="S2")
    assert away.refused("POST", address, told) == (404, "not_found")
    assert asked(away) == []
    assert floor.plant.call("POST", f"/v1{address}", told).status_code == 403  # a key never signs
    assert boss.refused("POST", "/devices/dev_none/gaps", told) == (404, "not_found")
    for reason in ("", "   ", "lost"):
        assert boss.refused("POST", address, {**told, "reason": reason}) == (422, "validation_failed")
    assert boss.refused("POST", address, {**WHY, "first": 2}) == (422, "validation_failed")
    assert boss.refused("POST", address, {**told, "password": "not this one"}) == (401, "credentials_wrong")
    assert boss.refused("POST", address, {**told, "first": 3}) == (409, "illegal_transition")
    assert boss.refused("POST", address, {**told, "last": 4}) == (409, "illegal_transition")
    assert boss.refused("POST", address, {**told, "first": 9}) == (422, "unknown_ref")
    assert boss.refused("POST", address, {**told, "first": 5, "last": 4}) == (422, "validation_failed")
    with connected():
        assert GapExplanation.select().count() == 0


@pytest.mark.volume
def test_of_many_who_explain_it_at_once_one_does(floor, tablet, boss, chief):
    told, said, ready = {**SIGNED, **WHY, "first": 7, "last": 8}, [], threading.Barrier(4)

    def explain(who):
        ready.wait(60)
        said.append(who("POST", f"/devices/{tablet.id}/gaps", told).status_code)

    threads = [threading.Thread(target=explain, args=[who]) for who in (boss, chief, boss, chief)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(said) == [201, 409, 409, 409]
    with connected():
        assert GapExplanation.select().count() == 1
        assert list(verify()) == []
