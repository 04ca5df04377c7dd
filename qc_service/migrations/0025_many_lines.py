"""The list of a site: its fixes that do not hold, of all that are watched."""

from qc_service import ddl

# Evidence below 10 puts no line on any list, and most lots of most lines leave less: 2.3 is just below ln 10.
TABLES = """
CREATE TABLE listing (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, fix_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('standing', 'withdrawn')), since UTC NOT NULL, log_e REAL NOT NULL,
    listed INT NOT NULL, watches INT NOT NULL, rests_at UTC, recorded_at UTC NOT NULL,
    UNIQUE (site_id, id), FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id),
    FOREIGN KEY (site_id, fix_id) REFERENCES fix (site_id, id));
CREATE INDEX listing_site ON listing (site_id, state);
CREATE TABLE listing_move (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, fix_id TEXT NOT NULL,
    number INT NOT NULL, move TEXT NOT NULL, reason TEXT NOT NULL, since UTC NOT NULL, log_e REAL NOT NULL,
    listed INT NOT NULL, watches INT NOT NULL, recorded_at UTC NOT NULL,
    UNIQUE (fix_id, number), FOREIGN KEY (site_id, fix_id) REFERENCES fix (site_id, id));
CREATE TABLE site_list (
    site_id TEXT PRIMARY KEY NOT NULL REFERENCES site (id), fdr REAL NOT NULL, watches INT NOT NULL,
    listed INT NOT NULL, log_next REAL NOT NULL, as_of UTC NOT NULL);
CREATE INDEX watch_point_high ON watch_point (watch_id, log_e_fail) WHERE log_e_fail >= 2.3;
CREATE INDEX watch_point_high_until ON watch_point (watch_id, period_end) WHERE log_e_fail >= 2.3
"""


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("listing_move")
