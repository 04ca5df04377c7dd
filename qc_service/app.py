"""The web process: one Flask application made from the slices, locked by default."""

import time
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue

from qc_service import auth, observe, problems
from qc_service.config import Settings, load
from qc_service.db import connected, init_db
from qc_service.errors import QCError
from qc_service.people.credentials import init_people
from qc_service.people.proof import prove
from qc_service.people.seal import init_seal
from qc_service.procedures.qualification import init_qualification
from qc_service.queue import init_queue
from qc_service.replay import guard_posts
from qc_service.routes import register
from qc_service.web import StrictJson

log = structlog.get_logger(__name__)

MAX_BODY = 6 * 1024 * 1024  # 5 MiB of rows and room for the rest; more answers 413 before it is read

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
}


def create_app(settings: Settings | None = None) -> Flask:
    return bind(assemble(), settings or load())


def assemble() -> Flask:
    """Every address and page, of no plant yet."""
    app = Flask("qc_service", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, PROPAGATE_EXCEPTIONS=False)
    app.json = StrictJson(app)
    app.before_request(_begin)
    app.after_request(_finish)
    problems.register(app)
    register(app)
    guard_posts(app)
    app.extensions["qc_prove"] = prove
    app.wsgi_app = _Connected(app.wsgi_app)  # type: ignore[method-assign]
    return app


def bind(app: Flask, settings: Settings) -> Flask:
    """The application on the database, keys and queue of these settings, and on none that it had before."""
    observe.init_logging(settings)
    init_db(settings)
    init_people(settings)
    init_qualification(settings)
    init_seal(settings)
    init_queue(settings)
    app.config.update(QC=settings, SECRET_KEY=settings.secret_key)
    return app


class _Connected:
    """One pooled connection for the whole request, taken before anything may need it."""

    def __init__(self, wsgi_app: Any) -> None:
        self._app = wsgi_app

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with connected():
            return self._app(environ, start_response)


def _begin() -> ResponseReturnValue | None:
    g.started = time.perf_counter()
    g.request_id = observe.request_id(request.headers.get("X-Request-Id"))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    auth.act_as(auth.ANONYMOUS)
    if request.endpoint is None:
        return None  # no such address: the 404 needs no actor
    view = current_app.view_functions[request.endpoint]
    auth.act_as(current_app.extensions["qc_identify"](request, view))
    _make_room(view)
    redirect: ResponseReturnValue | None = current_app.extensions["qc_gate"](request, view)
    if redirect is not None:
        return redirect
    auth.check(view)
    return None


def _make_room(view: Any) -> None:
    """A view that takes large files does so from whoever may send it one; of nobody else more is read than usual."""
    most, told = getattr(view, "qc_takes", (0, ""))
    if not most or not auth.actor().may(view.qc_action):
        return
    if (request.content_length or 0) > most:
        raise QCError("payload_too_large", told)
    request.max_content_length = most


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if "request_id" in g:
        response.headers["X-Request-Id"] = g.request_id
        observe.request_done(request, response, time.perf_counter() - g.started)
    return response
