"""Fixes that recur on one line, measure and defect without one being proved: one open flag for each."""

from qc_service import ddl

TABLES = """
CREATE UNIQUE INDEX flag_recurring_once ON flag (line_id, kind, measure, COALESCE(defect_code, ''))
    WHERE state = 'open' AND kind = 'fixes_recurring'
"""


def up(migrator, db):
    ddl.run(TABLES)
