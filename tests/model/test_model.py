"""A naive model in dicts and sets, SQLite and PostgreSQL: whatever people do to lots, the three say the same.

The seed is printed; QC_SEED repeats another one.
"""

import itertools
import os
import sys
import uuid
from collections import Counter

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from qc_service.app import bind
from qc_service.db import db
from tests import servers
from tests.model.plain import UNITS, Found, Plain, Rec
from tests.model.service import EARLY, Scene, Service

pytestmark = [pytest.mark.volume, pytest.mark.pg]

SIZES = [pytest.param(4, 12, id="4 by 12"), pytest.param(500, 50, id="500 by 50", marks=pytest.mark.campaign)]

ACCOUNTS = ("ANA", "BEN", "CAT", "DAN", "EVA")
LOTS = ("A", "B")
person, lot = st.sampled_from(ACCOUNTS), st.sampled_from(LOTS)
people = st.lists(person, min_size=1, max_size=2, unique=True).map(tuple)
found = st.lists(
    st.builds(Found, st.integers(1, 4), st.sampled_from(["rework", "scrap", "hold", "return"])), max_size=3
).map(tuple)
some, moments = st.integers(0, 10**6), st.integers(0, EARLY - 1)


class Machine(RuleBasedStateMachine):
    """Each rule is said to the model and to both engines, which must answer alike."""

    services: tuple[Service, ...] = ()
    numbers = itertools.count()
    met: Counter[str] = Counter()  # answers and states

    def __init__(self) -> None:
        super().__init__()
        number = next(self.numbers)
        self.plain = Plain(ACCOUNTS)
        self.scenes = [Scene(service, number, ACCOUNTS) for service in self.services]
        self.space = uuid.uuid5(uuid.NAMESPACE_OID, str(number))
        self.times: set[int] = set()

    def say(self, what, *told):
        answers = [getattr(one, what)(*told) for one in (self.plain, *self.scenes)]
        assert answers[1:] == [answers[0]] * 2, f"{what} {told}: model, SQLite and PostgreSQL say {answers}"
        self.met[f"{what} {answers[0]}"] += 1

    def judge(self):
        for one in (self.plain, *self.scenes):
            one.judge()

    def send(self, rec: Rec) -> None:
        self.say("inspect", str(uuid.uuid5(self.space, str(len(self.plain.records)))), rec)

    def moment(self, wanted: int) -> int:
        """When it was done: no two records of one example at the same time. After a withdrawal perhaps only now."""
        if self.plain.withdrawn and wanted % 2:
            return EARLY + len(self.times)
        while wanted in self.times:
            wanted = (wanted + 1) % EARLY
        self.times.add(wanted)
        return wanted

    def drawn(self, number: int, wanted=lambda _: True) -> str:
        """One of the records that are wanted or, where there is none, one of all."""
        names = [name for name, rec in self.plain.records.items() if wanted(rec)] or list(self.plain.records)
        return names[number % len(names)]

    # --- making ---

    @initialize(makers=people, looked=st.lists(st.tuples(person, st.integers(2, UNITS), found), min_size=2, max_size=4))
    def begin(self, makers, looked):
        """A lot of which something is known, as most are when somebody looks at them."""
        self.say("put_lot", "A", makers)
        for place, (who, units, parts) in enumerate(looked):
            self.send(Rec("A", None, who, units, parts, self.moment(place * 100)))
        self.judge()

    @rule(lot=lot, makers=people)
    def make(self, lot, makers):
        self.say("put_lot", lot, makers)

    @rule(lot=lot, makers=people, step=st.sampled_from(["", "seal"]))
    def name_late(self, lot, makers, step):
        self.say("name_makers", lot, makers, step)

    # --- inspecting ---

    @rule(
        lot=lot, unit=st.sampled_from([None, None, "U1"]), who=person, units=st.integers(1, UNITS), found=found,
        at=moments, unknown=st.integers(0, 5), later=st.booleans(),
    )  # fmt: skip
    def inspect(self, lot, unit, who, units, found, at, unknown, later):
        at = self.moment(at)
        units = 1 if unit else units
        self.send(Rec(lot, unit, who, units, found, at, unknown_check=not unknown, withdrawn=self.gone(at)))
        if not later:
            self.judge()

    @rule(which=some, who=person, found=found, at=moments)
    def correct(self, which, who, found, at):
        name = self.drawn(which)
        old, at = self.plain.records[name], self.moment(at)
        again = {"amends": name, "reinspects": old.reinspects, "withdrawn": self.gone(at)}
        self.send(Rec(old.lot, old.unit, who, old.units, found, at, **again))
        self.judge()

    @rule(which=some, who=person, units=st.integers(1, 4), found=found, at=moments)
    def inspect_again(self, which, who, units, found, at):
        name = self.drawn(which, lambda rec: any(one.disposition == "rework" for one in rec.found))
        old, at = self.plain.records[name], self.moment(at)
        units = 1 if old.unit else units
        self.send(Rec(old.lot, old.unit, who, units, found, at, reinspects=name, withdrawn=self.gone(at)))
        self.judge()

    @rule()
    def follow(self):
        self.judge()

    # --- deciding ---

    @rule(which=some, by=person)
    def confirm(self, which, by):
        self.say("confirm", self.drawn(which, lambda rec: rec.amends or rec.unknown_check), by)

    @rule(which=some, by=person)
    def ask_to_void(self, which, by):
        self.say("ask_to_void", self.drawn(which), by)

    @rule(which=some, by=person)
    def agree(self, which, by):
        self.say("agree", self.drawn(which, lambda rec: rec.asked_by), by)

    # --- who is who, and the version ---

    @rule(one=person, other=person)
    def merge(self, one, other):
        self.say(*(("merge", one, other) if one != other else ("part", one)))

    @precondition(lambda self: len(set(self.plain.human.values())) < len(ACCOUNTS))
    @rule(which=some)
    def part(self, which):
        human = self.plain.human
        merged = [one for one in ACCOUNTS if list(human.values()).count(human[one]) > 1]
        self.say("part", merged[which % len(merged)])

    @precondition(lambda self: len(self.plain.records) > 6 and not self.plain.withdrawn)
    @rule()
    def withdraw(self):
        self.say("withdraw")

    def gone(self, at: int) -> bool:
        return self.plain.withdrawn and at >= EARLY

    # --- after each step ---

    @invariant()
    def all_three_agree(self):
        told = {name: self.plain.seen(name) for name in self.plain.records}
        judged = {name: one for name, one in told.items() if one.state != "received"}
        for one in judged.values():
            self.met[one.state] += 1
            inspected, _, *parts = one.units
            assert sum(parts) == inspected
        for scene in self.scenes:
            assert scene.records() == judged
            assert scene.counts() == self.plain.line()

    def teardown(self):
        for name, rec in self.plain.records.items():
            if not rec.judged:
                assert [scene.received(name) for scene in self.scenes] == [self.plain.seen(name)] * 2


@pytest.fixture
def services(assembled, tmp_path, sqlite_template, postgres_database):
    """The one application, on two databases in turn."""
    made = []
    (tmp_path / "qc.db").write_bytes(sqlite_template.read_bytes())
    for url in (f"sqlite:///{tmp_path / 'qc.db'}", postgres_database):
        own = servers.settings_for(tmp_path, url)
        app = bind(assembled, own)
        made.append(Service(app, own, db.obj))
    yield tuple(made)
    for one in made:
        one.engine.close_all()


@pytest.mark.parametrize(("examples", "steps"), SIZES)
def test_model_sqlite_and_postgresql_agree_on_lots_and_inspections(services, examples, steps):
    number = int(os.environ.get("QC_SEED") or examples)
    sys.stdout.write(f"QC_SEED={number}\n")

    @seed(number)
    class Here(Machine):
        pass

    Here.services, Here.met = services, Counter()
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    # What a short run meets is chance, and differs with the modules that are loaded; a long one meets all of this.
    expected = {"accepted", "quarantined", "unconfirmed", "confirm illegal_transition"} if examples > 100 else set()
    assert Here.met, "nothing happened"
    assert expected <= set(Here.met), "too little happened"
