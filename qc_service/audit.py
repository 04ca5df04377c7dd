"""The trail: every change writes its rows and one event, hash-chained per stream, in one transaction.

A stream is a line (`site/…/line/…`), a site (`site/…`) or the plant (`plant`). An event's body is kept as the exact
canonical bytes that were hashed, and carries the image (or the digest) of every row the change wrote, so that
`qc audit verify` can hold each table against it.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import peewee

from qc_service import queue
from qc_service.canonical import canonical
from qc_service.clock import fixed, iso
from qc_service.db import JsonField, LongBlobField, Prepared, Record, UtcField, bulk_insert, db, locked, new_id, write

Table = type[Record]  # named, because in an event `type` is something else

GENESIS = bytes(32)
PLANT = "plant"

# of texts, small whole numbers and nulls this makes what RFC 8785 asks for, several times as quickly
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Event(Record):
    trail = "none"  # it is the trail
    history = True

    stream = peewee.TextField()
    seq = peewee.IntegerField()
    id = peewee.TextField(unique=True)
    site_id = peewee.TextField(null=True)
    type = peewee.TextField()
    recorded_at = UtcField()
    actor = peewee.TextField()
    device_id = peewee.TextField(null=True)
    via = peewee.TextField()
    observed_at = UtcField(null=True)
    body = peewee.BlobField()
    prev = peewee.BlobField()
    hash = peewee.BlobField()

    class Meta:
        primary_key = peewee.CompositeKey("stream", "seq")


class StreamHead(Record):
    trail = "none"  # checked against the last event of its stream

    stream = peewee.TextField(primary_key=True)
    seq = peewee.IntegerField()
    hash = peewee.BlobField()


@dataclass(frozen=True, slots=True)
class Author:
    """Who did it, as the trail names them: `person:per_…`, `key:key_…`, `system:worker`, `cli`."""

    name: str
    device_id: str | None = None
    via: str = "api"


SYSTEM = Author("system:worker", via="worker")
COMMAND = Author("cli", via="cli")


def stream_of(site_id: str | None, line_id: str | None = None) -> str:
    if site_id is None:
        return PLANT
    return f"site/{site_id}/line/{line_id}" if line_id else f"site/{site_id}"


def image(model: type[Record], row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON: what the trail says the table must hold.

    What is null is left out, so that a column which is added later changes no image that was written before.
    """
    values = ((f.column_name, _plain(f, row.get(f.name))) for f in model._meta.sorted_fields)  # noqa: SLF001
    return {name: value for name, value in values if value is not None}


def _plain(column: Any, value: Any) -> Any:
    """The value that the column will hold, as JSON."""
    if value is None or isinstance(column, JsonField):
        return value
    if isinstance(column, UtcField):
        return fixed(value)
    if isinstance(column, LongBlobField):
        return hashlib.sha256(value).hexdigest()
    if isinstance(column, peewee.BlobField):
        return bytes(value).hex()
    return column.adapt(value)


def content(model: type[Record], row: Mapping[str, Any]) -> dict[str, Any]:
    """What an event carries of a row: its image or, where that is long or secret, the image's digest."""
    found = image(model, row)
    return found if model.trail == "image" else {"sha256": hashlib.sha256(canonical(found)).hexdigest()}


def key_of(model: type[Record], row: Mapping[str, Any]) -> str:
    return ":".join(str(_plain(column, row[column.name])) for column in key_columns(model))


def key_columns(model: type[Record]) -> list[peewee.Field]:
    primary: Any = model._meta.primary_key  # noqa: SLF001
    names = primary.field_names if isinstance(primary, peewee.CompositeKey) else (primary.name,)
    return [model._meta.fields[name] for name in names]  # noqa: SLF001


@dataclass
class Change:
    """The change that one event records: write rows through it, and say in `data` what it means."""

    author: Author
    type: str
    stream: str
    site_id: str | None
    data: dict[str, Any] = field(default_factory=dict)
    rows: list[Any] = field(default_factory=list)
    observed_at: datetime | None = None
    follow: bool = True
    id: str = field(default_factory=lambda: new_id("evt"))
    head: StreamHead | None = None
    now: datetime = field(default_factory=lambda: db.obj.now())  # noqa: PLW0108 - the engine is not known yet
    void: bool = False

    @property
    def seq(self) -> int:
        """The event's number in its stream; taking it locks the stream until commit."""
        return self._lock().seq + 1

    def insert(self, model: Table, **values: Any) -> Any:
        row = model(**values)
        bulk_insert(model, [row.__data__])
        row.dirty_fields.clear()
        self._note(model, row.__data__)
        return row

    def insert_many(self, model: Table, rows: Sequence[dict[str, Any]], *, replace: bool = False) -> None:
        """Many rows at once; every column must be given, because defaults are not filled in."""
        bulk_insert(model, rows, replace=replace)
        for row in rows:
            self._note(model, row)

    def update(self, row: Any, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(row, name, value)
        model = row.__class__
        row.save(only=[model._meta.fields[name] for name in changes])  # noqa: SLF001
        if model.trail != "none":  # as it stands: what the caller has read may be older than the table
            self._note(model, model.select().where(row._pk_expr()).dicts().get())  # noqa: SLF001

    def delete(self, model: Table, keys: Iterable[Mapping[str, Any]]) -> None:
        for key in keys:
            model.delete().where(*[getattr(model, name) == value for name, value in key.items()]).execute()
            self.rows.append([_table(model), key_of(model, key), None])

    def release(self, model: Table, row: Mapping[str, Any]) -> None:
        """The row now belongs to another stream, whose event carries its image."""
        self.rows.append([_table(model), key_of(model, row), None])

    def noted(self, model: Table, row: Mapping[str, Any]) -> None:
        """The row was written by a statement of the caller's own, and now stands so."""
        self._note(model, row)

    def discard(self) -> None:
        """Nothing changed after all: no event."""
        if self.rows:
            raise RuntimeError("rows were written: the event cannot be left out")
        self.void = True

    def _note(self, model: Table, row: Mapping[str, Any]) -> None:
        if model.trail != "none":
            self.rows.append([_table(model), key_of(model, row), content(model, row)])

    def _lock(self) -> StreamHead:
        if self.head is None:
            self.head = _head(self.stream)
        return self.head

    def _append(self) -> None:
        head = self._lock()
        event = {
            "stream": self.stream, "seq": head.seq + 1, "id": self.id, "site_id": self.site_id, "type": self.type,
            "recorded_at": self.now, "actor": self.author.name, "device_id": self.author.device_id,
            "via": self.author.via, "observed_at": self.observed_at, "prev": bytes(head.hash),
            "body": canonical({"data": self.data, "rows": self.rows}),
        }  # fmt: skip
        event["hash"] = chain(event)
        bulk_insert(Event, [event])
        db.execute_sql(
            f'UPDATE "stream_head" SET "seq" = {db.param}, "hash" = {db.param} WHERE "stream" = {db.param}',  # noqa: S608
            (event["seq"], event["hash"], self.stream),
        )
        if self.follow:
            queue.add(event_id=self.id, event_type=self.type, site_id=self.site_id, data=self.data, now=self.now)


def _table(model: type[Record]) -> str:
    name: str = model._meta.table_name  # noqa: SLF001
    return name


_HEAD = Prepared(
    (StreamHead.stream, StreamHead.seq, StreamHead.hash),
    lambda stream: locked(StreamHead.select().where(StreamHead.stream == stream)),
)


def _head(stream: str) -> StreamHead:
    rows = _HEAD.rows(stream)
    if not rows:
        StreamHead.insert(stream=stream, seq=0, hash=GENESIS).on_conflict_ignore().execute()
        rows = _HEAD.rows(stream)
    return StreamHead(stream=rows[0][0], seq=rows[0][1], hash=rows[0][2])


def chain(event: Mapping[str, Any]) -> bytes:
    """The hash that an event must have; all of it goes in but the hash itself."""
    observed = event["observed_at"]
    head = [
        event["stream"], event["seq"], event["id"], event["site_id"], event["type"], iso(event["recorded_at"]),
        event["actor"], event["device_id"], event["via"], iso(observed) if observed else None,
    ]  # fmt: skip
    return link(head, bytes(event["prev"]), bytes(event["body"]))


def link(head: Sequence[str | int | None], prev: bytes, body: bytes) -> bytes:
    """SHA-256 over the version mark, the hash before, the canonical head of the event and its body's digest."""
    text = _write(head).encode()
    return hashlib.sha256(b"qc1\0" + prev + text + hashlib.sha256(body).digest()).digest()


@contextlib.contextmanager
def change(
    author: Author,
    event_type: str,
    *,
    site_id: str | None = None,
    line_id: str | None = None,
    data: dict[str, Any] | None = None,
    follow: bool = True,
) -> Iterator[Change]:
    """One transaction, one event. `follow=False` for events that nothing can follow from."""
    with write():
        made = Change(author, event_type, stream_of(site_id, line_id), site_id, dict(data or {}), follow=follow)
        yield made
        if not made.void:
            made._append()  # noqa: SLF001 - the change's own life ends here


def lock_streams(streams: Iterable[str]) -> None:
    """Take several stream heads in sorted order, so that two writers cannot wait for each other."""
    for stream in sorted(set(streams)):
        _head(stream)
