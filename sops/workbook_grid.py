"""The cells of a sheet by the names of their columns, and what is wrong with its first row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from sops.errors import Problem
from sops.languages import LANGUAGES
from sops.numbers import shortened
from sops.workbook_layout import LISTS, At, Column, Sheet


class Cell(NamedTuple):
    """What a cell holds: a text, never blank, or a truth value; and where it is."""

    value: str | bool
    at: At


Grid = list[dict[int, Cell]]
"""The rows of a sheet, from its first one: their cells by column. Blank cells are not there."""


class Finding(NamedTuple):
    """A problem and the cell it is in."""

    at: At
    problem: Problem


def finding(at: At, code: str, text: str) -> Finding:
    """What is wrong with a cell or sheet, as a problem of the list that the sheet holds."""
    where = f"/{at.sheet}" if any(at.sheet == sheet.name for sheet in LISTS) else ""
    return Finding(at, Problem(where, code, f"{at}: {text}"))


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not blank. cells, blank: what stands under the name of each column, and the cells left empty.

    translated: what stands in columns such as `text::da`, by field and language.
    """

    at: At
    cells: dict[str, Cell] = field(default_factory=dict)
    blank: dict[str, At] = field(default_factory=dict)
    translated: dict[tuple[str, str], Cell] = field(default_factory=dict)

    def words(self) -> dict[str, str | bool]:
        """What the cells say, by column."""
        return {name: cell.value for name, cell in self.cells.items()}


class _Head(NamedTuple):
    column: Column
    language: str


def rows_of(sheet: Sheet, grid: Grid, findings: list[Finding]) -> Iterator[Row]:
    """The rows of a sheet. What is wrong with its columns is added to the findings."""
    if not grid:
        return
    heads = _heads(sheet, grid[0], findings)
    nameless: set[int] = set()
    for number, cells in enumerate(grid[1:], start=2):
        for column in cells.keys() - grid[0].keys() - nameless:
            nameless.add(column)
            text = "This column has no name in its first row. Name it, or empty it."
            findings.append(finding(cells[column].at, "column_without_name", text))
        row = Row(At(sheet.name, number))
        for column, (head, language) in heads.items():
            if column not in cells:
                row.blank.update({} if language else {head.name: At(sheet.name, number, column)})
            elif language:
                row.translated[head.name, language] = cells[column]
            else:
                row.cells[head.name] = cells[column]
        if row.cells or row.translated:
            yield row


def _heads(sheet: Sheet, first: Mapping[int, Cell], findings: list[Finding]) -> dict[int, _Head]:
    heads: dict[int, _Head] = {}
    for place, cell in first.items():
        name, _, language = str(cell.value).partition("::")
        head = _Head(sheet.columns.get(name.strip()) or Column("", ()), language.strip())
        if told := _unfit(sheet, head, cell, list(heads.values())):
            findings.append(finding(cell.at, *told))
        else:
            heads[place] = head
    return heads


def _unfit(sheet: Sheet, head: _Head, cell: Cell, before: list[_Head]) -> tuple[str, str] | None:
    """Why a column cannot be read: code and sentence."""
    name = shortened(str(cell.value))
    if not head.column.name:
        near = get_close_matches(name.partition("::")[0], sheet.columns, n=1)
        advice = f"Did you mean “{near[0]}”?" if near else f"There are: {', '.join(sheet.columns)}."
        return "unknown_column", f"There is no column “{name}” in this sheet. {advice}"
    if "::" in str(cell.value) and not head.column.translated:
        return "unknown_column", f"The column “{head.column.name}” is not translated. Take this one out."
    if "::" in str(cell.value) and head.language not in LANGUAGES:
        return (
            "unknown_language",
            f"“{name}” names no language there is. After the :: write one of: {', '.join(LANGUAGES)}.",
        )
    if head in before:
        return "duplicate_column", f"There is a column “{name}” before this one. Keep one of them."
    return None
