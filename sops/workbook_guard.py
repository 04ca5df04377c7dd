"""What is looked at in an XLSX file before a library opens it: an archive of XML is easily made to hurt its reader.

Sizes are judged as the archive declares them, before anything is unpacked. Then every part is searched for document
types and entities, and its tags are counted, since what is small as a file may still be much work.
"""

import posixpath
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, LargeZipFile, ZipFile

from sops.errors import DocumentInvalid, Problem

LARGEST = 8 * 2**20
"""Bytes of a file."""

UNPACKED_LARGEST = 32 * 2**20
"""Bytes of all its parts together: a document of 1 MiB with five translations, and XML around it."""

ROWS_MOST, COLUMNS_MOST = 5000, 200
"""Rows and columns of a sheet that are read; cells beyond them are refused."""

_PARTS_MOST = 500
_CELL_TAGS_MOST = 300_000
_OTHER_TAGS_MOST = 30_000
_CELL_TAGS = frozenset({b"c", b"v", b"is", b"t", b"si", b"r", b"row"})

_TAG = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z]\w*)")
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([^"']*)""")
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"

_SAVE = "Open it in a spreadsheet program and save it as a plain Excel workbook (.xlsx)."
# zipfile says RuntimeError of a locked file, and one of its kinds of a compression that it does not know
_BROKEN = (BadZipFile, LargeZipFile, zlib.error, ET.ParseError, EOFError, KeyError, RuntimeError)


class Hidden(NamedTuple):
    """What reading the values of a sheet's cells does not show: references such as B3, or B3:C4 for merged ones.

    far: cells with something in them beyond the rows and columns that are read.
    """

    merged: list[str]
    formulas: list[str]
    far: list[str]


def check(data: bytes) -> dict[str, Hidden]:
    """What is hidden in each sheet, by its name.

    Raises `DocumentInvalid` for a file that is no XLSX, or larger than any procedure.
    """
    if len(data) > LARGEST:
        text = f"The file has {len(data) / 2**20:.1f} MiB, at most 8 MiB are read. Take pictures out of it."
        raise refused("too_large", text)
    if data.startswith(_OLD_OFFICE):
        raise refused("not_xlsx", "This is an old or a protected Excel file. Save it as .xlsx, without a password.")
    try:
        with ZipFile(BytesIO(data)) as archive:
            _check_sizes(archive)
            _check_parts(archive)
            return {name: _hidden(archive.read(part)) for name, part in _sheets(archive)}
    except _BROKEN as error:
        raise refused("not_xlsx", f"This file cannot be read as a spreadsheet. {_SAVE}") from error


def refused(code: str, text: str) -> DocumentInvalid:
    """The refusal of a whole file."""
    return DocumentInvalid([Problem("", code, text)])


def _check_sizes(archive: ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _PARTS_MOST or sum(part.file_size for part in parts) > UNPACKED_LARGEST:
        text = "Unpacked, this file is far larger than a procedure can be. Copy its cells into a new one."
        raise refused("too_large", text)
    if any(part.flag_bits & 1 for part in parts):
        raise refused("not_xlsx", "This file is protected by a password. Save it without one.")


def _check_parts(archive: ZipFile) -> None:
    tags: Counter[bytes] = Counter()
    for part in archive.infolist():
        if not part.filename.lower().endswith((".xml", ".rels")):
            continue
        data = archive.read(part)
        encoding = _ENCODING.search(data[:200])
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data:
            raise refused("not_xlsx", f"This file holds what no spreadsheet program writes: a document type. {_SAVE}")
        if encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii"):
            raise refused("not_xlsx", f"This file is not in UTF-8. {_SAVE}")
        tags.update(_TAG.findall(data))
    cells = sum(count for name, count in tags.items() if name in _CELL_TAGS)
    if cells > _CELL_TAGS_MOST or tags.total() - cells > _OTHER_TAGS_MOST:
        text = "This file has far more cells or formats than a procedure. Copy its cells into a new one."
        raise refused("too_large", text)


# -- sheets ------------------------------------------------------------------------------------------------


def _sheets(archive: ZipFile) -> Iterator[tuple[str, str]]:
    """The name of each sheet and its part of the archive."""
    book = next(target for kind, target in _relations(archive, "") if kind.endswith("/officeDocument"))
    targets = dict(_relations(archive, book, by="Id"))
    for element in _parsed(archive.read(book)).iter():
        if _local(element.tag) == "sheet":
            relation = next(value for name, value in element.items() if _local(name) == "id")
            yield element.get("name", ""), targets[relation]


def _relations(archive: ZipFile, part: str, *, by: str = "Type") -> Iterator[tuple[str, str]]:
    """What a part of the archive refers to, by the relation's type or id."""
    folder, name = posixpath.split(part)
    for element in _parsed(archive.read(posixpath.join(folder, "_rels", f"{name}.rels"))):
        target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", "")))
        yield element.get(by, ""), target.lstrip("/")


def _parsed(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 - document types and entities were refused


def _hidden(data: bytes) -> Hidden:
    found = Hidden([], [], [])
    for _, element in ET.iterparse(BytesIO(data)):  # noqa: S314 - the same
        tag = _local(element.tag)
        if tag == "mergeCell":
            found.merged.append(element.get("ref", ""))
        elif tag == "c" and len(element):
            reference = element.get("r", "")
            if any(_local(inner.tag) == "f" for inner in element):
                found.formulas.append(reference)
            place = place_of(reference)
            if place and (place[0] > ROWS_MOST or place[1] > COLUMNS_MOST):
                found.far.append(reference)
        elif tag == "row":
            element.clear()
    return found


def place_of(reference: str) -> tuple[int, int] | None:
    """Row and column of a reference such as B3; None for what is none."""
    found = _REFERENCE.match(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - 64
    return int(found[2]), column


def _local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
