import ast
import inspect
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sops import diff_names, diff_words
from sops.diff import ChangeClass, classify, difference, in_words
from sops.diff_names import excerpts
from sops.languages import plain
from sops.numbers import number_of
from sops.paper import severity_in_words
from sops.steps import KINDS
from tests.sops.diff_sentences import BASE, EXPECTED, GONE, NEW_PHOTO
from tests.sops.mutations import PATIENT, versions


def edited(*edits: tuple[str, Any]) -> dict[str, Any]:
    """The base document with some paths set; items of lists by id, a new one by its list and "+"."""
    document = deepcopy(BASE)
    for path, value in edits:
        *way, last = path.split(".")
        here: Any = document
        for part in way:
            here = here[part] if isinstance(here, dict) else next(one for one in here if part in one.values())
        if last.startswith("+"):
            here.insert(int(last[1:]), value)
        elif isinstance(here, list):
            here.remove(next(one for one in here if last in one.values()))
        elif value is GONE:
            del here[last]
        else:
            here[last] = value
    return document


def reordered(path: str, *names: str) -> dict[str, Any]:
    *way, last = path.split(".")
    items: Any = deepcopy(BASE)
    for part in (*way, last):
        items = items[part] if isinstance(items, dict) else next(one for one in items if part in one.values())
    key = "code" if last == "defects" else "id"
    return edited((path, [next(item for item in items if item[key] == name) for name in names]))


def told(second: dict[str, Any], first: dict[str, Any] = BASE, **reader: Any) -> list[str]:
    return [line.sentence for line in in_words(difference(first, second), first, second, **reader)]


@pytest.mark.parametrize(("edits", "expected"), EXPECTED, ids=lambda value: value if isinstance(value, str) else "")
def test_a_change_is_told_so_that_a_supervisor_understands_it(edits, expected):
    assert told(edited(*edits)) == ([expected] if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("path", "names", "expected"),
    [
        ("steps", "pack fill seal rest", "Steps in another order: “Pack it” comes first."),
        (
            "steps",
            "fill rest seal pack",
            "Steps in another order: “Let it rest” comes after “Fill the can to the mark”.",
        ),
        (
            "checks",
            "weight lid tight dents seam release",
            "Checks in another order: “Filled weight” comes first.",
        ),
        (
            "checks",
            "release seam dents tight weight lid",
            (
                "Checks in another order: “Release” comes first; “Seam” comes after “Release”; "
                "“Dents” comes after “Seam”; 2 more moved."
            ),
        ),
        ("hazards", "cut crush", "Hazards in another order: “Lids cut skin” comes first."),
        ("tools", "scale gauge", "Tools in another order: “Scale, 1 g” comes first."),
        ("defects", "DENT LEAK", "Defects in another order: “Dented” comes first."),
        (
            "checks.lid.choices",
            "none gold silver",
            "Which lid is on: answers in another order: “No lid” comes first.",
        ),
    ],
)
def test_another_order_is_told_by_what_was_moved(path, names, expected):
    assert told(reordered(path, *names.split())) == [expected]


def test_photos_in_another_order_are_told():
    first = edited(("checks.tight.photos.+1", NEW_PHOTO))
    second = edited(("checks.tight.photos.+0", NEW_PHOTO))
    assert told(second, first) == ["Is the seam closed all round: photos in another order."]


def test_a_skill_that_is_new_is_told():
    assert told(BASE, edited(("skill", GONE))) == [
        "A skill must be shown now, valid for 365 days: Ten cans sealed tight."
    ]


def test_several_changes_come_in_the_order_of_the_document():
    second = edited(("checks.weight.max", "344"), ("title", "Fill a can"), ("steps.pack", GONE))
    assert [line.split(":")[0] for line in told(second)] == ["Title", "Step taken out", "Filled weight"]


# -- readers ---------------------------------------------------------------------------------------------


def test_numbers_are_written_as_the_reader_writes_them():
    second = edited(("checks.seam.tolerance", "0.04"))
    assert told(second, number=number_of("da")) == ["Seam: tolerance 0,05 → 0,04 mm."]


def test_words_are_the_readers():
    def dansk(text: str, /, **values: object) -> str:
        words = {
            "%(name)s: %(field)s %(old)s → %(new)s.": "%(name)s: %(field)s fra %(old)s til %(new)s.",
            "upper limit": "øvre grænse",
        }
        return plain(words.get(text, text), **values)

    assert told(edited(("checks.weight.max", "344")), say=dansk) == ["Filled weight: øvre grænse fra 345 til 344 g."]


def test_names_are_taken_from_the_documents_as_rendered_for_the_reader():
    second = edited(("checks.weight.max", "344"))
    first_shown, second_shown = deepcopy(BASE), deepcopy(second)
    for shown in (first_shown, second_shown):
        shown["checks"][1]["text"] = "Fyldevægt {max}"  # rendered, so that it is meant to be read
    lines = in_words(difference(BASE, second), first_shown, second_shown, rendered=True)
    assert [line.sentence for line in lines] == ["Fyldevægt {max}: upper limit 345 → 344 g."]


def test_a_unit_with_a_number_of_its_own_is_filled_in_a_name():
    step = {"id": "cut", "text": "Cut it", "type": "count", "unit": "slices of {max}", "max": 6}
    first = edited(("steps.+0", {**step, "text": "Cut {unit}"}))
    second = deepcopy(first)
    second["steps"][0]["detail"] = "Slowly."
    [line] = told(second, first)
    assert line.startswith("Step “Cut slices of 6”")


def test_every_word_is_a_literal_that_can_be_extracted_for_translation():
    for module in (diff_words, diff_names, inspect.getmodule(severity_in_words)):
        calls = [
            call
            for call in ast.walk(ast.parse(inspect.getsource(module)))
            if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) == "say"
        ]
        assert len(calls) > 10
        for call in calls:
            (text,) = call.args
            assert isinstance(text, ast.Constant)
            assert isinstance(text.value, str)


def test_no_kind_and_no_field_is_left_without_words():
    for name, kind in KINDS.items():
        assert diff_names.kind_in_words(name, plain) != name
        for field in kind.schema().fields:
            named = diff_names.field_name(field, name, plain)
            assert named != field or field in ("unit", "tolerance", "samples", "decimals", "choices"), field


# -- rules -----------------------------------------------------------------------------------------------


@PATIENT
@given(versions())
def test_no_change_is_without_words_and_the_classes_are_those_of_the_changes(pair):
    first, second = pair
    changes = difference(first, second)
    lines = in_words(changes, first, second)
    for change in changes:
        assert any(change.path[: len(line.path)] == line.path for line in lines), change
    for line in lines:
        assert line.sentence.strip()
        assert "\n" not in line.sentence
        assert any(change.path[: len(line.path)] == line.path for change in changes)
    top = max((line.change_class for line in lines), key=lambda one: one.rank, default=ChangeClass.NONE)
    assert top is classify(first, second)


@PATIENT
@given(versions(most_edits=1))
def test_both_values_of_a_limit_are_visible(pair):
    first, second = pair
    changes = difference(first, second)
    for line in in_words(changes, first, second):
        change = next(change for change in changes if change.path == line.path or change.path[:2] == line.path)
        if change.op == "set" and change.path[-1] in ("min", "max", "samples", "accept", "within"):
            kinds = {found.get("type") for one in pair for found in [diff_names.found(one, change.path[:2])]}
            if len(kinds) == 1:
                assert str(change.old) in line.sentence
                assert str(change.new) in line.sentence


@given(st.text(alphabet="ab \n.", max_size=400), st.text(alphabet="ab \n.", max_size=400))
def test_excerpts_of_different_texts_differ_and_are_short(old, new):
    one, other = excerpts(old, new)
    assert (one == other) == (old == new)
    assert max(len(one), len(other)) < 400


def test_excerpts_show_the_place_and_a_little_around_it():
    old = "Put the lid on the can and press it down firmly until the seam is closed all round the rim of the can."
    new = old.replace("firmly", "gently")
    assert excerpts(old, new) == (
        "“…press it down firmly until the seam…”",
        "“…press it down gently until the seam…”",
    )
    assert excerpts("a" * 500 + "b" + "c" * 500, "a" * 500 + "d" + "c" * 500) == (
        f"“…{'a' * 20}b{'c' * 20}…”",
        f"“…{'a' * 20}d{'c' * 20}…”",
    )
    assert excerpts("One.\nTwo.", "One. Two.") == ("“One. ¶ Two.”", "“One. Two.”")
