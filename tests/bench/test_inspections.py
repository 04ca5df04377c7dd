"""Taking an inspection in, beside a bare view that writes the same rows; and asking whether a lot may go on."""

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2 as sqlite3

from qc_service import clock
from qc_service.app import create_app
from qc_service.db import connected, db, init_db
from tests.bench.table import Table, in_turn, share, thousands
from tests.floor_life import Floor, floor_of
from tests.kill.service import Procfile, wait_for
from tests.procedure_life import document

pytestmark = [pytest.mark.bench, pytest.mark.parametrize("engine", ["sqlite"], indirect=True)]

REQUESTS, TURNS, CLIENTS, LOTS = 150, 6, 8, 100_000
ROOT = Path(__file__).parents[2]


def twenty_checks() -> dict[str, Any]:
    made = document()
    made["checks"] = [
        {"id": f"c{number}", "step": "seal", "type": "confirm", "text": f"Is part {number} right?",
         "severity": "major", "defect_codes": ["LEAK"]}
        for number in range(20)
    ]  # fmt: skip
    return made


def body(number: int) -> bytes:
    now = clock.iso(clock.now())
    answers = {f"c{place}": {"value": "ok", "shown_at": now, "at": now} for place in range(20)}
    return json.dumps({
        "lot": f"L-{number % 50}", "procedure": "CAN", "version": 1, "inspector": "INES", "answers": answers,
        "nonconformities": [], "units_inspected": 1, "unit": f"U-{number}", "observed_at": now,
    }).encode()  # fmt: skip


@dataclass
class Client:
    """A kept connection that sends inspections, and how long each took."""

    port: int
    token: str

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.took: list[float] = []

    def send(self, data: bytes) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        began = time.perf_counter()
        self.line.request("PUT", f"/v1/inspections/{uuid.uuid4()}", data, headers)
        answer = self.line.getresponse()
        found = answer.read()
        self.took.append(time.perf_counter() - began)
        assert answer.status == 201, found


@contextlib.contextmanager
def bare(home: Path, template: Path, *, queued: bool) -> Iterator[int]:
    """The bare view, under the same server with as many threads."""
    path = home / f"bare-{queued}.db"
    shutil.copyfile(template, path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("INSERT INTO stream_head (stream, seq, hash) VALUES ('bare', 0, x'00')")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-w", "1", "-k", "gthread", "--threads", "4", "-b",
               f"127.0.0.1:{port}", "--log-level", "warning", "--no-control-socket",
               "tests.bench.bare:app"]  # fmt: skip
    env = {**os.environ, "BARE_DB": str(path), "BARE_QUEUED": "1" if queued else "0"}
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        wait_for(lambda: _open(port), 30, lambda: "the bare view does not answer")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@pytest.fixture
def furnished(settings: Any) -> Floor:
    app = create_app(settings)
    made = floor_of(app, twenty_checks())
    made.person("INES")
    made.person("MIA")
    for number in range(50):
        made.lot(f"L-{number}", "MIA", quantity=1_000_000)
    return made


def at_once(clients: list[Client], bodies: list[bytes]) -> None:
    """So many from each client, all at the same time."""
    for one in clients:
        one.line.close()
    threads = [threading.Thread(target=lambda one=one: [one.send(data) for data in bodies]) for one in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_inspection_of_twenty_checks_beside_a_bare_view(
    settings: Any, furnished: Floor, sqlite_template: Path, table: Table
) -> None:
    token, numbers = furnished.people["INES"].token, iter(range(10**9))
    with contextlib.ExitStack() as stack:
        service = stack.enter_context(contextlib.closing(Procfile(settings, QC_WEB="1")))
        service.start("web")
        ours = int(service.url.rpartition(":")[2])
        plain = stack.enter_context(bare(settings.data_dir, sqlite_template, queued=False))
        queued = stack.enter_context(bare(settings.data_dir, sqlite_template, queued=True))

        def run(client: Client) -> None:
            client.line.close()  # the server ends what lay idle; the next request opens it anew
            for data in [body(next(numbers)) for _ in range(REQUESTS)]:
                client.send(data)

        one, other = Client(ours, token), Client(plain, token)
        pair = in_turn(lambda: run(one), lambda: run(other), TURNS)
        rate = REQUESTS / min(pair.one), REQUESTS / min(pair.other)
        table.add("inspections a second, one client", *map(thousands, rate), pair.ratio, "≥ 0.45, stretch 0.60")

        many = [Client(ours, token) for _ in range(CLIENTS)], [Client(queued, token) for _ in range(CLIENTS)]
        for _ in range(TURNS):
            for clients in many:
                at_once(clients, [body(next(numbers)) for _ in range(20)])
        slow = [share([value for one in clients for value in one.took], 0.99) for clients in many]
        told = [f"{value * 1000:.1f} ms" for value in slow]
        table.add("inspections, eight clients, p99", *told, slow[0] / slow[1], "≤ 3")
        for client in (one, other, *many[0], *many[1]):
            client.line.close()
        service.stop()


def test_the_release_check_among_a_hundred_thousand_lots(settings: Any, furnished: Floor, table: Table) -> None:
    init_db(settings)
    with connected():
        site, line = db.execute_sql("SELECT site_id, line_id FROM lot LIMIT 1").fetchone()
        now = clock.fixed(clock.now())
        with db.atomic():
            for number in range(LOTS):
                db.execute_sql(
                    "INSERT INTO lot (id, site_id, line_id, code, quantity, created_at, updated_at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (f"lot_{number:026d}", site, line, f"N-{number}", 10, now, now),
                )
    furnished.lot("A", "MIA")
    furnished.inspect(furnished.people["INES"])
    furnished.release("A")
    took = []
    for _ in range(500):
        began = time.perf_counter()
        furnished.release("A")
        took.append(time.perf_counter() - began)
    table.add("release check at 100,000 lots, p99", f"{share(took, 0.99) * 1000:.1f} ms", target="≤ 5 ms")
    table.add("release check at 100,000 lots, median", f"{share(took, 0.5) * 1000:.1f} ms")
