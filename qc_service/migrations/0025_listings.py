"""The plant's list: fixes that are not holding among many, at a known rate of chance findings."""

from qc_service import ddl

TABLES = """
CREATE TABLE listing (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, fix_id TEXT NOT NULL,
    watch_id TEXT NOT NULL, log_e REAL NOT NULL, among INTEGER NOT NULL CHECK (among > 0),
    entered_at UTC NOT NULL, left_at UTC, left_reason TEXT CHECK (left_reason IN ('corrected', 'superseded')),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id),
    FOREIGN KEY (site_id, fix_id) REFERENCES fix (site_id, id),
    FOREIGN KEY (site_id, watch_id) REFERENCES watch (site_id, id),
    CHECK ((left_at IS NULL) = (left_reason IS NULL)));
CREATE UNIQUE INDEX listing_once ON listing (fix_id) WHERE left_at IS NULL;
CREATE INDEX listing_site ON listing (site_id, entered_at)
"""

_OTHER = (
    "NEW.id <> OLD.id OR NEW.site_id <> OLD.site_id OR NEW.fix_id <> OLD.fix_id OR NEW.log_e <> OLD.log_e "
    "OR NEW.among <> OLD.among OR NEW.entered_at <> OLD.entered_at"
)


def up(migrator, db):
    ddl.run(TABLES)
    stays = "an entry of the list stays as it was; it may only end"
    ddl.refuse("listing_stays", "listing", "UPDATE", f"OLD.left_at IS NOT NULL OR {_OTHER}", stays)
    ddl.refuse("listing_kept", "listing", "DELETE", "OLD.id IS NOT NULL", "an entry of the list is never deleted")
