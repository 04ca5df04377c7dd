"""Spreadsheets as people and other programs make them of a small procedure."""

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook

from sops.document import normal
from sops.workbook import write_xlsx
from tests.sops.small import SMALL

TRANSLATED = [("title", "da", "Fyld og luk en dåse"), ("checks.dents.choices.some.text", "id", "Ada")]
SOME_DATE = date(2026, 2, 1)


def book(change: Callable[[Workbook], Any] = lambda book: None) -> bytes:
    """The small procedure with Danish and Indonesian texts, changed in a spreadsheet program."""
    opened = load_workbook(BytesIO(write_xlsx(normal(SMALL), TRANSLATED)))
    change(opened)
    out = BytesIO()
    opened.save(out)
    return out.getvalue()


def cell(place: str, value: Any, number_format: str = "General") -> Callable[[Workbook], None]:
    """A change: another value in a cell such as `checks!B3`."""
    sheet, _, name = place.partition("!")

    def change(opened: Workbook) -> None:
        opened[sheet][name].value = value
        opened[sheet][name].number_format = number_format

    return change


def at(opened: Workbook, sheet: str, column: str, row: int = 2) -> str:
    """The cell of a row under a column's name, such as `checks!B3`."""
    found = next(one for one in opened[sheet][1] if one.value == column)
    return f"{sheet}!{found.column_letter}{row}"


def parts_of(data: bytes) -> dict[str, bytes]:
    """The files inside."""
    with ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """A workbook of such files."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The small procedure with one of the files inside changed."""
    parts = parts_of(book())
    parts[name] = change(parts.get(name, b""))
    return packed(parts)


_INLINE = re.compile(r't="inlineStr"><is><t(?: xml:space="preserve")?>(.*?)</t></is>', re.DOTALL)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def as_excel_saves_it(data: bytes) -> bytes:
    """The same workbook with its texts in a table of their own, in runs, as Excel writes them."""
    parts, texts = parts_of(data), []

    def shared(found: re.Match[str]) -> str:
        texts.append(found[1])
        return f't="s"><v>{len(texts) - 1}</v>'

    for name in [one for one in parts if one.startswith("xl/worksheets/")]:
        parts[name] = _INLINE.sub(shared, parts[name].decode()).encode()
    items = "".join(f"<si><r><t>{text}</t></r><r><t/></r></si>" for text in texts)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}">{items}</sst>'.encode()
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override.encode())
    return packed(parts)


def row_of(*texts: str) -> str:
    """A row of a sheet's XML."""
    return "<row>" + "".join(f'<c t="str"><v>{escape(text)}</v></c>' for text in texts) + "</row>"
