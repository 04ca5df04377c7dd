"""What a reader is shown: a version in their language, and what is new in it for them."""

from typing import Any

from qc_service.procedures.models import Procedure
from qc_service.procedures.qualification import document_of, issued
from qc_service.procedures.translating import translations_of
from qc_service.words import Words
from sops.diff import difference, in_words
from sops.numbers import number_of
from sops.translations import Rendered, State, render

UNMARKED = (State.SOURCE, State.REVIEWED)


def rendered(procedure_id: str, document: dict[str, Any], language: str) -> Rendered:
    """The document in the reader's language, as far as it is translated."""
    return render(document, language, translations_of(procedure_id, language))


def marks(found: Rendered) -> dict[str, dict[str, str]]:
    """The texts that are not there in the reader's language, or not up to date or reviewed."""
    return {
        path: {"state": mark.state.value, "language": mark.language}
        for path, mark in found.marks.items()
        if mark.state not in UNMARKED
    }


def changes(procedure: Procedure, first: int | None, second: int, language: str) -> list[dict[str, Any]]:
    """What is new between two published versions, in sentences; nothing for who knows none: all of it is new."""
    if first is None:
        return []
    ids = {issue.number: issue.version_id for issue in issued(procedure.id)}
    before, after = document_of(ids[first]), document_of(ids[second])
    old, new = (rendered(procedure.id, document, language).document for document in (before, after))
    lines = in_words(difference(before, after), old, new, Words(language).say, number_of(language), rendered=True)
    return [
        {"sentence": line.sentence, "change_class": line.change_class.value, "path": list(line.path)} for line in lines
    ]
