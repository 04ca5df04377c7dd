"""Which version was in force where and when, asked over HTTP about a long history, against one that is played."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from qc_service import audit, clock
from qc_service.db import connected, db
from qc_service.lines.service import create_line, ensure_site
from qc_service.people import credentials, staff
from qc_service.procedures import decisions, drafts, finding, publication
from qc_service.procedures.drafts import Draft
from sops.versions import State
from tests.attacks import found as broken
from tests.plant import Plant
from tests.procedure_life import document
from tests.site_procedures import acting, proof

pytestmark = pytest.mark.volume

START = datetime(2026, 3, 1, tzinfo=UTC)
PLACES = {"plant": "", "site": "&site=S1", "line": "&line=L1", "other line": "&line=L2"}
WIDER = {
    "plant": ("plant",), "site": ("site", "plant"), "line": ("line", "site", "plant"), "other line": ("site", "plant"),
}  # fmt: skip
NOTHING, WAY = "nothing", "way"


@dataclass
class Played:
    """Each variant's own fate, written down whenever something happens to it."""

    begins: list[tuple[datetime, int, str]] = field(default_factory=list)
    ends: dict[int, tuple[datetime, bool]] = field(default_factory=dict)

    def at(self, place: str, moment: datetime) -> int | None:
        now: dict[str, int | str] = {}
        happened = [(when, 1, number, variant) for when, number, variant in self.begins]
        variants = {number: variant for _, number, variant in self.begins}
        happened += [(when, 0, number, variants[number]) for number, (when, _) in self.ends.items()]
        over: set[int] = set()
        for when, begins, number, variant in sorted(happened):
            if when > moment:
                break
            if not begins:
                over.add(number)
                if now.get(variant) == number:
                    now[variant] = WAY if self.ends[number][1] else NOTHING
            elif number not in over:
                now[variant] = number
        for variant in WIDER[place]:
            fate = now.get(variant, WAY)
            if fate != WAY:
                return None if fate == NOTHING else int(fate)
        return None


class Made:
    """A plant whose versions are published and withdrawn while time goes by."""

    def __init__(self, seed: int) -> None:
        self.random, self.played = random.Random(seed), Played()
        for name in ("L1", "L2"):
            create_line(audit.COMMAND, ensure_site(audit.COMMAND, "S1"), name)
        self.people = [
            staff.add_person(audit.COMMAND, badge, badge, ["quality_manager"]) for badge in ("Writer", "Boss")
        ]
        self.author, self.approver = (acting(person, None) for person in self.people)
        drafts.create_procedure(self.author, "CAN", "Can", owner=None, site=None)

    def publish(self, now: datetime) -> None:
        variant = self.random.choice(["plant", "plant", "site", "line"])
        names = {"plant": {}, "site": {"site": "S1"}, "line": {"line": "L1"}}[variant]
        moment = now + timedelta(
            minutes=self.random.choice([0, 0, 30, 300, 3000]), microseconds=self.random.random() * 9e5
        )
        version = drafts.start_version(self.author, "CAN", Draft(drafts.normal(document())), **names)
        number = version.version.number
        decisions.submit(self.author, "CAN", number, "safety")
        decisions.approve(self.approver, "CAN", number, proof(self.people[1]))
        publication.publish(self.approver, "CAN", number, proof(self.people[1]), moment)
        self.played.begins.append((moment, number, variant))

    def withdraw(self, now: datetime) -> None:
        procedure = finding.procedure_at(self.author, "procedure.read", "CAN")
        legal = [one for one in finding.load_all(procedure) if one.state in (State.SCHEDULED, State.IN_FORCE)]
        if not legal:
            return
        number, way = self.random.choice(legal).version.number, self.random.random() < 0.5
        publication.withdraw(self.approver, "CAN", number, proof(self.people[1]), "Wrong.", gives_way=way)
        self.played.ends[number] = (now, way)


@pytest.fixture
def one_clock(app, monkeypatch):
    """The database's clock is the process's, so that time can be made to go by."""
    monkeypatch.setattr(type(db.obj), "now", lambda _self: clock.now())
    credentials.init_people(app.config["QC"])
    return app


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize("seed", [1, *(pytest.param(one, marks=pytest.mark.campaign) for one in range(2, 12))])
def test_at_100_random_times_the_version_in_force_is_the_one_that_playing_gives(one_clock, seed):
    now = START
    with connected():
        made = Made(seed)
        for _ in range(40):
            now += timedelta(minutes=made.random.randrange(1, 300))
            with time_machine.travel(now, tick=False):
                made.publish(now) if made.random.random() < 0.7 else made.withdraw(now)
        plant = Plant(one_clock, ("procedures:read",))
        wrong, seen = [], set()
        for _ in range(100):
            moment = START + timedelta(seconds=made.random.random() * (now - START).total_seconds() * 1.2)
            for place, where in PLACES.items():
                answer = plant.call("GET", f"/v1/procedures/CAN?at={clock.iso(moment)}{where}")
                found, right = answer.json.get("version"), made.played.at(place, moment)
                seen.add(found)
                if found != right:
                    wrong.append(f"{place} at {moment}: {found}, not {right}")
        assert wrong == []
        assert len(seen) > 8, "too little happened to prove anything"
        assert None in seen
        assert broken() == []


@pytest.mark.mostly_sqlite
def test_a_question_about_the_past_gets_the_same_answer_whatever_happens_later(one_clock):
    with connected():
        made, now = Made(3), START
        plant = Plant(one_clock, ("procedures:read",))
        told: dict[str, int | None] = {}
        for _ in range(15):
            now += timedelta(minutes=200)
            with time_machine.travel(now, tick=False):
                made.publish(now) if made.random.random() < 0.7 else made.withdraw(now)
            for moment in {now - timedelta(minutes=100): 0, **dict.fromkeys(map(clock.parse, told), 0)}:
                text = clock.iso(moment)
                answer = plant.call("GET", f"/v1/procedures/CAN?at={text}&line=L1").json.get("version")
                assert told.setdefault(text, answer) == answer
