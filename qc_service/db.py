"""The database: one proxy for SQLite and PostgreSQL, one way to write, and the fields and base models of all records.

Everything that is only true of one engine is in this module, so that nothing else asks which one runs.
"""

import contextlib
import fcntl
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MethodType
from typing import Any, ClassVar

import peewee
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

from qc_service import clock
from qc_service.config import Settings

db = peewee.DatabaseProxy()

SQLITE_MINIMUM = (3, 53, 0)  # elder ones cannot drop a NOT NULL; before 3.51.3 several processes can corrupt a WAL
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class SqliteEngine(PooledSqliteDatabase):  # type: ignore[misc]  # the pool has no types
    """SQLite in WAL mode, every commit on disk before it is acknowledged, writers queued by a file lock.

    SQLite's own busy handler sleeps and is unfair: with four writers the slowest waits seconds. The lock, taken
    before BEGIN IMMEDIATE, makes the wait the length of the transactions in front.
    """

    field_types = {**PooledSqliteDatabase.field_types, "UTC": "TEXT", "VARCHAR": "TEXT"}

    def __init__(self, path: str, synchronous: str) -> None:
        if peewee.sqlite3.sqlite_version_info < SQLITE_MINIMUM:  # type: ignore[attr-defined]
            raise RuntimeError("SQLite is too old to be safe: install pysqlite3 >= 0.6.1")
        pragmas = [
            ("journal_mode", "wal"),
            ("synchronous", synchronous),
            ("foreign_keys", 1),
            ("busy_timeout", 5000),
            ("trusted_schema", 0),
            ("recursive_triggers", 1),  # else REPLACE deletes a row of history past its trigger
            ("cache_size", -16000),
        ]
        super().__init__(
            path, pragmas=pragmas, check_same_thread=False, max_connections=64, stale_timeout=None, timeout=10
        )
        self._lock_path = f"{path}.lock"
        self._held = threading.local()

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        with self._queued(), self.atomic("IMMEDIATE"):
            yield

    @contextlib.contextmanager
    def _queued(self) -> Iterator[None]:
        held = self._held
        if not hasattr(held, "file") or held.file.pid != os.getpid():
            held.file = _LockFile(self._lock_path)
        fcntl.flock(held.file.handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(held.file.handle, fcntl.LOCK_UN)

    def now(self) -> datetime:
        return clock.now()


class _LockFile:
    """Open for as long as the thread lives that waits on it; a forked process needs one of its own."""

    def __init__(self, path: str) -> None:
        self.handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.pid = os.getpid()

    def __del__(self) -> None:
        os.close(self.handle)


class PostgresEngine(PooledPostgresqlDatabase):  # type: ignore[misc]
    field_types = {**PooledPostgresqlDatabase.field_types, "UTC": "TIMESTAMPTZ"}

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        with self.atomic():
            yield

    def now(self) -> datetime:
        moment: datetime = db.execute_sql("SELECT clock_timestamp()").fetchone()[0]
        return moment.astimezone(UTC)


def init_db(settings: Settings) -> None:
    """Point the proxy at the configured database. Opens no connection, so it is safe before a fork."""
    url = settings.database_url
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        engine: Any = SqliteEngine(path, settings.sqlite_synchronous)
    else:
        limits = "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
        engine = PostgresEngine(
            url, max_connections=32, stale_timeout=300, timeout=10, prefer_psycopg3=True,
            options=f"{limits} -c timezone=UTC",
        )  # fmt: skip
    db.initialize(engine)


def is_postgres() -> bool:
    return isinstance(db.obj, PostgresEngine)


@contextlib.contextmanager
def connected() -> Iterator[None]:
    """One pooled connection for a request, a task or a command; a no-op inside another one."""
    opened = db.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if opened:
            db.close()


@contextlib.contextmanager
def write() -> Iterator[None]:
    """The only way to write: one transaction, immediate on SQLite; inside another one it is part of it."""
    if db.in_transaction():
        yield
        return
    with connected(), db.obj.writer():
        yield


class _LastId(threading.local):
    number = 0


_last_id = _LastId()


def new_id(prefix: str) -> str:
    """An opaque identifier, `fix_…`; the leading time keeps an index's pages together.

    Those of one thread ascend, also within a millisecond and when the clock is set back: rows of one transaction have
    the same time, and their ids say in which order they were written.
    """
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    if number <= _last_id.number:
        number = _last_id.number + 1 + secrets.randbits(64)
    _last_id.number = number
    return f"{prefix}_{''.join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))}"


class UtcField(peewee.Field):
    """An aware UTC time: fixed-width text on SQLite, so that text order is time order; timestamptz on PostgreSQL."""

    field_type = "UTC"

    def db_value(self, value: datetime | None) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{self.name} needs an aware time")
        return value.astimezone(UTC) if is_postgres() else clock.fixed(value)

    def python_value(self, value: Any) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value and value.astimezone(UTC)
        return datetime.fromisoformat(value)


class LongBlobField(peewee.BlobField):
    """Bytes that an event names by their SHA-256: a photo, written out, would be larger than a year of events."""


class JsonField(peewee.TextField):
    """JSON kept as the text that was written: a binary form would reorder keys and rewrite numbers."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)


class QuickColumns(peewee.Metadata):
    """Columns that write their own name into a query, as Peewee would have written it.

    Peewee makes seven objects for each column it names, and a third of a request's time went into that.
    """

    def add_field(self, field_name: str, field: Any, set_attribute: bool = True) -> None:  # noqa: FBT001,FBT002 - Peewee's
        super().add_field(field_name, field, set_attribute)
        if type(field).__sql__ is peewee.Field.__sql__:
            field.__sql__ = MethodType(_name_column, field)


def _name_column(field: Any, query: Any) -> Any:
    if query.scope == peewee.SCOPE_VALUES:
        return query.literal(f'"{field.column_name}"')
    return query.literal(f'"{query.alias_manager[field.model._meta.table]}"."{field.column_name}"')  # noqa: SLF001


class Record(peewee.Model):
    """Base of all tables. `trail` says how a change of a row enters the event that made it."""

    trail: ClassVar[str] = "image"  # image: the whole row · digest: its SHA-256 · none: not part of the trail
    history: ClassVar[bool] = False  # rows are only ever added; triggers refuse anything else
    guards: ClassVar[tuple[str, ...]] = ()  # further triggers and unique indexes that a rule rests on

    class Meta:
        database = db
        model_metadata_class = QuickColumns
        legacy_table_names = False
        strict_tables = True
        only_save_dirty = True  # writing a parent's key again, even unchanged, has the engine look at all its children


def bulk_insert(model: type[Record], rows: Sequence[dict[str, Any]], *, replace: bool = False) -> None:
    """Many rows in one statement, adapters applied by hand: four times quicker than `insert_many`.

    With `replace`, a row whose `id` exists is overwritten.
    """
    if not rows:
        return
    fields = model._meta.sorted_fields  # noqa: SLF001 - Peewee's public introspection is spelt so
    columns = ",".join(f'"{field.column_name}"' for field in fields)
    marks = ",".join([db.obj.param] * len(fields))
    statement = f'INSERT INTO "{model._meta.table_name}" ({columns}) VALUES ({marks})'  # noqa: S608,SLF001
    if replace:
        sets = ",".join(f'"{f.column_name}"=excluded."{f.column_name}"' for f in fields if not f.primary_key)
        statement += f' ON CONFLICT ("id") DO UPDATE SET {sets}'
    values = [[field.db_value(row.get(field.name)) for field in fields] for row in rows]
    # the wrapper turns the driver's errors into Peewee's, as it does for every other statement
    with peewee.__exception_wrapper__, contextlib.closing(db.cursor()) as cursor:  # type: ignore[attr-defined]
        cursor.executemany(statement, values)


class Prepared:
    """A query whose SQL is built once for each engine: building it costs more than running it.

    `query` makes it from its values, all of which it must take, in their order; `columns` say how rows are read.
    """

    def __init__(self, columns: Sequence[Any], query: Callable[..., Any]) -> None:
        self._read = [column.python_value for column in columns]
        self._query = query
        self._built: dict[bool, str] = {}

    def rows(self, *values: Any) -> list[list[Any]]:
        engine = is_postgres()
        if engine not in self._built:
            text, taken = self._query(*values).sql()
            if list(taken) != list(values):
                raise RuntimeError("a prepared query takes its values in their order, and no others")
            self._built[engine] = text
        found = db.execute_sql(self._built[engine], values).fetchall()
        return [[read(value) for read, value in zip(self._read, row, strict=True)] for row in found]


def locked(query: Any, *, skip: bool = False) -> Any:
    """The query with its rows locked until commit, passing over what others hold; SQLite's one writer needs no lock."""
    if not is_postgres():
        return query
    # the keys stay as they are, so that other records may go on referring to the row meanwhile
    return query.for_update("FOR NO KEY UPDATE SKIP LOCKED" if skip else "FOR NO KEY UPDATE")
