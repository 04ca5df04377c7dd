"""Translations that come with a version in a workbook, and go out with it."""

from collections.abc import Iterable, Sequence

from qc_service.auth import Actor
from qc_service.errors import FieldProblem, Invalid
from qc_service.procedures import translating
from qc_service.procedures.finding import Found
from qc_service.texts import later
from sops.text_places import text_places
from sops.translations import Translation, source_sha, texts

Told = tuple[str, str, str]  # path, language, text


def keep(actor: Actor, found: Found, human: str, given: Sequence[Told]) -> None:
    """Keep what a workbook says in other languages as drafts; all of it or, if any cannot be taken, none."""
    places = {place.path: place for place in text_places(found.document)}
    made: dict[str, list[Translation]] = {}
    wrong = []
    for path, language, text in given:
        sha = source_sha(places[path].text) if path in places else ""
        one = Translation(path, language, translating.tidy(text), sha, "draft")
        made.setdefault(language, []).append(one)
        pointer = f"/translations/{translating.pointer_part(path)}/{language}"
        wrong += translating.refused(places, found.document["language"], one, pointer)
    wrong += [
        FieldProblem(f"/translations/{translating.pointer_part(path)}", "scope_missing", words)
        for path, words in translating.not_theirs(actor, found, places, [path for path, _, _ in given])
    ]
    if wrong:
        raise Invalid(*wrong, detail=later("Texts that cannot be taken: %(count)s.", count=len(wrong)))
    for language in sorted(made):
        translating.store(actor, found, human, language, made[language], "imported")


def own(found: Found, known: Iterable[Translation] | None = None) -> list[Translation]:
    """The translations that count and belong to the version's own texts."""
    sources = {(path, source_sha(text)) for path, text in texts(found.document).items()}
    every = translating.translations_of(found.procedure.id) if known is None else known
    return [one for one in every if (one.path, one.source_sha) in sources]
