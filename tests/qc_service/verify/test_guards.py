"""What the database itself refuses, and what is said when its guards, tables or columns are not as they should be."""
# ruff: noqa: S608 - names of tables come from the catalogue

import peewee
import pytest

from qc_service import ddl
from qc_service.db import db
from qc_service.lines.models import Site
from qc_service.verify import models, verify
from tests.attacks import found, history, kinds

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
    some = {"site", "count_revision", "person", "fix", "alert", "flag", "procedure_draft", "signature"}
    assert some <= models().keys()
    assert models()["site"] is Site  # not the model that another slice reads it with
