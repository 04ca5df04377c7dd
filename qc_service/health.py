"""Is the service able to do its work right now? Asked by /readyz, /metrics and the doctor."""

from datetime import timedelta

from peewee import PeeweeException

from qc_service import clock, ddl
from qc_service.db import db
from qc_service.queue import Outbox

LAG_BOUND = timedelta(minutes=5)  # an alerting service must report its own silence


def not_ready() -> list[str]:
    """What keeps this installation from working; empty when nothing does."""
    try:
        db.execute_sql("SELECT 1")
        pending = ddl.pending()
    except PeeweeException as error:
        return [f"the database does not answer: {type(error).__name__}"]
    if pending:
        return [f"{len(pending)} migration(s) are pending: run qc migrate"]
    lag = outbox_lag()
    if lag > LAG_BOUND:
        return [f"work has waited {int(lag.total_seconds())} s: is a worker running?"]
    return []


def outbox_lag() -> timedelta:
    """How long the oldest row that should have been done by now has waited."""
    now = clock.now()
    oldest = (
        Outbox.select(Outbox.due_at)
        .where((Outbox.due_at <= now) & ~Outbox.dead)
        .order_by(Outbox.due_at)
        .limit(1)
        .first()
    )
    return now - oldest.due_at if oldest else timedelta(0)


def gauges() -> dict[str, tuple[str, float]]:
    return {
        "qc_outbox_rows": ("Things still to be done", Outbox.select().count()),
        "qc_outbox_dead": (
            "Things that failed for good and wait for a person",
            Outbox.select().where(Outbox.dead).count(),
        ),
        "qc_outbox_lag_seconds": ("Wait of the oldest due thing", outbox_lag().total_seconds()),
    }
