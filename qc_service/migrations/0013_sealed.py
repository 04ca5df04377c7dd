"""PINs that were valid before: what a tablet sealed while it was offline is checked against the PIN of that time."""

from qc_service import ddl

TABLES = """
CREATE TABLE credential_past (
    person_id TEXT NOT NULL REFERENCES person (id), kind TEXT NOT NULL CHECK (kind = 'pin'), hash TEXT NOT NULL,
    until UTC NOT NULL, PRIMARY KEY (person_id, kind, until))
"""


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("credential_past")
