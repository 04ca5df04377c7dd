"""Rows a second of a bulk ingest, beside what the engine itself does with the same rows."""

import contextlib
import itertools
import json
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from qc_service import clock
from qc_service.config import Settings
from qc_service.counts.rules import FIELDS
from qc_service.db import connected, db, init_db
from qc_service.queue import Outbox
from tests import servers
from tests.bench.table import Table, in_turn, thousands
from tests.kill import outcome
from tests.kill.service import Procfile
from tests.kill.stream import FATES, SITE, Connection, ingest_step
from tests.plant import START

pytestmark = pytest.mark.bench

ROWS, REQUESTS, TURNS = 1000, 5, 8
COLUMNS = sorted(FIELDS)
INDEX = "CREATE INDEX raw_order ON raw (line, period_end, source, external_id)"


def batches() -> Iterator[list[dict[str, Any]]]:
    """Rows with everything that an ERP knows of an order, a thousand at a time, always new ones."""
    chance = random.Random(1)
    lines = list(FATES)
    for number in itertools.count():
        yield [_row(number * ROWS + place, lines[place % len(lines)], chance) for place in range(ROWS)]


def _row(number: int, line: str, chance: random.Random) -> dict[str, Any]:
    start = START + timedelta(minutes=number % 400_000)
    good, scrapped, reworked = chance.randint(400, 460), chance.randint(0, 12), chance.randint(0, 6)
    return {
        "source": "erp", "external_id": f"JC-{number}", "external_version": "1", "site": SITE, "line": line,
        "product": f"P-{number % 20}", "lot": f"B-{number // 10}", "period_start": clock.iso(start),
        "period_end": clock.iso(start + timedelta(minutes=59)), "total": 480, "good": good, "scrapped": scrapped,
        "reworked": reworked, "inspected": 125, "defective": chance.randint(0, 5),
        "defects": [{"code": "COLD-SOLDER", "units": 3}], "rework_in_good": False,
        "work_order": f"WO-{number // 50}", "operation": "Final assembly", "shift": "A",
    }  # fmt: skip


def _plain(row: dict[str, Any]) -> list[Any]:
    found = {**row, "defects": json.dumps(row["defects"]), "rework_in_good": int(row["rework_in_good"])}
    return [found.get(name) for name in COLUMNS]


def _table(kind: str) -> str:
    numbers = ("total", "good", "scrapped", "reworked", "inspected", "defective", "rework_in_good")
    columns = ", ".join(f"{name} {'INTEGER' if name in numbers else kind}" for name in COLUMNS)
    return f"CREATE TABLE raw ({columns}, PRIMARY KEY (source, external_id))"


@contextlib.contextmanager
def by_itself(settings: Settings) -> Iterator[Callable[[list[list[Any]]], None]]:
    """The engine's own quickest way, a transaction a batch, as durable as the service's own."""
    if settings.database_url.startswith("postgresql"):
        with servers.connect(settings.database_url) as line:
            line.execute(_table("TEXT"))
            line.execute(INDEX)
            yield lambda rows: _copy(line, rows)
        return
    from pysqlite3 import dbapi2 as sqlite3

    with contextlib.closing(sqlite3.connect(settings.data_dir / "raw.db", isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = FULL")
        file.execute(_table("TEXT"))
        file.execute(INDEX)
        insert = f"INSERT INTO raw VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - question marks
        yield lambda rows: _executemany(file, insert, rows)


def _executemany(file: Any, insert: str, rows: list[list[Any]]) -> None:
    file.execute("BEGIN IMMEDIATE")
    file.executemany(insert, rows)
    file.execute("COMMIT")


def _copy(line: Any, rows: list[list[Any]]) -> None:
    statement = f"COPY raw ({', '.join(COLUMNS)}) FROM STDIN"
    with line.transaction(), line.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


@pytest.fixture
def durable(engine: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """The tests' own PostgreSQL leaves out what only a power cut would show: here it has to pay for it."""
    if engine != "pg":
        yield
        return
    server = request.getfixturevalue("postgres_server")
    switches = ("fsync", "synchronous_commit", "full_page_writes")
    for name in switches:
        server.execute(f"ALTER SYSTEM SET {name} = on")
    server.execute("SELECT pg_reload_conf()")
    yield
    for name in switches:
        server.execute(f"ALTER SYSTEM RESET {name}")
    server.execute("SELECT pg_reload_conf()")


def test_bulk_ingest_beside_the_bare_engine(settings: Settings, engine: str, durable: None, table: Table) -> None:
    """The web process alone: what follows from the counts is a worker's business."""
    init_db(settings)
    with connected():
        key = outcome.furnish()
    with contextlib.closing(Procfile(settings, QC_WEB="1")) as service, by_itself(settings) as store:
        service.start("web")
        ours, theirs = batches(), batches()
        with contextlib.closing(Connection(service, key)) as api:

            def ingest(bodies: list[Any]) -> None:
                for body in bodies:
                    status, answer = api.send(body)
                    assert status == 200, answer
                    assert answer.count(b'"created"') >= ROWS, answer[:300]

            def store_all(found: list[list[list[Any]]]) -> None:
                for rows in found:
                    store(rows)

            # what a client prepares is nobody's cost: it is done before the clock runs
            mine = iter([[ingest_step(next(ours)) for _ in range(REQUESTS)] for _ in range(TURNS + 1)])
            raw = iter([[[_plain(row) for row in next(theirs)] for _ in range(REQUESTS)] for _ in range(TURNS + 1)])
            pair = in_turn(lambda: ingest(next(mine)), lambda: store_all(next(raw)), TURNS)
        service.stop()
    with connected():
        assert Outbox.select().count() > 0
    db.obj.close_all()
    done = ROWS * REQUESTS
    goal, best = ("S6: 0.5", "executemany") if engine == "sqlite" else ("S7: 0.4", "COPY")
    table.add(
        f"bulk ingest, {ROWS} rows a request, {engine}",
        f"{thousands(done / sorted(pair.one)[TURNS // 2])} rows/s",
        f"{best} {thousands(done / sorted(pair.other)[TURNS // 2])} rows/s", pair.ratio, goal,
    )  # fmt: skip
