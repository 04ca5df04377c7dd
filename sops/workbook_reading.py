"""Rows of cells as a document: what a procedure's spreadsheet says, and in which cell it says what cannot be.

Cells are collected into a dict that is then brought into its normal form like any other. Every value remembers its
cell, so that problems of all kinds can name one.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from sops.document import Document, normal
from sops.errors import DocumentInvalid, Problem
from sops.fields import Items, Truth, Whole
from sops.numbers import shortened
from sops.steps.base import pointer
from sops.text_places import text_places
from sops.workbook_grid import Cell, Finding, Grid, Row, finding, rows_of
from sops.workbook_layout import ITEM, LISTS, OWNERS, PARTS, REQUIRED, SHEETS, At, Column, Sheet, Way
from sops.workbook_rows import TranslatedText

_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_WHOLE = re.compile(r"-?[0-9]{1,12}")
_BETWEEN_IDS = re.compile(r"[\s,;]+")

# What is said about values in files does not fit cells.
_IN_CELLS = {
    "not_true_or_false": "Write true or false.",
    "not_a_whole_number": "Write a whole number, without a point.",
}

# What a cell that was not read may bring about elsewhere in its row.
_FOLLOWING = frozenset({"missing", "no_limit", "nominal_missing", "placeholder_unknown"})


def document_of(grids: Mapping[str, Grid], findings: Sequence[Finding]) -> tuple[Document, list[TranslatedText]]:
    """The document that the sheets hold, in normal form, and its translations.

    findings: what is wrong already. Raises `DocumentInvalid` with it and with everything else, in the order of sheets,
    rows and columns; each sentence begins with the cell.
    """
    reading = _Reading(findings)
    reading.take(grids)
    try:
        document = normal(reading.data)
    except DocumentInvalid as error:
        raise DocumentInvalid(reading.problems(error.problems)) from error
    translations = reading.translations(document)
    if reading.findings:
        raise DocumentInvalid(reading.problems(()))
    return document, translations


class _Translated(NamedTuple):
    """A cell with a translation, and the pointer of what it translates."""

    pointer: str
    language: str
    cell: Cell


class _Reading:
    """A workbook on its way to a document. cells: the cell of each value, full or blank, by JSON pointer."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)
        self.data: dict[str, Any] = {}
        self.cells: dict[str, At] = {f"/{sheet.name}": At(sheet.name) for sheet in LISTS}
        self.translated: list[_Translated] = []

    # -- cells into data -----------------------------------------------------------------------------------

    def take(self, grids: Mapping[str, Grid]) -> None:
        """Everything that the sheets hold."""
        self._names(grids)
        for sheet in SHEETS.values():
            if sheet.part:
                continue
            for row in rows_of(sheet, grids.get(sheet.name, []), self.findings):
                self._item(sheet, row)
        for sheet in PARTS:
            for row in rows_of(sheet, grids.get(sheet.name, []), self.findings):
                self._part(sheet, row)

    def _names(self, grids: Mapping[str, Grid]) -> None:
        for name in grids:
            if name not in SHEETS:
                near = get_close_matches(name[:40], SHEETS, n=1)
                advice = f"Did you mean “{near[0]}”? Rename it, or take it out." if near else "Take it out."
                self._refuse(At(shortened(name)), "unknown_sheet", f"No procedure has a sheet of this name. {advice}")
        for name in REQUIRED:
            if name not in grids:
                self._refuse(At(name), "missing_sheet", "This sheet is missing. Add it, with its columns.")

    def _item(self, sheet: Sheet, row: Row) -> None:
        if sheet.name in LIST_NAMES:
            self._fill(sheet, row, (sheet.name, len(self.data.setdefault(sheet.name, []))))
        elif "" in self.cells:
            self._refuse(row.at, "wrong_length", "There is one row of settings. Take this one out.")
        else:
            self._fill(sheet, row, ())

    def _part(self, sheet: Sheet, row: Row) -> None:
        """A row of a sheet that fills a field of other items."""
        found = self._owner(sheet, row)
        if found is None:
            return
        owner, way = found
        if sheet.many:
            items = owner.setdefault(sheet.part, [])
            way = (*way, sheet.part, len(items))
            self.cells.setdefault(pointer("", *way[:-1]), row.at)
        elif sheet.part in owner:
            self._refuse(row.at, "duplicate_id", "There is a row for this above. Keep one of them.")
            return
        else:
            way = (*way, sheet.part)
        self._fill(sheet, row, way)

    def _owner(self, sheet: Sheet, row: Row) -> tuple[dict[str, Any], Way] | None:
        """What a row of a part belongs to, and the way to it."""
        cell = row.cells.get(ITEM)
        if cell is None and not sheet.many:
            return self.data, ()
        name, _, wanted = str(cell.value if cell else "").partition(".")
        items = self.data.get(name, []) if name in OWNERS else []
        for place, item in enumerate(items):
            if item.get("id") == wanted.strip():
                return item, (name, place)
        at = cell.at if cell else row.blank.get(ITEM, row.at)
        there = f"“{shortened(str(cell.value))}” is none" if cell else "This is empty"
        text = f"{there}. Write what the row belongs to, such as steps.seal or checks.tight: the list, a point, the id."
        self._refuse(at, "unknown_item", text)
        return None

    def _fill(self, sheet: Sheet, row: Row, way: Way) -> None:
        """Put an item into the data with what the cells of a row say."""
        self.cells[pointer("", *way)] = row.at
        self._put(way, {})
        schema = sheet.schema_for(row.words())
        for name, column in sheet.columns.items():
            where = pointer("", *way, *column.way)
            if name in row.blank:
                self.cells[where] = row.blank[name]
            if name in row.cells and name != ITEM:
                cell = row.cells[name]
                self.cells[where] = cell.at
                self._put((*way, *column.way), self._value(_field(schema, column), cell))
        for (name, language), cell in row.translated.items():
            where = pointer("", *way, *sheet.columns[name].way)
            if name not in row.cells:
                text = f"This translates nothing: the cell under “{name}” is empty. Fill that one, or empty this one."
                self._refuse(cell.at, "translation_without_source", text)
            self.translated.append(_Translated(where, language, cell))

    def _put(self, way: Way, value: Any) -> None:
        if not way:
            return
        inside: Any = self.data
        for part in way[:-1]:
            inside = inside.setdefault(part, {}) if isinstance(inside, dict) else inside[int(part)]
        if isinstance(inside, list):
            inside.append(value)
        else:
            inside[way[-1]] = value

    def _value(self, field: Any, cell: Cell) -> Any:
        """A cell as the field has it; as it is where it does not fit, for the field to refuse."""
        value = cell.value
        if isinstance(value, bool):
            if not isinstance(field, Truth):
                text = "The spreadsheet made a truth value of this. Format the cell as text, and write it again."
                self._refuse(cell.at, "cell_not_text", text)
            return value
        if isinstance(field, Truth):
            return _TRUTHS.get(value.lower(), value)
        if isinstance(field, Whole) and _WHOLE.fullmatch(value):
            return int(value)
        return [one for one in _BETWEEN_IDS.split(value) if one] if isinstance(field, Items) else value

    # -- translations --------------------------------------------------------------------------------------

    def translations(self, document: Document) -> list[TranslatedText]:
        """The translations, by the paths of the document they belong to."""
        paths = {place.pointer: place.path for place in text_places(document)}
        found = []
        for where, language, cell in self.translated:
            if language == document["language"]:
                text = f"{language} is the language of the procedure itself. Its texts stand in the columns without ::."
                self._refuse(cell.at, "own_language", text)
            elif where not in paths:
                self._refuse(cell.at, "not_translated", "This field is not translated. Empty the cell.")
            else:
                tidy = unicodedata.normalize("NFC", str(cell.value).replace("\r\n", "\n")).strip()
                found.append(TranslatedText(paths[where], language, tidy))
        return found

    # -- problems ------------------------------------------------------------------------------------------

    def problems(self, others: Sequence[Problem]) -> list[Problem]:
        """What was found in the cells and in the document, in the order of the sheets, each with its cell.

        A cell that was refused itself is not told to be missing or wrong besides, nor is what it leaves to be missed.
        """
        cells = {one.at[:3] for one in self.findings}
        rows = {one.at[:2] for one in self.findings}
        merged = {one.at.sheet for one in self.findings if one.problem.code == "merged_cells"}
        found = list(self.findings)
        for problem in others:
            at = self._at(problem.pointer)
            follows = problem.code in _FOLLOWING and (at.sheet in merged or at[:2] in rows)
            if not follows and at[:3] not in cells:
                message = _IN_CELLS.get(problem.code, problem.message)
                found.append(Finding(at, problem._replace(message=f"{at}: {message}" if at.sheet else message)))
        order = list(SHEETS)
        found.sort(key=lambda one: (order.index(one.at.sheet) if one.at.sheet in SHEETS else -1, one.at[1:3]))
        return [one.problem for one in found]

    def _at(self, where: str) -> At:
        """The cell of what a pointer names, or of the nearest thing around it."""
        while where and where not in self.cells:
            where = where.rpartition("/")[0]
        return self.cells.get(where, At("settings"))

    def _refuse(self, at: At, code: str, text: str) -> None:
        self.findings.append(finding(at, code, text))


LIST_NAMES = frozenset(sheet.name for sheet in LISTS)


def _field(schema: Any, column: Column) -> Any:
    """The field of a column in a row's schema; None where rows of its kind have none."""
    field = None
    for name in column.way:
        field = schema.fields.get(name) if schema else None
        schema = getattr(field, "schema", None)
    return field
