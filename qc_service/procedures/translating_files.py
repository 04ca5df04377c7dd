"""Translations as files: XLIFF for translation tools, CSV for spreadsheets, out and back in.

What comes in is a draft, whatever the file says of it. What can be taken is kept, and everything else is named by its
row; texts of an earlier source are kept too, as what they are.
"""

from collections.abc import Callable
from typing import Any

from flask import Response, request

from qc_service.auth import Actor
from qc_service.db import write
from qc_service.errors import FieldProblem, Invalid, QCError
from qc_service.people.staff import locked_human
from qc_service.procedures import finding, translating
from qc_service.procedures.finding import Found
from qc_service.texts import later
from sops.document import Document
from sops.exchange import LARGEST, Received, read_csv, read_xliff, write_csv, write_xliff
from sops.text_places import text_places
from sops.translations import Translation

XLIFF, CSV = "application/xliff+xml", "text/csv"
Reader = Callable[[bytes, Document, str, list[Translation]], Received]
READERS: dict[str, Reader] = {XLIFF: read_xliff, "application/xml": read_xliff, "text/xml": read_xliff, CSV: read_csv}

BODY = {
    "required": True,
    "description": "The file as it was given out, with translations in it",
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (XLIFF, CSV)},
}


def as_xliff(found: Found, language: str) -> Response:
    return _file(found, language, write_xliff(found.document, language, _known(found, language)), XLIFF, "xliff")


def as_csv(found: Found, language: str) -> Response:
    return _file(found, language, write_csv(found.document, language, _known(found, language)), CSV, "csv")


def _known(found: Found, language: str) -> list[Translation]:
    """What translators go on from: the last that was written, reviewed or not."""
    return [translating.plain(one.last) for one in translating.standing(found.procedure.id, language).values()]


def _file(found: Found, language: str, content: bytes, kind: str, ending: str) -> Response:
    response = Response(content, content_type=kind if kind == XLIFF else f"{kind}; charset=utf-8")
    code = "".join(
        char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in found.procedure.code
    )
    name = f"{code}-{found.version.number}-{language}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def received() -> tuple[bytes, Reader]:
    """The request's file and what reads it."""
    if request.mimetype not in READERS:
        words = later("Send the file as %(xliff)s or %(csv)s.", xliff=XLIFF, csv=CSV)
        raise QCError("unsupported_media_type", words)
    if (request.content_length or 0) > LARGEST:
        raise QCError("payload_too_large", later("The file is too large: send it as it was given out."))
    return request.get_data(), READERS[request.mimetype]


def reader_of(data: bytes) -> Reader:
    """What reads a file of which nobody said what it is: what begins as XML does, or a table."""
    return read_xliff if data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] == b"<" else read_csv


def take_in(actor: Actor, code: str, number: int, language: str) -> dict[str, Any]:
    """Keep what the request's file brings; the reply names what it could not bring."""
    finding.version_of(actor, "translation.write", code, number)  # before anything is read
    return take(actor, code, number, language, *received())


def take(
    actor: Actor, code: str, number: int, language: str, data: bytes, reader: Reader, *, only_check: bool = False
) -> dict[str, Any]:
    """Keep what a file brings, or say what would be kept."""
    with write():
        human = locked_human(actor.id)
        found = finding.version_of(actor, "translation.write", code, number)
        translating.language_named(language, found)
        brought = reader(data, found.document, language, _known(found, language))
        refused = [
            {"row": one.line, "pointer": one.pointer or None, "code": one.code, "detail": one.message}
            for one in brought.problems
        ]
        _refuse_whole(brought)
        places = {place.path: place for place in text_places(found.document)}
        shared = translating.not_theirs(actor, found, places, [one.path for one in brought.translations])
        refused += [
            {"row": None, "pointer": places[path].pointer, "code": "scope_missing", "detail": words}
            for path, words in shared
        ]
        theirs = {path for path, _ in shared}
        good = [one for one in brought.translations if one.path not in theirs]
        kept = [one.path for one in good]
        if not only_check:
            kept = translating.store(actor, found, human, language, good, "imported")
    return {
        "written": kept, "unchanged": brought.unchanged, "untranslated": brought.untranslated, "refused": refused,
    }  # fmt: skip


def _refuse_whole(brought: Received) -> None:
    """A file of which nothing can be taken because it is none, or another one."""
    if brought.translations or brought.unchanged or brought.untranslated:
        return
    if any(not one.pointer for one in brought.problems):
        errors = [FieldProblem("", one.code, one.message) for one in brought.problems]
        raise Invalid(*errors, detail=errors[0].detail, code="file_refused")
