"""Somebody needs to depart from a check for a while: another person decides, and it ends by itself."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.procedures.deviation_models import Deviation, DeviationUse
from tests.attacks import found as broken
from tests.procedure_life import SIGNED, document

pytestmark = pytest.mark.usefixtures("lines")

DAY = timedelta(days=1)


def later(days=1.0):
    return clock.iso(datetime.now(UTC) + days * DAY)


def asked(who, **changes):
    body = {
        "procedure": "CAN", "check": "weight", "line": "L1", "reason": "The new cans are lighter.", "quantity": 100,
        "expires_at": later(2), **changes,
    }  # fmt: skip
    return who("POST", "/deviations", body)


def decided(who, deviation, *, grant=True, **more):
    return who("POST", f"/deviations/{deviation}/decide", {**SIGNED, "grant": grant, "note": "For this lot.", **more})


def used(who, deviation, quantity, reference):
    return who("POST", f"/deviations/{deviation}/uses", {"quantity": quantity, "reference": reference})


def granted(asking, deciding, **changes):
    made = asked(asking, **changes)
    assert made.status_code == 201, made.text
    answer = decided(deciding, made.json["id"])
    assert answer.status_code == 200, answer.text
    return made.json["id"]


def test_a_deviation_is_asked_for_decided_by_another_used_and_over_once_it_is_used_up(life, anna, bo, oda):
    life.published(anna, bo)
    made = asked(oda).json
    assert (made["state"], made["version"], made["line"], made["asked_by"]["badge"]) == ("asked", 1, "L1", "ODA")
    assert used(oda, made["id"], 1, "B-1").json["detail"] == "Nobody has decided on it yet: ask a quality manager."
    answer = decided(bo, made["id"], quantity=60).json
    assert (answer["state"], answer["quantity"], answer["left"], answer["asked_quantity"]) == ("granted", 60, 60, 100)
    assert (answer["signature"]["name"], answer["signature"]["meaning"]) == ("Name of BO", "deviation_granted")
    assert answer["check_unchanged"] == {
        "holds": True, "version": 1, "sentence": "Version 1 is in force, and the check is unchanged.",
    }  # fmt: skip

    assert used(oda, made["id"], 50, "B-1").json["left"] == 10
    again = used(oda, made["id"], 50, "B-1")
    assert (again.status_code, again.json["left"]) == (200, 10)
    assert used(oda, made["id"], 49, "B-1").json["code"] == "revision_conflict"
    refused = used(oda, made["id"], 11, "B-2").json
    assert (refused["code"], refused["left"]) == ("illegal_transition", 10)
    assert refused["detail"] == "It permits 10 more: use no more than that, or ask for another."
    assert used(oda, made["id"], 10, "B-2").status_code == 201
    whole = oda.done("GET", f"/deviations/{made['id']}")
    assert (whole["state"], whole["left"]) == ("used_up", 0)
    assert [(one["reference"], one["quantity"]) for one in whole["uses"]] == [("B-1", 50), ("B-2", 10)]
    assert used(oda, made["id"], 1, "B-3").json["state"] == "used_up"
    with connected():
        assert broken() == []


def test_whoever_asked_never_decides_whichever_account_they_use(life, anna, bo, oda):
    life.published(anna, bo)
    mine = asked(anna).json["id"]
    assert decided(anna, mine).json["code"] == "same_person"
    assert decided(oda, mine).status_code == 403
    life.somebody("ROOT", "admin").done("POST", "/people/BO/same-as", {"badge": "ANNA"})
    assert decided(bo, mine).json["code"] == "same_person"
    cem = life.somebody("CEM")
    assert decided(cem, mine).json["state"] == "granted"
    assert decided(cem, mine).json["code"] == "illegal_transition"


def test_a_grant_among_two_accounts_that_turn_out_to_be_one_persons_is_not_used(life, anna, bo, oda):
    life.published(anna, bo)
    one = granted(anna, bo)
    assert used(oda, one, 1, "B-1").status_code == 201
    life.somebody("ROOT", "admin").done("POST", "/people/BO/same-as", {"badge": "ANNA"})
    assert "turned out to be one person" in used(oda, one, 1, "B-2").json["detail"]


def test_terms_are_bounded_and_more_than_was_asked_for_must_be_meant(life, anna, bo, oda):
    life.published(anna, bo)

    def pointers(answer):
        assert answer.status_code == 422, answer.text
        return [one["pointer"] for one in answer.json["errors"]]

    assert pointers(asked(oda, expires_at=later(-1))) == ["/expires_at"]
    assert pointers(asked(oda, expires_at=later(91))) == ["/expires_at"]
    assert pointers(asked(oda, quantity=0)) == ["/quantity"]
    assert pointers(asked(oda, check="nothing")) == ["/check"]
    assert pointers(asked(oda, procedure="NONE")) == ["/procedure"]
    assert pointers(asked(oda, version=7)) == ["/version"]
    assert pointers(asked(oda, line="M1")) == ["/line"]
    one = asked(oda).json["id"]
    assert pointers(decided(bo, one, quantity=101)) == ["/quantity"]
    assert pointers(decided(bo, one, expires_at=later(3))) == ["/expires_at"]
    assert pointers(decided(bo, one, expires_at=later(-3))) == ["/expires_at"]
    assert pointers(decided(bo, one, expires_at=later(91), more_than_asked=True)) == ["/expires_at"]
    more = decided(bo, one, quantity=101, expires_at=later(80), more_than_asked=True).json
    assert (more["state"], more["left"]) == ("granted", 101)


@pytest.mark.waits
def test_it_is_over_at_its_moment(life, anna, bo, oda):
    life.published(anna, bo)
    short = asked(oda).json["id"]
    over = clock.now() + timedelta(seconds=5)
    assert decided(bo, short, expires_at=clock.iso(over)).status_code == 200
    assert used(oda, short, 1, "B-1").status_code == 201
    time.sleep(max((over - clock.now()).total_seconds(), 0) + 0.1)
    answer = used(oda, short, 1, "B-2").json
    assert (answer["state"], answer["detail"].startswith("It has expired")) == ("expired", True)
    assert used(oda, short, 1, "B-1").status_code == 200  # it was used then
    assert oda.done("GET", "/deviations?state=expired")["data"][0]["id"] == short


def test_it_holds_over_a_new_version_only_while_its_check_is_unchanged(life, anna, bo, oda):
    life.published(anna, bo)
    one, waiting = granted(oda, bo), asked(oda).json["id"]
    leak = granted(oda, bo, check="tight")
    life.published(anna, bo, doc=document(purpose="Every can leaves tight, full and clean."))
    assert used(oda, one, 1, "B-1").status_code == 201
    life.published(anna, bo, doc=document("344"))

    answer = used(oda, one, 1, "B-2").json
    assert answer["detail"] == "Version 3 has another check weight: ask for a deviation from that one."
    assert decided(bo, waiting).json["code"] == "illegal_transition"
    assert decided(bo, waiting, grant=False).json["state"] == "refused"
    assert oda.done("GET", f"/deviations/{one}")["check_unchanged"]["holds"] is False
    assert used(oda, leak, 1, "B-1").status_code == 201
    assert oda.done("GET", f"/deviations/{leak}")["check_unchanged"]["version"] == 3


def test_it_is_of_one_line_and_of_the_version_there(life, anna, bo, oda):
    life.published(anna, bo)
    life.published(anna, bo, doc=document("344"), site="S1", line="L2")
    assert asked(oda, line="L2").json["version"] == 2
    assert asked(oda, line="L1").json["version"] == 1
    assert asked(oda, line="L1", version=2).status_code == 422
    stranger = life.somebody("UMI", "operator", site="S2")
    one = asked(oda).json["id"]
    assert stranger.refused("GET", f"/deviations/{one}") == (404, "not_found")
    assert stranger.done("GET", "/deviations")["data"] == []
    assert asked(stranger, line="L1").status_code == 422


def test_it_can_be_ended_early_for_a_reason_and_is_listed(life, anna, bo, oda):
    life.published(anna, bo)
    one, two = granted(oda, bo), asked(oda, lot="B-77").json["id"]
    path = f"/deviations/{one}/end"
    assert oda.refused("POST", path, {"reason": "no"})[0] == 403
    assert bo.refused("POST", path, {})[0] == 422
    assert bo.refused("POST", f"/deviations/{two}/end", {"reason": "no"}) == (409, "illegal_transition")
    ended = bo.done("POST", path, {"reason": "The right cans have come."})
    assert (ended["state"], ended["end_reason"], ended["ended_by"]["badge"]) == (
        "ended", "The right cans have come.", "BO",
    )  # fmt: skip
    assert bo.done("POST", path, {"reason": "The right cans have come."}) == ended
    assert used(oda, one, 1, "B-1").json["state"] == "ended"

    def ids(**query):
        return [row["id"] for row in oda.done("GET", "/deviations", query_string=query)["data"]]

    assert ids() == [one, two]
    assert (ids(state="ended"), ids(state="asked"), ids(state="granted")) == ([one], [two], [])
    assert (ids(line="L1"), ids(line="L2"), ids(procedure="CAN", state="ended")) == ([one, two], [], [one])
    assert decided(bo, two, grant=False).json["signature"]["meaning"] == "deviation_refused"
    with connected():
        assert broken() == []


def test_thirty_two_at_once_never_use_more_than_was_granted(life, anna, bo, oda):
    life.app.test_client_class = None
    life.published(anna, bo)
    one = granted(oda, bo, quantity=20)
    start = Barrier(32)

    def run(number):
        start.wait(timeout=60)
        # every reference comes twice, so that each is also a race of a request with its own repetition
        return used(oda, one, 1 + number // 2 % 3, f"B-{number // 2}").status_code

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(run, range(32)))

    with connected():
        row = Deviation.get_by_id(one)
        uses = list(DeviationUse.select().where(DeviationUse.deviation_id == one))
        assert row.used == sum(use.quantity for use in uses) <= 20
        assert broken() == []
    assert len({use.reference for use in uses}) == len(uses) == answers.count(201)
    assert set(answers) <= {200, 201, 409}
    assert row.used >= 18  # what is left is less than the smallest that was refused
