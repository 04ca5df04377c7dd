"""Alerts, their history, and who was told of them."""

from qc_service import ddl

TABLES = """
CREATE TABLE alert (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, flag_id TEXT NOT NULL,
    kind TEXT NOT NULL, measure TEXT, defect_code TEXT, fix_id TEXT, fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('firing', 'acknowledged', 'resolved')),
    severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
    verdict TEXT, pattern TEXT, sentence TEXT NOT NULL, explanation TEXT, evidence_id TEXT NOT NULL,
    episode INT NOT NULL, occurrences INT NOT NULL, opened_at UTC NOT NULL, last_seen_at UTC NOT NULL,
    acknowledged_by TEXT, acknowledged_name TEXT, acknowledged_at UTC,
    snoozed_until UTC, snoozes INT NOT NULL,
    resolved_at UTC, resolved_by TEXT, resolve_reason TEXT, owner TEXT,
    UNIQUE (site_id, id), CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id),
    FOREIGN KEY (site_id, flag_id) REFERENCES flag (site_id, id),
    FOREIGN KEY (site_id, fix_id) REFERENCES fix (site_id, id),
    FOREIGN KEY (site_id, evidence_id) REFERENCES evidence (site_id, id));
CREATE UNIQUE INDEX alert_open ON alert (fingerprint) WHERE state <> 'resolved';
CREATE UNIQUE INDEX alert_episode ON alert (fingerprint, episode);
CREATE INDEX alert_where ON alert (line_id, state);
CREATE TABLE alert_log (
    alert_id TEXT NOT NULL, number INT NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL,
    at UTC NOT NULL, author TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, text TEXT NOT NULL,
    detail TEXT,
    PRIMARY KEY (alert_id, number), FOREIGN KEY (site_id, alert_id) REFERENCES alert (site_id, id));
CREATE TABLE notification (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, alert_id TEXT NOT NULL, episode INT NOT NULL,
    recipient TEXT REFERENCES person (id), name TEXT NOT NULL, channel TEXT NOT NULL, address TEXT,
    reason TEXT NOT NULL CHECK (reason IN ('first', 'updated', 'resolved', 'reminder', 'woken')),
    number INT NOT NULL, message TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'failed', 'dropped')),
    due_at UTC NOT NULL, claimed_until UTC, attempts INT NOT NULL, message_id TEXT, last_error TEXT,
    created_at UTC NOT NULL, sent_at UTC,
    UNIQUE (site_id, id), UNIQUE (alert_id, episode, channel, address, reason, number),
    FOREIGN KEY (site_id, alert_id) REFERENCES alert (site_id, id));
CREATE INDEX notification_queue ON notification (channel, address, created_at)
    WHERE state IN ('due', 'sending');
CREATE TABLE notification_attempt (
    notification_id TEXT NOT NULL, number INT NOT NULL, site_id TEXT NOT NULL,
    started_at UTC NOT NULL, ended_at UTC,
    outcome TEXT CHECK (outcome IN ('sent', 'retryable', 'unknown', 'permanent')), detail TEXT,
    PRIMARY KEY (notification_id, number),
    FOREIGN KEY (site_id, notification_id) REFERENCES notification (site_id, id))
"""


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("alert_log")
