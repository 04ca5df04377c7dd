"""A tablet sends over a link which loses, repeats and reorders: whatever happens, nothing is lost and none is twice.

The tablet numbers its records; its next number is skipped where one was lost before it was ever sent. What it was
answered is compared with what lies in the database, after each step. QC_SEED repeats a run.
"""

import hashlib
import json
import os
import random
import sys
import uuid

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from qc_service.db import connected
from qc_service.inspections.models import InspectionRecord, InspectionVariant
from tests.copy_life import PATH, copy_of
from tests.floor_life import Floor, record
from tests.tablet_life import Tablet, set_pin, tablet_of

PIN = "739154"
some = st.integers(0, 10**6)
SIZES = [
    pytest.param("sqlite", 6, 12, id="sqlite, 6 by 12"),
    pytest.param("sqlite", 60, 40, id="sqlite, 60 by 40", marks=pytest.mark.campaign),
    pytest.param("pg", 60, 40, id="pg, 60 by 40", marks=[pytest.mark.campaign, pytest.mark.pg]),
]


class Sync(RuleBasedStateMachine):
    """One tablet of its own for each example; the plant is the same."""

    floor: Floor
    number = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).number += 1
        self.tablet: Tablet = tablet_of(self.floor, f"Tablet {self.number}")
        self.next = 1
        self.queue: list[tuple[str, int, bytes]] = []  # written, and not answered for yet
        self.held: dict[str, bytes] = {}  # by address, the bytes that came first
        self.variants: set[tuple[str, str]] = set()
        self.receipts: dict[str, str] = {}
        self.arrived: set[int] = set()
        self.stored: set[int] = set()  # of those the numbers of records: what is missing is told of below the highest

    # --- on the tablet ---

    @rule(units=st.integers(1, 9))
    def write(self, units):
        self._written(str(uuid.uuid4()), units)

    @rule()
    def lose_a_number(self):
        """The tablet's memory was cleared between numbering a record and sending it."""
        self.next += 1

    @precondition(lambda self: self.held)
    @rule(which=some, units=st.integers(1, 9))
    def edit_under_the_same_address(self, which, units):
        self._written(list(self.held)[which % len(self.held)], units)

    @precondition(lambda self: len(self.queue) > 1)
    @rule(order=some)
    def reorder(self, order):
        random.Random(order).shuffle(self.queue)

    # --- over the link ---

    @precondition(lambda self: self.queue)
    @rule()
    def send(self):
        self._answered(*self.queue.pop(0))

    @precondition(lambda self: self.queue)
    @rule()
    def send_and_lose_the_reply(self):
        """It stays in the queue, and the tablet knows nothing of what became of it."""
        self._answered(*self.queue[0], told=False)

    @precondition(lambda self: self.receipts)
    @rule(which=some)
    def repeat_what_was_answered(self, which):
        name = list(self.receipts)[which % len(self.receipts)]
        answer = self._put(name, self.held[name])
        assert (answer.status_code, answer.json) == (200, {"receipt": name, "sha256": self.receipts[name]})

    @precondition(lambda self: self.queue)
    @rule()
    def carry_a_copy_of_all_that_waits(self):
        """Where the link does not come back; the tablet does not learn it until it is back."""
        file = copy_of(self.tablet.token, self.tablet.id, *(_kept(*one) for one in self.queue))
        told = self.floor.people["BOSS"].done("POST", PATH.removeprefix("/v1"), file)
        status = {(one["uuid"], one["sha256"]): one["status"] for one in told["records"]}
        for name, seq, body in sorted(self.queue, key=lambda one: (one[1], one[0])):
            right = self._taken(name, seq, body)
            assert status[name, _hash(body)] == {201: "stored", 200: "here", 409: "variant"}[right]

    # --- what always holds ---

    @invariant()
    def each_address_is_one_row_and_holds_what_came_first(self):
        with connected():
            rows = {row.uuid: bytes(row.body) for row in self._rows(InspectionRecord)}
        assert rows == self.held

    @invariant()
    def every_receipt_has_its_row(self):
        assert {name: _hash(self.held[name]) for name in self.receipts} == self.receipts

    @invariant()
    def other_bodies_are_kept_beside_the_first(self):
        with connected():
            kept = {(row.uuid, row.sha256) for row in self._rows(InspectionVariant)}
        assert kept == self.variants

    @invariant()
    def numbers_that_never_arrived_are_told(self):
        told = self.floor.people["BOSS"].done("GET", "/gaps")["data"]
        mine = {
            number
            for one in told
            if one["tablet"]["id"] == self.tablet.id
            for number in range(one["first"], one["last"] + 1)
        }
        assert mine == set(range(1, max(self.stored, default=0) + 1)) - self.arrived

    def _rows(self, model):
        return model.select().where(model.device_id == self.tablet.id)

    def _written(self, name, units):
        body = json.dumps(record("INES", f"LOT-{self.number}", units_inspected=units, device_seq=self.next)).encode()
        self.queue.append((name, self.next, body))
        self.next += 1

    def _put(self, name, body):
        return self.tablet.call("PUT", f"/v1/inspections/{name}", data=body, content_type="application/json")

    def _answered(self, name, seq, body, *, told=True):
        right = self._taken(name, seq, body)
        answer = self._put(name, body)
        assert answer.status_code == right, answer.text
        if right == 409:
            assert answer.json["kept_as"] == "variant"
        elif told:
            self.receipts[name] = answer.json["sha256"]

    def _taken(self, name, seq, body) -> int:
        """What the service has to answer, and what it holds afterwards."""
        self.arrived.add(seq)
        if name not in self.held:
            self.held[name] = body
            self.stored.add(seq)
            return 201
        if self.held[name] == body:
            return 200
        self.variants.add((name, _hash(body)))
        return 409


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _kept(name, seq, body):
    return {"uuid": name, "seq": seq, "sha256": _hash(body), "seal": None, "body": body.decode()}


@pytest.mark.parametrize(("engine", "examples", "steps"), SIZES, indirect=["engine"])
def test_over_any_link_every_record_is_kept_once_and_every_loss_is_seen(floor, ines, boss, examples, steps):
    set_pin("INES", PIN)
    machine = type("Sync", (Sync,), {"floor": floor, "number": 0})
    number = int(os.environ.get("QC_SEED") or random.SystemRandom().randrange(2**32))
    sys.stdout.write(f"QC_SEED={number}\n")
    seed(number)(machine)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
