"""Every failure of the web process becomes a problem document, or a page that says what to do."""

from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, request
from flask_smorest import Api
from marshmallow import ValidationError, fields
from peewee import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from qc_service.errors import PROBLEMS, QCError, from_validation, problem, status_of
from qc_service.schemas import Moment, Reply
from qc_service.texts import later

log = structlog.get_logger(__name__)

_BY_STATUS = {
    400: "unreadable_body", 401: "unauthenticated", 403: "scope_missing", 404: "not_found",
    405: "method_not_allowed", 406: "not_acceptable", 413: "payload_too_large", 415: "unsupported_media_type",
    422: "validation_failed", 429: "too_many_attempts",
}  # fmt: skip

_DETAIL = {
    "payload_too_large": later(
        "Send at most 5 MiB and 1,000 rows at once: split the batch and send the parts one by one."
    ),
    "unsupported_media_type": later("Send JSON with Content-Type: application/json."),
}


MEDIA_TYPE = "application/problem+json"


_FULL = ("disk is full", "No space left")  # as SQLite and PostgreSQL say it
_NO_ROOM = later(
    "The service has no room left: nothing of this was stored. Whoever runs it must make room; then send it again."
)


class FieldProblemOut(Reply):
    pointer = fields.String(required=True, metadata={"description": "JSON pointer into the request"})
    code = fields.String(required=True)
    detail = fields.String(required=True, metadata={"description": "What to do, for a person"})


class Problem(Reply):
    """What went wrong (RFC 9457). A code never changes its meaning; some carry further fields of their own."""

    type = fields.String(required=True, metadata={"description": "Address of the code's own description"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"enum": sorted(PROBLEMS)})
    detail = fields.String(required=True, metadata={"description": "What to do, for a person"})
    errors = fields.List(fields.Nested(FieldProblemOut), required=True)
    request_id = fields.String(required=True, allow_none=True)


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest with our error form; it would otherwise answer in its own and lose Allow on a 405."""

    ERROR_SCHEMA = Problem

    def _init_spec(self, **options: Any) -> None:
        super()._init_spec(**options)
        self.register_field(Moment, "string", "date-time")

    def _register_responses(self) -> None:
        """Described with the media type that errors have."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE: str = MEDIA_TYPE
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def handle_http_exception(self, error: HTTPException) -> Response:
        return answer(_from_http(error), allow=getattr(error, "valid_methods", None))


def register(app: Flask) -> None:
    app.register_error_handler(QCError, answer)
    app.register_error_handler(ValidationError, lambda error: answer(from_validation(error)))
    app.register_error_handler(IntegrityError, _collision)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unexpected)


def answer(error: QCError, allow: Any = None) -> Response:
    page = current_app.extensions.get("qc_page_problem")
    if page is not None and _wants_page():
        return page(error)  # type: ignore[no-any-return]
    response = jsonify(problem(error, g.get("request_id")))
    response.status_code = status_of(error.code)
    response.content_type = MEDIA_TYPE
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="qc"'
    if allow:
        response.headers["Allow"] = ", ".join(sorted(allow))
    return response


def _wants_page() -> bool:
    """A person at the desk sees a page; every other caller gets the document."""
    if request.path.startswith("/v1/"):
        return False
    return (request.endpoint or "").startswith("desk.") or request.accept_mimetypes.accept_html


def _from_http(error: HTTPException) -> QCError:
    data = getattr(error, "data", None) or {}
    messages = data.get("messages")
    if error.code == 422 and isinstance(messages, dict):
        merged: dict[str, Any] = {}
        for place in messages.values():
            merged.update(place if isinstance(place, dict) else {"_schema": place})
        return from_validation(ValidationError(merged))
    code = _BY_STATUS.get(error.code or 500, "internal")
    if error.code == 400 and isinstance(messages, dict):
        return QCError(code, later("The body is not valid JSON."))
    detail = _DETAIL.get(code) or ("" if code == "internal" else str(error.description or ""))
    return QCError(code, detail)


def _collision(error: IntegrityError) -> Response:
    log.warning("request.collided", error=str(error))
    return answer(
        QCError("already_exists", later("Another request wrote the same record at the same moment: look, then retry."))
    )


def _database(error: OperationalError) -> Any:
    if any(sign in str(error) for sign in ("syntax error", "no such", "does not exist")):
        return _unexpected(error)  # our own mistake, which waiting does not mend
    log.error("database.unavailable", error=str(error))
    if _is_full(error):
        return answer(QCError("unavailable", _NO_ROOM, retry_after=60))
    return answer(QCError("unavailable", later("The database does not answer. Try again in a moment."), retry_after=5))


def _is_full(error: BaseException | None) -> bool:
    """Is there no room left? SQLite ends the transaction itself, so that ending it once more hides the reason."""
    return error is not None and (any(sign in str(error) for sign in _FULL) or _is_full(error.__context__))


def _unexpected(error: Exception) -> Any:
    if isinstance(error, HTTPException):
        return answer(_from_http(error), allow=getattr(error, "valid_methods", None))
    log.error("request.exploded", exc_info=error)
    return answer(QCError("internal", later("It was written down with this request's id. Nothing was half-written.")))
