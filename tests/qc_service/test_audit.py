"""The trail: what an event holds, how events are chained, and that a table's rows come back as their images."""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta, timezone

import peewee
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from qc_service import audit, ddl
from qc_service.audit import COMMAND, Event, StreamHead, change
from qc_service.clock import iso
from qc_service.db import JsonField, Record, UtcField, connected, db, write
from qc_service.lines.models import Line, Site
from qc_service.lines.service import create_line, create_site
from qc_service.queue import Outbox
from qc_service.verify import verify
from qc_service.verify.images import Reader, canonical, parse, same
from qc_service.verify.images import write as quick
from qc_service.verify.snapshot import snapshot

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def events(stream=None):
    query = Event.select().order_by(Event.stream, Event.seq)
    return list(query if stream is None else query.where(Event.stream == stream))


def body(event):
    return json.loads(bytes(event.body))


# --- events ---


def test_a_hash_is_what_the_documentation_says():
    """Computed by hand, so that neither the code nor the format can drift."""
    event = {
        "stream": "site/sit_1", "seq": 7, "id": "evt_1", "site_id": "sit_1", "type": "line.created",
        "recorded_at": NOON, "actor": "person:per_1", "device_id": None, "via": "api",
        "observed_at": NOON + timedelta(microseconds=500), "prev": b"\x01" * 32, "body": b'{"data":{},"rows":[]}',
    }  # fmt: skip
    head = (
        b'["site/sit_1",7,"evt_1","sit_1","line.created","2026-11-18T12:00:00Z",'
        b'"person:per_1",null,"api","2026-11-18T12:00:00.000500Z"]'
    )
    wanted = hashlib.sha256(b"qc1\0" + b"\x01" * 32 + head + hashlib.sha256(event["body"]).digest()).digest()
    assert audit.chain(event) == wanted


@given(st.lists(st.none() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"]))))
def test_the_head_of_an_event_is_hashed_in_canonical_form(head):
    wanted = hashlib.sha256(b"qc1\0" + bytes(32) + audit.canonical(head) + hashlib.sha256(b"").digest()).digest()
    assert audit.link(head, bytes(32), b"") == wanted


def test_a_change_writes_its_rows_one_event_and_what_follows(database):
    site = create_site(COMMAND, "S1")
    (event,) = events()
    assert (event.stream, event.seq, event.type, event.actor) == ("plant", 1, "site.created", "cli")
    assert bytes(event.prev) == audit.GENESIS
    assert body(event) == {"data": {"code": "S1"}, "rows": [["site", site.id, audit.image(Site, site.__data__)]]}
    assert bytes(StreamHead.get_by_id("plant").hash) == bytes(event.hash)
    assert [row.event_id for row in Outbox.select()] == [event.id]


def test_nothing_stays_of_a_change_that_fails(database):
    with pytest.raises(ZeroDivisionError):
        _write_and_fail()
    assert [Site.select().count(), Event.select().count(), Outbox.select().count()] == [0, 0, 0]


def _write_and_fail():
    with change(COMMAND, "site.created") as made:
        made.insert(
            Site, id="sit_1", code="S1", name="S1", time_zone="UTC", create_on_first_use=True,
            created_at=NOON, updated_at=NOON,
        )  # fmt: skip
        _ = 1 / 0


def test_a_discarded_change_leaves_no_event(database):
    with change(COMMAND, "site.looked_at") as made:
        made.discard()
    assert events() == []


def test_a_change_that_wrote_rows_cannot_be_discarded(database):
    site = create_site(COMMAND, "S1")
    with change(COMMAND, "site.changed") as made:
        made.update(site, name="One")
        with pytest.raises(RuntimeError):
            made.discard()


def test_an_event_from_which_nothing_can_follow_leaves_the_outbox_alone(database):
    with change(COMMAND, "worker.started", follow=False):
        pass
    assert len(events()) == 1
    assert Outbox.select().count() == 0


def test_the_number_of_an_event_is_known_before_it_is_written(database):
    with change(COMMAND, "site.looked_at") as made:
        number = made.seq
    assert [event.seq for event in events()] == [number] == [1]


def test_several_changes_in_one_transaction_are_chained(database):
    with write():
        for _ in range(3):
            with change(COMMAND, "site.looked_at"):
                pass
    assert [event.seq for event in events()] == [1, 2, 3]
    assert list(verify()) == []


def test_an_update_records_what_the_table_holds_not_what_the_caller_has_read(database):
    """Two people change two columns of one row: the second has read it before the first wrote."""
    site = create_site(COMMAND, "S1")
    line = create_line(COMMAND, site, "L1")
    stale = Line.get_by_id(line.id)
    partly = Line.select(Line.id).where(Line.id == line.id).get()
    for row, changes in ((line, {"name": "One"}), (stale, {"code": "L2"}), (partly, {"updated_at": NOON})):
        with change(COMMAND, "line.changed", site_id=site.id, line_id=line.id) as made:
            made.update(row, **changes)
    image = body(events(audit.stream_of(site.id, line.id))[-1])["rows"][0][2]
    assert (image["name"], image["code"], image["updated_at"]) == ("One", "L2", "2026-11-18T12:00:00.000000Z")
    assert list(verify()) == []


def test_a_row_can_be_deleted_and_handed_to_another_stream(database):
    site = create_site(COMMAND, "S1")
    line = create_line(COMMAND, site, "L1")
    with change(COMMAND, "line.moved", site_id=site.id, line_id=line.id) as made:
        made.release(Line, {"id": line.id})
    with change(COMMAND, "line.changed", site_id=site.id) as made:
        made.update(line, name="Ours now")
    assert list(verify()) == []
    with change(COMMAND, "line.removed", site_id=site.id) as made:
        made.delete(Line, [{"id": line.id}])
    assert body(events(audit.stream_of(site.id))[-1])["rows"] == [["line", line.id, None]]
    assert list(verify()) == []


def test_writers_of_one_stream_leave_no_gap_and_writers_of_two_never_wait_for_each_other(database):
    sites = [create_site(COMMAND, code) for code in ("S1", "S2")]
    streams = [audit.stream_of(site.id) for site in sites]
    failures = []

    def work(number: int) -> None:
        try:
            with connected():
                for _ in range(10):
                    with write():
                        audit.lock_streams(streams if number % 2 else streams[::-1])
                        for site in sites:
                            with change(COMMAND, "site.looked_at", site_id=site.id):
                                pass
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [[event.seq for event in events(stream)] for stream in streams] == [list(range(1, 41))] * 2
    assert list(verify()) == []


# --- images ---


class Specimen(Record):
    """A column of every type that records may have."""

    id = peewee.TextField(primary_key=True)
    text = peewee.TextField(null=True)
    whole = peewee.IntegerField(null=True)
    real = peewee.DoubleField(null=True)
    flag = peewee.BooleanField(null=True)
    moment = UtcField(null=True)
    raw = peewee.BlobField(null=True)
    json = JsonField(null=True)


TABLE = """CREATE TABLE specimen (
    id TEXT PRIMARY KEY, text TEXT, whole INT, real REAL, flag BOOL, moment UTC, raw BLOB, json TEXT)"""
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")  # PostgreSQL's text has no NUL
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | NUMBERS | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001
ROWS = st.fixed_dictionaries({
    "id": st.text(LETTERS, min_size=1),
    "text": st.none() | st.text(LETTERS) | WHOLE,
    "whole": st.none() | WHOLE | st.booleans(),
    "real": st.none() | NUMBERS | WHOLE,
    "flag": st.none() | st.booleans() | st.sampled_from([0, 1, "", "yes"]),
    "moment": st.none() | MOMENTS,
    "raw": st.none() | st.binary(),
    "json": JSON,
})  # fmt: skip


@effort(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(row=ROWS, one_by_one=st.booleans())
def test_a_stored_row_reads_back_as_the_image_that_was_recorded(database, row, one_by_one):
    if "specimen" not in db.obj.get_tables():
        ddl.run(TABLE)
    with write():
        Specimen.delete().execute()
        made = audit.Change(COMMAND, "specimen.made", "plant", None)
        if one_by_one:
            made.insert(Specimen, **row)
        else:
            made.insert_many(Specimen, [row])
        made.update(Specimen.get(), text=row["text"])
    recorded = [audit.canonical(content) for _, _, content in made.rows]
    reader = Reader(Specimen)
    with snapshot() as view:
        (stored,) = view.query(reader.statement)
    image = reader.image(stored)
    assert reader.key(image) == made.rows[0][1]
    for content in recorded:
        assert same(parse(content.decode()), image)
        assert content == canonical(image)


@effort(max_examples=300)
@given(JSON, JSON)
def test_two_values_look_the_same_only_if_they_are(one, other):
    for value in (one, other):
        assert same(parse(audit.canonical(value).decode()), value)
    if quick(one) == quick(other):
        assert audit.canonical(one) == audit.canonical(other)
    assert same(one, other) == (audit.canonical(one) == audit.canonical(other))


@pytest.mark.parametrize("trail", ["image", "digest"])
def test_what_is_null_is_left_out_so_that_a_new_column_changes_no_old_image(trail, monkeypatch):
    monkeypatch.setattr(Specimen, "trail", trail)
    row = {"id": "1", "text": None, "whole": 3}
    longer = {**row, "moment": None, "json": None}
    assert audit.content(Specimen, row) == audit.content(Specimen, longer)
    assert audit.image(Specimen, longer) == {"id": "1", "whole": 3}


def test_a_time_is_written_alike_whatever_its_fraction():
    assert [iso(NOON), iso(NOON + timedelta(microseconds=1))] == ["2026-11-18T12:00:00Z", "2026-11-18T12:00:00.000001Z"]
