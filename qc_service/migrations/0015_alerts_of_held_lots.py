"""Lots on hold for one cause are a flag and an alert of their site, on whichever of its lines they were made."""

from qc_service import ddl

TABLES = """
ALTER TABLE flag ALTER COLUMN line_id DROP NOT NULL;
ALTER TABLE flag ALTER COLUMN measure DROP NOT NULL;
ALTER TABLE flag ADD COLUMN cause_kind TEXT;
ALTER TABLE flag ADD COLUMN cause TEXT;
ALTER TABLE flag ADD COLUMN details TEXT;
ALTER TABLE flag ADD COLUMN lots {integer};
ALTER TABLE flag ADD COLUMN raised_by TEXT REFERENCES person (id);
ALTER TABLE flag ADD CONSTRAINT flag_about CHECK ((line_id IS NULL) = (cause IS NOT NULL));
CREATE UNIQUE INDEX flag_cause_once ON flag (site_id, cause_kind, cause) WHERE state = 'open';
CREATE UNIQUE INDEX flag_cause_episode ON flag (site_id, cause_kind, cause, episode);
ALTER TABLE evidence ALTER COLUMN line_id DROP NOT NULL;
ALTER TABLE evidence ALTER COLUMN fix_id DROP NOT NULL;
ALTER TABLE alert ALTER COLUMN line_id DROP NOT NULL;
ALTER TABLE alert_log ALTER COLUMN line_id DROP NOT NULL;
CREATE INDEX lot_hold_cause ON lot_hold (kind, cause, site_id)
"""


def up(migrator, db):
    ddl.run(TABLES.format(integer="BIGINT" if ddl.is_postgres() else "INTEGER"))
