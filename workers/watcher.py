"""Looks for work in the outbox by itself, inside the worker.

Without a broker this is how work is found: SQLite tells a cheap number when another process has committed, PostgreSQL
notifies. With a broker it is the sweep that picks up what a dead or emptied broker missed.
"""

import threading
import time
from datetime import timedelta
from typing import Any

import structlog
from celery import bootsteps
from peewee import PeeweeException

from qc_service import clock, queue
from qc_service.config import Settings
from qc_service.db import connected, db, is_postgres, write
from qc_service.queue import Outbox

log = structlog.get_logger(__name__)

GLANCE = 0.02  # seconds between two looks at SQLite's change number, which costs microseconds
SWEEP = 10.0  # seconds between two sweeps where a broker rings
DUE_CHECK = 1.0  # seconds between two looks for rows whose time has come
HEARTBEAT = 15.0
AGAIN = 30.0  # seconds before a row that was handed out is handed out again
BATCH = 200


class OutboxWatcher(bootsteps.StartStopStep):
    """A thread of the worker, started and stopped with it."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, parent: Any) -> None:
        watch = Watch(parent.app, self._stop)
        self._thread = threading.Thread(target=watch.run, daemon=True, name="qc-outbox")
        self._thread.start()

    def stop(self, parent: Any) -> None:  # noqa: ARG002 - Celery's signature
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)


class Watch:
    def __init__(self, app: Any, stop: threading.Event) -> None:
        from workers.app import settings

        self._app = app
        self._stop = stop
        self._settings: Settings = settings
        self._handed: dict[str, float] = {}  # row → when it was handed out
        self._beaten = 0.0

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                with connected():
                    self._watch()
            except PeeweeException as error:  # the database is away: look again when it is back
                log.warning("outbox.unreachable", error=str(error))
                self._stop.wait(1.0)

    def _watch(self) -> None:
        pause = self._pause()
        while not self._stop.is_set():
            self._beat()
            more = self.hand_out()
            if not more:
                pause()

    def hand_out(self) -> bool:
        """Send every row that is due and was not handed out a moment ago; True if there may be more."""
        now, tick = clock.now(), time.monotonic()
        self._handed = {row: at for row, at in self._handed.items() if tick - at < AGAIN}
        late = timedelta(0) if self._settings.embedded else timedelta(seconds=SWEEP)
        query = Outbox.select(Outbox.id).where((Outbox.due_at <= now - late) & ~Outbox.dead)
        if self._handed:
            query = query.where(Outbox.id.not_in(list(self._handed)[-20_000:]))
        ids = [row.id for row in query.order_by(Outbox.due_at).limit(BATCH)]
        for row_id in ids:
            self._app.send_task(queue.TASK, args=[row_id], ignore_result=True)
            self._handed[row_id] = tick
        return len(ids) == BATCH

    def _pause(self) -> Any:
        """How to wait for the next change, by engine."""
        if not self._settings.embedded:
            return lambda: self._stop.wait(SWEEP)
        return _Notified(self._stop, self._settings) if is_postgres() else _Glanced(self._stop)

    def _beat(self) -> None:
        if time.monotonic() - self._beaten >= HEARTBEAT:
            with write():
                queue.beat("worker", clock.now())
            self._beaten = time.monotonic()


class _Glanced:
    """SQLite: `PRAGMA data_version` changes when another connection has committed."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._seen = self._version()

    def __call__(self) -> None:
        deadline = time.monotonic() + DUE_CHECK
        while time.monotonic() < deadline and not self._stop.wait(GLANCE):
            version = self._version()
            if version != self._seen:
                self._seen = version
                return

    def _version(self) -> int:
        return int(db.execute_sql("PRAGMA data_version").fetchone()[0])


class _Notified:
    """PostgreSQL: a trigger on the outbox notifies at commit."""

    def __init__(self, stop: threading.Event, settings: Settings) -> None:
        import psycopg

        self._stop = stop
        self._connection = psycopg.connect(settings.database_url, autocommit=True)
        self._connection.execute("LISTEN qc_outbox")

    def __call__(self) -> None:
        for _ in self._connection.notifies(timeout=DUE_CHECK, stop_after=1):
            return
