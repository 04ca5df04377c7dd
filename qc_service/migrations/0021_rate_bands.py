"""Between which rates a fix has brought its line: what is kept between lots, and the ends after each."""

from qc_service import ddl

TABLES = """
CREATE TABLE watch_band (
    watch_id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, state TEXT NOT NULL,
    FOREIGN KEY (site_id, watch_id) REFERENCES watch (site_id, id));
ALTER TABLE watch_point ADD COLUMN rate_low REAL;
ALTER TABLE watch_point ADD COLUMN rate_high REAL
"""


def up(migrator, db):
    ddl.run(TABLES)
