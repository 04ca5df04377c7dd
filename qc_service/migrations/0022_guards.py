"""Counts that are still open; fixes of one action that share their error budget."""

from qc_service import ddl

TABLES = """
ALTER TABLE production_count ADD COLUMN open {boolean};
ALTER TABLE count_revision ADD COLUMN open {boolean};
CREATE INDEX production_count_open ON production_count (line_id, period_end) WHERE open IS NOT NULL;
ALTER TABLE fix ADD COLUMN together_with TEXT
"""


def up(migrator, db):
    ddl.run(TABLES.format(boolean="BOOLEAN" if ddl.is_postgres() else "INTEGER"))
