"""The one task that the outbox rings for."""

from qc_service import queue
from workers import following
from workers.app import app, settings


@app.task(name=queue.TASK)
def follow(row_id: str) -> None:
    following.follow(row_id, settings)
