"""What a version is begun with: a file that was uploaded, read and judged before anything is written."""

from dataclasses import dataclass

from flask import request

from qc_service.desk.sign_here import by_field
from qc_service.errors import QCError, invalid
from qc_service.procedures import drafts
from qc_service.procedures.drafts import Draft
from qc_service.procedures.refusing import refusals
from qc_service.texts import later
from sops.files import read_yaml

PROBLEMS_SHOWN = 20
ZIP = b"PK\x03\x04"  # how a workbook begins


@dataclass(frozen=True, slots=True)
class Started:
    """A first text, and the version that it was taken from."""

    draft: Draft
    base: int | None = None


def from_file(note: str | None) -> Started:
    """The document in the uploaded file: YAML, or a workbook with its translations. Refused at `/file`."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise invalid("/file", later("Choose a file."))
    data = file.read()
    if not data.startswith(ZIP):
        with refusals():
            return Started(Draft(drafts.normal(read_yaml(data)), note))
    from sops.workbook import read_xlsx  # a library of its own, and seldom needed

    with refusals():
        document, told = read_xlsx(data)
    translations = [(path, language, text) for path, language, text in told]
    return Started(Draft(drafts.normal(document), note, translations))


def joined(error: QCError) -> dict[str, str]:
    """What was refused by the field of the form; everything about a document stands beside its file."""
    found: dict[str, str] = {}
    about: list[str] = []
    for name, text in by_field(error).items():
        if name.startswith(("document", "translations")):
            about.append(text)
        else:
            found[name] = text
    details = [one.detail for one in error.errors if one.pointer.startswith(("/document", "/translations"))]
    if details or error.code == "file_refused":
        shown = details[:PROBLEMS_SHOWN] or [error.detail]
        found = {name: text for name, text in found.items() if name} | {"file": "\n".join(shown)}
    return found
