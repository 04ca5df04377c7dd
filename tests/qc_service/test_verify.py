"""Attacks on history. Every one is named by a check, or, where none can know, by the anchor alone."""
# ruff: noqa: S608 - names of tables come from the catalogue

import contextlib
import random
import shutil
import threading
import uuid
from dataclasses import replace
from urllib.parse import urlsplit

import peewee
import pytest

from qc_service import audit, clock, ddl
from qc_service.audit import Event, StreamHead
from qc_service.counts.models import CountRevision, ProductionCount
from qc_service.db import connected, db, init_db
from qc_service.images import Reader
from qc_service.lines import service as lines
from qc_service.lines.models import Line, Site
from qc_service.lines.service import create_line
from qc_service.people import access, staff
from qc_service.people.models import RoleGrant
from qc_service.verify import models, verify, write_anchor
from tests import servers
from tests.attacks import Attacker, contents, edits, history, watched
from tests.plant import Plant, count, hour

FLIPS = 300


def grow(app) -> None:
    """A plant with a row in every table of the trail, and with every way in which a row can come and go."""
    with connected():
        plant = Plant(app)
        for line in ("L1", "L2"):
            plant.line(line)
        plant.ingest([count(i, 100, 3, product="P-1", defects=[{"code": "X", "units": 3}]) for i in range(30)])
        plant.fix(in_effect_at=hour(30)[0], promise={"rate": 0.01})
        plant.ingest([count(i, 100, 9, rework_in_good=False) for i in range(30, 60)])
        plant.ingest([count(3, 100, 4, external_version="2"), count(4, 100, 4, external_version="2", line="L2")])
        plant.ingest([count(900, 10, 1, charged_to="JC-5")])
        person = staff.add_person(
            audit.COMMAND, "P-7", "Dewi", ["supervisor", "auditor"], pin="739154", password="plum jam on the roof"
        )
        site = Site.get(Site.code == "S1")
        staff.add_person(audit.COMMAND, "P-8", "Umi", ["supervisor"], site_id=site.id, email="umi@example.com")
        grant = RoleGrant.get((RoleGrant.person_id == person.id) & (RoleGrant.role == "auditor"))
        with audit.change(audit.COMMAND, "role.revoked") as change:
            change.delete(RoleGrant, [{"id": grant.id}])
        access.enrol_device(audit.COMMAND, "T-1", site_id=site.id)
        line = Line.get(Line.code == "L2")
        with audit.change(audit.COMMAND, "line.changed", site_id=line.site_id, line_id=line.id) as change:
            change.update(line, name="Second line")
        plant.work()
        empty = [table for table in watched() if not db.execute_sql(f'SELECT 1 FROM "{table}"').fetchall()]
    assert not empty, f"no row in {', '.join(empty)}: let grow() above make one"


@pytest.fixture(scope="session")
def sqlite_template(sqlite_template, tmp_path_factory):
    """In place of an empty database, each test of this module gets a copy of the grown plant."""
    home = tmp_path_factory.mktemp("grown")
    shutil.copyfile(sqlite_template, home / "qc.db")
    return _grown(servers.settings_for(home, f"sqlite:///{home / 'qc.db'}")) or home / "qc.db"


@pytest.fixture(scope="session")
def postgres_template(postgres_template, postgres_url, postgres_server, postgres_kept, tmp_path_factory):
    name = f"qc_grown_{uuid.uuid4().hex[:8]}"
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    postgres_kept.append(name)
    home = tmp_path_factory.mktemp("grown")
    return _grown(servers.settings_for(home, servers.database_at(postgres_url, name))) or name


def _grown(settings) -> None:
    from qc_service.app import create_app

    grow(create_app(settings))
    db.obj.close_all()


@pytest.fixture
def attacker(database, settings):
    with contextlib.closing(Attacker(settings)) as attacker:
        yield attacker


def found(anchor=None) -> list[str]:
    return [str(finding) for finding in verify(anchor)]


def kinds(anchor=None) -> set[str]:
    return {finding.kind for finding in verify(anchor)}


def some_stream() -> str:
    """A line's stream with several events."""
    return StreamHead.select().where(StreamHead.stream.contains("/line/")).order_by(StreamHead.seq.desc()).get().stream


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
    ready.wait(10)
    before = Event.select().count()
    try:
        assert [found() for _ in range(8)] == [[]] * 8
    finally:
        done.set()
        writer.join()
    assert Event.select().count() > before


# --- each column of each table ---


@pytest.mark.parametrize("table", watched())
def test_each_changed_column_is_named(table, attacker):
    """Read from the catalogue, so that a new table or column is included by itself."""
    attacker.drop_checks(table)
    model = models()[table]
    fields = model._meta.sorted_fields
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    row = db.execute_sql(f'SELECT {names} FROM "{table}" ORDER BY 1 LIMIT 1').fetchone()
    where = " AND ".join(f'"{field.column_name}" IS NOT DISTINCT FROM ?' for field in fields)
    unseen = []
    for place, field in enumerate(fields):
        for value in edits(field):
            changed = attacker.sql(f'UPDATE "{table}" SET "{field.column_name}" = {value} WHERE {where}', *row)
            assert changed == 1
            if not any(_names(finding, table, field.column_name) for finding in verify()):
                unseen.append(f"{field.column_name} = {value}")
            rest = [*row[:place], *row[place + 1 :]]
            now = db.execute_sql(f'SELECT {names} FROM "{table}"').fetchall()
            new = next(one for one in now if [*one[:place], *one[place + 1 :]] == rest and one != row)
            attacker.sql(f'UPDATE "{table}" SET "{field.column_name}" = ? WHERE {where}', row[place], *new)
    assert unseen == []
    assert found() == []


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


# --- guards ---


def test_history_refuses_to_be_changed(database):
    """Read from the catalogue, so that a new table of history is included by itself."""
    for table in history():
        column = models()[table]._meta.sorted_fields[-1].column_name
        attempts = [f'UPDATE "{table}" SET "{column}" = "{column}"', f'DELETE FROM "{table}"']
        if ddl.is_postgres():
            attempts.append(f'TRUNCATE "{table}" CASCADE')
        else:
            attempts.append(f'REPLACE INTO "{table}" SELECT * FROM "{table}"')
        for attempt in attempts:
            with pytest.raises(peewee.DatabaseError, match="history is never changed"):
                db.execute_sql(attempt)
    assert found() == []


def test_missing_guards_are_named(database):
    dropped = []
    for table in history():
        for trigger in sorted(ddl.wanted_triggers({table})):
            db.execute_sql(f'DROP TRIGGER "{trigger}"' + (f' ON "{table}"' if ddl.is_postgres() else ""))
            dropped.append(trigger)
            missing = [finding.place for finding in verify() if finding.kind == "trigger"]
            assert missing == [f"trigger {name}" for name in sorted(dropped)]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_guard_that_was_made_harmless_is_named(database):
    db.execute_sql("DROP TRIGGER event_update")
    db.execute_sql("CREATE TRIGGER event_update BEFORE UPDATE ON event WHEN 0 BEGIN SELECT RAISE(ABORT, 'no'); END")
    assert kinds() == {"trigger"}


CALLED = "CREATE OR REPLACE TRIGGER event_history BEFORE {} ON event FOR EACH ROW {} EXECUTE FUNCTION qc_refuse()"


@pytest.mark.pg
@pytest.mark.parametrize("engine", ["pg"], indirect=True)
@pytest.mark.parametrize(
    "harm",
    [
        "ALTER TABLE event DISABLE TRIGGER event_history",
        "ALTER TABLE event ENABLE REPLICA TRIGGER event_history",
        "CREATE OR REPLACE FUNCTION qc_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        CALLED.format("UPDATE OR DELETE", "WHEN (false)"),
        CALLED.format("UPDATE OF via OR DELETE", ""),
        CALLED.format("DELETE", ""),
    ],
)
def test_a_guard_that_was_weakened_is_named(database, harm):
    db.execute_sql(harm)
    assert kinds() == {"trigger"}


# --- tables ---


def test_tables_and_columns_that_nobody_knows_are_named(database):
    db.execute_sql("CREATE TABLE shadow (id TEXT)")
    db.execute_sql("ALTER TABLE line ADD COLUMN note TEXT")
    assert found() == [
        "table shadow — no part of the service knows this table",
        "table line — no part of the service knows its column note",
    ]


def test_a_missing_column_is_named(attacker):
    db.execute_sql("ALTER TABLE line DROP COLUMN name")
    assert found() == ["table line — its column name is missing"]


def test_a_missing_table_is_named(database):
    db.execute_sql("DROP TABLE alert_log")
    assert set(found()) >= {
        "table alert_log — the table is missing",
        "table alert_log — the trail speaks of its rows, and it is not there",
    }


def test_every_slice_with_tables_is_known():
    assert {"site", "count_revision", "person", "fix", "alert", "flag"} <= models().keys()
    assert models()["site"] is Site  # not the model that another slice reads it with


# --- what cannot be read ---


BODIES = [
    b"", b"\xff\xfe", b"{}", b"[]", b"null", b"NaN", b'{"data":{},"rows":{}}', b'{"data":{},"rows":[1]}',
    b'{"data":{},"rows":[["line"]]}', b'{"data":{},"rows":[["line","lin_1",7]]}', b"[" * 100_000,
    b'{"data":{},"rows":[["line",1,{}]]}', b'{"data":' + b"9" * 10_000 + b',"rows":[]}',
    b'{"data":{"x":NaN},"rows":[]}', b'{"rows":[],"data":{}}', b'{"data":{},"data":{},"rows":[]}',
    b'{"data":"\\ud800","rows":[["l\\ud800ne","\\udfff",{"\\ud800":"\\ud800"}]]}',
    b'{"data":{"x":1.0},"rows":[]}', b'{ "data":{},"rows":[]}', b'{"data":{"x":1e400},"rows":[]}',
]  # fmt: skip


def test_bodies_that_cannot_be_read_are_findings(attacker):
    """Each with its right hash, so that nothing else is wrong with it."""
    line = Line.get(Line.code == "L1")
    wanted = []
    for body in BODIES:
        with audit.change(audit.COMMAND, "line.looked_at", site_id=line.site_id, line_id=line.id) as change:
            pass
        event = Event.select().where(Event.id == change.id).dicts().get()
        new = audit.chain({**event, "body": body})
        attacker.sql("UPDATE event SET body = ?, hash = ? WHERE id = ?", body, new, change.id)
        attacker.sql("UPDATE stream_head SET hash = ? WHERE stream = ?", new, event["stream"])
        wanted.append(("body", f"event {event['seq']} of stream {event['stream']}"))
    assert [(finding.kind, finding.place) for finding in verify() if finding.place.startswith("event")] == wanted


@pytest.mark.pg
@pytest.mark.parametrize("engine", ["pg"], indirect=True)
@pytest.mark.parametrize("moment", ["infinity", "-infinity", "2026-01-01 BC", "12026-01-01"])
def test_a_time_that_python_does_not_know_is_a_finding(attacker, moment):
    attacker.sql("UPDATE line SET created_at = ? WHERE code = 'L1'", moment)
    attacker.sql("UPDATE event SET recorded_at = ? WHERE stream = ? AND seq = 1", moment, some_stream())
    assert kinds() == {"changed", "hash"}


def test_what_could_confuse_a_terminal_is_spelt_out(attacker):
    attacker.sql("UPDATE line SET id = ? WHERE code = 'L1'", "\x1b[2K\nHistory is whole.")
    texts = found()
    assert any("\\x1b[2K\\nHistory is whole." in text for text in texts)
    assert all(text.isprintable() for text in texts)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [0, 10, 4096, 20_000])
def test_a_file_that_was_cut_off_is_a_finding(database, tmp_path, size):
    db.obj.close_all()
    with (tmp_path / "qc.db").open("r+b") as file:
        file.truncate(size)
    assert found()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_missing_file_is_a_finding(database, tmp_path):
    db.obj.close_all()
    (tmp_path / "qc.db").unlink()
    assert found() == ["database — it cannot be read: unable to open database file"]


@pytest.mark.pg
@pytest.mark.parametrize("engine", ["pg"], indirect=True)
def test_what_amcheck_finds_is_a_finding(attacker, settings):
    """A row that was written while its index looked away."""
    db.execute_sql("CREATE EXTENSION amcheck")
    assert found() == []
    index = "(SELECT indexrelid FROM pg_index WHERE indexrelid = 'line_site_id_code_key'::regclass)"
    attacker.sql(f"UPDATE pg_index SET indisready = false, indisvalid = false WHERE indexrelid = {index}")
    db.obj.close_all()
    create_line(audit.COMMAND, Site.get(Site.code == "S1"), "L3")
    attacker.sql(f"UPDATE pg_index SET indisready = true, indisvalid = true WHERE indexrelid = {index}")
    assert [(finding.kind, finding.place) for finding in verify()] == [("engine", "index line_site_id_code_key")]


# --- bit flips ---


def flip(database, tmp_path, number: int) -> dict[str, int]:
    """Flip single bits of the file; counts what was seen, and what changed nothing. Any miss fails."""
    db.obj.close_all()
    path = tmp_path / "qc.db"
    whole, before = path.read_bytes(), contents()
    chance = random.Random(20261118)
    counted = {"seen": 0, "nothing changed": 0}
    used = [place for place, byte in enumerate(whole) if byte]  # most of the rest is empty space
    for turn in range(number):
        place, bit = chance.choice(used) if turn % 4 else chance.randrange(len(whole)), chance.randrange(8)
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        if next(verify(), None):
            counted["seen"] += 1
        else:
            assert contents() == before, f"bit {bit} of byte {place} changed history and nobody noticed"
            counted["nothing changed"] += 1
        for beside in ("qc.db-wal", "qc.db-shm"):
            (tmp_path / beside).unlink(missing_ok=True)
    return counted


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_flipped_bit_changes_history_unseen(database, tmp_path):
    counted = flip(database, tmp_path, FLIPS)
    assert counted["seen"] > FLIPS / 2


@pytest.mark.campaign
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_none_of_many_flipped_bits_changes_history_unseen(database, tmp_path):
    flip(database, tmp_path, 6000)
