"""Procedures as spreadsheets (XLSX), in the manner of XLSForm. The only module here that needs openpyxl.

`workbook_layout` says which sheets and columns there are.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from sops import workbook_guard
from sops.document import Document
from sops.workbook_grid import Cell, Finding, Grid, finding
from sops.workbook_guard import COLUMNS_MOST, ROWS_MOST, Hidden
from sops.workbook_layout import SHEETS, At, Sheet, letters
from sops.workbook_reading import document_of
from sops.workbook_rows import Table, TranslatedText, tables

__all__ = ["TranslatedText", "read_xlsx", "write_xlsx"]

_AS_TEXT = "@"  # Excel's number format for text: what is typed stays as it is typed
_TOLD_MOST = 20  # merged or calculated cells of a sheet that are named

_BOLD, _NORMAL = Font(bold=True), Font()
_TOP, _WRAPPED = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
_WIDE = ("text", "detail", "purpose", "scope", "help", "control", "meaning", "title")

# Excel writes the \r of line ends from elsewhere as _x000D_, and a text that looks like that as _x005F_x000D_.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x005[Ff]_(?=x[0-9A-Fa-f]{4}_)|_x000[Dd]_")


def read_xlsx(data: bytes) -> tuple[Document, list[TranslatedText]]:
    """The procedure in a spreadsheet, in normal form, and its translations: (path, language, text).

    Cells may be texts or plain numbers: 338 is read as "338". What a translation must have besides is not looked at.

    Raises `DocumentInvalid` with everything that is wrong; each sentence begins with the sheet and the cell. Merged
    cells, formulas, dates, percentages, unknown sheets and columns are refused, and files that would be costly to open.
    """
    hidden = workbook_guard.check(data)
    findings = [one for name, found in hidden.items() for one in _told(name, found)]
    return document_of(_grids(data, findings), findings)


def write_xlsx(document: Document, translations: Iterable[tuple[str, str, str]]) -> bytes:
    """A document in normal form as a spreadsheet, with its translations: (path, language, text).

    `read_xlsx` reads the same back. Every cell is text, so nothing in it is ever calculated, and the columns are
    formatted as text, so that what people type stays as they type it. Of several translations for one place the last
    counts; those into the document's own language, and of texts that it does not have, are left out. Raises
    `TextRefused` for a translation that no cell can hold.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = document["title"], ""
    for name, table in tables(document, translations).items():
        _write(book.create_sheet(name), SHEETS[name], table)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


# -- reading -----------------------------------------------------------------------------------------------


def _told(sheet: str, hidden: Hidden) -> Iterator[Finding]:
    for reference in hidden.merged[:_TOLD_MOST]:
        text = "These cells are merged. Unmerge them, and fill each with what it should say."
        yield finding(_at(sheet, reference), "merged_cells", text)
    for reference in hidden.formulas[:_TOLD_MOST]:
        text = "This cell is calculated. Write the value itself: copy it and paste only values."
        yield finding(_at(sheet, reference), "formula", text)
    for reference in hidden.far[:_TOLD_MOST]:
        text = f"At most {ROWS_MOST} rows and {COLUMNS_MOST} columns are read. Take out what stands beyond them."
        yield finding(_at(sheet, reference), "too_far", text)


def _at(sheet: str, reference: str) -> At:
    first, _, last = reference.partition(":")
    place = workbook_guard.place_of(first)
    return At(sheet, *place, last) if place else At(sheet)


def _grids(data: bytes, findings: list[Finding]) -> dict[str, Grid]:
    """The cells of every sheet; the values that formulas had when the file was saved."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about features of spreadsheets that nobody asks for here
            book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
            grids = {sheet.title: _grid(sheet, findings) for sheet in book.worksheets}
            book.close()
    except Exception as error:  # whatever a library may raise on a file made by anybody
        text = "This file cannot be read as a spreadsheet. Save it as a plain Excel workbook (.xlsx)."
        raise workbook_guard.refused("not_xlsx", text) from error
    return {name: grids.get(name, []) for name in book.sheetnames}


def _grid(sheet: Any, findings: list[Finding]) -> Grid:
    sheet.reset_dimensions()  # what the file says of its size need not be so
    grid: Grid = []
    for number, row in enumerate(sheet.iter_rows(max_row=ROWS_MOST, max_col=COLUMNS_MOST), start=1):
        cells: dict[int, Cell] = {}
        for column, cell in enumerate(row, start=1):
            at = At(sheet.title, number, column)
            value = _value(cell, at, findings)
            if value != "":
                cells[column] = Cell(value, at)
        grid.append(cells)
    return grid


def _value(cell: Any, at: At, findings: list[Finding]) -> str | bool:
    """What a cell says, as text; "" for a blank one and for one that is refused."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str) and cell.data_type != "e":
        return _ESCAPED.sub(lambda found: "" if found[0][-2] in "Dd" else "_", value).strip()
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and "%" not in (cell.number_format or ""):
        return repr(int(value) if isinstance(value, float) and value.is_integer() else value)
    findings.append(finding(at, "cell_not_text", _not_text(value)))
    return ""


def _not_text(value: Any) -> str:
    made = "an error"
    if isinstance(value, date | time | timedelta):
        made = "a date or a time"
    elif isinstance(value, int | float):
        made = "a percentage"
    return f"The spreadsheet made {made} of this. Format the cell as text, and write it again."


# -- writing -----------------------------------------------------------------------------------------------


def _write(place: Worksheet, sheet: Sheet, table: Table) -> None:
    for number, row in enumerate(table, start=1):
        for column, text in enumerate(row, start=1):
            if text:
                cell: Any = place.cell(number, column, _ESCAPE.sub("_x005F_", text))
                cell.data_type = "s"  # also where a text looks like a formula or an error
                cell.number_format = _AS_TEXT
                cell.alignment = _TOP if number == 1 else _WRAPPED
                cell.font = _BOLD if number == 1 else _NORMAL
    for column, name in enumerate(table[0], start=1):
        _shape(place, sheet, letters(column), name)
    place.freeze_panes = "A2"


def _shape(place: Worksheet, sheet: Sheet, column: str, name: str) -> None:
    """Width, format and choices of a column."""
    dimension = place.column_dimensions[column]
    field = name.partition("::")[0]
    dimension.width = 48 if field.removeprefix("skill_") in _WIDE else max(12, len(name) + 3)
    dimension.number_format = _AS_TEXT
    words = sheet.columns[field].words
    if words:
        choices = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
        choices.add(f"{column}2:{column}{ROWS_MOST}")
        place.add_data_validation(choices)
