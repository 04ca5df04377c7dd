"""People, their roles and secrets, API keys, tablets, sessions, and the counters of wrong tries."""

from qc_service import ddl

TABLES = """
CREATE TABLE person (
    id TEXT PRIMARY KEY NOT NULL, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, email TEXT,
    language TEXT NOT NULL, active BOOL NOT NULL, created_at UTC NOT NULL, updated_at UTC NOT NULL);
CREATE TABLE role_grant (
    id TEXT PRIMARY KEY NOT NULL, person_id TEXT NOT NULL REFERENCES person (id), role TEXT NOT NULL,
    site_id TEXT REFERENCES site (id), created_at UTC NOT NULL);
CREATE UNIQUE INDEX role_grant_site ON role_grant (person_id, role, site_id) WHERE site_id IS NOT NULL;
CREATE UNIQUE INDEX role_grant_all ON role_grant (person_id, role) WHERE site_id IS NULL;
CREATE INDEX role_grant_where ON role_grant (site_id, role);
CREATE TABLE credential (
    person_id TEXT NOT NULL REFERENCES person (id), kind TEXT NOT NULL CHECK (kind IN ('password', 'pin')),
    hash TEXT NOT NULL, must_change BOOL NOT NULL, changed_at UTC NOT NULL, PRIMARY KEY (person_id, kind));
CREATE TABLE api_key (
    id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL,
    site_id TEXT REFERENCES site (id), created_at UTC NOT NULL, expires_at UTC NOT NULL, revoked_at UTC);
CREATE TABLE device (
    id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
    site_id TEXT REFERENCES site (id), enrolled_at UTC NOT NULL, revoked_at UTC);
CREATE TABLE session (
    id TEXT PRIMARY KEY NOT NULL, hash TEXT NOT NULL UNIQUE, person_id TEXT NOT NULL REFERENCES person (id),
    device_id TEXT REFERENCES device (id), kind TEXT NOT NULL CHECK (kind IN ('desk', 'tablet')),
    created_at UTC NOT NULL, last_seen_at UTC NOT NULL, expires_at UTC NOT NULL, ended_at UTC,
    CHECK ((kind = 'tablet') = (device_id IS NOT NULL)));
CREATE INDEX session_used ON session (person_id, device_id, created_at);
CREATE INDEX session_age ON session (expires_at);
CREATE TABLE tries (
    kind TEXT NOT NULL, subject TEXT NOT NULL, place TEXT NOT NULL, misses INT NOT NULL, since UTC,
    blocked_until UTC, PRIMARY KEY (kind, subject, place));
CREATE INDEX tries_place ON tries (place, kind);
CREATE INDEX tries_age ON tries (since)
"""


def up(migrator, db):
    ddl.run(TABLES)
