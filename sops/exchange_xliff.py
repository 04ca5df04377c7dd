"""Translations as XLIFF 2.1, which translation tools read and write.

OASIS Standard "XLIFF Version 2.1" (2018), core: a file for a document, a unit for each text, whose id is the text's
path, one segment in each. Placeholders are `ph` elements, so that tools keep translators from changing them. The
`source_sha` is an attribute of our own namespace, which files and units may have.
"""

from collections.abc import Iterable, Iterator
from html import escape

from sops.document import Document, digest
from sops.exchange_units import Offered, Received, offered, received, refused, too_large
from sops.exchange_xliff_reader import CORE, OURS, OUTDATED, Reader, Stop
from sops.translations import State, Translation
from sops.wording import split

_STATES = {
    State.REVIEWED: 'state="reviewed"',
    State.DRAFT: 'state="translated"',
    State.OUTDATED: f'state="initial" subState="{OUTDATED}"',
    State.MISSING: 'state="initial"',
}


def write_xliff(document: Document, language: str, translations: Iterable[Translation] = ()) -> bytes:
    """All texts of a document with what there is of them in a language, as an XLIFF 2.1 file in UTF-8.

    Raises `ValueError` for the language that the document is written in.
    """
    name = digest(document)
    languages = f'srcLang="{document["language"]}" trgLang="{escape(language)}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<xliff xmlns="{CORE}" xmlns:sops="{OURS}" version="2.1" {languages}>',
        f' <file id="f-{name[:16]}" canResegment="no" sops:digest="{name}" xml:space="preserve">',
        f'  <notes><note category="procedure">{_text(document["title"])}</note></notes>',
        *(line for one in offered(document, language, translations) for line in _unit(one)),
        " </file>",
        "</xliff>",
        "",
    ]
    return "\n".join(lines).encode()


def read_xliff(data: bytes, document: Document, language: str, translations: Iterable[Translation] = ()) -> Received:
    """What can be taken of an XLIFF 2.0 or 2.1 file that came back.

    translations: those that are here already. Nothing is raised: what is wrong is among the problems. A file with a
    document type or entities is refused, and one in another language.
    """
    if refusal := too_large(data):
        return refusal
    reader = Reader(source=document["language"], target=language)
    try:
        reader.read(data)
    except Stop as stop:
        if stop.whole:
            return refused(stop.code, stop.text, stop.line)
        reader.tell(stop.code, stop.text, stop.line)
    return received(reader.units, document, language, translations, reader.problems)


# -- writing -------------------------------------------------------------------------------------------------


def _unit(one: Offered) -> Iterator[str]:
    place = one.place
    names = sorted({name for text in (place.text, one.target) for literal, name in split(text) if name})
    yield f'  <unit id="{place.path}" sops:sourceSha="{one.sha}">'
    lines = "one line" if place.one_line else "lines as in the source"
    yield f'   <notes><note category="length">At most {place.longest} characters, {lines}.</note></notes>'
    if names:
        data = "".join(f'<data id="{name}">{{{name}}}</data>' for name in names)
        yield f"   <originalData>{data}</originalData>"
    yield f"   <segment {_STATES[one.state]}>"
    ids = _ids(place.text)
    yield f"    <source>{_marked(place.text, ids)}</source>"
    if one.target:
        yield f"    <target>{_marked(one.target, ids)}</target>"
    yield "   </segment>"
    yield "  </unit>"


def _ids(text: str) -> dict[str, list[str]]:
    """The ids of a source's placeholders, by name: their numbers in it."""
    ids: dict[str, list[str]] = {}
    for number, name in enumerate([name for _, name in split(text) if name], start=1):
        ids.setdefault(name, []).append(str(number))
    return ids


def _marked(text: str, ids: dict[str, list[str]]) -> str:
    """Text with its placeholders as elements; those of a target have the ids that they have in the source."""
    free = {name: list(numbers) for name, numbers in ids.items()}
    more = sum(map(len, ids.values()))
    pieces: list[str] = []
    for literal, name in split(text):
        if not name:
            pieces.append(_text(literal))
            continue
        more += not free.get(name)
        number = free[name].pop(0) if free.get(name) else str(more)
        pieces.append(f'<ph id="{number}" canDelete="no" dataRef="{name}" equiv="{{{name}}}"/>')
    return "".join(pieces)


def _text(text: str) -> str:
    return escape(text, quote=False)
