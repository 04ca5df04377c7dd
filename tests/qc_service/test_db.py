"""The database: one way to write, values that come back as they were, and what each engine has to be told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import peewee
import pytest

from qc_service import ddl
from qc_service.db import (
    JsonField,
    Record,
    SqliteEngine,
    UtcField,
    bulk_insert,
    connected,
    db,
    is_postgres,
    locked,
    new_id,
    write,
)
from qc_service.verify.whole import models

FILES = Path("/proc/self/fd")
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def on_postgres(test):
    return pytest.mark.pg(pytest.mark.parametrize("engine", ["pg"], indirect=True)(test))


class Sample(Record):
    id = peewee.TextField(primary_key=True)
    number = peewee.IntegerField()
    at = UtcField(null=True)
    data = JsonField(null=True)


@pytest.fixture
def sample(database):
    ddl.run("CREATE TABLE sample (id TEXT PRIMARY KEY NOT NULL, number INT NOT NULL, at UTC, data TEXT)")
    return Sample


# --- writing ---


def test_what_fails_leaves_nothing(sample):
    with pytest.raises(ZeroDivisionError), write():
        sample.create(id="a", number=1 // 0)
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(sample)
    assert sample.select().count() == 0


def _write_and_fail(sample):
    with write():
        sample.create(id="b", number=1)
        with write():  # a part of the outer one, not one of its own
            sample.create(id="c", number=2)
        _ = 1 // 0


def test_writers_wait_for_each_other_and_lose_nothing(sample):
    """Each reads and then writes what it read plus one: without the right lock, updates are lost or refused."""
    sample.create(id="a", number=0)
    failures = []

    def work() -> None:
        try:
            with connected():
                for _ in range(20):
                    with write():
                        row = locked(Sample.select().where(Sample.id == "a")).get()
                        Sample.update(number=row.number + 1).where(Sample.id == "a").execute()
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sample.get_by_id("a").number == 80


def test_a_thread_that_ends_leaves_no_file_open(sample):
    def work(number: int) -> None:
        with connected(), write():
            Sample.create(id=str(number), number=number)

    def run(first: int) -> None:
        for number in range(first, first + 10):
            thread = threading.Thread(target=work, args=(number,))
            thread.start()
            thread.join()

    run(0)  # the pool has its connection now
    before = len(list(FILES.iterdir()))
    run(10)
    assert len(list(FILES.iterdir())) <= before


def test_a_connection_goes_back_to_the_pool_once(database):
    db.close()
    with connected():
        with connected():
            assert not db.is_closed()
        assert not db.is_closed()
    assert db.is_closed()


def test_many_rows_are_written_as_one_would_be(sample):
    bulk_insert(sample, [])
    rows = [{"id": str(i), "number": i, "at": NOON + timedelta(hours=i), "data": {"ü": [i, None]}} for i in range(3)]
    bulk_insert(sample, rows)
    assert list(sample.select().order_by(sample.id).dicts()) == rows
    with pytest.raises(peewee.IntegrityError):
        bulk_insert(sample, rows[:1])
    bulk_insert(sample, [{"id": "1", "number": 7, "at": None, "data": None}], replace=True)
    assert sample.select().where(sample.id == "1").dicts().get() == {"id": "1", "number": 7, "at": None, "data": None}


def test_a_query_names_its_columns_as_peewee_itself_would(database, monkeypatch):
    everything = models().values()
    quick = [query.sql() for model in everything for query in _every_kind_of_query(model)]
    for field in [field for model in everything for field in model._meta.sorted_fields]:
        monkeypatch.delattr(field, "__sql__")

    assert [query.sql() for model in everything for query in _every_kind_of_query(model)] == quick
    assert len(quick) > 400


def _every_kind_of_query(model):
    first, last = model._meta.sorted_fields[0], model._meta.sorted_fields[-1]
    other = model.alias()
    theirs = getattr(other, last.name)
    inner = model.select(peewee.fn.MAX(last)).where(first == theirs)
    return [
        model.select().where(first.is_null() | last.in_([])).group_by(last).order_by(first.desc()),
        model.select(model, other).join(other, on=(last == theirs)).where(last == inner),
        model.select(first.alias("x"), peewee.fn.COUNT(last.distinct())).tuples() | model.select(first, last),
        model.update({first: last}).where(first.in_(model.select(first))),
        model.insert({first: None}).on_conflict(conflict_target=[first], preserve=[last]).returning(first),
        model.delete().where(peewee.fn.EXISTS(model.select().where(first == last))),
    ]


def test_migrating_again_changes_nothing(database, settings):
    assert ddl.pending() == []
    assert ddl.migrate(settings) == []


# --- values ---


@pytest.mark.parametrize(
    "moment",
    [
        NOON,
        NOON + timedelta(microseconds=1),
        datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=7, minutes=30))),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_a_time_comes_back_as_the_same_moment_in_utc(sample, moment):
    row = sample.create(id="a", number=1, at=moment)
    stored = sample.get_by_id(row.id).at
    assert stored == moment
    assert stored.utcoffset() == timedelta(0)
    assert sample.select().where(sample.at == moment).count() == 1


def test_the_order_of_stored_times_is_the_order_of_times(sample):
    moments = [NOON, NOON + timedelta(microseconds=1), NOON + timedelta(seconds=1), datetime(999, 1, 1, tzinfo=UTC)]
    bulk_insert(sample, [{"id": str(place), "number": 0, "at": at} for place, at in enumerate(moments)])
    assert [row.at for row in sample.select().order_by(sample.at)] == sorted(moments)


def test_a_time_without_a_zone_is_refused(sample):
    with pytest.raises(ValueError, match="at needs an aware time"):
        sample.create(id="a", number=1, at=datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("value", [{}, [], {"b": 1, "a": [1.5, None, True, "ü\n𐀀"]}, "text", 0, False])
def test_json_comes_back_equal(sample, value):
    sample.create(id="a", number=1, data=value)
    assert sample.get_by_id("a").data == value


def test_json_is_kept_as_one_text_whatever_the_order_of_its_names(sample):
    sample.create(id="a", number=1, data={"b": "é", "a": 1})
    assert db.execute_sql("SELECT data FROM sample").fetchone() == ('{"a":1,"b":"é"}',)


def test_nothing_is_null_and_not_the_word(sample):
    sample.create(id="a", number=1, data=None)
    assert sample.select().where(sample.data.is_null()).count() == 1


def test_a_column_takes_no_other_type(sample):
    with pytest.raises((peewee.IntegrityError, peewee.DataError)):
        db.execute_sql("INSERT INTO sample (id, number) VALUES ('a', 'many')")


def test_ids_are_unique_and_in_the_order_of_time(monkeypatch):
    later = []
    for second in (1, 2, 300, 4_000_000_000):
        monkeypatch.setattr("time.time_ns", lambda second=second: second * 10**9)
        with ThreadPoolExecutor(1) as another:
            later.append(another.submit(new_id, "fix").result())
    assert later == sorted(later)
    assert {len(one) for one in later} == {len("fix_") + 26}


def test_ids_of_one_thread_ascend_also_within_a_millisecond_and_when_the_clock_is_set_back(monkeypatch):
    def made() -> list[str]:
        ids = [new_id("ntf") for _ in range(10_000)]
        monkeypatch.setattr("time.time_ns", lambda: 10**9)
        return ids + [new_id("ntf") for _ in range(10_000)]

    with ThreadPoolExecutor(1) as another:
        ids = another.submit(made).result()
    assert ids == sorted(set(ids))


# --- engines ---


@on_sqlite
def test_each_connection_is_told_what_keeps_data_safe(database):
    wanted = {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "recursive_triggers": 1,
        "busy_timeout": 5000,
    }  # fmt: skip
    told = []

    def look() -> None:
        with connected():
            told.append({name: db.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in wanted})

    look()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert told == [wanted, wanted]


@on_sqlite
def test_an_engine_that_can_lose_data_is_refused(database, monkeypatch, tmp_path):
    monkeypatch.setattr("peewee.sqlite3.sqlite_version_info", (3, 40, 1))
    with pytest.raises(RuntimeError, match="pysqlite3"):
        SqliteEngine(str(tmp_path / "other.db"), "FULL")


@on_sqlite
def test_a_writer_takes_the_lock_at_once_so_that_reading_first_never_fails(sample):
    with write():
        assert sample.select().count() == 0
        with pytest.raises(peewee.OperationalError, match="locked"):
            _other_connection("BEGIN IMMEDIATE")
        sample.create(id="a", number=1)


def _other_connection(statement: str) -> None:
    other = peewee.SqliteDatabase(db.obj.database, timeout=0)
    try:
        other.execute_sql(statement)
    finally:
        other.close()


@on_postgres
def test_a_session_is_in_utc_and_waits_for_nothing_for_ever(database):
    assert is_postgres()
    names = ("timezone", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    told = {name: db.execute_sql(f"SHOW {name}").fetchone()[0] for name in names}
    assert told.pop("timezone") == "UTC"
    assert "0" not in told.values()


def test_the_clock_of_the_database_is_aware_and_right(database):
    moment = db.obj.now()
    assert moment.tzinfo is UTC
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=10)
