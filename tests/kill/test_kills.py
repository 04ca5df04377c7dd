"""Counts stream in while processes are killed: at the end it must be as if nothing had happened.

The seed is printed; QC_SEED repeats its plan, its victims and its pauses. QC_KILLS sets how many die in a campaign.
"""

import contextlib
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from qc_service import ddl
from qc_service.config import Settings
from qc_service.db import connected, db, init_db
from qc_service.flags.models import LineWatch, Watch
from tests.kill import outcome
from tests.kill.kills import EACH_ROUND, MANY, kill_while_streaming, streaming, victims
from tests.kill.service import Broker, Database, Procfile, Service, wait_for
from tests.kill.stream import Clients, Connection, Plan, plan

pytestmark = pytest.mark.kill

KILLS = [
    pytest.param(5, "threads", id="5 kills"),
    pytest.param(MANY, "threads", id="campaign", marks=pytest.mark.campaign),
    pytest.param(MANY, "prefork", id="campaign, prefork", marks=pytest.mark.campaign),
]
ROWS, FEWER = 2000, 400
DATABASE_DEATHS = 5
DRAIN_WITHIN = 150.0
only_postgres = pytest.mark.parametrize("engine", [pytest.param("pg", marks=pytest.mark.pg)], indirect=True)
fewer_rows = pytest.mark.parametrize("calm", [FEWER], indirect=True, ids=lambda rows: f"{rows} rows")


@dataclass(frozen=True)
class Calm:
    """A plan, and what comes of it where nothing dies."""

    plan: Plan
    outcome: dict[str, Any]


@pytest.fixture(scope="module")
def calm(
    seed: int, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Calm:
    """Told in this process, on SQLite: what comes of it is the same on every database."""
    made = plan(getattr(request, "param", ROWS), seed)
    home = tmp_path_factory.mktemp("calm")
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
        sent = clients.sent
        story += f", seed {self.seed}, {sent.unknown} outcomes unknown, {sent.away} put off, {sent.again} sent again"
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
        if not clients.database_dies:
            assert "reaction.failed" not in service.everything_said, story


def _done(kills: int) -> bool:
    """Nothing is left to do. Few kills wait for no lease: it is taken from whoever died with it."""
    left = outcome.still_to_do()
    if left and kills < 10:
        outcome.let_leases_run_out()
    return not left


@pytest.fixture
def hall(calm: Calm, seed: int, settings: Settings, postbox: Any) -> Iterator[Floor]:
    settings = replace(settings, smtp_url=postbox.url)
    init_db(settings)
    with connected():
        yield Floor(settings, outcome.furnish(), postbox, calm, seed)
    db.obj.close_all()


# --- kills ---


@pytest.mark.parametrize(("kills", "pool"), KILLS)
def test_nothing_is_lost_or_doubled_however_often_processes_are_killed(
    kills: int, pool: str, hall: Floor, engine: str, request: pytest.FixtureRequest
) -> None:
    """On SQLite with nothing else installed, where there are only threads; on PostgreSQL with a broker."""
    if engine == "sqlite" and pool == "prefork":
        pytest.skip("a pool of processes needs a broker")
    broker = request.getfixturevalue("broker").url if engine == "pg" else None
    with contextlib.closing(Service(replace(hall.settings, broker_url=broker), QC_POOL=pool)) as service:
        service.start()
        clients, chance = hall.clients(service), random.Random(hall.seed)
        with streaming(clients):
            killed = kill_while_streaming(
                service, clients, victims(kills, EACH_ROUND[pool], chance), chance, lots_judged
            )
        hall.check(service, clients, f"killed {killed}", kills)


def lots_judged() -> int:
    """Grows while a worker is at work."""
    return sum(watch.seen_seq for model in (Watch, LineWatch) for watch in model.select(model.seen_seq))


# --- at the worst moment ---


class Deadly(list[Any]):
    """Mails that have arrived; the first one costs the worker its life before it can write down that it was sent."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service

    def append(self, mail: Any) -> None:
        super().append(mail)
        if len(self) == 1:
            self._service.kill("worker", random.Random(0))


@pytest.mark.campaign
@fewer_rows
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_mail_whose_sender_died_is_sent_again_under_the_same_name(hall: Floor) -> None:
    with contextlib.closing(Service(hall.settings)) as service:
        service.start()
        hall.postbox.mails = mails = Deadly(service)
        clients = hall.clients(service)
        with streaming(clients):
            pass
        hall.check(service, clients, "the worker died while it was sending", kills=1)
    copies = [mail for mail in mails if mail.content == mails[0].content]
    assert len(copies) == 2  # word for word, and with it the name
    assert len(mails) == len({mail.content for mail in mails}) + 1


# --- outages ---


@pytest.mark.campaign
@only_postgres
@fewer_rows
def test_a_broker_that_dies_and_comes_back_empty_costs_nothing(hall: Floor, broker: Broker) -> None:
    with contextlib.closing(Procfile(replace(hall.settings, broker_url=broker.url))) as service:
        for name in ("web", "beat", "worker"):
            service.start(name)
        clients = hall.clients(service)
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
        hall.check(service, clients, f"{lost} messages lost with the broker", kills=1)


@pytest.mark.parametrize(
    "engine", ["sqlite", pytest.param("pg", marks=(pytest.mark.pg, pytest.mark.campaign))], indirect=True
)
@fewer_rows
def test_what_a_worker_missed_while_it_was_down_is_judged_when_it_is_back(hall: Floor) -> None:
    """As the Procfile starts it, and without a broker on either database."""
    with contextlib.closing(Procfile(hall.settings)) as service:
        service.start("web")
        service.start("beat")
        service.start("worker")
        clients = hall.clients(service)
        with streaming(clients):
            clients.let(0.3)
            service.kill("worker")
            clients.let(0.8)
            judged = lots_judged()
            clients.let(1.0)
            assert lots_judged() == judged
            service.start("worker")
        assert clients.sent.unknown == 0
        hall.check(service, clients, "the worker was down for a while", kills=1)


@pytest.mark.campaign
@pytest.mark.pg
def test_a_database_server_that_is_killed_costs_nothing_but_patience(
    calm: Calm, seed: int, tmp_path: Path, postbox: Any
) -> None:
    """Without a broker: the worker waits for the database's own notices, and finds its way back to them."""
    with contextlib.closing(Database()) as database:
        settings = Settings(tmp_path, database.url, None, "k" * 32, "p" * 32, password_cost="low")
        settings = replace(settings, smtp_url=postbox.url)
        init_db(settings)
        ddl.migrate(settings)
        with connected():
            hall = Floor(settings, outcome.furnish(), postbox, calm, seed)
        db.obj.close_all()
        with contextlib.closing(Service(settings)) as service:
            service.start()
            clients = hall.clients(service)
            clients.database_dies = True
            with streaming(clients):
                for number in range(DATABASE_DEATHS):
                    clients.let((number + 1) / (DATABASE_DEATHS + 1))
                    database.kill()
                    time.sleep(0.5)
                    database.start()
            with connected():
                hall.check(service, clients, f"the database died {DATABASE_DEATHS} times", kills=DATABASE_DEATHS)
        db.obj.close_all()
