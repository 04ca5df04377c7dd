"""Migrations: plain SQL with a handful of type words, the same text for both engines."""

import fcntl
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from playhouse.migrations import Runner

from qc_service.config import Settings
from qc_service.db import connected, db, is_postgres

DIRECTORY = Path(__file__).parent / "migrations"
_LOCK = 0x51C0  # the advisory lock that keeps two starting processes from migrating at once

_WORDS = {
    True: {
        "KEYTEXT": 'TEXT COLLATE "C"',
        "INT": "BIGINT",
        "REAL": "DOUBLE PRECISION",
        "BLOB": "BYTEA",
        "BOOL": "BOOLEAN",
        "UTC": "TIMESTAMPTZ",
    },
    False: {"KEYTEXT": "TEXT", "INT": "INTEGER", "BOOL": "INTEGER", "UTC": "TEXT"},
}


def run(text: str) -> None:
    """Each statement of `text`, type words put into the engine's own, tables STRICT on SQLite."""
    words = _WORDS[is_postgres()]
    for raw in text.split(";"):
        statement = raw.strip()
        if not statement:
            continue
        if statement.startswith("CREATE TABLE"):
            statement = re.sub(r"\b(KEYTEXT|INT|REAL|BLOB|BOOL|UTC)\b", lambda m: words.get(m[1], m[1]), statement)
            statement += "" if is_postgres() else " STRICT"
        db.execute_sql(statement)


_REFUSE = " BEGIN RAISE EXCEPTION USING MESSAGE = 'history is never changed: ' || TG_TABLE_NAME; END "


def protect(*tables: str) -> None:
    """History: the database itself refuses to change or delete a row."""
    if is_postgres():
        db.execute_sql(f"CREATE OR REPLACE FUNCTION qc_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_REFUSE}$$")
    for table in tables:
        for statement in _guards(table).values():
            db.execute_sql(statement)


def _guards(table: str) -> dict[str, str]:
    """The triggers of a table of history, by their names."""
    if is_postgres():
        return {
            f"{table}_history": f'CREATE TRIGGER "{table}_history" BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION qc_refuse()",
            f"{table}_truncate": f'CREATE TRIGGER "{table}_truncate" BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION qc_refuse()",
        }
    return {
        f"{table}_{verb.lower()}": f'CREATE TRIGGER "{table}_{verb.lower()}" BEFORE {verb} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, 'history is never changed: {table}'); END"
        for verb in ("UPDATE", "DELETE")
    }


# What a trigger of history is to PostgreSQL: each row before update or delete, or each statement before truncate,
# under no condition, on all columns, switched on, and calling the function that refuses.
_SOUND = """
    SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    JOIN pg_namespace ON pg_namespace.oid = relnamespace JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE nspname = current_schema() AND tgenabled IN ('O', 'A') AND tgqual IS NULL AND tgattr::text = ''
    AND proname = 'qc_refuse' AND prosrc = %s
    AND (tgname, tgtype) IN ((relname || '_history', 27), (relname || '_truncate', 34))"""


def refuse(name: str, table: str, verb: str, condition: str, sentence: str, *, hold: str = "") -> None:
    """The database itself refuses what meets a condition on OLD and NEW, which both engines read alike.

    `hold` names the account that the condition asks about: nobody is found to be somebody else before commit.
    """
    if not is_postgres():
        words = f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        db.execute_sql(f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" WHEN {condition} {words}')
        return
    row = "OLD" if verb == "DELETE" else "NEW"
    still = f"PERFORM 1 FROM person WHERE id = {hold} FOR SHARE; " if hold else ""
    words = f"BEGIN {still}IF {condition} THEN RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
    words += f"MESSAGE = '{sentence}'; END IF; RETURN {row}; END"
    db.execute_sql(f"CREATE FUNCTION qc_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ {words} $$")
    db.execute_sql(f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" FOR EACH ROW EXECUTE FUNCTION "qc_{name}"()')


def triggers(query: Callable[..., Iterable[Any]] | None = None) -> set[str]:
    """Names of the triggers of history that stand in the database now and do refuse."""
    ask = query or (lambda statement, *values: db.execute_sql(statement, values).fetchall())
    if is_postgres():
        return {row[0] for row in ask(_SOUND, _REFUSE)}
    found = ask("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {name for name, table, text in found if _guards(table).get(name) == text}


_STANDING = """
    SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = current_schema() AND tgenabled IN ('O', 'A')
    UNION ALL
    SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = current_schema() AND indisunique AND indisvalid"""


def guards(query: Callable[..., Iterable[Any]]) -> set[str]:
    """Names of the triggers and unique indexes that stand in the database now."""
    if is_postgres():
        return {row[0] for row in query(_STANDING)}
    found = query("SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index')")
    return {name for kind, name, text in found if kind == "trigger" or (text or "").startswith("CREATE UNIQUE")}


def wanted_triggers(tables: set[str]) -> set[str]:
    endings = ("history", "truncate") if is_postgres() else ("update", "delete")
    return {f"{table}_{ending}" for table in tables for ending in endings}


def migrate(settings: Settings) -> list[str]:
    """Bring the database up to date; safe when several processes start together. Returns what was applied."""
    with connected():
        if is_postgres():
            db.execute_sql(f"SELECT pg_advisory_lock({_LOCK})")
            try:
                return _runner().up()  # type: ignore[no-any-return]
            finally:
                db.execute_sql(f"SELECT pg_advisory_unlock({_LOCK})")
        with (settings.data_dir / "migrate.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return _runner().up()  # type: ignore[no-any-return]


def pending() -> list[str]:
    """Names of the migrations that the database has not seen."""
    return [one.name for one in _runner().status() if one.path is not None and one.applied is None]


def _runner() -> Any:
    return Runner(db.obj, directory=str(DIRECTORY))
