"""Looks for work in the outbox by itself, inside the worker, and hands it to the worker's own pool.

Without a broker this is how work is found: SQLite tells a cheap number when another process has committed, PostgreSQL
notifies. With a broker it is the sweep that does what a dead, emptied or overrun broker has missed. No message is
needed for that, so a worker goes on while there is no broker at all.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from celery import bootsteps
from celery.concurrency.thread import TaskPool as Threads

from qc_service import clock, queue
from qc_service.config import Settings
from qc_service.db import connected, db, is_postgres, write
from qc_service.queue import Outbox

log = structlog.get_logger(__name__)

GLANCE = 0.04  # seconds between two looks at SQLite's change number; waking up is what an idle service costs
SWEEP = 10.0  # seconds between two sweeps where a broker rings
DUE_CHECK = 1.0  # seconds between two looks for rows whose time has come
ROOM_CHECK = 0.1  # seconds between two looks for room where more is due than may be handed out
HEARTBEAT = 15.0
AGAIN = 30.0  # seconds before a row that was handed out and never came back is handed out again
MOST = 64  # rows in the pool's hands at once; all others wait in the database
SLOW_MOST = 2  # of them those that may wait for somebody outside: judging must not wait for a mail server

Hand = Callable[[str, Callable[[Any], object]], None]  # a row, and what to call when it was followed
Pause = Callable[[], None]


class OutboxWatcher(bootsteps.StartStopStep):
    """A thread of the worker, started and stopped with it."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, parent: Any) -> None:
        from workers.app import settings
        from workers.reactions import REACTIONS, Outside  # only a worker needs what follows, the beat does not

        slow = [name for name, reaction in REACTIONS.items() if isinstance(reaction, Outside)]
        watch = Watch(_hand_of(parent, settings), slow, settings, self._stop)
        self._thread = threading.Thread(target=watch.run, daemon=True, name="qc-outbox")
        self._thread.start()

    def stop(self, parent: Any) -> None:  # noqa: ARG002 - Celery's signature
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)


def _hand_of(worker: Any, settings: Settings) -> Hand:
    """How a thread that is not the worker's own has the pool follow a row."""
    from workers.following import follow

    def hand(row_id: str, done: Callable[[Any], object]) -> None:
        worker.pool.apply_async(follow, (row_id, settings), callback=done)

    if worker.hub is None or isinstance(worker.pool, Threads):
        return hand
    return lambda row_id, done: worker.hub.call_soon(hand, row_id, done)  # this pool belongs to the event loop


class Watch:
    """Finds what is due; `slow` are the reactions that reach out of the database."""

    def __init__(self, hand: Hand, slow: Collection[str], settings: Settings, stop: threading.Event) -> None:
        self._hand = hand
        self._settings = settings
        self._stop = stop
        self._slow = slow
        self._quick_rows: dict[str, float] = {}  # row → when it was handed out
        self._slow_rows: dict[str, float] = {}
        self._beaten = 0.0

    def run(self) -> None:
        """Ends with the worker only: whatever is away now, the database too, comes back."""
        while not self._stop.is_set():
            try:
                with connected(), self._pausing() as pause:
                    self._watch(pause)
            except Exception as error:  # noqa: BLE001 - without this thread work would wait for ever, unnoticed
                log.warning("outbox.unreachable", error=f"{type(error).__name__}: {error}")
                self._stop.wait(1.0)

    def _watch(self, pause: Pause) -> None:
        while not self._stop.is_set():
            self._beat()
            if self.hand_out():
                self._stop.wait(ROOM_CHECK)
            else:
                pause()

    def hand_out(self) -> bool:
        """Hand out rows that are due and in nobody's hands, as far as there is room; True if others wait for it."""
        now, late = clock.now(), timedelta(0) if self._settings.embedded else timedelta(seconds=SWEEP)
        unrung = Outbox.due_at > Outbox.created_at  # nobody rings for what becomes due later
        due = ((Outbox.due_at <= now - late) | (unrung & (Outbox.due_at <= now))) & ~Outbox.dead
        slow = Outbox.reaction.in_(list(self._slow))
        quick = self._give(self._quick_rows, due & (Outbox.reaction.is_null() | ~slow), MOST)
        return self._give(self._slow_rows, due & slow, SLOW_MOST) or quick

    def _give(self, handed: dict[str, float], due: Any, most: int) -> bool:
        tick = time.monotonic()
        for row_id, at in list(handed.items()):
            if tick - at >= AGAIN:
                handed.pop(row_id, None)
        busy = list(handed)
        room = max(most - len(busy), 0)
        query = Outbox.select(Outbox.id).where(due & Outbox.id.not_in(busy)).order_by(Outbox.due_at)
        ids = [row.id for row in query.limit(room + 1)]
        for row_id in ids[:room]:
            handed[row_id] = tick
            self._hand(row_id, partial(_back, handed, row_id))
        return len(ids) > room

    def _beat(self) -> None:
        if time.monotonic() - self._beaten >= HEARTBEAT:
            with write():
                queue.beat("worker", clock.now())
            self._beaten = time.monotonic()

    def _pausing(self) -> contextlib.AbstractContextManager[Pause]:
        """How to wait for the next change, by engine."""
        if not self._settings.embedded:
            return contextlib.nullcontext(lambda: _wait(self._stop, DUE_CHECK))
        return _notified(self._settings) if is_postgres() else _glancing(self._stop)


def _back(handed: dict[str, float], row_id: str, _result: object) -> None:
    handed.pop(row_id, None)


def _wait(stop: threading.Event, seconds: float) -> None:
    stop.wait(seconds)


@contextlib.contextmanager
def _glancing(stop: threading.Event) -> Iterator[Pause]:
    """SQLite: `PRAGMA data_version` changes when another connection has committed."""
    seen = _version()

    def pause() -> None:
        nonlocal seen
        deadline = time.monotonic() + DUE_CHECK
        while time.monotonic() < deadline and not stop.is_set():
            time.sleep(GLANCE)  # half of what waiting for the event with a time limit costs
            version = _version()
            if version != seen:
                seen = version
                return

    yield pause


def _version() -> int:
    """Asked of the connection itself: cheaper than through Peewee, and this is what an idle service does."""
    return int(db.connection().execute("PRAGMA data_version").fetchone()[0])


@contextlib.contextmanager
def _notified(settings: Settings) -> Iterator[Pause]:
    """PostgreSQL: a trigger on the outbox notifies at commit."""
    import psycopg

    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute("LISTEN qc_outbox")

        def pause() -> None:
            for _ in connection.notifies(timeout=DUE_CHECK, stop_after=1):
                return

        yield pause
