"""Sites, lines and products."""

from qc_service import ddl

TABLES = """
CREATE TABLE site (
    id TEXT PRIMARY KEY NOT NULL, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, time_zone TEXT NOT NULL,
    create_on_first_use BOOL NOT NULL, created_at UTC NOT NULL, updated_at UTC NOT NULL);
CREATE TABLE line (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL REFERENCES site (id), code TEXT NOT NULL, name TEXT NOT NULL,
    created_at UTC NOT NULL, updated_at UTC NOT NULL, UNIQUE (site_id, code), UNIQUE (site_id, id));
CREATE TABLE product (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL REFERENCES site (id), code TEXT NOT NULL, name TEXT NOT NULL,
    created_at UTC NOT NULL, updated_at UTC NOT NULL, UNIQUE (site_id, code), UNIQUE (site_id, id))
"""


def up(migrator, db):
    ddl.run(TABLES)
