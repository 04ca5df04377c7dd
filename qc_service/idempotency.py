"""Idempotency-Key: a POST that is sent again gives the first answer and has no second effect.

The key's row is written in the same transaction as the effect, so that a crash leaves neither. A second request that
arrives while the first still runs waits for it on the row's key.
"""

import functools
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import peewee
from flask import Flask, Response, current_app, make_response, request

from qc_service import clock
from qc_service.auth import actor
from qc_service.db import Record, UtcField, write
from qc_service.errors import QCError, invalid

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


def guard_posts(app: Flask) -> None:
    """Wrap every POST view of the API."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.rule.startswith("/v1/") and "POST" in (rule.methods or ()) and not hasattr(view, "qc_unrepeated"):
            app.view_functions[rule.endpoint] = _once(view)


def _once(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        key = _key()
        if key is None:
            return view(*args, **kwargs)
        with write():
            kept = _claim(key)
            if kept is not None:
                return _replay(kept)
            response = make_response(view(*args, **kwargs))
            _keep(key, response)
            return response

    return wrapped


def _key() -> str | None:
    raw = request.headers.get("Idempotency-Key")
    if raw is None:
        return None
    key = raw.strip().strip('"')
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise invalid("/Idempotency-Key", "Send 1 to 255 printable characters in the header Idempotency-Key.")
    return key


def _fingerprint(text: bytes) -> str:
    """Keyed with a secret outside the database: a body may hold a PIN, which a plain hash would give away."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), text, hashlib.sha256).hexdigest()


def _claim(key: str) -> IdempotencyKey | None:
    """Take the key for this request, or give the row of the request that had it first."""
    fingerprint = _fingerprint(f"{request.method} {request.full_path} ".encode() + request.get_data())
    who = actor().author.name
    taken = (
        IdempotencyKey.insert(principal=who, key=key, fingerprint=fingerprint, created_at=clock.now())
        .on_conflict_ignore()
        .as_rowcount()
        .execute()
    )
    if taken:
        return None
    row: IdempotencyKey = IdempotencyKey.get((IdempotencyKey.principal == who) & (IdempotencyKey.key == key))
    if row.fingerprint != fingerprint:
        raise QCError("idempotency_key_reused", "Use a new key for a request with another address or body.")
    if row.status is None:
        raise QCError("idempotency_in_progress", "Wait for the first request's answer, then send again.", retry_after=1)
    return row


def _keep(key: str, response: Response) -> None:
    if response.status_code >= 400:
        raise RuntimeError("a refusal is raised, not returned, so that nothing of it is kept")
    who = actor().author.name
    IdempotencyKey.update(
        status=response.status_code,
        content_type=response.content_type,
        location=response.headers.get("Location"),
        body=response.get_data(),
    ).where((IdempotencyKey.principal == who) & (IdempotencyKey.key == key)).execute()


def _replay(row: IdempotencyKey) -> Response:
    response = Response(bytes(row.body), status=row.status, content_type=row.content_type)
    if row.location:
        response.headers["Location"] = row.location
    response.headers["Idempotency-Replayed"] = "true"
    return response
