"""Files that would be costly or dangerous to open are refused before a library opens them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sops.errors import DocumentInvalid
from sops.workbook import read_xlsx
from sops.workbook_guard import COLUMNS_MOST, ROWS_MOST, place_of
from tests.sops.small import refused, told
from tests.sops.workbooks import as_excel_saves_it, book, packed, parts_of, row_of, with_part

FIRST = "xl/worksheets/sheet1.xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def inside(xml: str | bytes):
    """The first sheet with more rows."""
    more = xml if isinstance(xml, bytes) else xml.encode()
    return with_part(FIRST, lambda data: data.replace(b"</sheetData>", more + b"</sheetData>"))


def behind(xml: bytes):
    """The first sheet with something after its rows."""
    return with_part(FIRST, lambda data: data.replace(b"</sheetData>", b"</sheetData>" + xml))


def declared_smaller() -> bytes:
    """A bomb whose directory tells lies about its sizes."""
    bomb = packed({**parts_of(book()), "xl/media/a.xml": b" " * (60 * 2**20)})
    size = (60 * 2**20).to_bytes(4, "little")
    assert size in bomb
    return bomb.replace(size, (1000).to_bytes(4, "little"))


def protected() -> bytes:
    """A file whose directory says that its first part is encrypted."""
    data, mark = book(), b"PK\1\2"
    place = data.index(mark) + 8
    return data[:place] + bytes([data[place] | 1]) + data[place + 1 :]


COSTLY = {
    "50 MB": (lambda: b"PK\3\4" + b"x" * 50_000_000, "too_large"),
    "a bomb": (lambda: packed({**parts_of(book()), "xl/media/a.bin": bytes(200 * 2**20)}), "too_large"),
    "a bomb that lies": (declared_smaller, "not_xlsx"),
    "a thousand files": (lambda: packed({**parts_of(book()), **{f"a{n}": b"" for n in range(1000)}}), "too_large"),
    "half a million cells": (lambda: inside("<row>" + "<c/>" * 500_000 + "</row>"), "too_large"),
    "half a million formats": (
        lambda: with_part(
            "xl/styles.xml", lambda data: data.replace(b"</cellXfs>", b"<xf/>" * 500_000 + b"</cellXfs>")
        ),
        "too_large",
    ),
    "a document type": (lambda: with_part(FIRST, lambda data: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + data), "not_xlsx"),
    "another encoding": (
        lambda: with_part(FIRST, lambda data: b"<?xml version='1.0' encoding='cp037'?>" + data),
        "not_xlsx",
    ),
    "UTF-16": (lambda: with_part(FIRST, lambda data: data.decode().encode("utf-16")), "not_xlsx"),
    "an XML file that is none": (lambda: with_part(FIRST, lambda data: data[:-20]), "not_xlsx"),
    "no workbook": (lambda: packed({"a.xml": b"<a/>"}), "not_xlsx"),
    "no styles": (lambda: with_part("xl/styles.xml", lambda data: b""), "not_xlsx"),
    "a style that is not there": (lambda: inside('<row r="2"><c r="A9" s="x"><v>1</v></c></row>'), "not_xlsx"),
    "a shared text that is not there": (lambda: inside('<row r="9"><c r="A9" t="s"><v>7</v></c></row>'), "not_xlsx"),
    "a part that is encrypted": (protected, "not_xlsx"),
    "nothing": (lambda: b"", "not_xlsx"),
    "a picture": (lambda: b"\x89PNG\r\n" * 100, "not_xlsx"),
    "half a file": (lambda: book()[:-300], "not_xlsx"),
    "a file of Excel 97, or one with a password": (lambda: b"\xd0\xcf\x11\xe0" * 100, "not_xlsx"),
}


@pytest.mark.parametrize("case", COSTLY)
def test_a_file_that_is_costly_or_no_spreadsheet_is_refused(case):
    make, code = COSTLY[case]
    data = make()

    assert told(lambda: read_xlsx(data)) == [("", code)]


def test_all_cells_merged_are_one_short_answer():
    data = behind(b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    [problem] = refused(lambda: read_xlsx(data))

    assert (problem.code, problem.message[:22]) == ("merged_cells", "settings!A1:XFD1048576")


@pytest.mark.parametrize("reference", ["A1048576", "XFD2", f"A{ROWS_MOST + 1}"])
def test_cells_far_away_are_told_and_not_lost(reference):
    row = reference.lstrip("ADFX")
    data = inside(f'<row r="{row}"><c r="{reference}" t="str"><v>x</v></c></row>')
    problems = refused(lambda: read_xlsx(data))

    assert problems[0].code == "too_far"
    assert problems[0].message.startswith(f"settings!{reference}: ")


@pytest.mark.parametrize("formula", ["<f>1+1</f>", '<f t="shared" si="0"/>', '<f t="array" ref="A9">1</f>'])
def test_formulas_of_every_sort_are_told(formula):
    problems = refused(lambda: read_xlsx(inside(f'<row r="2"><c r="B2">{formula}<v>2</v></c></row>')))

    assert "settings!B2: This cell is calculated" in "\n".join(one.message for one in problems)


def test_cells_without_a_reference_are_counted():
    [problem] = refused(lambda: read_xlsx(inside(row_of("Another title"))))

    assert problem.message.startswith("settings, row 3: ")


def test_other_prefixes_of_the_namespace_hide_nothing():
    def prefixed(data: bytes) -> bytes:
        data = data.replace(b"<mergeCell ", b"<x:mergeCell ").replace(
            b"<worksheet ", b"<worksheet xmlns:x='" + MAIN + b"' "
        )
        return data.replace(b"</sheetData>", b"</sheetData><mergeCells><x:mergeCell ref='A1:B2'/></mergeCells>")

    assert refused(lambda: read_xlsx(with_part(FIRST, prefixed)))[0].code == "merged_cells"


def test_pictures_do_not_matter():
    assert read_xlsx(packed({**parts_of(book()), "xl/media/a.png": b"\x89PNG<!DOCTYPE"})) == read_xlsx(book())


def test_references_are_read_as_spreadsheets_write_them():
    assert [place_of(one) for one in ("A1", "XFD1048576", "AA3:B4")] == [(1, 1), (1_048_576, 16_384), (3, 27)]
    assert [place_of(one) for one in ("", "1", "A0", "a1", "A")] == [None] * 5
    assert COLUMNS_MOST > 100


@pytest.fixture(scope="module")
def whole() -> list[dict[str, bytes]]:
    """The files inside two workbooks that are all right."""
    return [parts_of(book()), parts_of(as_excel_saves_it(book()))]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_damaged_file_is_read_or_refused_in_words(whole, data):
    parts = dict(data.draw(st.sampled_from(whole)))
    name = data.draw(st.sampled_from(sorted(parts)))
    place = data.draw(st.integers(0, len(parts[name])))
    parts[name] = parts[name][:place] + data.draw(st.binary(max_size=3)) + parts[name][place + 1 :]
    problems = None
    try:
        read_xlsx(packed(parts))
    except DocumentInvalid as error:
        problems = error.problems
    assert problems is None or all(one.code and one.message.encode() for one in problems)
