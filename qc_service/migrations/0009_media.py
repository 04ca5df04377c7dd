"""Pictures: originals by their hash, the copies that screens show, and where each may be seen."""

from qc_service import ddl

TABLES = """
CREATE TABLE media_bytes (
    sha256 TEXT PRIMARY KEY NOT NULL CHECK (length(sha256) = 64),
    type TEXT NOT NULL CHECK (type IN ('image/jpeg', 'image/png', 'image/webp')),
    width INT NOT NULL CHECK (width > 0), height INT NOT NULL CHECK (height > 0), size INT NOT NULL CHECK (size > 0),
    added_by TEXT NOT NULL, added_at UTC NOT NULL, content BLOB NOT NULL);
CREATE INDEX media_bytes_share ON media_bytes (added_by, added_at, size);
CREATE TABLE media_copy (
    sha256 TEXT NOT NULL REFERENCES media_bytes (sha256), side INT NOT NULL,
    width INT NOT NULL, height INT NOT NULL, type TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (sha256, side));
CREATE TABLE media_place (
    sha256 TEXT NOT NULL REFERENCES media_bytes (sha256), place TEXT NOT NULL, site_id TEXT REFERENCES site (id),
    added_by TEXT NOT NULL, added_at UTC NOT NULL,
    PRIMARY KEY (sha256, place), CHECK (place = coalesce(site_id, 'plant')))
"""


def up(migrator, db):
    ddl.run(TABLES)
    if ddl.is_postgres():  # it would try to compress what is compressed
        for table in ("media_bytes", "media_copy"):
            db.execute_sql(f"ALTER TABLE {table} ALTER COLUMN content SET STORAGE EXTERNAL")
    ddl.protect("media_bytes", "media_copy", "media_place")
