"""Is history whole? Everything that the database holds, held against what the trail says of it.

Five questions: does the engine read its own files without a fault; do the tables and the triggers that guard
history stand; do the chains of events hold; does every row of every table stand as the trail last said; and
does history still contain all that an anchor, kept elsewhere, once saw? Only the last one notices a history
that was rewritten as a whole, or replaced by an older one.
"""

import contextlib
import functools
import importlib
import importlib.util
import pkgutil
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import qc_service
from qc_service import ddl
from qc_service.db import Record
from qc_service.verify.anchor import Anchor, check_anchor, read_anchor, write_anchor
from qc_service.verify.chains import check_streams, said_of
from qc_service.verify.findings import Finding, event_name, shown
from qc_service.verify.images import Reader, canonical, digest, same
from qc_service.verify.snapshot import AT_ONCE, Row, Snapshot, Unreadable, snapshot
from qc_service.verify.tally import Claim, Tally

__all__ = ["Finding", "verify", "write_anchor"]

# Tables without a model among those that are loaded here, and what they are.
OTHERS = {
    "schema_migration": "which migrations were run",
    "idempotency_key": "answers to requests; its model belongs to the web",
}
_MOST_SHOWN = 4  # changed columns of a row


def verify(anchor: str | Path | None = None) -> Iterator[Finding]:
    """Everything that is broken, in a stream. An anchor that cannot be opened raises `OSError` at once."""
    return _verify(read_anchor(anchor) if anchor is not None else None)


def _verify(anchor: Anchor | None) -> Iterator[Finding]:
    try:
        with snapshot() as view, contextlib.closing(Tally(_events(view))) as tally:
            yield from _faults(view)
            yield from _part("database", check_schema(view))
            whole = yield from _part("the trail", check_streams(view, tally))
            if whole:
                yield from _check_tables(view, tally)
            else:
                words = "the tables were not held against it, because it could not be read to its end"
                yield Finding.at("the trail", "unreadable", words)
            if anchor is not None:
                yield from _part("the anchor", check_anchor(view, anchor))
    except Unreadable as error:
        yield Finding.at("database", "unreadable", f"it cannot be read: {error}")


def _events(view: Snapshot) -> int:
    """How many events there are, about: what cannot be counted is said when it is read."""
    with contextlib.suppress(Unreadable):
        return sum(count for (count,) in view.query("SELECT count(*) FROM event"))
    return 0


def _part(place: str, findings: Iterator[Finding]) -> Generator[Finding, None, bool]:
    """One part of the check; True at its end unless the engine could not read what it needs."""
    try:
        yield from findings
    except Unreadable as error:
        yield Finding.at(place, "unreadable", f"it cannot be read: {error}")
        return False
    return True


def _faults(view: Snapshot) -> Iterator[Finding]:
    yield from _part("database", (Finding.at(place, "engine", said) for place, said in view.faults()))


# --- tables and triggers ---


@functools.cache
def models() -> Mapping[str, type[Record]]:
    """Every table that the service knows, by its name; of two models, the one whose rows are in the trail."""
    for module in pkgutil.iter_modules(qc_service.__path__):
        if module.ispkg:
            name = f"qc_service.{module.name}.models"
            if importlib.util.find_spec(name):
                importlib.import_module(name)
    found: dict[str, type[Record]] = {}
    for model in _below(Record):
        name = model._meta.table_name  # noqa: SLF001
        if model.__module__.startswith("qc_service.") and (name not in found or model.trail != "none"):
            found[name] = model
    return found


def _below(model: type[Record]) -> Iterator[type[Record]]:
    for one in model.__subclasses__():
        yield one
        yield from _below(one)


def check_schema(view: Snapshot) -> Iterator[Finding]:
    known, standing = models(), view.tables()
    for table in sorted(standing.keys() - known.keys() - OTHERS.keys()):
        yield Finding.at(f"table {table}", "table", "no part of the service knows this table")
    for table in sorted(known.keys() - standing.keys()):
        yield Finding.at(f"table {table}", "table", "the table is missing")
    for table in sorted(name for name, model in known.items() if model.trail != "none" and name in standing):
        wanted, found = set(Reader(known[table]).columns), standing[table]
        for column in sorted(wanted - found):
            yield Finding.at(f"table {table}", "table", f"its column {column} is missing")
        for column in sorted(found - wanted):
            yield Finding.at(f"table {table}", "table", f"no part of the service knows its column {column}")
    history = {name for name, model in known.items() if model.history}
    for trigger in sorted(ddl.wanted_triggers(history) - ddl.triggers(view.query)):
        words = "it is missing, switched off or changed, so the database lets history be changed"
        yield Finding.at(f"trigger {trigger}", "trigger", words)
    guards = {guard for model in known.values() for guard in model.guards}
    for guard in sorted(guards - ddl.guards(view.query)):
        words = "it is missing or switched off, so the database lets through what a rule forbids"
        yield Finding.at(f"guard {guard}", "trigger", words)


# --- rows ---


def _check_tables(view: Snapshot, tally: Tally) -> Iterator[Finding]:
    """All rows quickly first; a table is read again, row by row, only where that showed a difference."""
    standing = view.tables()
    readers = {name: Reader(model) for name, model in models().items() if model.trail != "none" and name in standing}
    readable = {name: reader for name, reader in readers.items() if standing[name].issuperset(reader.columns)}
    for table in sorted(readable):
        read = yield from _part(f"table {table}", _read_table(view, tally, readable[table]))
        if not read:
            del readable[table]
    wrong = tally.compare()
    for table in sorted(wrong & readable.keys()):
        yield from _part(f"table {table}", _check_table(view, tally, readable[table]))
    for table in sorted(wrong - readers.keys()):
        yield Finding.at(f"table {table}", "table", "the trail speaks of its rows, and it is not there")


def _rows(view: Snapshot, reader: Reader) -> Iterator[Row]:
    return view.query(reader.statement, at_once=1 if reader.long else AT_ONCE)  # one photo in memory, never more


def _read_table(view: Snapshot, tally: Tally, reader: Reader) -> Iterator[Finding]:
    for row in _rows(view, reader):
        image = reader.image(row)
        tally.hold(reader.table, reader.key(image), reader.content(image))
    yield from ()


def _check_table(view: Snapshot, tally: Tally, reader: Reader) -> Iterator[Finding]:
    table = reader.table
    for row in _rows(view, reader):
        image = reader.image(row)
        key = reader.key(image)
        if tally.wrong(table, key):
            yield from _check_row(view, reader, key, image, tally.claims(table, key))
    for key, stream, seq in tally.gone(table):
        words = f"the row is missing; {event_name(stream, seq)} recorded it"
        yield Finding.at(f"{table} {key}", "missing", words)
    for key, times in tally.twice(table):
        yield Finding.at(f"{table} {key}", "twice", f"the row stands {times} times")


def _check_row(
    view: Snapshot, reader: Reader, key: str, image: dict[str, Any], claims: list[Claim]
) -> Iterator[Finding]:
    place = f"{reader.table} {key}"
    holders = [claim for claim in claims if claim.digest is not None]
    if not holders:
        last = f", and {event_name(*claims[-1][:2])} took it away" if claims else ""
        yield Finding.at(place, "unknown", f"the row stands in the table, but no event recorded it{last}")
    elif len(holders) > 1:
        names = " and ".join(event_name(*claim[:2]) for claim in holders)
        yield Finding.at(place, "twice", f"{names} both say that the row is theirs")
    elif holders[0].digest != digest(reader.content(image)):
        stream, seq, _ = holders[0]
        said = said_of(view, stream, seq, reader.table, key)
        words = _difference(said, image, event_name(stream, seq))
        if words:
            yield Finding.at(place, "changed", words)


def _difference(said: dict[str, Any], image: dict[str, Any], event: str) -> str:
    """What differs between a row and what an event says of it; empty where it is only a way of writing."""
    if said.keys() == {"sha256"}:
        held = canonical(image)
        if held is not None and said["sha256"] == digest(held.decode()).hex():
            return ""
        return f"the row is not as {event} recorded it"
    names = sorted(name for name in said.keys() | image.keys() if not same(said.get(name), image.get(name)))
    parts = [f"{name} {shown(image.get(name))}" for name in names[:_MOST_SHOWN]]
    told = [shown(said.get(name)) for name in names[:_MOST_SHOWN]]
    more = f" ({len(names) - _MOST_SHOWN} more differ)" if len(names) > _MOST_SHOWN else ""
    return f"the table says {', '.join(parts)}; {event} says {', '.join(told)}{more}" if names else ""
