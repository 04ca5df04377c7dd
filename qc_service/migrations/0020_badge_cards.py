"""Badge cards: a secret of their own, with which a scan signs in on a tablet without a PIN."""

from qc_service import ddl

TABLES = """
CREATE TABLE badge_card (
    id TEXT PRIMARY KEY NOT NULL, person_id TEXT NOT NULL REFERENCES person (id), hash TEXT NOT NULL UNIQUE,
    issued_at UTC NOT NULL, ended_at UTC, ended TEXT CHECK (ended IN ('lost', 'replaced')),
    CHECK ((ended_at IS NULL) = (ended IS NULL)));
CREATE UNIQUE INDEX badge_card_live ON badge_card (person_id) WHERE ended_at IS NULL;
ALTER TABLE session ADD COLUMN card_id TEXT REFERENCES badge_card (id);
CREATE INDEX session_card ON session (card_id) WHERE card_id IS NOT NULL
"""

_BEFORE = "method IN ('pin', 'password', 'session')"
_AFTER = "method IN ('pin', 'password', 'session', 'card')"
_POSTGRES = f"""
ALTER TABLE signature DROP CONSTRAINT signature_method_check;
ALTER TABLE signature ADD CONSTRAINT signature_method_check CHECK ({_AFTER})
"""

_OTHER = "NEW.id <> OLD.id OR NEW.person_id <> OLD.person_id OR NEW.hash <> OLD.hash OR NEW.issued_at <> OLD.issued_at"


def up(migrator, db):
    ddl.run(TABLES)
    if ddl.is_postgres():
        ddl.run(_POSTGRES)
    else:
        _allow_cards(db)
    ended = "a badge card that ended stays as it is"
    ddl.refuse("badge_card_ended", "badge_card", "UPDATE", f"OLD.ended_at IS NOT NULL OR {_OTHER}", ended)
    ddl.refuse("badge_card_kept", "badge_card", "DELETE", "OLD.id IS NOT NULL", "a badge card is never deleted")


def _allow_cards(db):
    """SQLite cannot drop a check without a name. Rewriting it as text is its documented way: no row is touched."""
    version = db.execute_sql("PRAGMA schema_version").fetchone()[0]
    db.execute_sql("PRAGMA writable_schema = ON")
    changed = db.execute_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'signature'",
        (_BEFORE, _AFTER),
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table of signatures is not as the migrations before made it")
    db.execute_sql(f"PRAGMA schema_version = {version + 1}")
    db.execute_sql("PRAGMA writable_schema = OFF")
