"""A procedure in other languages: every text by its path, what is translated, and what a reader is shown.

A translation carries the `source_sha` of the text it was made from, so it is known field by field what is up to date:
a changed source makes its own translations outdated and leaves all others as they are, reviewed ones too.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from sops.document import Document
from sops.errors import Problem
from sops.languages import LANGUAGES
from sops.numbers import number_of
from sops.text_places import Place, placeholder_values, text_places, text_problems
from sops.wording import braces, filled, word_difference

__all__ = [
    "Best", "Gap", "Mark", "Rendered", "State", "Status", "Translation", "best_of", "gaps", "placed_problems",
    "problems", "render", "source_sha", "state_of", "texts", "translation_of", "word_difference",
]  # fmt: skip

Status = Literal["draft", "reviewed"]

SHA_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Translation:
    """One text in one language.

    path: as `texts` has it. text: with exactly the placeholders of its source. source_sha: of the text it was made
    from, as it stood then. status: `reviewed` once a second person who knows both languages has read it.
    """

    path: str
    language: str
    text: str
    source_sha: str
    status: Status


class State(StrEnum):
    """How a text stands in a language.

    SOURCE: it was written in it. REVIEWED, DRAFT: there is a translation of the text as it is. OUTDATED: only of an
    earlier one. MISSING: none.
    """

    SOURCE = "source"
    REVIEWED = "reviewed"
    DRAFT = "draft"
    OUTDATED = "outdated"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reader is shown at a path: how it stands, and the language that the shown words are in."""

    state: State
    language: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document for one reader: texts in their language, placeholders filled; all else as it was.

    It is for reading only: its braces are no placeholders any more. marks: for every path how it stands.
    """

    document: Document
    marks: dict[str, Mark]


@dataclass(frozen=True, slots=True)
class Best:
    """The best that a language has for a text. text: with its placeholders; None where nothing can be shown."""

    state: State
    text: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A text that is not reviewed in a language."""

    path: str
    language: str
    state: State


def texts(document: Document) -> dict[str, str]:
    """Every translatable text of a document in normal form, by its path and in its order.

    Paths name items by their ids: `checks.lid.choices.yes.text`; photos by their place, from 0.
    """
    return {place.path: place.text for place in text_places(document)}


def source_sha(text: str) -> str:
    """What a translation names its source text by: the first 16 hexadecimal digits of the NFC text's SHA-256."""
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()[:SHA_DIGITS]


def translation_of(document: Document, path: str, language: str, text: str, *, status: Status = "draft") -> Translation:
    """A translation of a text as it stands now, tidied as documents have it. `problems` says whether it can be taken.

    Raises `KeyError` for a path that is not there.
    """
    tidy = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    return Translation(path, language, tidy, source_sha(texts(document)[path]), status)


# -- what there is ---------------------------------------------------------------------------------------


def best_of(document: Document, language: str, translations: Iterable[Translation]) -> dict[str, Best]:
    """The best that a language has for every text, by path."""
    known = _Known(document, translations)
    return {place.path: known.best(place, language) for place in known.places}


def state_of(document: Document, language: str, translations: Iterable[Translation]) -> dict[str, State]:
    """How every text stands in a language, by path."""
    return {path: best.state for path, best in best_of(document, language, translations).items()}


def gaps(document: Document, languages: Iterable[str], translations: Iterable[Translation]) -> list[Gap]:
    """Every text that is not reviewed, language by language in their order; the source language has none."""
    known = _Known(document, translations)
    found = ((place, language, known.best(place, language).state) for language in languages for place in known.places)
    enough = (State.SOURCE, State.REVIEWED)
    return [Gap(place.path, language, state) for place, language, state in found if state not in enough]


class _Known:
    """A document's texts and their translations."""

    def __init__(self, document: Document, translations: Iterable[Translation]) -> None:
        self.language: str = document["language"]
        self.places = text_places(document)
        self._found: dict[tuple[str, str], list[Translation]] = defaultdict(list)
        for one in translations:
            self._found[one.path, one.language].append(one)

    def best(self, place: Place, language: str) -> Best:
        """Reviewed before draft, the current source before an earlier one, and of equals the one given last.

        An outdated one that names numbers which the check no longer has cannot be shown, and is told all the same.
        """
        if language == self.language:
            return Best(State.SOURCE, place.text)
        given = sorted(self._found.get((place.path, language), ()), key=lambda one: one.status == "reviewed")
        given = [one for one in given if one.text.strip() and not braces(one.text).single]
        sha, names = source_sha(place.text), braces(place.text).names
        current = [one for one in given if one.source_sha == sha and braces(one.text).names == names]
        if current:
            return Best(State(current[-1].status), current[-1].text)
        outdated = [one for one in given if one.source_sha != sha]
        shown = [one.text for one in outdated if braces(one.text).names <= place.names]
        return Best(State.OUTDATED if outdated else State.MISSING, shown[-1] if shown else None)


# -- what a reader is shown ------------------------------------------------------------------------------


def render(
    document: Document, language: str, translations: Iterable[Translation], *, sister: str | None = None
) -> Rendered:
    """The document for a reader of a language. No text is ever blank.

    document: in normal form. sister: a language that its readers understand too, such as Malay for Indonesian, or
    None. For each text the first of these is shown: the language's own translation; its outdated one; the sister's,
    if it is up to date; the source. Marks say which it was: SOURCE, REVIEWED and DRAFT are what they say, OUTDATED
    and MISSING are how it stands in the reader's language, whatever is shown instead.
    Numbers in placeholders are written as the reader's language writes them. Raises `KeyError` for another language.
    """
    known = _Known(document, translations)
    number = number_of(language)
    shown: Document = deepcopy(document)
    marks: dict[str, Mark] = {}
    for place in known.places:
        text, marks[place.path] = _shown(known, place, language, sister)
        place.put(shown, text)
    values = {place.spec: placeholder_values(place.item(shown), number) for place in known.places if place.spec}
    for place in known.places:
        place.put(shown, filled(place.get(shown), values.get(place.spec, {})))
    return Rendered(shown, marks)


def _shown(known: _Known, place: Place, language: str, sister: str | None) -> tuple[str, Mark]:
    best = known.best(place, language)
    if best.text is not None:
        return best.text, Mark(best.state, language)
    near = known.best(place, sister) if sister and sister != known.language else None
    if near and near.text is not None and near.state is not State.OUTDATED:
        return near.text, Mark(best.state, str(sister))
    return place.text, Mark(best.state, known.language)


# -- what is wrong with a translation --------------------------------------------------------------------


def problems(document: Document, translation: Translation) -> list[Problem]:
    """Why a translation cannot be taken; empty if it can. Pointers are those of the source text.

    Codes: `path_unknown`, `language_unknown`, `language_is_source`, `status_unknown`, `missing`, `placeholder_missing`,
    `placeholder_unknown`, `brace_single`, and those of a text that is too long for its place or cannot be held. That
    it is outdated is no problem.
    """
    places = {place.path: place for place in text_places(document)}
    return placed_problems(document["language"], places.get(translation.path), translation)


def placed_problems(source_language: str, place: Place | None, translation: Translation) -> list[Problem]:
    """The same where the place of the text is known, for who has many; None for a path that is not there."""
    if place is None:
        text = f"There is no text “{translation.path[:80]}” in this procedure. Export the texts again."
        return [Problem("", "path_unknown", text)]
    found = [*_head_problems(source_language, translation), *text_problems(place, translation.text)]
    return [Problem(place.pointer, code, text) for code, text in found]


def _head_problems(source_language: str, translation: Translation) -> list[tuple[str, str]]:
    found = []
    language = translation.language
    if language not in LANGUAGES:
        text = f"“{language[:20]}” is no language here. There are: {', '.join(LANGUAGES)}."
        found.append(("language_unknown", text))
    elif language == source_language:
        found.append(("language_is_source", "The procedure is written in this language. Change its own text."))
    if translation.status not in ("draft", "reviewed"):
        found.append(("status_unknown", f"“{translation.status[:20]}” is no status. Write draft or reviewed."))
    return found
