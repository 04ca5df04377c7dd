"""Counts stream in while processes are killed: at the end it must be as if nothing had happened.

The seed is printed; QC_SEED repeats its plan, its victims and its pauses. QC_KILLS sets how many die in a campaign.
"""

import contextlib
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
from tests.kill.service import Broker, Procfile, Service, wait_for
from tests.kill.stream import Clients, Connection, Plan, plan

pytestmark = pytest.mark.kill

KILLS = [
    pytest.param(5, id="5 kills"),
    pytest.param(int(os.environ.get("QC_KILLS") or 50), id="campaign", marks=pytest.mark.campaign),
]
ROWS, FEWER = 2000, 700
STREAM_WITHIN, DRAIN_WITHIN = 120.0, 150.0
EACH_ROUND = ("worker", "web worker", "worker", "web")

only_postgres = pytest.mark.parametrize("engine", [pytest.param("pg", marks=pytest.mark.pg)], indirect=True)
fewer_rows = pytest.mark.parametrize("calm", [FEWER], indirect=True, ids=lambda rows: f"{rows} rows")


@pytest.fixture
def seed() -> int:
    found = int(os.environ.get("QC_SEED") or secrets.randbelow(10**6))
    sys.stdout.write(f"QC_SEED={found}\n")
    return found


@dataclass(frozen=True)
class Calm:
    """A plan, and what comes of it where nothing dies."""

    plan: Plan
    outcome: dict[str, Any]


@pytest.fixture
def calm(seed: int, sqlite_template: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Calm:
    """Told in this process, on SQLite: what comes of it is the same on every database."""
    made = plan(getattr(request, "param", ROWS), seed)
    home = tmp_path / "calm"
    home.mkdir()
    (home / "qc.db").write_bytes(sqlite_template.read_bytes())
    settings = Settings(home, f"sqlite:///{home / 'qc.db'}", None, "k" * 32, "p" * 32, password_cost="low")
    return Calm(made, outcome.undisturbed(made, replace(settings, sqlite_synchronous="OFF")))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with contextlib.closing(Broker(tmp_path / "valkey")) as made:
        yield made


@dataclass
class Floor:
    """A furnished database, the key of an ERP, and the people's postbox."""

    settings: Settings
    key: str
    postbox: Any
    calm: Calm
    seed: int

    def clients(self, service: Any) -> Clients:
        """Everything from before the kills is recorded; the rest is ready to be sent."""
        with contextlib.closing(Connection(service, self.key)) as api:
            for step in self.calm.plan.before:
                assert api.send(step)[0] in (200, 201)
        return Clients(service, self.key, self.calm.plan.lanes, self.seed)

    def check(self, service: Any, clients: Clients, story: str, kills: int = 0) -> None:
        """Once everything is done: nothing is lost or doubled, and all is as it would be without any trouble."""
        story += f", seed {self.seed}, {clients.sent.unknown} outcomes unknown, {clients.sent.again} sent again"
        sys.stdout.write(f"{story}\n")
        assert clients.sent.faults == [], story
        assert clients.answered == clients.total, story
        began = time.monotonic()
        wait_for(lambda: _done(kills), DRAIN_WITHIN, lambda: f"{story}: {outcome.still_to_do()} {service.said}")
        sys.stdout.write(f"everything was done {time.monotonic() - began:.0f} s later\n")
        with contextlib.closing(Connection(service, self.key)) as api:
            found = outcome.outcome(api.get)
            outcome.check_counts(self.calm.plan, clients.sent, api)
        assert set(service.stop()) == {0}, service.said
        for title, expected in self.calm.outcome.items():
            assert found.get(title) == expected, (story, title)
        outcome.check_fixes(self.calm.plan)
        outcome.check_alerts(kills)
        outcome.check_mails(self.postbox.mails, kills)
        outcome.check_trail()
        assert "reaction.failed" not in service.everything_said, story


def _done(kills: int) -> bool:
    """Nothing is left to do. Few kills wait for no lease: it is taken from whoever died with it."""
    left = outcome.still_to_do()
    if left and kills < 10 and outcome.only_leases_are_left():
        outcome.let_leases_run_out()
    return not left


@pytest.fixture
def floor(calm: Calm, seed: int, settings: Settings, postbox: Any) -> Iterator[Floor]:
    settings = replace(settings, smtp_url=postbox.url)
    init_db(settings)
    with connected():
        yield Floor(settings, outcome.furnish(), postbox, calm, seed)
    db.obj.close_all()


@contextlib.contextmanager
def streaming(clients: Clients) -> Iterator[None]:
    """The clients are stopped whatever happens; where nothing does, they come to their end."""
    clients.start()
    try:
        yield
        clients.limit = clients.total
        clients.join(STREAM_WITHIN)
    finally:
        clients.stop()


# --- kills ---


@pytest.mark.parametrize("kills", KILLS)
def test_nothing_is_lost_or_doubled_however_often_processes_are_killed(
    kills: int, floor: Floor, engine: str, request: pytest.FixtureRequest
) -> None:
    """On SQLite with nothing else installed; on PostgreSQL with a broker."""
    broker = request.getfixturevalue("broker").url if engine == "pg" else None
    with contextlib.closing(Service(replace(floor.settings, broker_url=broker))) as service:
        service.start()
        clients = floor.clients(service)
        with streaming(clients):
            killed = kill_while_streaming(service, clients, kills, random.Random(floor.seed))
        floor.check(service, clients, f"killed {killed}", kills)


def kill_while_streaming(service: Service, clients: Clients, kills: int, chance: random.Random) -> list[str]:
    """Kill so many times at moments spread over the stream; in words, what was killed."""
    killed, judged = [], lots_judged()
    for number, victim in enumerate(victims(kills, chance)):
        share = clients.total / (kills + 1)
        clients.limit = round((number + 1) * share)
        moment = int((number + chance.random()) * share)
        clients.wait_for(moment)
        if victim in ("everything", "worker"):  # one that has begun to work since the last was killed
            wait_for(lambda: lots_judged() > judged, STREAM_WITHIN, lambda: service.said)  # noqa: B023
            time.sleep(chance.random() * 0.3)
        if victim == "everything":
            killed.append(service.kill_everything())
            service.start()
        else:
            killed.append(service.kill(victim, chance))
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


# --- outages ---


@only_postgres
@fewer_rows
def test_a_broker_that_dies_and_comes_back_empty_costs_nothing(floor: Floor, broker: Broker) -> None:
    with contextlib.closing(Procfile(replace(floor.settings, broker_url=broker.url))) as service:
        for name in ("web", "beat", "worker"):
            service.start(name)
        clients = floor.clients(service)
        with streaming(clients):
            clients.let(0.2)
            service.kill("worker")
            clients.let(0.4)
            lost = broker.waiting()
            broker.kill()
            service.start("worker")
            clients.let(0.6)
            broker.start()
            clients.let(0.8)
            broker.kill()
        assert lost > 0
        assert clients.sent.unknown == 0  # every request was answered at once and for good, broker or not
        floor.check(service, clients, f"{lost} messages lost with the broker", kills=1)


@fewer_rows
def test_what_a_worker_missed_while_it_was_down_is_judged_when_it_is_back(floor: Floor) -> None:
    """As the Procfile starts it, and without a broker on either database."""
    with contextlib.closing(Procfile(floor.settings)) as service:
        service.start("web")
        service.start("beat")
        service.start("worker")
        clients = floor.clients(service)
        with streaming(clients):
            clients.let(0.3)
            service.kill("worker")
            clients.let(0.8)
            judged = lots_judged()
            clients.let(1.0)
            assert lots_judged() == judged
            service.start("worker")
        assert clients.sent.unknown == 0
        floor.check(service, clients, "the worker was down for a while", kills=1)
