"""The trail, the outbox and the idempotency keys."""

from qc_service import ddl

TABLES = """
CREATE TABLE event (
    stream TEXT NOT NULL, seq INT NOT NULL, id TEXT NOT NULL, site_id TEXT, type TEXT NOT NULL,
    recorded_at UTC NOT NULL, actor TEXT NOT NULL, device_id TEXT, via TEXT NOT NULL, observed_at UTC,
    body BLOB NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (stream, seq));
CREATE UNIQUE INDEX event_id ON event (id);
CREATE TABLE stream_head (stream TEXT PRIMARY KEY NOT NULL, seq INT NOT NULL, hash BLOB NOT NULL);
CREATE TABLE outbox (
    id TEXT PRIMARY KEY NOT NULL, event_id TEXT NOT NULL, event_type TEXT NOT NULL, reaction TEXT, site_id TEXT,
    data TEXT NOT NULL, due_at UTC NOT NULL, attempts INT NOT NULL DEFAULT 0, error TEXT,
    dead BOOL NOT NULL, created_at UTC NOT NULL);
CREATE INDEX outbox_due ON outbox (due_at);
CREATE UNIQUE INDEX outbox_once ON outbox (event_id, reaction);
CREATE TABLE job_slot (job TEXT NOT NULL, slot UTC NOT NULL, PRIMARY KEY (job, slot));
CREATE TABLE heartbeat (name TEXT PRIMARY KEY NOT NULL, at UTC NOT NULL);
CREATE TABLE idempotency_key (
    principal TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INT, content_type TEXT,
    location TEXT, body BLOB, created_at UTC NOT NULL, PRIMARY KEY (principal, key));
CREATE INDEX idempotency_age ON idempotency_key (created_at)
"""


NOTIFY = """
CREATE FUNCTION qc_ring() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('qc_outbox', ''); RETURN NULL; END $$
"""


def up(migrator, db):
    ddl.run(TABLES)
    if ddl.is_postgres():  # a worker without a broker listens for this
        db.execute_sql(NOTIFY)
        db.execute_sql(
            "CREATE TRIGGER outbox_ring AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION qc_ring()"
        )
    ddl.protect("event")
