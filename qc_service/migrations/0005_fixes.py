"""Fixes: what was declared, and what became of the declaration."""

from qc_service import ddl

TABLES = """
CREATE TABLE fix (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL,
    measure TEXT NOT NULL, defect_code TEXT, title TEXT NOT NULL, cause TEXT, action TEXT, owner TEXT,
    in_effect_at UTC NOT NULL, method TEXT NOT NULL, mode TEXT NOT NULL, promise TEXT,
    frozen TEXT NOT NULL, baseline TEXT NOT NULL, declared_at UTC NOT NULL, declared_by TEXT NOT NULL,
    UNIQUE (site_id, id), FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE INDEX fix_watched ON fix (line_id, measure, in_effect_at);
CREATE TABLE fix_state (
    fix_id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL,
    ends_at UTC, superseded_by TEXT, baseline_changed_at UTC, baseline_change TEXT, updated_at UTC NOT NULL,
    FOREIGN KEY (site_id, fix_id) REFERENCES fix (site_id, id))
"""


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("fix")
