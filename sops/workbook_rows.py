"""Documents as rows of texts: what each cell of a procedure's spreadsheet holds."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sops.document import Document
from sops.fields import LONG_TEXT, clean
from sops.languages import LANGUAGES
from sops.text_places import text_places
from sops.workbook_layout import ITEM, LISTS, OWNERS, PARTS, SHEETS, Column, Sheet, Way

Table = list[list[str]]
"""A sheet: the names of its columns, then its rows. Every cell is text; an empty one is ""."""


class TranslatedText(NamedTuple):
    """A text in another language. path: which one, as `sops.translations.texts` names it."""

    path: str
    language: str
    text: str


def tables(document: Document, translations: Iterable[tuple[str, str, str]]) -> dict[str, Table]:
    """Every sheet of a document in normal form.

    translations: (path, language, text); of several for one place the last counts. Those of the document's own
    language, and of texts that the document does not have, are left out. Raises `TextRefused` for a text that no cell
    can hold.
    """
    words = _Words(document, translations)
    rows: dict[str, list[_Row]] = {name: [] for name in SHEETS}
    rows["settings"].append(_Row((), document))
    for sheet in LISTS:
        rows[sheet.name] = [_Row((sheet.name, place), item) for place, item in enumerate(document.get(sheet.name, ()))]
    for sheet in PARTS:
        rows[sheet.name] = list(_parts(document, sheet))
    return {name: words.table(sheet, rows[name]) for name, sheet in SHEETS.items()}


class _Row(NamedTuple):
    """An item and the way to it. owner: what it is a part of."""

    way: Way
    item: Mapping[str, Any]
    owner: str = ""


def _parts(document: Document, sheet: Sheet) -> Iterator[_Row]:
    if sheet.part in document:  # only sampling stands in the document itself
        yield _Row((sheet.part,), document[sheet.part])
    for name in OWNERS:
        for place, item in enumerate(document.get(name, ())):
            owner, way = f"{name}.{item['id']}", (name, place, sheet.part)
            if sheet.many:
                yield from (_Row((*way, n), one, owner) for n, one in enumerate(item.get(sheet.part, ())))
            elif sheet.part in item:
                yield _Row(way, item[sheet.part], owner)


class _Words:
    """The translations by the way to their source text, and the languages there are."""

    def __init__(self, document: Document, translations: Iterable[tuple[str, str, str]]) -> None:
        ways = {place.path: place.way for place in text_places(document)}
        self.by_way = {
            (ways[path], language): clean(text, longest=LONG_TEXT)
            for path, language, text in translations
            if path in ways and language in LANGUAGES and language != document["language"]
        }
        found = {language for _, language in self.by_way}
        self.languages = [language for language in LANGUAGES if language in found]

    def table(self, sheet: Sheet, rows: Iterable[_Row]) -> Table:
        head = [name for column in sheet.columns.values() for name in self._names(column)]
        return [
            head,
            *([cell for column in sheet.columns.values() for cell in self._cells(column, row)] for row in rows),
        ]

    def _names(self, column: Column) -> list[str]:
        return [column.name, *(f"{column.name}::{language}" for language in self._languages(column))]

    def _languages(self, column: Column) -> list[str]:
        return self.languages if column.translated else []

    def _cells(self, column: Column, row: _Row) -> list[str]:
        if column.name == ITEM:
            return [row.owner]
        way = (*row.way, *column.way)
        return [_cell(row.item, column), *(self.by_way.get((way, one), "") for one in self._languages(column))]


def _cell(item: Mapping[str, Any], column: Column) -> str:
    value: Any = item
    for name in column.way:
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, list) else str(value)
