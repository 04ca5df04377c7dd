"""Tries to have a human being counted as the second person to their own work, on every way that there is.

A race is one way to become a maker of a lot against one way to become its inspector, for the same human being, from
one starting line and while workers judge. `second_person_ways` has the ways, `second_person_outcome` looks at what
came of them with its own reading of the tables, not with the code that is being tested.
"""

import contextlib
import itertools
import json
import os
import random
import re
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from qc_service import audit, clock
from qc_service.db import connected, db
from qc_service.people import access, signin, staff
from qc_service.queue import Outbox
from tests.floor_life import OK, record
from tests.plant import Plant
from tests.procedure_life import PASSWORD, SIGNED, Life, Somebody, document
from tests.races.second_person_outcome import violations
from tests.reader import Desk
from workers import following

Way = Callable[["Race"], Iterator[None]]

UNITS = 10
LATEST = 0.02  # seconds after the start at which the later of two begins: some requests take as long
WORKERS = 2
BAD = {**OK, "tight": {"value": "defect"}}
WHY = "I looked at the wrong seam."


def seed_of(usual: int) -> int:
    """The seed of this run, printed; QC_SEED repeats another one."""
    found = int(os.environ.get("QC_SEED") or usual)
    sys.stdout.write(f"QC_SEED={found}\n")
    return found


class Shop:
    """A line where anybody may make and inspect, and the races on it; `said` counts what they were answered with."""

    def __init__(self, app: Any, seed: int) -> None:
        self.life, self.random, self.said = Life(app), random.Random(seed), Counter[str]()
        self.settings = app.config["QC"]
        self.routes: set[str] = set()  # that a racing thread called
        self.entered: set[Any] | None = None
        self.badges = itertools.count(1)
        self.races: list[Race] = []
        with connected():
            _, self.key = access.create_key(audit.COMMAND, "erp", ["*"])
            self.plant = Plant(app)
        self.plant.line("L1", "S1")
        self.life.published(self.life.somebody("AUTHOR"), self.life.somebody("CHIEF"), doc=document())
        self.admin = self.person("ADMIN", "admin")
        self.boss = self.person("BOSS", "quality_manager", "supervisor")
        self.others = [self.somebody() for _ in range(3)]  # who are honest
        self.bystander = self.somebody()
        self.violations: list[str] = []  # as they stood when their race was over

    def person(self, badge: str, *roles: str) -> Somebody:
        number = next(self.badges)
        with connected():
            staff.add_person(audit.COMMAND, badge, f"Name of {badge}", roles, password=PASSWORD)
            signed = signin.sign_in_at_desk(badge, PASSWORD, f"10.0.{number >> 8}.{number & 255}", clock.now())
        return Somebody(self.life, badge, signed.token)

    def somebody(self) -> Somebody:
        """A new account of somebody who may make and inspect, and has read the procedure."""
        made = self.person(f"Q-{next(self.badges)}", "operator", "inspector")
        made.done("POST", "/procedures/CAN/versions/1/acknowledgements", SIGNED)
        return made

    # --- what is said over HTTP ---

    def call(self, who: Somebody | None, method: str, path: str, body: Any) -> Any:
        """By a person, or by the key; nothing that is asked for here may break the service."""
        asking = who or Somebody(self.life, "", self.key)
        told = {"data": json.dumps(body), "content_type": "application/json"}
        answer = asking(method, path, **told)
        while answer.status_code == 503:  # "Try again in a moment.": two transactions waited for each other
            self.said["asked again"] += 1
            answer = asking(method, path, **told)
        rule, _ = self.life.app.url_map.bind("localhost").match(f"/v1{path}", method, return_rule=True)
        self.answered(f"{method} {rule.rule}", answer)
        return answer

    def answered(self, address: str, answer: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            self.routes.add(address)
        self.said[f"{address} {answer.status_code}"] += 1
        assert answer.status_code < 500, answer.text
        assert answer.status_code not in (404, 405), f"no race comes to {address}"

    def desk(self, who: Somebody) -> Callable[..., int]:
        """Somebody at a desk, who fills in the form of an address: gives what that was answered with."""
        desk = Desk(self.life.app, who.badge)
        desk.get("/inbox")

        def fill_in(address: str, name: str, **fields: str) -> int:
            path = re.sub("<.*>", name, address)
            answer = desk.post(path, **fields)
            while answer.status_code == 503:
                self.said["asked again"] += 1
                answer = desk.post(path, **fields)
            self.answered(f"POST {address}", answer)
            return int(answer.status_code)

        return fill_in

    # --- races ---

    def race(self, maker: Way, inspector: Way, *, maker_first: bool, apart: bool = False) -> "Race":
        """Both at once, or one after the other with all that follows from it; workers follow either way."""
        one = Race(self, f"{len(self.races)}-{maker.__name__}-{inspector.__name__}", self.somebody())
        self.races.append(one)
        inspecting, making = inspector(one), maker(one)  # what was inspected before the lot was known comes first
        for way in (inspecting, making):
            next(way)
        acts = [lambda: next(making, None), lambda: next(inspecting, None)]
        first, second = acts if maker_first else reversed(acts)
        if apart:
            for act in (first, self.drain, second):
                self.at_once(act)
        else:
            pause = self.random.uniform(0, LATEST)
            working = threading.Event()
            pair = (first, lambda: (time.sleep(pause), second()))
            self.at_once(*pair, *[lambda: self.follow_until(working)] * WORKERS, done=working)
        self.at_once(self.drain)
        with connected():
            self.violations += violations(one.lot)
        if one.by_hand:  # whatever happens to a lot brings it to where it stands; here, another maker is named
            one.put_lot(None, self.bystander)
        return one

    def at_once(self, *acts: Callable[[], object], done: threading.Event | None = None) -> None:
        """All of them from one starting line. `done` is set when the first two have ended."""
        ready, errors = threading.Barrier(len(acts)), []

        def act(what: Callable[[], object]) -> None:
            try:
                ready.wait()
                with self.watched():
                    what()
            except BaseException as error:  # noqa: BLE001 - it is told where it can fail the test
                errors.append(error)
            finally:
                if not db.is_closed():
                    db.close()

        threads = [threading.Thread(target=act, args=(one,)) for one in acts]
        for thread in threads:
            thread.start()
        for thread in threads[:2]:
            thread.join()
        if done is not None:
            done.set()
        for thread in threads:
            thread.join()
        if errors:
            raise ExceptionGroup(self.races[-1].lot if self.races else "before the first race", errors)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Notes what a racing thread enters, where a test has asked for it."""
        if self.entered is not None:
            entered = self.entered
            sys.settrace(lambda frame, *_: entered.add(frame.f_code))  # and nothing of what goes on inside
        try:
            yield
        finally:
            if self.entered is not None:
                sys.settrace(None)

    # --- workers ---

    def follow_until(self, done: threading.Event) -> None:
        with connected():
            while not done.is_set():
                if not self._follow():
                    time.sleep(LATEST / 8)  # often enough to come between, and the racing threads have the processor

    def drain(self) -> None:
        """Follow until nothing is left, also what failed and would be tried again later."""
        with connected():
            while True:
                self.said["reactions that failed"] += Outbox.update(due_at=clock.now(), error=None).where(
                    ~Outbox.error.is_null()
                ).execute()  # fmt: skip
                if not self._follow():
                    break

    def _follow(self) -> int:
        with connected():
            due = Outbox.select(Outbox.id).where((Outbox.due_at <= clock.now()) & ~Outbox.dead)
            rows = [row.id for row in due.order_by(Outbox.id)]
            for row in rows:
                following.follow(row, self.settings)
        return len(rows)


@dataclass
class Race:
    """One lot, the human being who makes and inspects it, and what the service acknowledged of that."""

    shop: Shop
    lot: str
    who: Somebody
    records: dict[str, str] = field(default_factory=dict)  # SHA-256 by address
    makers: set[tuple[str, str | None, str | None]] = field(default_factory=set)  # badge, unit, step
    by_hand: bool = False  # somebody wrote into the tables past the service

    def __post_init__(self) -> None:
        self.chance = random.Random(self.shop.random.getrandbits(64))  # what one race draws moves no other
        self.lot_id = ""

    def lot_there(self, *makers: Somebody) -> None:
        self.put_lot(None, *makers)

    def put_lot(self, by: Somebody | None, *makers: Somebody) -> None:
        badges = [one.badge for one in makers]
        body = {"line": "L1", "product": "P", "quantity": UNITS, "makers": badges, "procedure": "CAN"}
        answer = self.shop.call(by, "PUT", f"/lots/{self.lot}", body)
        assert answer.status_code < 300, answer.text
        self.lot_id = answer.json["id"]
        self._note(answer, makers)

    def name_makers(self, by: Somebody | None, *makers: Somebody, **what: str) -> None:
        body = {"makers": [one.badge for one in makers], **what}
        answer = self.shop.call(by, "POST", f"/lots/{self.lot}/makers", body)
        assert answer.status_code == 200, answer.text
        self._note(answer, makers, **what)

    def _note(self, answer: Any, makers: Sequence[Somebody], unit: str | None = None, step: str | None = None) -> None:
        self.makers |= {(one.badge, unit, step) for one in makers}
        self.shop.said["who inspected turned out to be a maker"] += bool(answer.json["demoted"])

    def inspect(self, by: Somebody | None, inspector: Somebody | None = None, **more: Any) -> str:
        """Send a record, by the inspector or by the key; gives its address."""
        name = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        told = record((inspector or by or self.who).badge, more.pop("lot", self.lot), units_inspected=UNITS, **more)
        answer = self.shop.call(by, "PUT", f"/inspections/{name}", told)
        assert answer.status_code == 201, answer.text
        self.records[name] = answer.json["sha256"]
        self.makers |= {(badge, None, None) for badge in more.get("makers", ())}
        return name

    def doubtful(self) -> str:
        """A record that waits for somebody's word."""
        name = self.inspect(self.who, answers={**OK, "shine": {"value": "ok"}})
        self.shop.drain()
        return name

    def held_unit(self) -> str:
        """A nonconformity that they found, with units on hold."""
        found = {"check": "tight", "defect_code": "LEAK", "units": 3, "disposition": "hold"}
        name = self.inspect(self.who, answers=BAD, nonconformities=[found])
        self.shop.drain()
        told = self.shop.boss.done("GET", f"/inspections/{name}")["nonconformities"]
        return str(told[0]["id"])

    def signed(self, by: Somebody, path: str, **more: Any) -> Any:
        """With their password; it may come too late, and is refused then."""
        return self.shop.call(by, "POST", path, {**SIGNED, **more})

    def merge(self, one: Somebody, other: Somebody) -> None:
        answer = self.shop.call(self.shop.admin, "POST", f"/people/{one.badge}/same-as", {"badge": other.badge})
        assert answer.status_code == 200, answer.text
        self.shop.said["who inspected turned out to be a maker"] += bool(answer.json["demoted"])

    @contextlib.contextmanager
    def by_sql(self) -> Iterator[None]:
        """Past all code, on a connection with the application's rights."""
        self.by_hand = True
        with connected():
            yield
