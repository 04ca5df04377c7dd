"""A form of the editor says what its item says, and what is typed becomes the item that was meant."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_service.desk import procedure_forms as forms
from qc_service.desk import procedure_items as items
from sops.document import normal
from sops.errors import DocumentInvalid
from sops.numbers import number_of
from sops.steps import KINDS
from tests.effort import examples
from tests.procedure_life import document
from tests.sops.strategies import LANGUAGES, documents

FEW = settings(max_examples=examples(20), deadline=None)


def codes_of(doc):
    """What is wrong with a document, by its codes."""
    try:
        normal(doc)
    except DocumentInvalid as error:
        return {problem.code for problem in error.problems}
    return set()


@FEW
@given(documents(), st.sampled_from(LANGUAGES))
def test_an_item_that_goes_through_its_form_is_the_same_item(doc, language):
    """For every kind, in every language's way to write numbers."""
    doc, show = normal(doc), number_of(language)
    again = {name: doc[name] for name in doc if name not in (*items.LISTS, *forms.HEAD_FIELDS)}
    again |= forms.typed(forms.written(doc, "head", show), "head")
    for section in items.LISTS:
        again[section] = [forms.typed(forms.written(item, section, show), section) for item in doc.get(section, ())]

    assert normal(again) == doc


@FEW
@given(documents(), st.sampled_from(LANGUAGES))
def test_a_form_that_goes_through_its_item_is_the_same_form(doc, language):
    doc, show = normal(doc), number_of(language)
    for section in items.LISTS:
        for item in doc.get(section, ()):
            values = forms.written(item, section, show)
            assert forms.written(forms.typed(values, section), section, show) == values


@pytest.mark.parametrize("kind", KINDS)
def test_a_check_is_asked_for_everything_its_kind_has(kind):
    names = {slot.name for slot in forms.slots("checks", kind)}

    assert names >= set(KINDS[kind].schema().fields)
    assert names >= {"text", "help", "severity", "step", "type"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0,10", "0.10"),
        ("0.10", "0.10"),
        ("\u22125", "-5"),
        (" 338 ", "338"),
        ("1.250,5", "1.250,5"),
        ("1 250", "1 250"),
    ],
)
def test_a_comma_and_a_point_both_mean_decimals_and_nothing_groups(typed, meant):
    assert forms.decimal(typed) == meant


def test_a_problem_is_told_beside_the_row_it_was_typed_into():
    values = {"type": ["choose"], "choice_text_1": ["Yes"], "choice_text_2": [""], "choice_text_4": ["No"]}

    assert forms.field_of(("choices", "1", "id"), values, "checks") == "choice_id_4"
    assert forms.field_of(("show_if", "equals"), values, "checks") == "show_if"
    assert forms.field_of(("sampling", "units"), values, "checks") == "sampling_units"


@FEW
@given(documents(), st.data())
def test_what_is_taken_out_is_named_nowhere_any_more(doc, data):
    doc = normal(doc)
    section = data.draw(st.sampled_from([name for name in items.LISTS if doc.get(name)]))
    key = items.key_of(section, data.draw(st.sampled_from(doc[section])))
    before = deepcopy(doc)

    found = items.removed(doc, section, key)

    assert doc == before
    assert items.find(found.document, section, key) is None
    assert codes_of(found.document) <= {"missing", "wrong_length", "group_too_long"}


@FEW
@given(documents(), st.data())
def test_an_item_that_is_moved_down_and_up_again_stands_where_it_stood(doc, data):
    doc = normal(doc)
    section = data.draw(st.sampled_from([name for name in items.LISTS if doc.get(name)]))
    key = items.key_of(section, data.draw(st.sampled_from(doc[section])))

    down = items.moved(doc, section, key, 1)

    if down[section] != doc[section]:
        assert items.moved(down, section, key, -1)[section] == doc[section]
    assert sorted(items.key_of(section, one) for one in down[section]) == sorted(
        items.key_of(section, one) for one in doc[section]
    )


def test_checks_follow_their_step_when_it_is_moved():
    doc = document()
    doc["steps"].append({"id": "weigh", "text": "Weigh it."})
    doc["checks"].append({"id": "pallet", "step": "weigh", "type": "confirm", "text": "On it?", "severity": "minor"})

    moved = items.moved(doc, "steps", "weigh", -1)

    assert [one["id"] for one in moved["checks"]] == ["pallet", "tight", "weight"]


def test_a_new_check_stands_behind_those_of_its_step():
    doc = document()
    doc["steps"].append({"id": "weigh", "text": "Weigh it."})
    doc["checks"].append({"id": "pallet", "step": "weigh", "type": "confirm", "text": "On it?", "severity": "minor"})

    made = items.added(doc, "checks", {"id": "dry", "step": "seal"})

    assert [one["id"] for one in made["checks"]] == ["tight", "weight", "dry", "pallet"]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Closed all round?", "closed-all-round"),
        ("Æbler på båndet", "bler-pa-bandet"),
        ("2 bolts", "x-2-bolts"),
        ("…", "x"),
    ],
)
def test_an_id_is_made_from_what_the_item_says(text, made):
    assert items.new_id(text, ()) == made
    assert items.new_id(text, {made}) == f"{made}-2"
