"""One family of errors. Rules and services raise a fact; only this module knows how HTTP says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

# code: (HTTP status, title). A code that is not here is a programming error, caught by a test.
PROBLEMS: dict[str, tuple[int, str]] = {
    "validation_failed": (422, "The request has fields that cannot be accepted"),
    "unreadable_body": (400, "The body cannot be read"),
    "unauthenticated": (401, "Sign in first"),
    "credentials_wrong": (401, "The badge and the PIN or password do not belong together"),
    "too_many_attempts": (429, "Too many wrong tries"),
    "scope_missing": (403, "This key or person may not do that"),
    "token_missing": (403, "The page was open too long"),
    "not_found": (404, "There is no such record"),
    "method_not_allowed": (405, "This address does not take that method"),
    "not_acceptable": (406, "That form of the answer does not exist"),
    "unknown_ref": (422, "A record that the request names does not exist"),
    "ambiguous_ref": (422, "A name in the request fits records of several sites"),
    "already_exists": (409, "A record with that name exists"),
    "revision_conflict": (409, "The same version came with other content"),
    "illegal_transition": (409, "The record's state does not allow that"),
    "immutable_version": (409, "A published version never changes"),
    "same_person": (409, "It must be another person"),
    "idempotency_key_reused": (422, "The Idempotency-Key was used for another request"),
    "idempotency_in_progress": (409, "The first request with this Idempotency-Key is still running"),
    "payload_too_large": (413, "The request is too large"),
    "unsupported_media_type": (415, "The body's type is not understood"),
    "baseline_too_thin": (422, "Too few lots before the fix for a promise in percent"),
    "promise_needed": (422, "The fix needs a promise"),
    "promise_out_of_range": (422, "The promise is no possible rate"),
    "measure_without_numbers": (422, "The line has no numbers for that measure"),
    "unavailable": (503, "The service cannot do that right now"),
    "internal": (500, "Something went wrong on our side"),
}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong in one place: a JSON pointer into the request, a code, and what to do."""

    pointer: str
    code: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


class QCError(Exception):
    """A refusal with a stable code. `detail` is for a person and says what to do."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[FieldProblem] = (),
        retry_after: int | None = None,
        **details: Any,
    ) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail or PROBLEMS[code][1]
        self.errors = tuple(errors)
        self.retry_after = retry_after
        self.details = details


class NotFound(QCError):
    def __init__(self, what: str, name: str = "") -> None:
        super().__init__("not_found", f"No {what} {name!r} that you may see." if name else f"No such {what}.")


class Invalid(QCError):
    """One or more fields of a request are wrong."""

    def __init__(self, *errors: FieldProblem, detail: str = "", code: str = "validation_failed") -> None:
        super().__init__(code, detail or errors[0].detail, errors=errors)


def invalid(pointer: str, detail: str, code: str = "invalid") -> Invalid:
    """One field that is wrong; where `code` names a whole problem, such as `unknown_ref`, the problem is called so."""
    return Invalid(FieldProblem(pointer, code, detail), code=code if code in PROBLEMS else "validation_failed")


def status_of(code: str) -> int:
    return PROBLEMS[code][0]


def problem(error: QCError, request_id: str | None = None) -> dict[str, Any]:
    """The error as a problem document (RFC 9457)."""
    status, title = PROBLEMS[error.code]
    return {
        "type": f"/v1/problems/{error.code}",
        "title": title,
        "status": status,
        "code": error.code,
        "detail": error.detail,
        "errors": [one.as_dict() for one in error.errors],
        "request_id": request_id,
        **error.details,
    }


def from_validation(error: ValidationError) -> Invalid:
    """marshmallow's nested messages as a flat list of pointers."""
    found = list(_walk("", error.messages))
    return Invalid(*found, detail=f"{len(found)} field(s) cannot be accepted." if len(found) > 1 else "")


def _walk(pointer: str, messages: Any) -> Any:
    if isinstance(messages, Mapping):
        for key, value in messages.items():
            step = "" if key == "_schema" else f"/{_escape(str(key))}"
            yield from _walk(pointer + step, value)
    elif isinstance(messages, list | tuple):
        for message in messages:
            yield from _walk(pointer, message)
    else:
        code = "unknown_field" if str(messages).startswith("Unknown field") else "invalid"
        yield FieldProblem(pointer, code, str(messages))


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
