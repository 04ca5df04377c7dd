"""One family of errors. Rules and services raise a fact; only this module knows how HTTP says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from qc_service.texts import Text, later

# code: (HTTP status, title). A code that is not here is a programming error, caught by a test.
PROBLEMS: dict[str, tuple[int, str]] = {
    "validation_failed": (422, later("The request has fields that cannot be accepted")),
    "unreadable_body": (400, later("The body cannot be read")),
    "unauthenticated": (401, later("Sign in first")),
    "credentials_wrong": (401, later("The badge and the PIN or password do not belong together")),
    "too_many_attempts": (429, later("Too many wrong tries")),
    "scope_missing": (403, later("This key or person may not do that")),
    "token_missing": (403, later("The page was open too long")),
    "not_found": (404, later("There is no such record")),
    "method_not_allowed": (405, later("This address does not take that method")),
    "not_acceptable": (406, later("That form of the answer does not exist")),
    "unknown_ref": (422, later("A record that the request names does not exist")),
    "ambiguous_ref": (422, later("A name in the request fits records of several sites")),
    "already_exists": (409, later("A record with that name exists")),
    "revision_conflict": (409, later("The same version came with other content")),
    "illegal_transition": (409, later("The record's state does not allow that")),
    "immutable_version": (409, later("A published version never changes")),
    "same_person": (409, later("It must be another person")),
    "idempotency_key_reused": (422, later("The Idempotency-Key was used for another request")),
    "idempotency_in_progress": (409, later("The first request with this Idempotency-Key is still running")),
    "payload_too_large": (413, later("The request is too large")),
    "pack_too_large": (413, later("It is too much for one pack")),
    "unsupported_media_type": (415, later("The body's type is not understood")),
    "baseline_too_thin": (422, later("Too few lots before the fix for a promise in percent")),
    "promise_needed": (422, later("The fix needs a promise")),
    "promise_out_of_range": (422, later("The promise is no possible rate")),
    "measure_without_numbers": (422, later("The line has no numbers for that measure")),
    "translation_gaps": (409, later("Texts of the version are not translated and reviewed yet")),
    "check_type_changed": (409, later("A check would become one of another kind")),
    "change_class_raised": (409, later("The version changes more than was confirmed")),
    "file_refused": (422, later("The file cannot be read")),
    "copy_refused": (422, later("The tablet's copy cannot be taken")),
    "picture_refused": (422, later("The picture cannot be accepted")),
    "hash_mismatch": (422, later("The bytes are not those of the address")),
    "quota_exceeded": (429, later("A day's share of pictures is used up")),
    "unavailable": (503, later("The service cannot do that right now")),
    "internal": (500, later("Something went wrong on our side")),
}


# what a record is called where there is none
KINDS: dict[str, Text] = {
    one: one
    for one in (
        later("site"), later("line"), later("product"), later("count"), later("fix"), later("chart"),
        later("evidence"), later("alert"), later("person"), later("key"), later("tablet"), later("record"),
        later("procedure"), later("version"), later("deviation"), later("report"), later("picture"),
        later("lot"), later("inspection"), later("nonconformity"), later("gauge"), later("call"),
    )
}  # fmt: skip


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
        noun = KINDS.get(what, what)
        named = later("No %(what)s %(name)s that you may see.", what=noun, name=repr(name))
        super().__init__("not_found", named if name else later("No such %(what)s.", what=noun))


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
    several = later("Fields that cannot be accepted: %(count)s.", count=len(found))
    return Invalid(*found, detail=several if len(found) > 1 else "")


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
        yield FieldProblem(pointer, code, messages if isinstance(messages, str) else str(messages))


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
