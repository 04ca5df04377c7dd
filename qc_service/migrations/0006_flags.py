"""Watches, verdicts, evidence and flags."""

from qc_service import ddl

TABLES = """
CREATE TABLE watch (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, fix_id TEXT NOT NULL UNIQUE,
    method TEXT NOT NULL, config TEXT NOT NULL, state TEXT NOT NULL, finding TEXT NOT NULL,
    seen_seq INT NOT NULL, last_key TEXT, lots INT NOT NULL,
    verdict TEXT NOT NULL, pattern TEXT, leaning BOOL NOT NULL, reasons TEXT NOT NULL,
    sentence TEXT NOT NULL, explanation TEXT NOT NULL, evidence_id TEXT, ends_at UTC, as_of UTC NOT NULL,
    UNIQUE (site_id, id), FOREIGN KEY (site_id, fix_id) REFERENCES fix (site_id, id));
CREATE INDEX watch_line ON watch (line_id);
CREATE TABLE watch_point (
    watch_id TEXT NOT NULL, number INT NOT NULL, site_id TEXT NOT NULL, count_id TEXT NOT NULL, revision INT NOT NULL,
    source TEXT NOT NULL, external_id TEXT NOT NULL, period_start UTC NOT NULL, period_end UTC NOT NULL,
    n INT NOT NULL, d INT NOT NULL, log_e_fail REAL NOT NULL, log_e_ok REAL NOT NULL,
    PRIMARY KEY (watch_id, number), FOREIGN KEY (site_id, watch_id) REFERENCES watch (site_id, id));
CREATE INDEX watch_point_count ON watch_point (watch_id, count_id);
CREATE TABLE evidence (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, fix_id TEXT NOT NULL,
    document TEXT NOT NULL, sha256 TEXT NOT NULL, created_at UTC NOT NULL,
    UNIQUE (site_id, id), FOREIGN KEY (site_id, fix_id) REFERENCES fix (site_id, id));
CREATE TABLE verdict (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, watch_id TEXT NOT NULL,
    fix_id TEXT NOT NULL, number INT NOT NULL, verdict TEXT NOT NULL, pattern TEXT, at_lot INT, lots INT NOT NULL,
    reason TEXT NOT NULL, withdraws TEXT, detail TEXT, sentence TEXT NOT NULL, evidence_id TEXT NOT NULL,
    recorded_at UTC NOT NULL,
    UNIQUE (watch_id, number), FOREIGN KEY (site_id, watch_id) REFERENCES watch (site_id, id),
    FOREIGN KEY (site_id, evidence_id) REFERENCES evidence (site_id, id));
CREATE TABLE flag (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, kind TEXT NOT NULL,
    measure TEXT NOT NULL, defect_code TEXT, fix_id TEXT, episode INT NOT NULL, state TEXT NOT NULL,
    sentence TEXT NOT NULL, evidence_id TEXT NOT NULL, opened_at UTC NOT NULL, closed_at UTC, close_reason TEXT,
    UNIQUE (site_id, id), FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id),
    FOREIGN KEY (site_id, evidence_id) REFERENCES evidence (site_id, id));
CREATE UNIQUE INDEX flag_episode ON flag (line_id, kind, fix_id, episode);
CREATE INDEX flag_open ON flag (line_id, state)
"""


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("verdict", "evidence")
