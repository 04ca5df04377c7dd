"""Which sheets and columns a procedure has as a spreadsheet: in the manner of XLSForm, derived from the schemas.

One row an item, one column a field; a column `text::da` has the Danish of the column `text`. Ids that a field lists
stand in one cell, separated by spaces. Photos, choices and sampling rules have sheets of their own, whose column `item`
names what a row belongs to: `steps.seal`, `checks.tight`; an empty one in `sampling` means the whole document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from marshmallow import Schema, fields

from sops.document_schema import SCHEMA, Object, PhotoFields, Variant, field_place, sampling_field
from sops.fields import Items, OneOf, Text, Truth
from sops.steps.choose import ChoiceFields

ITEM = "item"
"""The column that names what a row of a part belongs to."""

Way = tuple[str | int, ...]


class At(NamedTuple):
    """A place in a workbook, as people name it: `checks!B3`. Row and column from 1; 0 means all of them.

    to: the other corner of a range of cells.
    """

    sheet: str
    row: int = 0
    column: int = 0
    to: str = ""

    def __str__(self) -> str:
        if not self.row:
            return self.sheet
        if not self.column:
            return f"{self.sheet}, row {self.row}"
        return f"{self.sheet}!{letters(self.column)}{self.row}" + (f":{self.to}" if self.to else "")


def letters(column: int) -> str:
    """A column's name: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the fields that lead from the item to the value, and the words a cell may have, if few."""

    name: str
    way: tuple[str, ...]
    words: tuple[str, ...] = ()
    translated: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet. part: the field of other items that its rows fill; "" where its rows are items themselves.

    many: whether that field is a list.
    """

    name: str
    source: Schema | Variant
    columns: Mapping[str, Column]
    part: str = ""
    many: bool = False

    def schema_for(self, row: Mapping[str, Any]) -> Schema:
        """The schema of the item that a row has, as far as its words tell."""
        return self.source.schema_for(row) if isinstance(self.source, Variant) else self.source


OWNERS = ("steps", "checks")
"""The lists whose items have parts in sheets of their own."""

_NOT_TRANSLATED = frozenset({"show_if_equals"})


def _columns(*schemas: Schema) -> Iterator[Column]:
    """A column for each field, nested ones as `skill_text`. Lists of objects and sampling rules are not among them."""
    for schema in schemas:
        for name, field in schema.fields.items():
            if isinstance(field, Object):
                inner = _columns(field.schema)
                yield from (_column(f"{name}_{one.name}", (name, *one.way), one) for one in inner)
            elif not isinstance(field, Variant) and not _own_sheet(field):
                words = (
                    field.words if isinstance(field, OneOf) else ("true", "false") if isinstance(field, Truth) else ()
                )
                yield Column(name, (name,), words, isinstance(field, Text))


def _column(name: str, way: tuple[str, ...], like: Column) -> Column:
    return Column(name, way, like.words, like.translated and name not in _NOT_TRANSLATED)


def _own_sheet(field: Any) -> bool:
    return isinstance(field, Items) and isinstance(field.inner, fields.Nested | Variant)


def _sheet(name: str, source: Schema | Variant, *, part: str = "", many: bool = False) -> Sheet:
    schemas = source.schemas.values() if isinstance(source, Variant) else [source]
    first = [Column(ITEM, (ITEM,))] if part else []
    found = sorted(_columns(*schemas), key=lambda one: field_place(one.way[0]))
    columns: dict[str, Column] = {}
    for column in [*first, *found]:
        columns.setdefault(column.name, column)
    return Sheet(name, source, columns, part, many)


def _items(name: str) -> Sheet:
    inner = SCHEMA.fields[name].inner  # type: ignore[attr-defined] # a list, as all of these are
    return _sheet(name, inner if isinstance(inner, Variant) else inner.schema)


SHEETS = {
    sheet.name: sheet
    for sheet in (
        _sheet("settings", SCHEMA),
        _items("steps"),
        _items("checks"),
        _sheet("choices", ChoiceFields(), part="choices", many=True),
        _items("hazards"),
        _items("tools"),
        _items("defects"),
        _sheet("sampling", sampling_field(), part="sampling"),
        _sheet("photos", PhotoFields(), part="photos", many=True),
    )
}
"""Every sheet there is, in the order in which they are written."""

REQUIRED = ("settings", "steps")
PARTS = tuple(sheet for sheet in SHEETS.values() if sheet.part)
LISTS = tuple(sheet for sheet in SHEETS.values() if not sheet.part and sheet.name != "settings")
