"""What a person with the database's password could do: change anything, past triggers, keys and the service."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pysqlite3 import dbapi2 as sqlite3

from qc_service import audit
from qc_service.audit import Event, StreamHead
from qc_service.config import Settings
from qc_service.db import JsonField, UtcField, is_postgres
from qc_service.verify import models, verify
from qc_service.verify.images import Reader
from qc_service.verify.snapshot import snapshot
from tests import servers

TEXT, TIME = "'forged'", "'2031-01-02T03:04:05.000006Z'"


@dataclass
class Attacker:
    """A connection of one's own with all guards off. Triggers stand again afterwards, so that they betray nothing."""

    settings: Settings
    connection: Any = None

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def sql(self, statement: str, *values: Any) -> int:
        """Run a statement written for SQLite; gives the number of rows it changed."""
        return self.all_of([(statement, values)])

    def all_of(self, statements: Iterable[tuple[str, Sequence[Any]]]) -> int:
        """Run them together; gives the number of rows they changed."""
        with self._connection() as connection:
            return sum(
                connection.execute(text.replace("?", "%s") if self.postgres else text, values).rowcount
                for text, values in statements
            )

    @property
    def postgres(self) -> bool:
        return self.settings.database_url.startswith("postgresql")

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Any]:
        if self.postgres:
            if self.connection is None:
                self.connection = servers.connect(self.settings.database_url)
                self.connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
            yield self.connection
            return
        path = self.settings.database_url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = 1")
            connection.execute("BEGIN IMMEDIATE")
            guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in guards:
                connection.execute(f'DROP TRIGGER "{name}"')
            yield connection
            for _, text in guards:
                connection.execute(text)
            connection.execute("COMMIT")

    def drop_checks(self, table: str) -> None:
        """SQLite's are switched off for a connection; PostgreSQL's can only be dropped."""
        if self.postgres:
            with self._connection() as connection:
                found = connection.execute(
                    "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass", [table]
                ).fetchall()
                for (name,) in found:
                    connection.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')

    def rechain(self, change: Any) -> None:
        """Write the whole of history anew: `change` gets each event's body and gives the one to be written."""
        heads: dict[str, tuple[int, bytes]] = {}
        for event in list(Event.select().order_by(Event.stream, Event.seq).dicts()):
            _, prev = heads.get(event["stream"], (0, audit.GENESIS))
            body = audit.canonical(change(json.loads(bytes(event["body"]))))
            new = audit.chain({**event, "prev": prev, "body": body})
            heads[event["stream"]] = (event["seq"], new)
            self.sql(
                "UPDATE event SET body = ?, prev = ?, hash = ? WHERE stream = ? AND seq = ?",
                body, prev, new, event["stream"], event["seq"],
            )  # fmt: skip
        for stream, (seq, new) in heads.items():
            self.sql("UPDATE stream_head SET seq = ?, hash = ? WHERE stream = ?", seq, new, stream)


def edits(field: Any) -> list[str]:
    """SQL expressions for values that the column could hold and does not."""
    name = f'"{field.column_name}"'
    if isinstance(field, JsonField):
        # another value; and the same one spelt otherwise, where even nothing has another spelling
        return ["'{\"forged\":1}'", f"coalesce({name} || ' ', 'null')"]
    if isinstance(field, UtcField):
        return [TIME]
    kind = field.field_type
    by_kind = {
        "BOOL": [f"NOT coalesce({name}, {'false' if is_postgres() else 0})"],
        "INT": [f"coalesce({name}, 0) + 1000000"],
        "DOUBLE": [f"coalesce({name}, 0) + 0.5"],
        "BLOB": ["'\\x00'::bytea" if is_postgres() else "x'00'"],
    }
    return by_kind.get(kind, [TEXT])


def watched() -> list[str]:
    """Every table whose change must be seen, as the catalogue of the running service has them."""
    return sorted([name for name, model in models().items() if model.trail != "none"] + ["event", "stream_head"])


def history() -> list[str]:
    return sorted(name for name, model in models().items() if model.history)


def contents() -> dict[str, set[tuple[Any, ...]]]:
    """Everything that is history, as it stands: to tell a change that matters from one that changes nothing."""
    with snapshot() as view:
        return {table: set(view.query(Reader(models()[table]).statement)) for table in watched()}


def found(anchor=None) -> list[str]:
    return [str(finding) for finding in verify(anchor)]


def kinds(anchor=None) -> set[str]:
    return {finding.kind for finding in verify(anchor)}


def some_stream() -> str:
    """A line's stream with several events."""
    return StreamHead.select().where(StreamHead.stream.contains("/line/")).order_by(StreamHead.seq.desc()).get().stream
