"""A bare Flask view that writes the rows of one received inspection with the raw driver, and asks nobody anything."""

import fcntl
import hashlib
import json
import os
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Flask, request
from pysqlite3 import dbapi2 as sqlite3

app = Flask(__name__)
_own = threading.local()
PATH = os.environ.get("BARE_DB", "")
QUEUED = os.environ.get("BARE_QUEUED") == "1"


def _connection() -> tuple[Any, int]:
    if not hasattr(_own, "file"):
        _own.file = sqlite3.connect(PATH, isolation_level=None, timeout=10)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 10000"):
            _own.file.execute(f"PRAGMA {pragma}")
        _own.lock = os.open(f"{PATH}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    return _own.file, _own.lock


@app.put("/v1/inspections/<name>")
def put(name: str) -> tuple[dict[str, str], int]:
    body = request.get_data()
    told = json.loads(body)
    digest, now = hashlib.sha256(body).hexdigest(), datetime.now(UTC).isoformat()
    file, lock = _connection()
    if QUEUED:
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        file.execute("BEGIN IMMEDIATE")
        seq, prev = file.execute("SELECT seq, hash FROM stream_head WHERE stream = 'bare'").fetchone()
        chained = hashlib.sha256(prev + body).digest()
        file.execute(
            "INSERT INTO inspection_record (uuid, sha256, sender, via, attestation, received_at, body) "
            "VALUES (?, ?, 'bare', 'bare', 'session', ?, ?)",
            (name, digest, now, body),
        )
        file.execute(
            "INSERT INTO signature (id, person_id, human_id, printed_name, badge, meaning, method, signed_at, "
            "record_type, record_id, event_id) "
            "VALUES (?, 'p', 'p', 'n', ?, 'inspected', 'session', ?, 'inspection', ?, ?)",
            (uuid.uuid4().hex, told["inspector"], now, name, name),
        )
        file.execute(
            "INSERT INTO event (stream, seq, id, type, recorded_at, actor, via, body, prev, hash) "
            "VALUES ('bare', ?, ?, 'inspection.received', ?, 'bare', 'bare', ?, ?, ?)",
            (seq + 1, name, now, digest.encode() * 12, prev, chained),
        )
        file.execute("UPDATE stream_head SET seq = ?, hash = ? WHERE stream = 'bare'", (seq + 1, chained))
        file.execute(
            "INSERT INTO outbox (id, event_id, event_type, data, due_at, attempts, dead, created_at) "
            "VALUES (?, ?, 'inspection.received', ?, ?, 0, 0, ?)",
            (uuid.uuid4().hex, name, json.dumps({"uuid": name}), now, now),
        )
        file.execute("COMMIT")
    finally:
        if QUEUED:
            fcntl.flock(lock, fcntl.LOCK_UN)
    return {"receipt": name, "sha256": digest}, 201
