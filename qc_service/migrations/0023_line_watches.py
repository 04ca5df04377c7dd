"""Lines watched against their own past, and what a supervisor accepted as a line's new normal."""

from qc_service import ddl

TABLES = """
CREATE TABLE line_watch (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, measure TEXT NOT NULL,
    method TEXT NOT NULL, began_at UTC, began_with TEXT NOT NULL, began_ref TEXT, state TEXT, finding TEXT,
    seen_seq INT NOT NULL, last_key TEXT, lots INT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('learning', 'in_control', 'out_of_control', 'silent')),
    changed_at UTC, sentence TEXT NOT NULL, explanation TEXT NOT NULL, evidence_id TEXT, as_of UTC NOT NULL,
    UNIQUE (site_id, id), UNIQUE (line_id, measure),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id),
    FOREIGN KEY (site_id, evidence_id) REFERENCES evidence (site_id, id));
CREATE TABLE line_watch_point (
    watch_id TEXT NOT NULL, number INT NOT NULL, site_id TEXT NOT NULL, count_id TEXT NOT NULL, revision INT NOT NULL,
    source TEXT NOT NULL, external_id TEXT NOT NULL, period_start UTC NOT NULL, period_end UTC NOT NULL,
    n INT NOT NULL, d INT NOT NULL, log_e REAL,
    PRIMARY KEY (watch_id, number), FOREIGN KEY (site_id, watch_id) REFERENCES line_watch (site_id, id));
CREATE INDEX line_watch_point_count ON line_watch_point (watch_id, count_id);
CREATE TABLE line_normal (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, measure TEXT NOT NULL,
    flag_id TEXT NOT NULL, from_at UTC NOT NULL, reason TEXT NOT NULL, accepted_by TEXT NOT NULL,
    accepted_at UTC NOT NULL,
    UNIQUE (site_id, id), FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id),
    FOREIGN KEY (site_id, flag_id) REFERENCES flag (site_id, id));
CREATE INDEX line_normal_line ON line_normal (line_id, measure, from_at);
CREATE UNIQUE INDEX flag_line_once ON flag (line_id, kind, measure)
    WHERE state = 'open' AND kind = 'line_out_of_control'
"""


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("line_normal")
