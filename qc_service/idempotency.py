"""Idempotency-Key: a POST that is sent again gives the first answer and has no second effect.

The key's row is written in the same transaction as the effect, so that a crash leaves neither. A second request that
arrives while the first still runs waits for it on the row's key. `replay.py` wraps the views.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import peewee

from qc_service.db import Record, UtcField
from qc_service.errors import QCError

KEPT_DAYS = 90


class IdempotencyKey(Record):
    trail = "none"

    principal = peewee.TextField()
    key = peewee.TextField()
    fingerprint = peewee.TextField()
    status = peewee.IntegerField(null=True)
    content_type = peewee.TextField(null=True)
    location = peewee.TextField(null=True)
    body = peewee.BlobField(null=True)
    created_at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("principal", "key")


def unrepeated(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a POST whose answer is never kept: a sign-in's token is shown once."""
    view.qc_unrepeated = True  # type: ignore[attr-defined]
    return view


def claim(principal: str, key: str, fingerprint: str, now: datetime) -> IdempotencyKey | None:
    """Take the key for this request, or give the row of the request that had it first."""
    taken = (
        IdempotencyKey.insert(principal=principal, key=key, fingerprint=fingerprint, created_at=now)
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    if taken:
        return None
    row: IdempotencyKey = IdempotencyKey.get(_is(principal, key))
    if row.fingerprint != fingerprint:
        raise QCError("idempotency_key_reused", "Use a new key for a request with another address or body.")
    if row.status is None:
        raise QCError("idempotency_in_progress", "Wait for the first request's answer, then send again.", retry_after=1)
    return row


def keep(principal: str, key: str, **answer: Any) -> None:
    """Keep the answer: status, content_type, location and body."""
    IdempotencyKey.update(**answer).where(_is(principal, key)).execute()


def forget_old(now: datetime) -> None:
    IdempotencyKey.delete().where(IdempotencyKey.created_at < now - timedelta(days=KEPT_DAYS)).execute()


def _is(principal: str, key: str) -> Any:
    return (IdempotencyKey.principal == principal) & (IdempotencyKey.key == key)
