"""Taking an outbox row and doing what follows from it, exactly once where the effect is in our own database."""

from datetime import timedelta

import structlog

from qc_service import clock, queue
from qc_service.config import Settings
from qc_service.db import connected, locked, write
from qc_service.queue import Outbox
from workers.reactions import FOLLOWS, REACTIONS, Inside, Outside

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)


def follow(row_id: str, settings: Settings) -> None:
    """Do what follows from one outbox row; harmless when it was done already or another worker has it."""
    with connected():
        try:
            _follow(row_id, settings)
        except Exception as error:
            log.exception("reaction.failed", row=row_id)
            _postpone(row_id, error)


def _follow(row_id: str, settings: Settings) -> None:
    with write():
        row = _take(row_id)
        if row is None:
            return
        name = row.reaction or _only_one(row)
        if name is None:
            row.delete_instance()
            return
        reaction = REACTIONS[name]
        if isinstance(reaction, Inside):
            reaction.act(row.data, clock.now())
            row.delete_instance()
            return
        row.reaction, row.due_at = name, clock.now() + LEASE
        row.save(only=[Outbox.reaction, Outbox.due_at])
    _outside(row, reaction, settings)


def _take(row_id: str) -> Outbox | None:
    """The row, locked until the end of the transaction; None if it is done, not due, or in another worker's hands."""
    query = Outbox.select().where((Outbox.id == row_id) & ~Outbox.dead & (Outbox.due_at <= clock.now()))
    found: Outbox | None = locked(query, skip=True).first()
    return found


def _only_one(row: Outbox) -> str | None:
    """The one reaction to the event; several become a row each, done on their own."""
    names = FOLLOWS.get(row.event_type, ())
    if len(names) <= 1:
        return names[0] if names else None
    for name in names:
        queue.add(
            event_id=row.event_id, event_type=row.event_type, site_id=row.site_id, data=row.data,
            now=clock.now(), reaction=name,
        )  # fmt: skip
    return None


def _outside(row: Outbox, reaction: Outside, settings: Settings) -> None:
    """Act without holding the database; the lease keeps other workers away meanwhile."""
    reaction.act(row.data, settings, clock.now())
    with write():
        Outbox.delete().where(Outbox.id == row.id).execute()


def _postpone(row_id: str, error: Exception) -> None:
    with write():
        row = locked(Outbox.select().where(Outbox.id == row_id)).first()
        if row is None:
            return
        row.attempts += 1
        row.error = f"{type(error).__name__}: {error}"[:500]
        row.due_at = clock.now() + queue.backoff(row.attempts)
        row.dead = row.attempts >= queue.MAX_ATTEMPTS
        row.save()
