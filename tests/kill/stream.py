"""What an ERP sends during the kills: lines with fixes of every fate, and clients that never give up.

The same plan can be told to an undisturbed service, so that the two can be compared.
"""

import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.plant import count, hour

SITE = "S1"
BEFORE = 40  # lots of each line before its fix
LANES = 4
LARGEST = 20  # rows of a request
INGEST, FIXES = "/v1/ingest/production-counts", "/v1/fixes"
BAD, GOOD, PROMISE = 0.12, 0.03, 0.06

# Line: rates by thirds of the lots after the fix. A line of which the name begins with "wild" arrives in any order;
# the lots of one that is called "once" come in a single request, and nothing after it would make up for its loss.
FATES = {
    "holds": (GOOD, GOOD, GOOD),
    "never-worked": (BAD, BAD, BAD),
    "relapses": (GOOD, GOOD, BAD),
    "mended-again": (BAD, GOOD, GOOD),  # a second fix comes into effect after the first third
    "corrected": (GOOD, GOOD, GOOD),
    "wild-never-worked": (BAD, BAD, BAD),
    "wild-relapses": (GOOD, BAD, BAD),
}
ONCE = tuple(f"once-{number}" for number in range(30))
WILD = tuple(line for line in FATES if line.startswith("wild"))
LINES = (*FATES, *ONCE)

ONCE_RATES = (GOOD, GOOD, GOOD)

Row = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One request. Those of a lane are sent one after the other."""

    path: str
    body: bytes
    key: str | None  # Idempotency-Key; one that has a key is now and then sent again
    rows: tuple[Row, ...] = ()
    method: str = "POST"
    token: str | None = None  # of who sends it, where that is not the ERP

    @property
    def kind(self) -> str:
        return "application/x-ndjson" if self.path == INGEST else "application/json"


@dataclass
class Plan:
    """What is there before the kills, and the lanes of what is sent during them."""

    before: list[Step]
    lanes: list[list[Step]]

    @property
    def rows(self) -> list[Row]:
        steps = itertools.chain(self.before, *self.lanes)
        return [row for step in steps for row in step.rows]

    def standing(self) -> dict[str, Row]:
        """Each document as it must stand at the end, by its external id."""
        newest: dict[str, Row] = {}
        for row in self.rows:
            old = newest.get(row["external_id"])
            if old is None or int(row["external_version"]) > int(old["external_version"]):
                newest[row["external_id"]] = row
        return newest


def plan(rows: int, seed: int) -> Plan:
    """At least so many rows in the lanes, decided by the seed alone."""
    chance = random.Random(seed)
    lots = -(-(rows - len(ONCE) * LARGEST // 2) // len(FATES))
    series = {line: list(_series(line, lots, chance)) for line in FATES}
    series |= {line: list(_series(line, LARGEST // 2, chance)) for line in ONCE}
    before = [ingest_step(series[line][:BEFORE], f"before-{line}") for line in LINES]
    before += [fix_step(line, 0, BEFORE) for line in LINES]
    lanes: list[list[Step]] = [[] for _ in range(LANES)]
    tame = [line for line in FATES if line not in WILD]
    for place in range(LANES):
        lanes[place] += _in_turn({line: series[line][BEFORE:] for line in tame[place::LANES]}, place, chance)
    scattered = [ingest_step(series[line][BEFORE:], _key(line, chance)) for line in ONCE]
    for line in WILD:
        scattered += _cut(_shuffled(series[line][BEFORE:], chance), line, chance)
    for step in scattered:
        lane = chance.choice(lanes)
        lane.insert(chance.randrange(len(lane) + 1), step)
    return Plan(before, lanes)


def _series(line: str, lots: int, chance: random.Random) -> Iterator[Row]:
    """A line's lots: before the fix, and after it by the rates of its fate."""
    for number in range(BEFORE + lots):
        third = min(max(number - BEFORE, 0) * 3 // lots, 2)
        rate = BAD if number < BEFORE else FATES.get(line, ONCE_RATES)[third]
        row = {"external_id": f"{line}-{number}", "line": line, "site": SITE, "work_order": f"WO-{number % 17}"}
        yield count(number, 100, sum(chance.random() < rate for _ in range(100)), total=120, **row)


def _shuffled(rows: Sequence[Row], chance: random.Random) -> list[Row]:
    return chance.sample(rows, len(rows))


def _in_turn(series: dict[str, list[Row]], place: int, chance: random.Random) -> Iterator[Step]:
    """The lots of a few lines in their order, some requests with rows of several lines."""
    left = {line: _with_events(line, rows, chance) for line, rows in series.items()}
    number = 0
    while any(left.values()):
        number += 1
        batch: list[Row] = []
        most = chance.randint(1, LARGEST)
        for line in chance.sample(sorted(left), chance.randint(1, len(left))):
            while left[line] and len(batch) < most and isinstance(left[line][0], dict):
                batch.append(left[line].pop(0))
        if batch:
            yield ingest_step(batch, _key(f"lane-{place}-{number}", chance))
        for events in left.values():
            if events and isinstance(events[0], Step):
                yield events.pop(0)


def _with_events(line: str, rows: list[Row], chance: random.Random) -> list[Any]:
    """The lots of a line, and between them what else happens to it."""
    if line == "mended-again":
        third = len(rows) // 3
        return [*rows[:third], fix_step(line, third, third), *rows[third:]]
    if line == "corrected":
        return list(_corrected(rows, chance))
    return list(rows)


def _corrected(rows: list[Row], chance: random.Random) -> Iterator[Row]:
    """Every tenth lot is sent with a unit too many and put right a few lots later."""
    drafts: dict[int, Row] = {}
    for number, row in enumerate(rows):
        if number % 10 == 5:
            drafts[min(number + chance.randint(1, 9), len(rows) - 1)] = {**row, "external_version": "2"}
            yield {**row, "defective": row["defective"] + 1}
        else:
            yield row
        if number in drafts:
            yield drafts.pop(number)


def _cut(rows: list[Row], line: str, chance: random.Random) -> Iterator[Step]:
    number = 0
    while rows:
        number += 1
        size = chance.randint(1, LARGEST)
        batch, rows = rows[:size], rows[size:]
        yield ingest_step(batch, _key(f"{line}-{number}", chance))


def _key(name: str, chance: random.Random) -> str | None:
    """One request in five trusts in the documents' own names alone."""
    return name if chance.random() < 0.8 else None


def ingest_step(rows: Sequence[Row], key: str | None = None) -> Step:
    return Step(INGEST, "".join(json.dumps(row) + "\n" for row in rows).encode(), key, tuple(rows))


def fix_step(line: str, number: int, lots: int) -> Step:
    """The fix of a line that comes into effect with the lot of that number after the first fix."""
    body = {
        "line": line, "site": SITE, "measure": "defective", "title": f"{line} {number}",
        "in_effect_at": hour(BEFORE + number)[0], "promise": {"rate": PROMISE}, "baseline": {"lots": lots},
    }  # fmt: skip
    return Step(FIXES, json.dumps(body).encode(), f"fix-{line}-{number}")


# --- sending it ---


class Stop(Exception):
    """Another client has failed."""


@dataclass
class Sent:
    """What came of a plan: the last answer to each request, and what went wrong on the way."""

    answers: dict[int, bytes] = field(default_factory=dict)  # by the step's identity
    unknown: int = 0  # requests of which the outcome was not known at first
    again: int = 0  # answered requests that were sent once more
    away: int = 0  # requests that were put off because the database was away
    faults: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


class Clients:
    """A thread a lane. They send up to a limit; until it is raised they repeat what was answered already."""

    def __init__(self, where: Any, token: str, lanes: Sequence[list[Step]], seed: int) -> None:
        self.sent = Sent()
        self.total = sum(len(lane) for lane in lanes)
        self.limit = 0
        self.database_dies = False
        self._where = where  # has the service's address as it is now
        self._token = token
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(lane, random.Random(seed + place)), name=f"lane-{place}")
            for place, lane in enumerate(lanes)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def answered(self) -> int:
        return len(self.sent.steps)

    def alive(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def let(self, share: float, within: float = 120.0) -> None:
        """Let them send up to this share of everything, and wait until they have."""
        self.limit = round(share * self.total)
        self.wait_for(self.limit, within)

    def wait_for(self, answered: int, within: float = 120.0) -> None:
        until = time.monotonic() + within
        while self.answered < answered and self.alive():
            assert time.monotonic() < until, f"{self.answered} of {answered} answered: {self.sent.faults}"
            time.sleep(0.005)

    def join(self, within: float) -> None:
        """Wait for the end of all lanes; whoever has not come to it is stopped."""
        until = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))
        self.stop()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(60)

    def _run(self, lane: list[Step], chance: random.Random) -> None:
        line = Connection(self._where, self._token)
        try:
            done: list[Step] = []
            for step in lane:
                while self.answered >= self.limit:
                    self._repeat(line, done, chance)
                answer = self._send(line, step)
                with self._lock:
                    self.sent.answers[id(step)] = answer
                    self.sent.steps.append(step)
                done.append(step)
        except Stop:
            pass
        except Exception as error:  # noqa: BLE001 - it is told by the main thread
            self.sent.faults.append(f"{type(error).__name__}: {error}")
        finally:
            line.close()

    def _repeat(self, line: "Connection", done: list[Step], chance: random.Random) -> None:
        if self._stop.wait(0.02):
            raise Stop
        keyed = [step for step in done if step.key]
        if not keyed:
            return
        step = chance.choice(keyed)
        answer = self._send(line, step)
        with self._lock:
            self.sent.again += 1
            if answer != self.sent.answers[id(step)]:
                self.sent.faults.append(f"another answer to {step.key}: {answer.decode()[:300]}")

    def _send(self, line: "Connection", step: Step) -> bytes:
        """Until it is answered: what was refused because a process died is sent again, word for word."""
        while not self._stop.is_set():
            try:
                status, body = line.send(step)
            except (OSError, http.client.HTTPException):
                with self._lock:
                    self.sent.unknown += 1
                self._stop.wait(0.05)
                continue
            if status in (200, 201):
                return body
            with self._lock:
                if status >= 500 and self.database_dies:
                    self.sent.away += 1
                else:
                    self.sent.faults.append(f"{status} to {step.key or step.path}: {body.decode()[:300]}")
            self._stop.wait(0.2)
            if status < 500:
                self._stop.set()
        raise Stop


class Connection:
    """A kept connection to the service, wherever it is now."""

    def __init__(self, where: Any, token: str) -> None:
        self._where = where
        self._token = token
        self._line: http.client.HTTPConnection | None = None
        self._url = ""

    def send(self, step: Step) -> tuple[int, bytes]:
        more = {"Idempotency-Key": step.key} if step.key else {}
        more |= {"Authorization": f"Bearer {step.token}"} if step.token else {}
        return self.call(step.method, step.path, step.body, {"Content-Type": step.kind, **more})

    def get(self, path: str) -> Any:
        try:
            status, body = self.call("GET", path, None, {})
        except (OSError, http.client.HTTPException):  # the server ends a connection that lay idle
            status, body = self.call("GET", path, None, {})
        assert status == 200, body
        return json.loads(body)

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Everything of a list."""
        mark = "&" if "?" in path else "?"
        cursor = ""
        while True:
            page = self.get(f"{path}{mark}limit=200{cursor}")
            yield from page["data"]
            if not page["has_more"]:
                return
            cursor = f"&cursor={page['next_cursor']}"

    def call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._line is None or self._url != self._where.url:
            self.close()
            self._url = self._where.url
            self._line = http.client.HTTPConnection(self._url.removeprefix("http://"), timeout=30)
        try:
            self._line.request(method, path, body, {"Authorization": f"Bearer {self._token}", **headers})
            answer = self._line.getresponse()
            return answer.status, answer.read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
