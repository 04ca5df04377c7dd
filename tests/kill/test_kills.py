"""Counts stream in while processes are killed: at the end it must be as if nothing had happened."""

import os
import random
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from qc_service.config import Settings
from qc_service.db import connected, db, init_db
from qc_service.flags.models import Watch
from tests.kill import outcome
from tests.kill.service import Service, wait_for
from tests.kill.stream import Clients, Connection, Plan, plan

pytestmark = [pytest.mark.kill, pytest.mark.xdist_group("kill")]

SIZES = [
    pytest.param(5, id="5"),
    pytest.param(int(os.environ.get("QC_KILLS", "50")), id="many", marks=pytest.mark.campaign),
]
ROWS = 2000
DRAIN_WITHIN = 150.0  # a notice that was being sent when its worker died waits for the end of a lease
EACH_ROUND = ("worker", "web worker", "worker", "web")


@dataclass
class Floor:
    """A service that is about to suffer, its database, and the key of an ERP."""

    settings: Settings
    service: Service
    key: str

    def connection(self) -> Connection:
        return Connection(self.service, self.key)


@pytest.fixture
def seed() -> int:
    found = int(os.environ.get("QC_SEED") or secrets.randbelow(10**6))
    sys.stdout.write(f"QC_SEED={found} repeats this\n")
    return found


@dataclass
class Calm:
    """A plan, and what comes of it where nothing dies."""

    plan: Plan
    outcome: dict[str, Any]


@pytest.fixture
def calm(seed: int, sqlite_template: Path, tmp_path: Path) -> Calm:
    """Told in this process, on SQLite: what comes of it is the same on every database."""
    made = plan(ROWS, seed)
    home = tmp_path / "calm"
    home.mkdir()
    (home / "qc.db").write_bytes(sqlite_template.read_bytes())
    settings = Settings(home, f"sqlite:///{home / 'qc.db'}", None, "k" * 32, "p" * 32, password_cost="low")
    return Calm(made, outcome.undisturbed(made, replace(settings, sqlite_synchronous="OFF")))


@pytest.fixture
def floor(calm: Calm, settings: Settings, postbox: Any, request: pytest.FixtureRequest) -> Iterator[Floor]:
    """A service on one machine: on SQLite with nothing else, on PostgreSQL with a broker."""
    broker = request.getfixturevalue("broker_url") if settings.database_url.startswith("postgresql") else None
    settings = replace(settings, smtp_url=postbox.url, broker_url=broker)
    init_db(settings)
    with connected():
        key = outcome.furnish()
    service = Service(settings)
    try:
        service.start()
        yield Floor(settings, service, key)
    finally:
        service.close()
        db.obj.close_all()


@pytest.mark.parametrize("kills", SIZES)
def test_nothing_is_lost_or_doubled_however_often_processes_are_killed(
    kills: int, seed: int, calm: Calm, floor: Floor, postbox: Any
) -> None:
    made, wanted = calm.plan, calm.outcome
    api = floor.connection()
    for step in made.before:
        assert api.send(step)[0] in (200, 201)

    clients = Clients(floor.service, floor.key, made.lanes, seed)
    clients.start()
    began = time.monotonic()
    try:
        killed = slaughter(floor, clients, kills, random.Random(seed))
        clients.limit = clients.total
        clients.join(120)
    finally:
        clients.stop()
    story = f"seed {seed}, killed {killed}, {clients.sent.unknown} outcomes unknown, {clients.sent.again} sent again"
    sys.stdout.write(f"{story}; streamed in {time.monotonic() - began:.0f} s\n")
    assert clients.sent.faults == [], story
    assert clients.answered == clients.total, story
    with connected():
        wait_for(lambda: not outcome.still_to_do(), DRAIN_WITHIN, lambda: f"{story} {outcome.still_to_do()} {floor.service.said}")
        sys.stdout.write(f"drained after {time.monotonic() - began:.0f} s\n")
        found = outcome.outcome(api.get)
        for title, expected in wanted.items():
            assert found.get(title) == expected, (story, title)
        assert found.keys() == wanted.keys(), story
        outcome.check_counts(made, clients.sent, api)
        outcome.check_fixes(made)
        api.close()
        assert floor.service.stop() == 0
        outcome.check_alerts(kills)
        outcome.check_mails(postbox.mails, kills)
        outcome.check_trail()
    assert "reaction.failed" not in floor.service.everything_said, story


def slaughter(floor: Floor, clients: Clients, kills: int, chance: random.Random) -> list[str]:
    """Kill so many times while counts stream, once everything together; in words, what was killed."""
    killed = []
    with connected():
        judged = lots_judged()
        for number, victim in enumerate(victims(kills, chance)):
            clients.limit = (number + 1) * clients.total // (kills + 1)
            moment = number * clients.total / (kills + 1) + chance.random() * clients.total / (kills + 1)
            wait_for(lambda moment=moment: clients.answered >= moment or not clients.alive(), 120, lambda: floor.service.said)
            if victim in ("everything", "worker"):
                before = judged
                wait_for(lambda before=before: lots_judged() > before, 60, lambda: floor.service.said)
                time.sleep(chance.random() * 0.3)
            if victim == "everything":
                killed.append(floor.service.kill_everything())
                floor.service.start()
            else:
                killed.append(floor.service.kill(victim, chance))
            judged = lots_judged()
    return killed


def victims(kills: int, chance: random.Random) -> list[str]:
    """Workers and web processes in any order, the beat now and then, and once everything."""
    found: list[str] = []
    while len(found) < kills - 1:
        found += chance.sample(EACH_ROUND, len(EACH_ROUND))
        found += ["beat"] if len(found) % 3 == 0 else []
    found = found[: kills - 1]
    found.insert(chance.randrange(kills), "everything")
    return found


def lots_judged() -> int:
    """Grows while a worker is at work."""
    return sum(watch.seen_seq for watch in Watch.select(Watch.seen_seq))
