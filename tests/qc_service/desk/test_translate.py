"""The translator's list as plain values: what texts are called, which are shown, and what is wrong with one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.desk.translate_rows import (
    PAGE,
    SECTIONS,
    SHOWS,
    View,
    counts_of,
    file_words,
    lacking,
    names_of,
    path_in,
    pieces,
    rows_of_field,
    section_of,
    seen_of,
    terms_in,
    terms_of,
    text_of,
    view_of,
    wrong_words,
)
from qc_service.desk.translate_saving import Typed, typed_of
from qc_service.texts import Text
from qc_service.words import Words
from sops.document import normal
from sops.languages import LANGUAGES
from sops.text_places import text_places
from sops.translations import texts
from tests.procedure_life import document
from tests.sops import strategies

SAY = Words("en").say


def row(path="title", state="missing", source="Fill a can", said=None, draft=None, old=None):
    return {
        "path": path, "state": state, "source": source, "source_sha": "a" * 16, "translation": said, "draft": draft,
        "outdated": old,
    }  # fmt: skip


def text(words, number=1, **more):
    return {"text": words, "number": number, **more}


ROWS = [
    row("title", "reviewed", said=text("Fyld")),
    row("purpose", "reviewed", said=text("Tæt"), draft=text("Tæt og fuld", 3)),
    row("steps.a.text", "draft", said=text("Luk"), draft=text("Luk")),
    row("checks.b.text", "outdated", old=text("Vej", source_sha="b" * 16)),
    row("checks.b.help", "missing"),
]


@pytest.mark.parametrize(
    ("show", "paths"),
    [
        ("todo", ["purpose", "steps.a.text", "checks.b.text", "checks.b.help"]), ("missing", ["checks.b.help"]),
        ("outdated", ["checks.b.text"]), ("draft", ["purpose", "steps.a.text"]),
        ("all", [one["path"] for one in ROWS]),
    ],
)  # fmt: skip
def test_a_state_shows_its_texts_and_counts_them(show, paths):
    assert [one["path"] for one in ROWS if View(show).fits(one)] == paths
    assert counts_of(ROWS)[show] == len(paths)


def test_words_are_looked_for_in_the_source_the_translation_and_the_path():
    def found(query, section=""):
        return [one["path"] for one in ROWS if View("all", section, query).fits(one)]

    assert found("FYLD can") == ["title"]
    assert found("b.help") == ["checks.b.help"]
    assert found("vej", "steps") == []
    assert found("", "checks") == ["checks.b.text", "checks.b.help"]
    assert found("og fuld") == ["purpose"]


@given(st.dictionaries(st.sampled_from(["show", "section", "q", "page"]), st.text(max_size=8)))
def test_whatever_an_address_asks_for_is_a_view(args):
    view = view_of(args)

    assert view.show in SHOWS
    assert view.section in {"", *SECTIONS}
    assert view.page >= 0
    assert view_of({**view.asked, "page": str(view.page)}) == view


def test_the_field_holds_what_was_written_last():
    assert [text_of(one) for one in ROWS] == ["Fyld", "Tæt og fuld", "Luk", "Vej", ""]
    assert [seen_of(one) for one in ROWS] == ["a" * 16 + ":1", "a" * 16 + ":3", "a" * 16 + ":1", "b" * 16 + ":1", ""]


@given(strategies.documents(), st.sampled_from(LANGUAGES))
def test_every_text_has_a_name_in_every_language(doc, language):
    paths = list(texts(normal(doc)))
    names = names_of(normal(doc), paths, Words(language).say)

    assert list(names) == paths
    assert all(name.strip() and "%(" not in name for name in names.values())
    assert {section_of(path) for path in paths} <= set(SECTIONS)


def test_texts_are_called_as_people_call_them():
    doc = document(
        hazards=[{"id": "crush", "text": "It crushes.", "control": "Guard."}],
        defects=[{"code": "LEAK", "text": "Leaks"}],
        skill={"text": "Ten cans.", "valid_for_days": 3},
    )
    doc["steps"][0] |= {"detail": "Slowly.", "photos": [{"id": "a" * 64, "kind": "good", "text": "A seam"}]}
    doc["checks"].append({
        "id": "lid", "step": "seal", "type": "choose", "text": "Which?", "severity": "minor",
        "choices": [{"id": "red", "text": "Red", "ok": True}, {"id": "blue", "text": "Blue", "ok": False}],
    })  # fmt: skip
    doc["checks"].append(
        {"id": "name", "step": "seal", "type": "sign", "text": "Sign", "meaning": "I saw it", "severity": "minor"}
    )

    assert list(names_of(normal(doc), texts(normal(doc)), SAY).values()) == [
        "Title", "Purpose", "Skill to be shown", "Hazard 1", "Hazard 1, what protects from it", "Defect LEAK", "Step 1",
        "Step 1, details", "Step 1, caption of photo 1", "Check 1", "Check 2", "Check 3", "Check 3, answer “red”",
        "Check 3, answer “blue”", "Check 4", "Check 4, what the signature means",
    ]  # fmt: skip


def test_placeholders_are_told_apart_and_missed():
    assert pieces("{min} to {max} {{sic}}") == [
        {"text": "", "name": "min"}, {"text": " to ", "name": ""}, {"text": "", "name": "max"},
        {"text": " {{sic}}", "name": ""},
    ]  # fmt: skip
    assert lacking(row(source="{min} to {max}", old=text("Fra {min}"))) == ["max"]
    assert lacking(row(source="{min} to {max}")) == []


@pytest.mark.parametrize(
    ("longest", "texts_", "rows"), [(120, ["a"], 2), (4000, ["a"], 2), (500, ["a\n" * 9], 11), (4000, ["a" * 4000], 14)]
)
def test_a_field_is_as_high_as_what_stands_in_it(longest, texts_, rows):
    assert abs(rows_of_field(longest, *texts_) - rows) <= 1


def test_terms_stand_beside_the_texts_that_have_them_as_whole_words():
    terms = terms_of([
        row(source="Seam gauge", said=text("Falsmåler")), row(source="Can", said=text("Dåse")),
        row(source="x" * 41, said=text("y")), row(source="{min}", said=text("{min}")), row(source="Lid"),
    ])  # fmt: skip
    assert terms == {"Seam gauge": "Falsmåler", "Can": "Dåse"}
    assert terms_in("Hold the seam gauge to the can.", terms) == [
        {"source": "Seam gauge", "target": "Falsmåler"}, {"source": "Can", "target": "Dåse"},
    ]  # fmt: skip
    assert terms_in("Cancel it.", terms) == []
    assert terms_in("Can", terms) == []


def test_every_problem_of_a_text_or_a_file_has_words_that_can_be_translated():
    doc = normal(document())
    place = text_places(doc)[0]
    codes = (
        "missing", "too_long", "several_lines", "control_character", "too_many_marks", "brace_single", "path_unknown",
        "placeholder_missing", "placeholder_unknown", "source_changed",
    )  # fmt: skip
    assert [code for code in codes if not isinstance(wrong_words(code, "-", place, "a {b}"), Text)] == []
    files = {
        "duplicate_unit", "source_missing", "still_outdated", "outdated", "source_altered", "other_document",
        "not_utf8", "column_missing", "column_twice", "row_unreadable", "row_ragged", "too_large",
    }  # fmt: skip
    assert [code for code in {*codes, *files} if not isinstance(file_words(code, "-", place), Text)] == []


def test_what_has_no_words_here_is_said_as_the_rule_says_it():
    assert wrong_words("unheard_of", "As it is.", None, "") == "As it is."
    assert file_words("unheard_of", "As it is.", None) == "As it is."


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ("Row 3 (steps.gone.text): There is none.", "steps.gone.text"),
        ("Unit steps.gone.text (line 7): There is none.", "steps.gone.text"), ("Row 3: The quotes.", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_file_names_a_text_that_is_not_there(message, path):
    assert path_in(message) == path


def test_a_form_is_read_text_by_text():
    form = {
        "show": "todo", "path-3": "title", "text-3": "Fyld", "sha-3": "s", "seen-3": "s:1", "right-3": "1",
        "path-12": "purpose", "same-12": "1",
    }  # fmt: skip
    assert typed_of(form) == [
        Typed("title", "Fyld", "s", "s:1", right=True), Typed("purpose", "", "", "", same=True),
    ]  # fmt: skip
    assert PAGE == 25
