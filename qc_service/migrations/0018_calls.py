"""Calls from the floor, "stop the line" and "come here"; whom to ring where the network is down."""

from qc_service import ddl

TABLES = """
CREATE TABLE line_call (
    uuid TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('stop', 'help')), lot TEXT, procedure TEXT, check_id TEXT, badge TEXT,
    person_id TEXT REFERENCES person (id), device_id TEXT REFERENCES device (id), sender TEXT NOT NULL,
    sha256 TEXT NOT NULL, pressed_at UTC NOT NULL, sent_at UTC, received_at UTC NOT NULL, late BOOL NOT NULL,
    UNIQUE (site_id, uuid), FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE INDEX line_call_line ON line_call (line_id, kind, received_at);
CREATE INDEX line_call_site ON line_call (site_id, received_at, uuid);
CREATE TABLE call_answer (
    uuid TEXT NOT NULL, person_id TEXT NOT NULL REFERENCES person (id), site_id TEXT NOT NULL, at UTC NOT NULL,
    PRIMARY KEY (uuid, person_id), FOREIGN KEY (site_id, uuid) REFERENCES line_call (site_id, uuid));
CREATE TABLE call_end (
    uuid TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, person_id TEXT NOT NULL REFERENCES person (id),
    reason TEXT NOT NULL, at UTC NOT NULL, FOREIGN KEY (site_id, uuid) REFERENCES line_call (site_id, uuid));
CREATE UNIQUE INDEX flag_call_once ON flag (line_id, kind)
    WHERE state = 'open' AND kind IN ('line_stopped', 'help_called');
ALTER TABLE line ADD COLUMN phone TEXT
"""

_LATE = "EXISTS (SELECT 1 FROM line_call WHERE line_call.uuid = NEW.uuid AND line_call.late)"


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("line_call", "call_answer", "call_end")
    for table in ("call_answer", "call_end"):
        ddl.refuse(f"{table}_fresh", table, "INSERT", _LATE, "a call that came late is history")
