"""A naive model in dicts and sets, SQLite and PostgreSQL: whatever people do to lots, the three say the same.

The seed is printed; QC_SEED repeats another one.
"""

import itertools
import json
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

PARTS = 10  # 500 by 50 in all, in parts that go on beside one another
SIZES = [
    pytest.param(4, 12, 4, id="4 by 12"),
    *(pytest.param(50, 50, one, id=f"50 by 50, {one}", marks=pytest.mark.campaign) for one in range(1, PARTS + 1)),
]

MANAGERS, LEADS = ("ANA", "BEN", "CAT"), ("ANA", "BEN", "CAT", "DAN")
ACCOUNTS = (*LEADS, "EVA")
ROLES = {
    one: ("supervisor",) * (one in LEADS) + ("quality_manager",) * (one in MANAGERS) for one in ACCOUNTS
}  # fmt: skip
LOTS = ("A", "B")
person, lot = st.sampled_from(ACCOUNTS), st.sampled_from(LOTS)
lead, manager = st.sampled_from((*LEADS, *ACCOUNTS)), st.sampled_from((*MANAGERS * 3, *ACCOUNTS))
# A maker is never taken back: were everybody one, nobody could inspect or let anything go.
maker = st.sampled_from(("EVA", "DAN", "EVA", "DAN", *ACCOUNTS))
people = st.lists(maker, min_size=1, max_size=2, unique=True).map(tuple)
found = st.lists(
    st.builds(Found, st.integers(1, 4), st.sampled_from(["rework", "scrap", "hold", "return"])), max_size=3
).map(tuple)
perhaps = st.one_of(st.none(), lead)
becomes = st.sampled_from(["rework", "scrap", "hold", "return", "rework", "scrap", "hold", "use_as_is"])
letting_go = st.sampled_from(["release", "release", "override"])
gauge = st.sampled_from(["SCALE", "SCALE", "OLD"])
some, moments = st.integers(0, 10**6), st.integers(0, EARLY - 1)


# What is met is chance, and more of it in ten parts than in one.
EACH = {
    "accepted", "quarantined", "unconfirmed", "void", "confirm None", "confirm same_person", "dispose None",
    "hold None", "said", "calibrate None", "ask_to_let_go None", "merge None", "part None", "release allow",
    "release hold",
}  # fmt: skip
TOGETHER = EACH | {
    "superseded", "confirm illegal_transition", "confirm scope_missing", "dispose validation_failed",
    "dispose scope_missing", "gauge", "version_withdrawn", "inspection", "ask_to_let_go same_person",
    "agree_to_let_go None", "agree_to_let_go same_person", "agree_to_let_go scope_missing", "calibrate already_exists",
    "unblock None", "release reject",
}  # fmt: skip


class Machine(RuleBasedStateMachine):
    """Each rule is said to the model and to both engines, which must answer alike."""

    services: tuple[Service, ...] = ()
    numbers = itertools.count()
    met: Counter[str] = Counter()  # answers and states

    def __init__(self) -> None:
        super().__init__()
        number = next(self.numbers)
        self.plain = Plain(ACCOUNTS, LEADS, MANAGERS)
        self.scenes = [Scene(service, number, ROLES) for service in self.services]
        self.ticks = itertools.count(EARLY)
        self.moved = False  # since everybody looked
        self.space = uuid.uuid5(uuid.NAMESPACE_OID, str(number))
        self.times: set[int] = set()

    def say(self, what, *told):
        answers = [getattr(one, what)(*told) for one in (self.plain, *self.scenes)]
        assert answers[1:] == [answers[0]] * 2, f"{what} {told}: model, SQLite and PostgreSQL say {answers}"
        self.met[f"{what} {answers[0]}"] += 1
        self.moved |= answers[0] is None

    def judge(self):
        self.moved = True
        for one in (self.plain, *self.scenes):
            one.judge()
        for name in self.plain.lots:
            holds = self.plain.holds(name)
            self.met.update(kind for kind, _ in holds)
            assert [scene.holds(name) for scene in self.scenes] == [holds] * 2

    def send(self, rec: Rec) -> str:
        name = str(uuid.uuid5(self.space, str(len(self.plain.records))))
        self.say("inspect", name, rec)
        return name

    def moment(self, wanted: int) -> int:
        """When it was done: no two records of one example at the same time. After a withdrawal perhaps only now."""
        if self.plain.withdrawn and wanted % 2:
            return next(self.ticks)
        while wanted in self.times:
            wanted = (wanted + 1) % EARLY
        self.times.add(wanted)
        return wanted

    def drawn(self, number: int, wanted=lambda _: True) -> str:
        """One of the records that are wanted or, where there is none, one of all."""
        names = [name for name, rec in self.plain.records.items() if wanted(rec)] or list(self.plain.records)
        return names[number % len(names)]

    def held(self, wanted: str) -> str:
        """The lot or, where it is not on hold, another one that is."""
        held = [one for one in self.plain.lots if self.plain.holding(one)]
        return wanted if wanted in held or not held else held[0]

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
        lot=lot, unit=st.sampled_from([None, None, "U1"]), who=person, units=st.sampled_from([1, 2, 4, UNITS]),
        found=found, at=moments, unknown=st.integers(0, 5), gauge=st.sampled_from([None, None, "SCALE", "OLD", "NONE"]),
        later=st.booleans(), nothing_good=st.integers(0, 3),
    )  # fmt: skip
    def inspect(self, lot, unit, who, units, found, at, unknown, gauge, later, nothing_good):
        at = next(self.ticks) if gauge else self.moment(at)
        units = 1 if unit else units
        found = found if nothing_good else (Found(units, "scrap"),)
        more = {"unknown_check": not unknown, "gauge": gauge, "withdrawn": self.gone(at)}
        self.send(Rec(lot, unit, who, units, found, at, **more))
        if not later:
            self.judge()

    @rule(which=some, who=person, found=found, at=moments, lot=st.sampled_from([None, None, *LOTS]), by=perhaps)
    def correct(self, which, who, found, at, lot, by):
        """Perhaps it was another lot that was inspected."""
        name = self.drawn(which)
        old, at = self.plain.records[name], self.moment(at)
        again = old.reinspects if lot in (None, old.lot) else None
        more = {"amends": name, "reinspects": again, "withdrawn": self.gone(at)}
        again = self.send(Rec(lot or old.lot, old.unit, who, old.units, found, at, **more))
        self.judge()
        if by:
            self.say("confirm", again, by)

    @rule(which=some, who=person, units=st.integers(1, 4), found=found, at=moments)
    def inspect_again(self, which, who, units, found, at):
        name = self.drawn(which, lambda rec: rec.going("rework"))
        old, at = self.plain.records[name], self.moment(at)
        units = 1 if old.unit else units
        self.send(Rec(old.lot, old.unit, who, units, found, at, reinspects=name, withdrawn=self.gone(at)))
        self.judge()

    @rule()
    def follow(self):
        self.judge()

    # --- deciding ---

    @rule(which=some, by=lead)
    def confirm(self, which, by):
        wanted = lambda rec: (rec.amends or rec.unknown_check or rec.doubtful_gauge) and not rec.confirmed  # noqa: E731
        self.say("confirm", self.drawn(which, wanted), by)

    @rule(which=some, by=person, other=perhaps)
    def ask_to_void(self, which, by, other):
        name = self.drawn(which)
        self.say("ask_to_void", name, by)
        if other:
            self.say("agree", name, other)

    @rule(which=some, by=person)
    def agree(self, which, by):
        self.say("agree", self.drawn(which, lambda rec: rec.asked_by), by)

    @rule(
        which=some, place=st.integers(0, 2), was=st.sampled_from([None, None, "rework", "scrap", "hold", "return"]),
        becomes=becomes, units=st.one_of(st.none(), st.integers(1, 3)), by=lead,
    )  # fmt: skip
    def dispose(self, which, place, was, becomes, units, by):
        name = self.drawn(which, lambda rec: rec.found)
        place %= len(self.plain.records[name].parts) + (not which % 9) or 1
        self.say("dispose", name, place, was, becomes, units, by)

    # --- holding, and letting go ---

    @rule(lot=lot, reason=st.sampled_from(["The labels are wrong.", "It smells."]), by=person)
    def hold(self, lot, reason, by):
        self.say("hold", lot, reason, by)

    @rule(kind=letting_go, lot=lot, by=manager, other=st.one_of(st.none(), st.just("the same"), manager))
    def let_go(self, kind, lot, by, other):
        self.ask_to_let_go(kind, lot, by, other)

    def ask_to_let_go(self, kind, lot, by, other):
        lot = self.held(lot)
        self.say("ask_to_let_go", kind, lot, by)
        if other:
            self.say("agree_to_let_go", kind, lot, by if other == "the same" else other)

    @rule(which=some, kind=letting_go, lot=lot, by=manager, other=manager)
    def agree_to_let_go(self, which, kind, lot, by, other):
        """To what somebody asked for or, where nobody did, to what somebody asks for now, for once not at all."""
        waits = [(one.kind, name) for name, at in self.plain.lots.items() for one in at.asked[-1:] if not one.agreed]
        if waits:
            self.say("agree_to_let_go", *waits[which % len(waits)], by)
        elif which % 5:
            self.ask_to_let_go(kind, lot, by, other)
        else:
            self.say("agree_to_let_go", kind, lot, by)

    # --- gauges ---

    @rule(gauge=gauge, how=st.sampled_from(["good", "bad"]), at=st.sampled_from([None, None, -3, -2, -1]))
    def calibrate(self, gauge, how, at):
        now = next(self.ticks)
        self.say("calibrate", gauge, how, at or now, now)
        self.judge()
        self.look_at_gauges()

    @rule(gauge=gauge, blocked=st.booleans(), by=manager)
    def block(self, gauge, blocked, by):
        now = next(self.ticks)
        self.say(*(("block", gauge, now) if blocked else ("unblock", gauge, by, now)))
        self.look_at_gauges()

    def look_at_gauges(self):
        assert [scene.states() for scene in self.scenes] == [self.plain.states()] * 2

    # --- who is who, and the version ---

    @precondition(lambda self: len(set(self.plain.human.values())) > len(ACCOUNTS) - 2)
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
        self.judge()

    def gone(self, at: int) -> bool:
        return self.plain.withdrawn and at >= EARLY

    # --- after each step ---

    @invariant()
    def all_three_agree(self):
        """What a refused request may have changed is seen after the next one that is not, or at the end."""
        if self.moved:
            self.look()

    def look(self):
        self.moved = False
        told = {name: self.plain.seen(name) for name in self.plain.records}
        judged = {name: one for name, one in told.items() if one.state != "received"}
        for one in judged.values():
            self.met[one.state] += 1
            inspected, _, *parts = one.units
            assert sum(parts) == inspected
        for scene in self.scenes:
            assert scene.records() == judged
            assert scene.counts() == self.plain.line()
        for name in self.plain.lots:
            told = self.plain.release(name)
            self.met.update([f"release {told[0]}", *told[1]])
            assert [scene.release(name) for scene in self.scenes] == [told] * 2

    def teardown(self):
        self.look()
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


@pytest.mark.parametrize(("examples", "steps", "number"), SIZES)
def test_model_sqlite_and_postgresql_agree_on_lots_and_inspections(services, examples, steps, number):
    number = int(os.environ.get("QC_SEED") or number)
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
    assert Here.met, "nothing happened"
    if steps >= 50:
        assert set(Here.met) >= EACH, f"too little happened: {sorted(EACH - set(Here.met))}"
        found = met_together(Here.met)
        missing = TOGETHER.difference(*found) if len(found) >= PARTS else set()
        assert not missing, f"too little happened in all parts together: {sorted(missing)}"


def met_together(met: Counter[str]) -> list[set[str]]:
    """What each part of this run met, as far as they are done."""
    with servers.one_at_a_time("model") as done:
        told = [*(done.read_text().splitlines() if done.exists() else ()), json.dumps(sorted(met))]
        done.write_text("\n".join(told))
    return [set(json.loads(one)) for one in told]
