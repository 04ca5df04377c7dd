"""Counts from a spreadsheet: CSV with a header, the columns named as the fields of a row."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from qc_service.counts.rules import FIELDS, FLAGS, QUANTITIES
from qc_service.errors import FieldProblem, QCError
from qc_service.texts import later

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
COLUMNS = sorted(FIELDS - {"defects"})


def read_csv(body: bytes) -> Iterator[tuple[int, Any]]:
    """(line number, row or error). Empty cells are unknown; `defects` is written `CODE:units CODE:units`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QCError("unreadable_body", later("Save the file as CSV in UTF-8.")) from error
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    header = [name.strip() for name in next(reader, [])]
    unknown = [name for name in header if name not in FIELDS]
    if not header or unknown or len(set(header)) != len(header):
        named = later("Unknown: %(names)s. ", names=tuple(unknown)) if unknown else ""
        known = (*COLUMNS, "defects")
        asked = later("The first line must name the columns. %(unknown)sKnown: %(known)s.", unknown=named, known=known)
        raise QCError("unreadable_body", asked)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, _row(header, cells)


def _row(header: list[str], cells: list[str]) -> Any:
    if len(cells) > len(header):
        text = later("This line has %(cells)s cells, the header %(header)s.", cells=len(cells), header=len(header))
        return QCError("validation_failed", text, errors=[FieldProblem("", "unreadable_row", text)])
    filled = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
    return {name: _cell(name, cell) for name, cell in filled.items()}


def _cell(name: str, cell: str) -> Any:
    """A cell as the JSON value it stands for; what fits no form is passed on for the row's own check to name."""
    if name in QUANTITIES:
        return _whole(cell)
    if name in FLAGS:
        return _TRUTHS.get(cell.lower(), cell)
    if name == "defects":
        return [_defect(part) for part in cell.split()]
    return cell


def _defect(part: str) -> dict[str, Any]:
    code, _, units = part.rpartition(":")
    return {"code": code, "units": _whole(units)}


def _whole(cell: str) -> Any:
    """Digits only: neither 1.250 nor 1,250 is guessed at."""
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 16 else cell
