"""One view of the whole database, as it was at one moment, for those who check it while others write.

Values come as the engine stores them, past the adapters of Peewee: those make True of a 2 in a yes-or-no column,
read a time in any spelling, and so would hide changes.
"""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import quote

from pysqlite3 import dbapi2 as sqlite3

from qc_service.db import db, is_postgres

Row = tuple[Any, ...]
Fault = tuple[str, str]  # where, what the engine says

AT_ONCE = 64  # rows that are fetched together: each may hold a megabyte


class Unreadable(Exception):
    """The engine cannot read a part of its database; the text is what it says about it."""


class Snapshot(Protocol):
    """A database at one moment. `query` streams; errors of the engine are raised as `Unreadable`."""

    mark: str

    def begin(self) -> None: ...
    def query(self, statement: str, *values: Any, at_once: int = ...) -> Iterator[Row]: ...
    def tables(self) -> dict[str, set[str]]: ...
    def faults(self) -> Iterator[Fault]: ...
    def close(self) -> None: ...


@contextlib.contextmanager
def snapshot() -> Iterator[Snapshot]:
    """A connection of its own, since a view is held for minutes and sees nothing that comes later."""
    view: Snapshot = PostgresSnapshot(db.obj.database) if is_postgres() else SqliteSnapshot(db.obj.database)
    try:
        view.begin()
        yield view
    finally:
        view.close()


class SqliteSnapshot:
    mark = "?"

    def __init__(self, path: str) -> None:
        with _named(sqlite3.Error):
            self._connection = sqlite3.connect(
                f"file:{quote(path)}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
            )
        # damaged text stays comparable instead of ending the reading
        self._connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")

    def begin(self) -> None:
        with _named(sqlite3.Error):
            for pragma in _PRAGMAS:
                self._connection.execute(f"PRAGMA {pragma}")
            # the first reading is the moment that is seen from then on
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def query(self, statement: str, *values: Any, at_once: int = 0) -> Iterator[Row]:  # noqa: ARG002 - one by one
        with _named(sqlite3.Error), contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(statement, values)
            yield from cursor

    def tables(self) -> dict[str, set[str]]:
        return _grouped(self.query(_COLUMNS_OF_SQLITE))

    def faults(self) -> Iterator[Fault]:
        for (said,) in self.query("PRAGMA integrity_check"):
            if said != "ok":
                yield "database", str(said)
        for table, row, parent, _ in self.query("PRAGMA foreign_key_check"):
            yield f"table {table}", f"row {row} points at a row of {parent} that is not there"

    def close(self) -> None:
        self._connection.close()


_PRAGMAS = ("query_only = 1", "trusted_schema = 0", "cell_size_check = 1", "cache_size = -32000")
_COLUMNS_OF_SQLITE = """
    SELECT sqlite_master.name, info.name FROM sqlite_master, pragma_table_xinfo(sqlite_master.name) AS info
    WHERE sqlite_master.type = 'table'
    AND sqlite_master.name NOT IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4')"""


class PostgresSnapshot:
    mark = "%s"

    def __init__(self, address: str) -> None:
        import psycopg  # only where PostgreSQL is used

        self._error = psycopg.Error
        self._numbers = itertools.count()
        limits = "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"
        options = " ".join(f"-c {name}=0" for name in limits)
        with _named(self._error):
            self._connection = psycopg.connect(address, options=f"{options} -c timezone=UTC -c datestyle=ISO")
        self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        self._connection.read_only = True
        self._connection.adapters.register_loader("timestamptz", _moment_loader())

    def begin(self) -> None:
        with _named(self._error):
            self._connection.execute("SELECT 1")  # the first statement is the moment that is seen from then on

    def query(self, statement: str, *values: Any, at_once: int = AT_ONCE) -> Iterator[Row]:
        """In a savepoint, so that what cannot be read does not end the view."""
        name = f"qc_{next(self._numbers)}"
        with _named(self._error), self._connection.transaction(), self._connection.cursor(name) as cursor:
            cursor.itersize = at_once
            cursor.execute(statement, values)
            yield from cursor

    def tables(self) -> dict[str, set[str]]:
        return _grouped(self.query(_COLUMNS_OF_POSTGRES))

    def faults(self) -> Iterator[Fault]:
        """What amcheck finds, where the extension is installed and may be used."""
        usable = {name for (name,) in self.query(_USABLE)}
        for kind, name in list(self.query(_RELATIONS)):
            function, call, place = _CHECKS[kind]
            if function not in usable:
                continue
            try:
                said = [row[0] for row in self.query(call, name)]
            except Unreadable as error:
                said = [str(error)]
            yield from ((f"{place} {name}", text) for text in said if text)

    def close(self) -> None:
        self._connection.close()


_COLUMNS_OF_POSTGRES = """
    SELECT relname, attname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    WHERE nspname = current_schema() AND relkind IN ('r', 'p')"""
_CHECKS = {  # by kind of relation: the function, how it is called, what the relation is
    "i": ("bt_index_check", "SELECT bt_index_check(%s::regclass, true)::text", "index"),
    "r": ("verify_heapam", "SELECT verify_heapam(%s::regclass)::text", "table"),
}
_USABLE = """
    SELECT proname FROM pg_proc WHERE proname IN ('bt_index_check', 'verify_heapam')
    AND pg_function_is_visible(oid) AND has_function_privilege(oid, 'execute')"""
_RELATIONS = """
    SELECT relkind::text, pg_class.oid::regclass::text FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = relnamespace LEFT JOIN pg_am ON pg_am.oid = relam
    WHERE nspname = current_schema() AND relpersistence <> 't'
    AND (relkind = 'r' OR (relkind = 'i' AND amname = 'btree')) ORDER BY 1, 2"""


def _grouped(found: Iterator[Row]) -> dict[str, set[str]]:
    """Tables with their columns."""
    tables: dict[str, set[str]] = {}
    for table, column in found:
        tables.setdefault(str(table), set()).add(str(column))
    return tables


def _moment_loader() -> Any:
    """Times of PostgreSQL as the trail spells them; what has none there (infinity, BC) stays as it is."""
    import psycopg.adapt  # only where PostgreSQL is used

    class Moment(psycopg.adapt.Loader):
        def load(self, data: Any) -> str:
            text = bytes(data).decode()
            day, _, rest = text.removesuffix("+00").partition(" ")
            time, _, fraction = rest.partition(".")
            if len(day) == len("2026-11-18") and len(time) == len("06:00:00") and text.endswith("+00"):
                return f"{day}T{time}.{fraction:0<6}Z"
            return text

    return Moment


@contextlib.contextmanager
def _named(error_of_engine: type[Exception]) -> Iterator[None]:
    try:
        yield
    except (error_of_engine, UnicodeError, OverflowError) as error:
        raise Unreadable(" ".join(str(error).split())) from error
