"""Procedures as spreadsheets: nothing is lost on the way, and what a spreadsheet did to a cell is told."""

import json
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from sops.document import canonical, digest, normal
from sops.document_schema import SCHEMA, Variant
from sops.errors import TextRefused
from sops.fields import Items
from sops.files import read_yaml, write_yaml
from sops.languages import LANGUAGES
from sops.text_places import text_places
from sops.workbook import TranslatedText, read_xlsx, write_xlsx
from sops.workbook_layout import PARTS, SHEETS, At, letters
from tests.sops.small import SMALL, check, refused, small
from tests.sops.strategies import documents, paragraphs
from tests.sops.workbooks import SOME_DATE, TRANSLATED, as_excel_saves_it, at, book, cell, parts_of

some = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def translated(draw: st.DrawFn):
    """A document and texts of it in the five other languages."""
    document = draw(documents(most_steps=3, most_checks=4))
    others = [language for language in LANGUAGES if language != document["language"]]
    some_texts = draw(st.lists(paragraphs(), min_size=1, max_size=5))
    wanted = [(place.path, language) for place in text_places(document) for language in others]
    texts = [TranslatedText(*one, some_texts[n % len(some_texts)]) for n, one in enumerate(wanted)]
    return document, [one for one in texts if draw(st.booleans())] if len(texts) < 60 else texts


# -- round trips -----------------------------------------------------------------------------------------


@some
@given(translated())
def test_a_spreadsheet_holds_the_whole_document_and_all_its_translations(both):
    document, translations = both
    data = write_xlsx(document, translations)

    assert read_xlsx(data) == (document, read_xlsx(as_excel_saves_it(data))[1])
    assert sorted(read_xlsx(data)[1]) == sorted(translations)


@some
@given(documents())
def test_a_document_is_the_same_after_yaml_xlsx_json_and_yaml(document):
    first = read_yaml(write_yaml(document))
    second, translations = read_xlsx(write_xlsx(first, []))
    third = normal(json.loads(canonical(second)))
    last = read_yaml(write_yaml(third))

    assert digest(last) == digest(document)
    assert last == document
    assert translations == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "#N/A", "'", "1.50", "TRUE", "_x0041_", "a_x000D_b"])
def test_texts_that_a_spreadsheet_would_take_for_something_else_stay_texts(text):
    document = normal(small(("title", text)))
    data = write_xlsx(document, [("title", "da", text)])

    assert read_xlsx(data) == (document, [("title", "da", text)])
    assert read_xlsx(as_excel_saves_it(data))[0]["title"] == text.replace("_x000D_", "")  # a line end from elsewhere


def test_translations_that_have_no_place_are_left_out():
    extra = [("title", "en", "a"), ("title", "fr", "b"), ("steps.gone.text", "da", "c"), ("title", "ca", " ")]

    assert read_xlsx(write_xlsx(normal(SMALL), [*TRANSLATED, *extra]))[1] == TRANSLATED
    assert read_xlsx(write_xlsx(normal(SMALL), [("title", "da", "a"), ("title", "da", "b")]))[1] == [
        ("title", "da", "b")
    ]


def test_a_translation_that_no_cell_can_hold_is_refused():
    with pytest.raises(TextRefused):
        write_xlsx(normal(SMALL), [("title", "da", "a\0b")])


# -- what is written -------------------------------------------------------------------------------------


def test_every_cell_is_text_and_nothing_is_calculated():
    data = write_xlsx(normal(small(("title", "=HYPERLINK(1)"))), [("title", "da", "=1")])
    sheets = [part for name, part in parts_of(data).items() if name.startswith("xl/worksheets/")]
    opened = load_workbook(BytesIO(data))
    cells = [one for sheet in opened for row in sheet.iter_rows() for one in row if one.value is not None]

    assert not any(b"<f>" in part or b"<f " in part or b"<v>" in part for part in sheets)
    assert {one.number_format for one in cells} == {"@"}


def test_the_sheets_are_pleasant_to_fill_in():
    opened = load_workbook(BytesIO(write_xlsx(normal(SMALL), TRANSLATED)))

    assert opened.sheetnames == list(SHEETS)
    for sheet in opened:
        assert sheet.freeze_panes == "A2"
        assert all(one.font.bold for one in sheet[1])
        assert not any(one.font.bold for row in sheet.iter_rows(min_row=2) for one in row)
        assert all(sheet.column_dimensions[one.column_letter].width >= 12 for one in sheet[1])
        assert all(sheet.column_dimensions[one.column_letter].number_format == "@" for one in sheet[1])
    choices = {one.formula1 for one in opened["checks"].data_validations.dataValidation}
    assert '"critical,major,minor"' in choices


def test_languages_stand_beside_the_column_they_translate():
    opened = load_workbook(BytesIO(write_xlsx(normal(SMALL), TRANSLATED)))
    names = [one.value for one in opened["settings"][1]]

    assert names[:4] == ["title", "title::id", "title::da", "purpose"]


def test_every_list_of_objects_has_a_sheet():
    def lists(schema, name=""):
        for field_name, field in schema.fields.items():
            inner = field.inner if isinstance(field, Items) else field
            schemas = inner.schemas.values() if isinstance(inner, Variant) else [getattr(inner, "schema", None)]
            if isinstance(field, Items) and schemas and all(schemas):
                yield field_name
            for one in schemas:
                yield from lists(one, field_name) if one else ()

    assert set(lists(SCHEMA)) == set(SHEETS) - {"settings", "sampling"}
    assert {sheet.name for sheet in PARTS} == {"choices", "sampling", "photos"}


def test_cells_are_named_as_spreadsheets_name_them():
    assert [letters(column) for column in (1, 26, 27, 52, 702, 703)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA"]
    assert str(At("checks", 3, 28)) == "checks!AB3"


# -- what people do to cells -----------------------------------------------------------------------------


def place(sheet, column, row=2):
    return at(load_workbook(BytesIO(book())), sheet, column, row)


@pytest.mark.parametrize(("value", "read"), [(338, "338"), (338.0, "338"), (0.1, "0.1"), ("0.10", "0.10")])
def test_plain_numbers_are_read_as_they_show(value, read):
    change = cell(place("checks", "min", 3), value)

    assert read_xlsx(book(change))[0]["checks"][1]["min"] == read


@pytest.mark.parametrize("value", ["yes", "TRUE", True, "True"])
def test_truth_is_read_as_people_write_it(value):
    change = cell(place("checks", "photo_on_defect"), value)

    assert read_xlsx(book(change))[0]["checks"][0]["photo_on_defect"] is True


def test_ids_may_be_separated_in_any_way():
    codes = [{"code": code, "text": "x"} for code in ("LEAK", "DENT", "CODE")]
    document = normal(small(("defects", codes)))
    opened = load_workbook(BytesIO(write_xlsx(document, [])))
    opened["checks"][at(opened, "checks", "defect_codes").partition("!")[2]].value = " LEAK, DENT;CODE\n"
    out = BytesIO()
    opened.save(out)

    assert read_xlsx(out.getvalue())[0]["checks"][0]["defect_codes"] == ["LEAK", "DENT", "CODE"]


def test_blank_rows_columns_and_optional_sheets_do_not_matter():
    def change(opened):
        opened["checks"].insert_rows(2, 3)
        opened["tools"]["A40"].value = "  "
        opened["steps"].insert_cols(1)
        del opened["photos"]

    assert read_xlsx(book(change)) == read_xlsx(book())


WRONG = {
    "a date": ("checks", "min", 3, SOME_DATE, "yyyy-mm-dd", "cell_not_text", "a date or a time"),
    "a percentage": ("checks", "min", 3, 0.05, "0%", "cell_not_text", "a percentage"),
    "a truth value for a text": ("steps", "text", 2, True, "General", "cell_not_text", "a truth value"),
    "an error": ("checks", "min", 3, "#DIV/0!", "General", "cell_not_text", "an error"),
    "a formula": ("checks", "min", 3, "=300+38", "General", "formula", "paste only values"),
    "a decimal comma": ("checks", "min", 3, "338,5", "@", "not_a_number", "with a point"),
    "a very small number": ("checks", "min", 3, 1e-7, "General", "not_a_number", "decimal number"),
    "a word for a number": ("checks", "decimals", 3, "two", "@", "not_a_whole_number", "without a point"),
    "a word for a truth": ("checks", "photo_on_defect", 2, "maybe", "@", "not_true_or_false", "true or false"),
    "an id twice": ("checks", "id", 3, "lid", "@", "duplicate_id", "item 1"),
    "an unknown step": ("checks", "step", 2, "sael", "@", "unknown_step", "There are: fill, seal"),
    "an empty severity": ("checks", "severity", 2, None, "@", "missing", "Fill it in"),
    "a limit too low": ("checks", "min", 3, "400", "@", "min_above_max", "Swap"),
    "a field of another kind": ("checks", "min", 2, "1", "@", "unknown_field", "no field “min”"),
    "a choice of nobody": ("choices", "item", 2, "checks.dent", "@", "unknown_item", "checks.tight"),
    "a rule of nobody": ("sampling", "item", 3, "weight", "@", "unknown_item", "checks.tight"),
    "a second rule": ("sampling", "item", 3, None, "@", "duplicate_id", "Keep one"),
    "an unknown column": ("checks", "severity", 1, "severty", "@", "unknown_column", "Did you mean “severity”?"),
    "a column twice": ("tools", "text", 1, "id", "@", "duplicate_column", "Keep one"),
    "a column without a name": ("tools", "text", 1, None, "@", "column_without_name", "Name it"),
    "an unknown language": ("tools", "text::da", 1, "text::dk", "@", "unknown_language", "en, id, ms, ca, fil, da"),
    "the own language": ("settings", "title::da", 1, "title::en", "@", "own_language", "without ::"),
    "a language of an id": ("tools", "text::da", 1, "id::da", "@", "unknown_column", "not translated"),
    "a translation of nothing": ("steps", "detail::da", 2, "Mere", "@", "translation_without_source", "empty"),
    "a translated unit of a measure": ("checks", "unit::da", 3, "gram", "@", "not_translated", "Empty the cell"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_its_sheet_and_cell(case):
    sheet, column, row, value, written, code, advice = WRONG[case]
    where = place(sheet, column, row)
    problems = refused(lambda: read_xlsx(book(cell(where, value, written))))
    [problem] = [one for one in problems if one.code == code]

    name = where if case != "a second rule" else "sampling, row 3"
    expected = {"a column without a name": name[:-1] + "2", "the own language": name[:-1] + "2"}.get(case, name)
    assert problem.message.startswith(f"{expected}: "), problem.message
    assert advice in problem.message
    if code == "cell_not_text":
        assert len(problems) == 1


def rename(old, new):
    def change(opened):
        opened[old].title = new

    return change


def test_unknown_and_missing_sheets_are_named():
    unknown, missing = refused(lambda: read_xlsx(book(rename("steps", "step"))))[:2]

    assert (unknown.code, missing.code) == ("unknown_sheet", "missing_sheet")
    assert unknown.message.startswith("step: ")
    assert "Did you mean “steps”?" in unknown.message
    assert missing.message.startswith("steps: ")
    assert refused(lambda: read_xlsx(book(lambda opened: opened.create_sheet("Notes 1"))))[0].message.startswith(
        "Notes 1: "
    )


def test_merged_cells_are_told_with_their_range_and_not_as_missing_besides():
    problems = refused(lambda: read_xlsx(book(lambda opened: opened["checks"].merge_cells("B2:C4"))))

    assert [one.code for one in problems] == ["merged_cells"]
    assert problems[0].message.startswith("checks!B2:C4: ")
    assert problems[0].pointer == "/checks"


def test_two_rows_of_settings_are_one_too_many():
    [problem] = refused(lambda: read_xlsx(book(cell("settings!A3", "Another"))))

    assert problem.message.startswith("settings, row 3: ")


def test_everything_wrong_is_told_at_once_in_the_order_of_the_sheets():
    def change(opened):
        for where, value in (("settings", None), ("choices", "=1"), ("steps", "x y")):
            opened[where][at(opened, where, "purpose" if where == "settings" else "id").partition("!")[2]].value = value
        opened["checks"].merge_cells("B2:C2")
        opened.create_sheet("other")

    assert [one.code for one in refused(lambda: read_xlsx(book(change)))] == [
        "unknown_sheet",
        "missing",
        "not_an_id",
        "merged_cells",
        "formula",
    ]


def test_a_whole_document_too_large_says_so_without_a_cell():
    steps = [{"id": f"s{n}", "text": "x", "detail": "é" * 4000} for n in range(120)]
    data = write_xlsx({**normal(SMALL), "steps": steps, "checks": [check("a", step="s1", help="é" * 4000)]}, [])
    opened = load_workbook(BytesIO(data))
    for row in range(2, 122):
        opened["steps"][at(opened, "steps", "text", row).partition("!")[2]].value = "é" * 500
    out = BytesIO()
    opened.save(out)
    [problem] = refused(lambda: read_xlsx(out.getvalue()))

    assert (problem.pointer, problem.code) == ("", "too_large")
    assert "!" not in problem.message
