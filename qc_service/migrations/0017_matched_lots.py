"""Which lot a record was meant for that names one which nobody knows: said by somebody who leads, once."""

from qc_service import ddl

TABLES = """
CREATE TABLE inspection_match (
    id TEXT PRIMARY KEY NOT NULL, uuid TEXT NOT NULL REFERENCES inspection (uuid),
    lot_id TEXT NOT NULL REFERENCES lot (id), sent TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id), human_id TEXT NOT NULL REFERENCES person (id),
    note TEXT, at UTC NOT NULL, signature_id TEXT NOT NULL REFERENCES signature (id));
CREATE UNIQUE INDEX inspection_match_once ON inspection_match (uuid)
"""


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("inspection_match")
