"""Attacks on history. Every one is named by a check, or, where none can know, by the anchor alone."""
# ruff: noqa: S608 - names of tables come from the catalogue

import itertools
import shutil
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from qc_service import audit, clock
from qc_service.audit import Event, StreamHead
from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.db import db, init_db
from qc_service.lines import service as lines
from qc_service.lines.models import Line
from qc_service.people.models import RoleGrant
from qc_service.verify import models, verify, write_anchor
from qc_service.verify.images import Reader
from tests import servers
from tests.attacks import edits, found, kinds, some_stream, watched

pytestmark = pytest.mark.volume

# --- what is whole ---


def test_a_whole_history_gives_no_finding(database, tmp_path):
    write_anchor(tmp_path / "anchor")
    assert found(tmp_path / "anchor") == []


def test_a_stream_that_was_locked_and_never_written_to_is_whole(database):
    with audit.write():
        audit.lock_streams(["site/nowhere"])
    assert found() == []


def test_a_check_during_writing_sees_one_moment(database, settings):
    line = Line.get(Line.code == "L1")
    ready, done = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            with audit.change(audit.SYSTEM, "line.changed", site_id=line.site_id, line_id=line.id) as change:
                change.update(Line.get_by_id(line.id), name=f"Line {number}")
            lines.ensure_products(audit.SYSTEM, line.site_id, [f"P-{number}"], clock.now())
            ready.set()

    writer = threading.Thread(target=write)
    writer.start()
    ready.wait(60)
    before = Event.select().count()
    try:
        assert [found() for _ in range(8)] == [[]] * 8
    finally:
        done.set()
        writer.join()
    assert Event.select().count() > before


# --- each column of each table ---


CHAIN = ("event", "stream_head")  # where these are changed, little else can be looked at
OTHERS = [table for table in watched() if table not in CHAIN]
ALONE = [pytest.param((table,), id=table) for table in CHAIN] + [
    pytest.param((table,), id=table, marks=pytest.mark.campaign) for table in OTHERS
]


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize("tables", [pytest.param(tuple(OTHERS), id="a change in each table at once"), *ALONE])
def test_each_changed_column_is_named(tables, attacker):
    """Read from the catalogue, so that a new table or column is included by itself."""
    for table in tables:
        attacker.drop_checks(table)
    forged = [_forgeries(table) for table in tables]
    unseen = []
    for together in itertools.zip_longest(*forged):
        some = [one for one in together if one]
        before = {one.table: one.rows() for one in some}
        assert attacker.all_of(one.done() for one in some) == len(some)
        findings = list(verify())
        unseen += [f"{one.table}.{one.column} = {one.value}" for one in some if not one.named(findings)]
        attacker.all_of(one.undone(before[one.table]) for one in some)
    assert unseen == []
    assert found() == []


@dataclass
class Forgery:
    """Another value in one column of a table's first row."""

    table: str
    columns: list[str]
    column: str
    value: str
    row: tuple[Any, ...]

    def rows(self) -> list[tuple[Any, ...]]:
        return db.execute_sql(f'SELECT {_listed(self.columns)} FROM "{self.table}" ORDER BY 1').fetchall()

    def done(self) -> tuple[str, Sequence[Any]]:
        return f'UPDATE "{self.table}" SET "{self.column}" = {self.value} {self._where()}', self.row

    def undone(self, before: list[tuple[Any, ...]]) -> tuple[str, Sequence[Any]]:
        [new] = [row for row in self.rows() if row not in before]
        old = self.row[self.columns.index(self.column)]
        return f'UPDATE "{self.table}" SET "{self.column}" = ? {self._where()}', [old, *new]

    def named(self, findings: list[Any]) -> bool:
        return any(_names(finding, self.table, self.column) for finding in findings)

    def _where(self) -> str:
        return "WHERE " + " AND ".join(f'"{name}" IS NOT DISTINCT FROM ?' for name in self.columns)


def _forgeries(table: str) -> list[Forgery]:
    fields = models()[table]._meta.sorted_fields
    columns = [field.column_name for field in fields]
    row = db.execute_sql(f'SELECT {_listed(columns)} FROM "{table}" ORDER BY 1 LIMIT 1').fetchone()
    return [Forgery(table, columns, field.column_name, value, row) for field in fields for value in edits(field)]


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _names(finding, table, column) -> bool:
    """Does the finding name the table, and where the trail knows it the column?"""
    if table in ("event", "stream_head"):
        return finding.kind in ("hash", "order", "gap", "head", "body")
    key = column in {one.column_name for one in audit.key_columns(models()[table])}
    if models()[table].trail == "digest" or key:
        return finding.place.startswith(f"{table} ") and finding.kind in ("changed", "unknown", "missing")
    return finding.place.startswith(f"{table} ") and f"{column} " in finding.text


# --- the named attacks ---


def test_a_changed_number_is_named_with_what_the_trail_says(attacker):
    row = CountRevision.select().where(CountRevision.defective == 9).order_by(CountRevision.count_id).first()
    attacker.sql("UPDATE count_revision SET defective = 1 WHERE count_id = ?", row.count_id)
    event = next(event for event in Event.select() if f'"{row.count_id}:1",{{' in bytes(event.body).decode())
    said = f"event {event.seq} of stream {event.stream} says 9"
    assert found() == [f"count_revision {row.count_id}:1 — the table says defective 1; {said}"]


def test_a_deleted_event_is_missing(attacker):
    stream = some_stream()
    attacker.sql("DELETE FROM event WHERE stream = ? AND seq = 2", stream)
    assert f"stream {stream} — event 2 is missing" in found()


def test_a_cut_off_tail_is_missing(attacker):
    stream = some_stream()
    head = StreamHead.get_by_id(stream)
    attacker.sql("DELETE FROM event WHERE stream = ? AND seq > 2", stream)
    assert f"stream {stream} — its end is missing: the head says {head.seq} events, the last is 2" in found()


def test_a_tail_that_is_cut_off_with_its_head_leaves_rows_that_no_event_recorded(attacker):
    stream = some_stream()
    last = Event.get((Event.stream == stream) & (Event.seq == 2))
    attacker.sql("DELETE FROM event WHERE stream = ? AND seq > 2", stream)
    attacker.sql("UPDATE stream_head SET seq = 2, hash = ? WHERE stream = ?", bytes(last.hash), stream)
    assert "unknown" in kinds()


def test_a_dropped_stream_is_missing(attacker):
    stream = some_stream()
    attacker.sql("DELETE FROM event WHERE stream = ?", stream)
    assert any(text.startswith(f"stream {stream} — all its events are missing") for text in found())


def test_a_stream_that_is_dropped_with_its_head_leaves_rows_that_no_event_recorded(attacker):
    stream = some_stream()
    attacker.sql("DELETE FROM event WHERE stream = ?", stream)
    attacker.sql("DELETE FROM stream_head WHERE stream = ?", stream)
    assert kinds() == {"unknown"}


def test_a_head_that_is_dropped_is_missing(attacker):
    attacker.sql("DELETE FROM stream_head WHERE stream = ?", some_stream())
    assert kinds() == {"head"}


def insert(attacker, event) -> None:
    names = list(event)
    marks = ", ".join("?" * len(names))
    values = [Event._meta.fields[name].db_value(event[name]) for name in names]
    attacker.sql(f"INSERT INTO event ({', '.join(names)}) VALUES ({marks})", *values)


def test_an_event_inserted_past_the_end_stands_behind_it(attacker):
    stream = some_stream()
    last = Event.select().where(Event.stream == stream).order_by(Event.seq.desc()).dicts().first()
    forged = {**last, "seq": last["seq"] + 1, "id": "evt_forged", "prev": last["hash"]}
    insert(attacker, {**forged, "hash": audit.chain(forged)})
    assert f"stream {stream} — events after {last['seq']} stand behind its end, up to {last['seq'] + 1}" in found()


def test_an_event_inserted_in_between_breaks_the_chain(attacker):
    stream = some_stream()
    attacker.sql("UPDATE event SET seq = seq + 1000 WHERE stream = ? AND seq >= 2", stream)
    attacker.sql("UPDATE event SET seq = seq - 999 WHERE stream = ? AND seq >= 1000", stream)
    first = Event.select().where((Event.stream == stream) & (Event.seq == 1)).dicts().get()
    forged = {**first, "seq": 2, "id": "evt_forged", "prev": first["hash"]}
    insert(attacker, {**forged, "hash": audit.chain(forged)})
    assert {"hash", "order", "head"} <= kinds()


def swap(attacker, one, other) -> None:
    """Two events change places."""
    for (stream, seq), (new_stream, new_seq) in ((one, ("", -1)), (other, one), (("", -1), other)):
        attacker.sql(
            "UPDATE event SET stream = ?, seq = ? WHERE stream = ? AND seq = ?", new_stream, new_seq, stream, seq
        )


def test_reordered_events_break_the_chain(attacker):
    stream = some_stream()
    swap(attacker, (stream, 2), (stream, 3))
    assert {"hash", "order"} <= kinds()


def test_events_swapped_between_streams_break_both_chains(attacker):
    long = StreamHead.select().where(StreamHead.seq > 1).order_by(StreamHead.stream.desc())
    one, other = [head.stream for head in long.limit(2)]
    swap(attacker, (one, 1), (other, 1))
    broken = {finding.place for finding in verify() if finding.kind == "hash"}
    assert {f"event 1 of stream {one}", f"event 1 of stream {other}"} <= broken


def test_a_projection_that_alone_is_changed_is_named(attacker):
    count_id = ProductionCount.select().first().id
    attacker.sql("UPDATE production_count SET defective = 0, inspected = 7 WHERE id = ?", count_id)
    (text,) = found()
    assert text.startswith(f"production_count {count_id} — the row is not as event ")


def test_a_row_that_is_deleted_is_missing(attacker):
    row = CountRevision.select().first()
    attacker.sql("DELETE FROM count_revision WHERE count_id = ?", row.count_id)
    assert any(text.startswith(f"count_revision {row.count_id}:1 — the row is missing") for text in found())


def test_a_row_that_is_made_up_was_recorded_by_no_event(attacker):
    row = CountRevision.select().first()
    names = ", ".join(Reader(CountRevision).columns)
    copied = names.replace(" revision,", " 77,")
    attacker.sql(
        f"INSERT INTO count_revision ({names}) SELECT {copied} FROM count_revision WHERE count_id = ? AND revision = ?",
        row.count_id, row.revision,
    )  # fmt: skip
    assert found() == [f"count_revision {row.count_id}:77 — the row stands in the table, but no event recorded it"]


def test_a_row_that_comes_back_after_its_deletion_is_named(attacker):
    grant = RoleGrant.select().first()
    with audit.change(audit.COMMAND, "role.revoked") as change:
        change.delete(RoleGrant, [{"id": grant.id}])
    assert found() == []
    grant.save(force_insert=True)
    (text,) = found()
    assert text.startswith(f"role_grant {grant.id} — the row stands in the table, but no event recorded it, and event ")
    assert text.endswith("took it away")


def test_a_changed_body_no_longer_fits_its_hash(attacker):
    stream = some_stream()
    event = Event.get((Event.stream == stream) & (Event.seq == 2))
    forged = bytes(event.body).replace(b'"defective":3', b'"defective":1')
    assert forged != bytes(event.body)
    attacker.sql("UPDATE event SET body = ? WHERE stream = ? AND seq = 2", forged, stream)
    assert {"hash", "changed"} <= kinds()


def test_a_changed_body_with_a_new_hash_breaks_the_chain_after_it(attacker):
    stream = some_stream()
    event = Event.select().where((Event.stream == stream) & (Event.seq == 2)).dicts().get()
    forged = {**event, "body": bytes(event["body"]).replace(b'"inspected":100', b'"inspected":900')}
    attacker.sql(
        "UPDATE event SET body = ?, hash = ? WHERE stream = ? AND seq = 2", forged["body"], audit.chain(forged), stream
    )
    assert f"event 3 of stream {stream} — it does not follow on event 2: it names another hash" in found()


def test_two_streams_that_claim_a_row_are_named(attacker):
    line = Line.get(Line.code == "L1")
    with audit.change(audit.COMMAND, "line.changed", site_id=line.site_id) as change:
        change.update(line, name="Taken over")
    texts = found()
    assert len(texts) == 1
    assert texts[0].endswith("both say that the row is theirs")


# --- what only an anchor sees ---


def test_an_older_backup_is_seen_by_the_anchor_alone(database, settings, request, tmp_path, engine):
    backup = replace(settings, database_url=f"sqlite:///{tmp_path / 'backup.db'}")
    db.obj.close_all()
    if engine == "pg":
        name = f"qc_backup_{uuid.uuid4().hex[:8]}"
        original = urlsplit(settings.database_url).path[1:]
        request.getfixturevalue("postgres_server").execute(f"CREATE DATABASE {name} TEMPLATE {original}")
        request.getfixturevalue("postgres_kept").append(name)
        backup = replace(settings, database_url=servers.database_at(settings.database_url, name))
    else:
        shutil.copyfile(tmp_path / "qc.db", tmp_path / "backup.db")
    stream = some_stream()
    seq = StreamHead.get_by_id(stream).seq
    line = Line.get(Line.id == stream.rsplit("/", 1)[1])
    with audit.change(audit.COMMAND, "line.changed", site_id=line.site_id, line_id=line.id) as change:
        change.update(line, name="After the backup")
    write_anchor(tmp_path / "anchor")
    assert found(tmp_path / "anchor") == []
    db.obj.close_all()

    init_db(backup)

    assert found() == []
    (text,) = found(tmp_path / "anchor")
    assert text.startswith(f"stream {stream} — history is shorter than the anchor of ")
    assert text.endswith(f"that saw event {seq + 1}, the last is {seq}")
    db.obj.close_all()


def test_a_history_that_is_written_anew_is_seen_by_the_anchor_alone(attacker, tmp_path):
    write_anchor(tmp_path / "anchor")
    ours = {"line": Line.get(Line.code == "L1").id}

    def kinder(body):
        """The line was called otherwise from the beginning, and nothing else was ever different."""
        for table, key, row in body["rows"]:
            if (table, key) == ("line", ours["line"]):
                row["name"] = "Forged"
        return body

    attacker.rechain(kinder)
    attacker.sql("UPDATE line SET name = 'Forged' WHERE id = ?", ours["line"])

    assert found() == []
    texts = found(tmp_path / "anchor")
    assert texts
    assert all("history differs from the anchor of " in text for text in texts)


def test_an_anchor_still_holds_when_history_has_grown(database, tmp_path):
    write_anchor(tmp_path / "anchor")
    line = Line.get(Line.code == "L1")
    with audit.change(audit.COMMAND, "line.changed", site_id=line.site_id, line_id=line.id) as change:
        change.update(line, name="Later")
    assert found(tmp_path / "anchor") == []
