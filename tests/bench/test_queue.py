"""How soon a count is judged where nothing but the service is installed, and what the service costs while it waits."""

import contextlib
import os
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from qc_service.audit import Event
from qc_service.config import Settings
from qc_service.db import connected, db, init_db
from qc_service.flags.models import Watch
from qc_service.lines.models import Line
from tests.bench.table import Table, share
from tests.kill import outcome
from tests.kill.service import Service, wait_for
from tests.kill.stream import BEFORE, FATES, SITE, Connection, fix_step, ingest_step
from tests.plant import count

pytestmark = pytest.mark.bench

SINGLE = 40  # counts that are waited for one by one
LOADED = 10.0  # seconds of load
IDLE = float(os.environ.get("QC_BENCH_SECONDS") or 60)
TICKS = os.sysconf("SC_CLK_TCK")


def row(line: str, number: int) -> dict[str, Any]:
    return count(number, 100, random.randrange(4), external_id=f"{line}-{number}", line=line, site=SITE)


def test_the_way_from_a_commit_to_a_judgement(settings: Settings, engine: str, table: Table) -> None:
    init_db(settings)
    with connected(), contextlib.closing(Service(settings)) as service:
        key = outcome.furnish()
        service.start()
        with contextlib.closing(Connection(service, key)) as api:
            for line in FATES:
                assert api.send(ingest_step([row(line, number) for number in range(BEFORE)]))[0] == 200
                assert api.send(fix_step(line, 0, BEFORE))[0] == 201
        wait_for(lambda: not outcome.still_to_do(), 60, lambda: service.said)
        alone = [1000 * seconds for seconds in one_by_one(service, key)]
        table.add(
            f"commit to judgement, one count at a time, {engine}",
            f"{share(alone, 0.5):.0f} ms median, {share(alone, 0.95):.0f} ms p95", target="median 100 ms",
        )  # fmt: skip
        cost = idle_cost(service)
        table.add(f"idle CPU of web, worker and beat, {engine}", f"{cost:.2f} % of a core", target="1 %")
        rate, loaded = under_load(service, key)
        table.add(
            f"commit to judgement at {rate:.0f} requests/s, {engine}",
            f"{share(loaded, 0.5):.0f} ms median, {share(loaded, 0.95):.0f} ms p95",
        )
        assert service.stop() == [0]
    db.obj.close_all()


def one_by_one(service: Service, key: str) -> list[float]:
    """From the answer to a count until its judgement can be read."""
    line = next(iter(FATES))
    watch = Watch.get(Watch.line_id == Line.get(Line.code == line).id)
    mine = Watch.select(Watch.lots).where(Watch.id == watch.id)
    found = []
    for number in range(1, SINGLE + 1):
        time.sleep(0.1 + random.random() * 0.1)
        with contextlib.closing(Connection(service, key)) as api:
            assert api.send(ingest_step([row(line, BEFORE + number)]))[0] == 200
        began = time.perf_counter()
        while mine.get().lots < number:
            time.sleep(0.002)
            assert time.perf_counter() - began < 30, service.said
        found.append(time.perf_counter() - began)
    return found


def idle_cost(service: Service) -> float:
    """Per cent of a core over a while in which nothing is asked of the service."""
    time.sleep(2)
    pids = [pid for part in ("web", "web worker", "worker", "beat") for pid in service.of(part)]
    before, began = sum(map(cpu, pids)), time.perf_counter()
    sys.stdout.write(f"waiting {IDLE:.0f} s …\n")
    time.sleep(IDLE)
    return 100 * (sum(map(cpu, pids)) - before) / (time.perf_counter() - began)


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def under_load(service: Service, key: str) -> tuple[float, list[float]]:
    """Requests a second of three clients, and the waits in ms.

    By the trail: from the event of a count to that of the next judgement of its line.
    """
    began, sent = db.obj.now(), [0, 0, 0]
    until = time.perf_counter() + LOADED

    def send(place: int, lines: list[str]) -> None:
        number = BEFORE + 1000
        with contextlib.closing(Connection(service, key)) as api:
            while time.perf_counter() < until:
                number += 1
                for line in lines:
                    assert api.send(ingest_step([row(line, number)]))[0] == 200
                    sent[place] += 1

    others = list(FATES)[1:]
    threads = [threading.Thread(target=send, args=(place, others[place::3])) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(lambda: not outcome.still_to_do(), 120, lambda: service.said)
    return sum(sent) / LOADED, list(waits(began))


def waits(since: Any) -> Any:
    waiting: dict[str, list[Any]] = {}
    fields = (Event.stream, Event.seq, Event.type, Event.recorded_at)
    for event in Event.select(*fields).where(Event.recorded_at >= since).order_by(Event.stream, Event.seq):
        if event.type == "counts.recorded":
            waiting.setdefault(event.stream, []).append(event.recorded_at)
        elif event.type in ("watch.judged", "line.verdict.changed"):
            for at in waiting.pop(event.stream, []):
                yield (event.recorded_at - at).total_seconds() * 1000
