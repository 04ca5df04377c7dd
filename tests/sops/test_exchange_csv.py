"""Tables as spreadsheets, and people, hand them in."""

import codecs
import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from sops.document import normal
from sops.exchange import read_csv, write_csv
from sops.exchange_csv import defused, fused
from sops.translations import Translation, source_sha, texts
from tests.effort import examples
from tests.sops import translating

CAN = normal(
    {
        "title": "Fill a can; close it",
        "purpose": "Every can\nis full.",
        "scope": "-5 to +5 °C",
        "language": "en",
        "steps": [{"id": "fill", "text": "Fill it."}],
    }
)
SHA = {path: source_sha(text) for path, text in texts(CAN).items()}
KNOWN = [
    Translation("title", "da", "Fyld en dåse; luk den", SHA["title"], "reviewed"),
    Translation("purpose", "da", "Hver dåse\ner fuld.", SHA["purpose"], "draft"),
    Translation("scope", "da", "-5 til +5 °C", SHA["scope"], "draft"),
    Translation("steps.fill.text", "da", "=Fyld", SHA["steps.fill.text"], "draft"),
]
ALL = {one.path: one.text for one in KNOWN}
FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "a;=1+1", "x,=1", ";-2+3", '"=1', "'=1", "''=1"]


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def written(rows, *, delimiter=",", end="\r\n"):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


def read(data, known=()):
    return read_csv(data, CAN, "da", known)


def told(received):
    return [one.code for one in received.problems]


def of(received):
    return {one.path: one.text for one in received.translations}


SENT = rows_of(write_csv(CAN, "da", KNOWN))


# -- formulas --------------------------------------------------------------------------------------------------


def starts_a_formula(cell):
    return cell.lstrip()[:1] in ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@effort(max_examples=examples(100), deadline=None)
@given(st.text(max_size=30) | st.sampled_from(FORMULAS) | st.text(alphabet="=+-@;,\t\"'a1 |\n\r\u2003", max_size=12))
def test_a_defused_text_starts_no_formula_and_is_fused_again(text):
    safe = defused(text)

    assert fused(safe) == text
    for delimiter in ",;\t":
        row = next(iter(csv.reader(io.StringIO(written([["a", safe, "b"]]), newline=""), delimiter=delimiter)), [])
        assert not [cell for cell in row if starts_a_formula(cell)]


def test_an_ordinary_text_is_not_changed():
    for text in ("Fill 0.33 l – slowly.", "it's 5 - 3 = 2", "'quoted'", "a, b; c", ""):
        assert defused(text) == text


@effort(max_examples=examples(20), deadline=None)
@given(translating.translated())
def test_no_cell_of_a_table_that_is_sent_starts_a_formula(drawn):
    document, language, translations = drawn
    data = write_csv(document, language, translations).decode("utf-8-sig")

    for delimiter in ",;\t":
        cells = [cell for row in csv.reader(io.StringIO(data, newline=""), delimiter=delimiter) for cell in row]
        assert [cell for cell in cells if starts_a_formula(cell)] == []


def test_what_looked_like_a_formula_comes_back_as_it_was():
    assert SENT[3][3] == "'-5 til +5 °C"
    assert of(read(write_csv(CAN, "da", KNOWN))) == ALL


def test_a_translator_need_not_write_the_apostrophe():
    rows = [[cell.replace("'-5", "-5") for cell in row] for row in SENT]

    assert of(read(written(rows).encode()))["scope"] == "-5 til +5 °C"


# -- what spreadsheets do --------------------------------------------------------------------------------------


def test_the_table_begins_with_a_byte_order_mark_and_names_its_columns():
    data = write_csv(CAN, "da", KNOWN)

    assert data.startswith(codecs.BOM_UTF8 + b"path,source_sha,source,target,status\r\n")
    assert [row[4] for row in SENT[1:]] == ["reviewed", "draft", "draft", "draft"]
    assert all(re.fullmatch(r"sha256:[0-9a-f]{16}", row[1]) for row in SENT[1:])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_separator_line_end_and_unicode_encoding_is_read(delimiter, end, encoding):
    back = read(written(SENT, delimiter=delimiter, end=end).encode(encoding))

    assert (of(back), told(back)) == (ALL, [])


def test_the_first_line_may_name_the_separator():
    back = read(("sep=;\r\n" + written(SENT, delimiter=";")).encode("utf-8-sig"))

    assert (of(back), told(back)) == (ALL, [])


def test_columns_may_change_places_and_others_may_be_added():
    rows = [[row[3], "note", row[0], "", row[2]] for row in SENT]
    rows[0] = ["TARGET ", "comment", " Path", "", "Source"]

    assert of(read(written(rows).encode())) == ALL


def test_rows_may_be_sorted_left_out_and_left_empty():
    rows = [SENT[0], [], ["", "", "", "", ""], *reversed(SENT[2:]), ["  "]]
    back = read(written(rows).encode())

    assert (of(back), told(back)) == ({path: text for path, text in ALL.items() if path != "title"}, [])


@pytest.mark.parametrize("sha", ["", "1.23E+15", "#NAME?", "sha256:", "123"])
def test_a_hash_that_the_spreadsheet_spoilt_is_found_again_from_the_source_text(sha):
    rows = [[row[0], sha, *row[2:]] for row in SENT[1:]]

    assert {one.source_sha for one in read(written([SENT[0], *rows]).encode()).translations} == set(SHA.values())


def test_an_altered_source_text_is_named_and_the_translation_taken():
    rows = [[row[0], row[1], row[2].replace("Fill it.", "Fill this."), *row[3:]] for row in SENT]
    back = read(written(rows).encode())

    assert (of(back), told(back)) == (ALL, ["source_altered"])


def test_a_target_that_was_emptied_is_not_taken():
    rows = [SENT[0], *[[*row[:3], " ", row[4]] for row in SENT[1:]]]
    back = read(written(rows).encode())

    assert (back.translations, back.problems, back.untranslated) == ((), (), 4)


# -- what is wrong ---------------------------------------------------------------------------------------------


HEAD = b"path,source,target\r\n"
SCOPE = "scope,-5 to +5 °C,Kulde\r\n".encode()
FILL = b"steps.fill.text,Fill it.,Fyld den\r\n"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("source,target", "column_missing"),
        ("path,source", "column_missing"),
        ("path,target", "column_missing"),
        ("title,Fyld", "column_missing"),
        ("path|source|target", "column_missing"),
        ("path,source,target,target", "column_twice"),
        ("path,path,source,target", "column_twice"),
    ],
)
def test_a_table_without_its_columns_says_which(head, code):
    back = read(f"{head}\r\ntitle,x,Fyld en dåse\r\n".encode())

    assert (told(back), back.translations, back.problems[0].line) == ([code], (), 1)


def test_ragged_rows_are_named_and_the_others_taken():
    back = read(
        HEAD + "title,Fill a can; close it,Fyld en dåse, og luk den\r\npurpose\r\n".encode() + SCOPE + b",,,\r\n"
    )

    assert [(one.code, one.line) for one in back.problems] == [("row_ragged", 2), ("row_ragged", 3)]
    assert "Row 2:" in back.problems[0].message
    assert "Row 3:" in back.problems[1].message
    assert of(back) == {"scope": "Kulde"}


def test_a_row_is_named_as_the_spreadsheet_shows_it_and_its_line_as_an_editor_does():
    rows = [*SENT[:3], ["scope", "", "-5 to +5 °C", "x" * 5000, ""]]
    back = read(written(rows).encode())

    assert "Row 4 (scope)" in back.problems[-1].message
    assert back.problems[-1].line == 6  # the row before it has three lines


def test_a_row_that_lost_its_source_is_named():
    back = read(HEAD + b"title,,Fyld\r\n" + SCOPE)

    assert (told(back), of(back)) == (["source_missing"], {"scope": "Kulde"})


def test_a_stray_quote_is_named_and_the_rows_around_it_are_taken():
    back = read(HEAD + FILL + b'title,Fill a can,"Fyld" en\r\n' + SCOPE)

    assert [(one.code, one.line) for one in back.problems] == [("row_unreadable", 3)]
    assert of(back) == {"steps.fill.text": "Fyld den", "scope": "Kulde"}


def test_a_quote_that_is_never_closed_swallows_no_row_in_silence():
    back = read(HEAD + SCOPE + b'title,Fill a can,"Fyld\r\n' + FILL)

    assert (told(back), of(back)) == (["row_unreadable"], {"scope": "Kulde"})


def test_a_cell_of_a_megabyte_is_named():
    back = read(HEAD + SCOPE + b"title,Fill a can," + b"x" * 2**20 + b"\r\n" + FILL)

    assert (told(back), of(back)) == (["row_unreadable"], {"scope": "Kulde", "steps.fill.text": "Fyld den"})


def test_a_table_in_an_old_encoding_names_the_line():
    back = read(HEAD + FILL + "title,Fill a can,Fyld en dåse\r\n".encode("cp1252"))

    assert [(one.code, one.line) for one in back.problems] == [("not_utf8", 3)]
    assert "UTF-8" in back.problems[0].message


def test_a_control_character_is_refused_in_its_own_row_only():
    back = read(HEAD + b"title,Fill a can; close it,Fyld\x00\r\n" + SCOPE)

    assert (told(back), of(back)) == (["control_character"], {"scope": "Kulde"})


def test_half_of_a_utf_16_file_is_told():
    assert told(read("path,target".encode("utf-16")[:-1])) == ["not_utf8"]


def test_a_hundred_thousand_bad_rows_are_not_all_told():
    back = read(HEAD + b"title,a,b,c\r\n" * 100_000)

    assert len(back.problems) == 501
    assert told(back)[-1] == "too_many_problems"


def test_a_table_without_end_is_read_up_to_fifty_thousand_rows():
    back = read(HEAD + SCOPE + b",,\r\n" * 60_000 + FILL)

    assert (told(back), of(back)) == (["too_many_units"], {"scope": "Kulde"})
