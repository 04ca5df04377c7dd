"""What a translator works with: every text of a version beside its translation, and what changed in the source."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from qc_service.procedures import finding, naming
from qc_service.procedures.finding import Found
from qc_service.procedures.translating import Standing, mark_of, standing, translations_of, waiting_of
from qc_service.procedures.translation_models import ProcedureTranslation
from sops import translations
from sops.translations import State, source_sha

Reply = dict[str, Any]


def listing(found: Found, language: str) -> Reply:
    """Every text in the document's order, with how it stands, and the mark by which a review says what it has read."""
    known = standing(found.procedure.id, language)
    states = translations.state_of(found.document, language, translations_of(found.procedure.id, language))
    names = naming.people(row.person_id for one in known.values() for row in (one.counts, one.last))
    older = _older_sources(found, known)
    rows = [
        _row(path, source, states[path], known, older, names)
        for path, source in translations.texts(found.document).items()
    ]
    return {
        "procedure": found.procedure.code, "version": found.version.number, "language": language,
        "source_language": found.document["language"], "texts": rows,
        "counts": dict(Counter(row["state"] for row in rows)),
        "seen": mark_of(waiting_of(found, language).values()),
    }  # fmt: skip


def _row(
    path: str, source: str, state: State, known: dict[Any, Standing], older: dict[Any, str], names: dict[Any, Any]
) -> Reply:
    mine = [one for (where, _, _), one in known.items() if where == path]
    current = next((one for one in mine if one.last.source_sha == source_sha(source)), None)
    before = mine[-1].counts if current is None and mine else None
    waits = current.waits if current is not None else None
    return {
        "path": path, "source": source, "source_sha": source_sha(source), "state": state.value,
        "translation": None if current is None else _said(current.counts, names),
        "draft": None if waits is None else _said(waits, names),
        "outdated": None if before is None else {
            **_said(before, names), "source_sha": before.source_sha,
            "changes": _changes(older.get((path, before.source_sha)), source),
        },
    }  # fmt: skip


def _said(row: ProcedureTranslation, names: dict[Any, Any]) -> Reply:
    return {
        "text": row.text, "status": row.status, "number": row.number, "origin": row.origin, "at": row.at,
        "by": names[row.person_id],
    }  # fmt: skip


def _changes(old: str | None, new: str) -> list[Reply] | None:
    """What changed in the source since it was translated, word by word; None where the old text is not known."""
    return None if old is None else [{"op": op, "text": text} for op, text in translations.word_difference(old, new)]


def _older_sources(found: Found, known: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    """The source texts that outdated translations were made from, as far as a version's text still has them."""
    current = {(path, source_sha(text)) for path, text in translations.texts(found.document).items()}
    wanted = {(path, sha) for path, _, sha in known} - current
    texts: dict[tuple[str, str], str] = {}
    for one in finding.load_all(found.procedure) if wanted else ():
        for path, text in translations.texts(one.document).items():
            if (path, sha := source_sha(text)) in wanted:
                texts[path, sha] = text
    return texts
