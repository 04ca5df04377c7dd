"""Documents with translations of every state, and what a translator might write."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from sops.document import Document
from sops.text_places import Place, text_places
from sops.translations import Translation, source_sha
from sops.wording import braces
from tests.sops.strategies import LANGUAGES, documents, lines

ELSEWHERE = source_sha("What it was made from is no text of any document.")


def wording(place: Place) -> st.SearchStrategy[str]:
    """What a careful translator writes: other words, the same placeholders in any order, within the length."""
    names = [f"{{{name}}}" for name in sorted(braces(place.text).names)]
    longest = max(place.longest - sum(len(name) + 1 for name in names), 1)
    words = lines(min(longest, 40))
    return st.tuples(words, st.permutations(names)).map(lambda drawn: " ".join([drawn[0], *drawn[1]]))


def translations_of(place: Place, language: str) -> st.SearchStrategy[Translation]:
    """One translation of a text, of the text as it is or of an earlier one."""
    sha = st.sampled_from((source_sha(place.text), source_sha(place.text), ELSEWHERE))
    status = st.sampled_from(("draft", "reviewed"))
    return st.tuples(wording(place), sha, status).map(
        lambda drawn: Translation(place.path, language, drawn[0], drawn[1], drawn[2])
    )


def other_languages(document: Document) -> list[str]:
    return [language for language in LANGUAGES if language != document["language"]]


@st.composite
def translated(draw: st.DrawFn) -> tuple[Document, str, list[Translation]]:
    """A document, one of the other languages, and translations of some texts, in that language and in others."""
    document = draw(documents(most_steps=2, most_checks=3))
    language = draw(st.sampled_from(other_languages(document)))
    found: list[Translation] = []
    for place in text_places(document):
        languages = draw(st.lists(st.sampled_from([language, *other_languages(document)]), max_size=2))
        found += [draw(translations_of(place, one)) for one in languages]
    return document, language, found


@st.composite
def reviewed(draw: st.DrawFn) -> tuple[Document, str, list[Translation]]:
    """A document with a reviewed translation of every text."""
    document = draw(documents(most_steps=2, most_checks=3))
    language = draw(st.sampled_from(other_languages(document)))
    found = [
        Translation(place.path, language, draw(wording(place)), source_sha(place.text), "reviewed")
        for place in text_places(document)
    ]
    return document, language, found


def with_text(document: Document, place: Place, text: str) -> Document:
    """The document with another text at a place."""
    changed = deepcopy(document)
    place.put(changed, text)
    return changed


def readable(value: Any) -> list[str]:
    """Every text of a document that people read, found by the names of fields alone."""
    if isinstance(value, list):
        return [text for one in value for text in readable(one)]
    if not isinstance(value, dict):
        return []
    names = {"title", "purpose", "scope", "text", "detail", "help", "control", "meaning"}
    if value.get("type") == "count":
        names.add("unit")
    own = [text for name, text in value.items() if name in names and isinstance(text, str)]
    return own + [text for inner in value.values() for text in readable(inner)]
