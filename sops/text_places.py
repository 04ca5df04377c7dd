"""Where a document's texts stand, and what each may hold: what everything about translations is built on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sops.document import Document
from sops.document_schema import SCHEMA, Variant
from sops.errors import TextRefused
from sops.fields import Items, Text, clean
from sops.languages import Number
from sops.numbers import DECIMAL
from sops.steps import KINDS
from sops.steps.base import pointer
from sops.wording import braces, filled

Way = tuple[str | int, ...]

HEAD: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("hazards", "id", ("text", "control")),
    ("tools", "id", ("text",)),
    ("defects", "code", ("text",)),
)
"""Lists that come before the steps: their name, what names an item, and its texts."""

BODY: tuple[tuple[str, tuple[str, ...]], ...] = (("steps", ("text", "detail")), ("checks", ("text", "help")))
"""Lists whose items may have photos and a kind: their name and their own texts."""


@dataclass(frozen=True, slots=True)
class Place:
    """One translatable text and where it stands.

    path: what translations name it by, items by their ids. way: the keys and places that lead to it in the document.
    text: as its author wrote it. longest, one_line: what any text there may be. spec: the way to the step or check
    it belongs to, () for others. names: placeholders that can be filled there.
    """

    path: str
    way: Way
    text: str
    longest: int
    one_line: bool
    spec: Way = ()
    names: frozenset[str] = frozenset()

    @property
    def pointer(self) -> str:
        """The JSON pointer (RFC 6901) of the text."""
        return pointer("", *self.way)

    def get(self, document: Document) -> str:
        """The text that a document of the same shape has there."""
        return str(_at(document, self.way))

    def put(self, document: Document, text: str) -> None:
        """Change the text there, in a document of the same shape."""
        _at(document, self.way[:-1])[self.way[-1]] = text

    def item(self, document: Document) -> Mapping[str, Any]:
        """The step or check it belongs to, in a document of the same shape."""
        found: Mapping[str, Any] = _at(document, self.spec)
        return found


def text_places(document: Document) -> list[Place]:
    """Every translatable text of a document in normal form, in the order in which it is read."""
    return list(_places(document))


def _places(document: Document) -> Iterator[Place]:
    for name in ("title", "purpose", "scope"):
        if name in document:
            yield _place(document, name, (name,))
    if "skill" in document:
        yield _place(document, "skill.text", ("skill", "text"))
    for name, key, fields in HEAD:
        for number, item in enumerate(document.get(name, ())):
            for field in fields:
                yield _place(document, f"{name}.{item[key]}.{field}", (name, number, field))
    for name, fields in BODY:
        for number, item in enumerate(document.get(name, ())):
            yield from _item_places(document, item, (name, number), fields)


def _item_places(document: Document, item: Mapping[str, Any], spec: Way, fields: tuple[str, ...]) -> Iterator[Place]:
    start = f"{spec[0]}.{item['id']}"
    kind = KINDS[item["type"]] if "type" in item else None
    names = frozenset(kind.placeholders(item)) if kind else frozenset()
    for field in fields:
        if field in item:
            yield _place(document, f"{start}.{field}", (*spec, field), spec, names)
    for number in range(len(item.get("photos", ()))):
        yield _place(document, f"{start}.photos.{number}.text", (*spec, "photos", number, "text"), spec, names)
    for path in kind.texts(item) if kind else ():
        yield _place(document, f"{start}.{path}", (*spec, *_way(item, path)), spec, names)


def _way(item: Any, path: str) -> Way:
    """The way to a kind's own text, whose path names the items of lists by their ids."""
    way: list[str | int] = []
    for part in path.split("."):
        step = next(n for n, one in enumerate(item) if one["id"] == part) if isinstance(item, list) else part
        way.append(step)
        item = item[step]
    return tuple(way)


def _place(document: Document, path: str, way: Way, spec: Way = (), names: frozenset[str] = frozenset()) -> Place:
    field, text = _field(document, way)
    return Place(path, way, text, field.longest, field.one_line, spec, names)


def _field(document: Document, way: Way) -> tuple[Text, str]:
    """The schema's field of the text at a way, which knows what may stand there; and the text."""
    field: Any = None
    data: Any = document
    for step in way:
        if isinstance(field, Items):
            field = field.inner
        else:
            schema = SCHEMA if field is None else field.schema_for(data) if isinstance(field, Variant) else field.schema
            field = schema.fields[str(step)]
        data = data[step]
    return field, data


def _at(document: Any, way: Way) -> Any:
    for step in way:
        document = document[step]
    return document


def placeholder_values(spec: Mapping[str, Any], number: Number) -> dict[str, str]:
    """What the placeholders of a step or check stand for, in a reader's words and numbers."""
    if "type" not in spec:
        return {}
    kind = KINDS[spec["type"]]
    given = kind.placeholders(spec)
    values = {name: number(text, None) if DECIMAL.fullmatch(text) else text for name, text in given.items()}
    if "unit" in kind.texts(spec):  # words with braces of their own
        values["unit"] = filled(given["unit"], {name: text for name, text in values.items() if name != "unit"})
    elif "unit" in given:
        values["unit"] = given["unit"]
    return values


# -- what may stand there --------------------------------------------------------------------------------


def text_problems(place: Place, text: str) -> list[tuple[str, str]]:
    """What is wrong with a text as the translation of a place's own: codes and sentences; empty if nothing is."""
    try:
        tidy = clean(text, longest=place.longest, one_line=place.one_line)
    except TextRefused as error:
        return [(error.code, error.message)]
    if not tidy:
        return [("missing", "The translation is empty. Write it.")]
    here, source = braces(tidy), braces(place.text).names
    named = ", ".join(f"{{{name}}}" for name in sorted(source)) or "none"
    found = [
        ("placeholder_missing", f"{{{name}}} is missing. Copy it from the source text, as it stands there.")
        for name in sorted(source - here.names)
    ]
    found += [
        ("placeholder_unknown", f"{{{name[:40]}}} is not in the source text, which has: {named}. Take it out.")
        for name in sorted(here.names - source)
    ]
    return found + [
        ("brace_single", f"There is a single {sign}. Double it, {sign * 2}, if it is meant to be read.")
        for sign in here.single[:1]
    ]
