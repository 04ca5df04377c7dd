"""Every POST of the API, made repeatable by its Idempotency-Key."""

import functools
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, make_response, request

from qc_service import clock, idempotency
from qc_service.auth import actor
from qc_service.db import write
from qc_service.errors import invalid
from qc_service.idempotency import IdempotencyKey


def guard_posts(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.rule.startswith("/v1/") and "POST" in (rule.methods or ()) and not hasattr(view, "qc_unrepeated"):
            app.view_functions[rule.endpoint] = _once(view)


def _once(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        current_app.extensions["qc_prove"](view)  # outside the transaction: a miss must stay counted
        key = _key()
        if key is None:
            return view(*args, **kwargs)
        who = actor().author.name
        with write():
            kept = idempotency.claim(who, key, _fingerprint(), clock.now())
            if kept is not None:
                return _replay(kept)
            response = make_response(view(*args, **kwargs))
            if response.status_code >= 400:
                raise RuntimeError("a refusal is raised, not returned, so that nothing of it is kept")
            idempotency.keep(
                who, key, status=response.status_code, content_type=response.content_type,
                location=response.headers.get("Location"), body=response.get_data(),
            )  # fmt: skip
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


def _fingerprint() -> str:
    """Keyed with a secret outside the database: a body may hold a PIN, which a plain hash would give away."""
    text = f"{request.method} {request.full_path} ".encode() + request.get_data()
    return hmac.new(current_app.config["SECRET_KEY"].encode(), text, hashlib.sha256).hexdigest()


def _replay(row: IdempotencyKey) -> Response:
    response = Response(bytes(row.body or b""), status=row.status, content_type=row.content_type)
    if row.location:
        response.headers["Location"] = row.location
    response.headers["Idempotency-Replayed"] = "true"
    return response
