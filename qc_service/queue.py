"""The outbox: what follows from a change is a row written in the change's own transaction.

A message to the broker carries nothing but a row's id, and is only a doorbell: a worker also looks by itself, so a
broker that is down or has lost everything delays the work and never loses it.
"""

import threading
import time
from datetime import datetime, timedelta
from typing import Any

import peewee
import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from qc_service.config import Settings
from qc_service.db import JsonField, Record, UtcField, bulk_insert, db, new_id

log = structlog.get_logger(__name__)

TASK = "workers.follow"  # called by name: the web process knows no worker code
MAX_ATTEMPTS = 14
BREAK_FOR = 2.0  # seconds without ringing after the broker failed


class Outbox(Record):
    """One thing that is still to be done. A row is deleted in the transaction that did it."""

    trail = "none"

    id = peewee.TextField(primary_key=True)
    event_id = peewee.TextField()
    event_type = peewee.TextField()
    reaction = peewee.TextField(null=True)  # none yet: a worker looks up what follows from the event
    site_id = peewee.TextField(null=True)
    data = JsonField()
    due_at = UtcField()
    attempts = peewee.IntegerField(default=0)
    error = peewee.TextField(null=True)
    dead = peewee.BooleanField(default=False)
    created_at = UtcField()


class JobSlot(Record):
    """A timetable's tick that was taken; the key makes a second beat harmless."""

    trail = "none"

    job = peewee.TextField()
    slot = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("job", "slot")


class Heartbeat(Record):
    """When a kind of process last said that it lives."""

    trail = "none"

    name = peewee.TextField(primary_key=True)
    at = UtcField()


def beat(name: str, now: datetime) -> None:
    row = {"name": name, "at": now}
    Heartbeat.insert(row).on_conflict(conflict_target=[Heartbeat.name], update=row).execute()


def add(
    *,
    event_id: str,
    event_type: str,
    site_id: str | None,
    data: dict[str, Any],
    now: datetime,
    reaction: str | None = None,
    due_at: datetime | None = None,
) -> str:
    """Put a row into the outbox of the running transaction and ring once it is committed."""
    row_id = new_id("out")
    bulk_insert(Outbox, [{
        "id": row_id, "event_id": event_id, "event_type": event_type, "reaction": reaction, "site_id": site_id,
        "data": data, "due_at": due_at or now, "attempts": 0, "dead": False, "created_at": now,
    }])  # fmt: skip
    if due_at is None or due_at <= now:
        db.after_commit(lambda: _bell.ring(row_id))
    return row_id


def backoff(attempts: int) -> timedelta:
    """1 s, 2 s, 4 s … up to 30 minutes between two tries."""
    return timedelta(seconds=min(2.0 ** max(attempts - 1, 0), 1800.0))


class Bell:
    """Rings a broker from a thread of its own, so that a dead broker never holds a request."""

    def __init__(self) -> None:
        self._app: Celery | None = None
        self._waiting: list[str] = []
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    def init(self, settings: Settings) -> None:
        self._app = None if settings.embedded else producer(settings)

    def ring(self, row_id: str) -> None:
        if self._app is None:
            return
        with self._wake:
            self._waiting.append(row_id)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, daemon=True, name="qc-bell")
                self._thread.start()
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting:
                    self._wake.wait()
                batch, self._waiting = self._waiting, []
            for row_id in batch:
                if not self._send(row_id):
                    time.sleep(BREAK_FOR)  # what is left unrung is found by the sweep
                    break

    def _send(self, row_id: str) -> bool:
        assert self._app is not None  # noqa: S101 - ring() returned otherwise
        try:
            self._app.send_task(TASK, args=[row_id], ignore_result=True, retry=False)
        except (OperationalError, OSError) as error:
            log.warning("broker.unreachable", error=str(error))
            return False
        return True


def producer(settings: Settings) -> Celery:
    """An application that can only send: publishing to a dead broker gives up at once."""
    app = Celery("qc-service", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        task_publish_retry=False,
        broker_transport_options={"max_retries": 1, "socket_connect_timeout": 1, "socket_timeout": 5},
        broker_connection_timeout=1,
        task_ignore_result=True,
    )
    return app


_bell = Bell()


def init_queue(settings: Settings) -> None:
    _bell.init(settings)


def ring(row_id: str) -> None:
    _bell.ring(row_id)
