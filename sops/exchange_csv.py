"""Translations as a table that spreadsheets open: UTF-8 with a byte order mark, one text a row.

Text that a spreadsheet would take for a formula gets an apostrophe before it, and loses it when it comes back. Both
ways are exact: what begins with apostrophes and such a sign already gets one more.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sops.document import PROBLEMS_MOST, Document
from sops.errors import Problem
from sops.exchange_units import TOO_MANY, UNITS_MOST, Received, Unit, offered, received, refused, too_large
from sops.translations import State, Translation

COLUMNS = ("path", "source_sha", "source", "target", "status")
"""The columns that are written. Columns that others add are not looked at."""

NEEDED = ("path", "source", "target")
"""The columns that must come back."""

SHA_PREFIX = "sha256:"
"""Keeps a spreadsheet from reading a hash as a number."""

# A cell, or what another country's spreadsheet takes for one, begins after these. Blanks and quotes may stand before
# the sign that begins a formula.
_CELL = "(^|[,;\\t\\r\\n])"
_SIGN = '(?:[^\\S\\t\\r\\n]|")*[=+\\-@\uff1d\uff0b\uff0d\uff20]'
_FORMULA = re.compile(f"{_CELL}(?='*{_SIGN})")
_DEFUSED = re.compile(f"{_CELL}'(?='*{_SIGN})")


def write_csv(document: Document, language: str, translations: Iterable[Translation] = ()) -> bytes:
    """All texts of a document with what there is of them in a language, for a spreadsheet.

    `status` says how each stands; an outdated one is taken again once its target or its status was changed.
    Raises `ValueError` for the language that the document is written in.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in offered(document, language, translations):
        row = (one.place.path, SHA_PREFIX + one.sha, defused(one.place.text), defused(one.target), one.state.value)
        writer.writerow(row)
    return codecs.BOM_UTF8 + out.getvalue().encode()


def read_csv(data: bytes, document: Document, language: str, translations: Iterable[Translation] = ()) -> Received:
    """What can be taken of a table that came back, in UTF-8 or UTF-16, with commas, semicolons or tabs.

    translations: those that are here already. Nothing is raised: what is wrong is among the problems, whose line is
    that of the file and whose row is that of the spreadsheet.
    """
    if refusal := too_large(data):
        return refusal
    text = _decoded(data)
    if isinstance(text, Received):
        return text
    rows = _rows(text)
    head = next(rows, None)
    columns = [cell.strip().lower() for cell in head.cells] if head else []
    if wrong := _header_problem(columns):
        return refused(*wrong, line=head.line if head else 1)
    units: list[Unit] = []
    problems: list[Problem] = []
    for row in rows:
        if row.number > UNITS_MOST:
            problems.append(Problem("", "too_many_units", TOO_MANY, row.line))
            break
        if problem := _row_problem(row, columns):
            problems.append(problem)
        elif any(cell.strip() for cell in row.cells):
            units.append(_unit(row, columns))
        if len(problems) > PROBLEMS_MOST:
            break
    return received(units, document, language, translations, problems)


def defused(text: str) -> str:
    """The text with an apostrophe before each sign that could start a formula. `fused` gives it back."""
    return _FORMULA.sub(r"\1'", text)


def fused(text: str) -> str:
    """The text without the apostrophes that `defused` gave it."""
    return _DEFUSED.sub(r"\1", text)


class _Row(NamedTuple):
    """number: as the spreadsheet shows it. line: where it begins in the file. error: why it has no cells."""

    number: int
    line: int
    cells: list[str]
    error: str = ""


def _decoded(data: bytes) -> str | Received:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = f"Line {line} has a character that is not UTF-8. Save the table as “CSV UTF-8”."
        return refused("not_utf8", text, line)


def _rows(text: str) -> Iterator[_Row]:
    """Every row, also those that cannot be read; a first line `sep=;` says the separator, as Excel has it."""
    lines = io.StringIO(text, newline="")
    first = lines.readline()
    told = first.strip().strip('"').lower()
    if told.startswith("sep=") and len(told) == 5:
        separator, begun = told[4], 1
    else:
        separator, begun = _separator(first), 0
        lines.seek(0)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = begun
    while True:
        number, line = number + 1, reader.line_num + begun + 1
        try:
            yield _Row(number, line, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield _Row(number, line, [], str(error))


def _separator(header: str) -> str:
    return max(",;\t", key=header.count)


def _header_problem(columns: list[str]) -> tuple[str, str] | None:
    if lost := [name for name in NEEDED if name not in columns]:
        text = f"The first row has no column “{lost[0]}”. It must name the columns: {', '.join(COLUMNS)}."
        return "column_missing", text
    if twice := [name for name in COLUMNS if columns.count(name) > 1]:
        return "column_twice", f"There are two columns “{twice[0]}”. Take one of them out."
    return None


def _row_problem(row: _Row, columns: list[str]) -> Problem | None:
    if row.error:
        text = (
            f"Row {row.number}: The quotes of its cells do not match, or a cell is far too long. Write the row again."
        )
        return Problem("", "row_unreadable", text, row.line)
    if any(cell.strip() for cell in row.cells[len(columns) :]):
        text = (
            f"Row {row.number}: It has {len(row.cells)} cells, the first row has {len(columns)}. "
            "A text with a separator in it must be between quotes."
        )
        return Problem("", "row_ragged", text, row.line)
    least = max(columns.index(name) for name in NEEDED)
    if any(cell.strip() for cell in row.cells) and len(row.cells) <= least:
        text = f"Row {row.number}: It has only {len(row.cells)} cells of {len(columns)}. Write the row again."
        return Problem("", "row_ragged", text, row.line)
    return None


def _unit(row: _Row, columns: list[str]) -> Unit:
    cells = dict(zip(columns, row.cells, strict=False))
    path = cells["path"].strip()
    return Unit(
        where=f"Row {row.number} ({path[:80]})",
        line=row.line,
        path=path,
        source=fused(cells["source"]),
        target=fused(cells["target"]),
        sha=cells.get("source_sha", "").strip().removeprefix(SHA_PREFIX),
        outdated=cells.get("status", "").strip().lower() == State.OUTDATED,
    )
