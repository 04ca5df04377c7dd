"""Deeds: what people do at a tablet besides inspecting, and what came of it; the picture of a step report."""

from qc_service import ddl

TABLES = """
CREATE TABLE deed (
    uuid TEXT PRIMARY KEY NOT NULL, sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    kind TEXT NOT NULL CHECK (kind IN ('made', 'read', 'deviation', 'step_report')),
    site_id TEXT REFERENCES site (id), line_id TEXT, line TEXT NOT NULL, badge TEXT NOT NULL,
    person_id TEXT REFERENCES person (id), device_id TEXT REFERENCES device (id), sender TEXT NOT NULL,
    via TEXT NOT NULL, attestation TEXT NOT NULL CHECK (attestation IN ('session', 'sealed', 'unproved')),
    observed_at UTC NOT NULL, happened_at UTC NOT NULL, received_at UTC NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('done', 'refused')), record_id TEXT, code TEXT, reason TEXT,
    notes TEXT NOT NULL, noted BOOL NOT NULL, body BLOB NOT NULL,
    CHECK ((state = 'done') = (record_id IS NOT NULL)), CHECK ((state = 'refused') = (code IS NOT NULL)),
    CHECK ((code IS NULL) = (reason IS NULL)), CHECK (state = 'refused' OR attestation <> 'unproved'),
    CHECK ((attestation = 'unproved') = (person_id IS NULL)),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE INDEX deed_site ON deed (site_id, state, noted, received_at);
ALTER TABLE step_report ADD COLUMN photo TEXT CHECK (photo IS NULL OR length(photo) = 64)
"""


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("deed")
