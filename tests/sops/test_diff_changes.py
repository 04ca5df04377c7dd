import contextlib
import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sops.diff import Change, apply, difference, from_json, to_json
from sops.diff_changes import moved_items
from sops.document import canonical
from sops.errors import DifferenceDoesNotFit
from tests.sops.mutations import PATIENT, versions
from tests.sops.strategies import documents

small = documents(most_steps=2, most_checks=2)
pairs = st.tuples(small, small) | versions()


def document(**fields):
    return {
        "title": "Fill",
        "purpose": "Full cans.",
        "language": "en",
        "steps": [{"id": "fill", "text": "Fill"}],
    } | fields


def weight(**fields):
    return {"id": "weight", "step": "fill", "type": "measure", "text": "Weight", "severity": "major"} | fields


def steps(*names):
    return document(steps=[{"id": name, "text": name} for name in names])


# -- found and applied -----------------------------------------------------------------------------------


@PATIENT
@given(pairs)
def test_a_difference_applied_gives_the_other_document(pair):
    first, second = pair
    before = deepcopy(first)
    found = apply(first, difference(first, second))
    assert canonical(found) == canonical(second)
    assert found == second
    assert first == before


@PATIENT
@given(pairs)
def test_a_difference_survives_json_and_does_not_depend_on_the_order_of_fields(pair):
    changes = difference(*pair)
    assert from_json(json.loads(json.dumps(to_json(changes)))) == changes
    assert difference(*(json.loads(canonical(one)) for one in pair)) == changes


@PATIENT
@given(small)
def test_a_document_does_not_differ_from_itself(one):
    assert difference(one, deepcopy(one)) == []


@PATIENT
@given(versions())
def test_documents_without_a_difference_are_equal_and_what_was_done_cannot_be_done_again(pair):
    first, second = pair
    changes = difference(first, second)
    assert bool(changes) == (canonical(first) != canonical(second))
    if changes:
        with pytest.raises(DifferenceDoesNotFit):
            apply(second, changes)


@PATIENT
@given(versions(most_edits=1), small)
def test_applied_to_some_other_document_a_difference_fits_or_says_that_it_does_not(pair, other):
    with contextlib.suppress(DifferenceDoesNotFit):
        apply(other, difference(*pair))


@PATIENT
@given(versions(most_edits=1))
def test_one_edit_stays_one_place(pair):
    first, second = pair
    touched = {change.path[:1] for change in difference(first, second)}
    differing = {(name,) for name in first.keys() | second.keys() if first.get(name) != second.get(name)}
    assert touched == differing


def test_a_difference_keeps_its_values_when_the_documents_are_edited_afterwards():
    first, second = document(), document(checks=[weight(min="1")])
    changes = difference(first, second)
    second["checks"][0]["min"] = "2"
    assert changes[0].new["min"] == "1"
    made = apply(first, changes)
    made["checks"][0]["min"] = "3"
    assert changes[0].new["min"] == "1"


def test_parts_that_a_document_shares_in_memory_are_changed_one_by_one():
    choices = [{"id": "y", "text": "Y", "ok": True}, {"id": "n", "text": "N", "ok": False}]
    first = document(checks=[weight(id=name, type="choose", choices=choices) for name in ("one", "two")])
    second = json.loads(json.dumps(first))
    for check in second["checks"]:
        check["choices"][0]["text"] = "Yes"
    assert apply(first, difference(first, second)) == second


# -- how changes look ------------------------------------------------------------------------------------


def test_an_item_is_addressed_by_its_id():
    first, second = document(checks=[weight(max="345")]), document(checks=[weight(max="344")])
    assert difference(first, second) == [Change("set", ("checks", "weight", "max"), "345", "344")]


def test_a_defect_is_addressed_by_its_code():
    first, second = (document(defects=[{"code": "LEAK", "text": text}]) for text in ("Leaks", "Leaks at the seam"))
    assert difference(first, second) == [Change("set", ("defects", "LEAK", "text"), "Leaks", "Leaks at the seam")]


def test_a_choice_is_addressed_within_its_check():
    no = {"id": "n", "text": "N", "ok": True}
    first, second = (
        document(checks=[weight(type="choose", choices=[{"id": "y", "text": "Y", "ok": ok}, no])])
        for ok in (True, False)
    )
    assert difference(first, second) == [Change("set", ("checks", "weight", "choices", "y", "ok"), old=True, new=False)]


def test_a_field_that_comes_or_goes_is_added_or_removed():
    first, second = document(checks=[weight(min="1")]), document(checks=[weight(max="2")])
    assert difference(first, second) == [
        Change("remove", ("checks", "weight", "min"), old="1"),
        Change("add", ("checks", "weight", "max"), new="2"),
    ]


def test_items_that_come_and_go_have_their_places():
    assert difference(steps("a", "b", "c"), steps("c", "x", "a")) == [
        Change("remove", ("steps", "b"), old={"id": "b", "text": "b"}, index=1),
        Change("order", ("steps",), old=["a", "c"], new=["c", "a"]),
        Change("add", ("steps", "x"), new={"id": "x", "text": "x"}, index=1),
    ]


def test_the_first_and_the_last_item_of_a_list_are_items_all_the_same():
    without, having = document(), document(checks=[weight()])
    assert difference(without, having) == [Change("add", ("checks", "weight"), new=weight(), index=0)]
    assert difference(having, without) == [Change("remove", ("checks", "weight"), old=weight(), index=0)]
    assert apply(having, difference(having, without)) == without


def test_a_list_of_ids_changes_as_one():
    first, second = document(checks=[weight(defect_codes=["A", "B"])]), document(checks=[weight(defect_codes=["A"])])
    assert difference(first, second) == [Change("set", ("checks", "weight", "defect_codes"), ["A", "B"], ["A"])]


@pytest.mark.parametrize("field", ["sampling", "show_if"])
def test_a_rule_changes_as_one(field):
    old, new = {"rule": "every", "units": 5}, {"rule": "every", "units": 6}
    first, second = document(checks=[weight(**{field: old})]), document(checks=[weight(**{field: new})])
    assert difference(first, second) == [Change("set", ("checks", "weight", field), old, new)]


def test_one_and_true_are_not_the_same():
    assert difference({"x": 1}, {"x": True}) == [Change("set", ("x",), old=1, new=True)]


def test_changes_come_as_a_document_is_read():
    first = document(title="A", checks=[weight(text="A", severity="minor")], hazards=[])
    second = document(title="B", checks=[weight(text="B", severity="major")])
    first.pop("hazards")
    assert [change.path[-1] for change in difference(first, second)] == ["title", "text", "severity"]


# -- what does not fit -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        Change("set", ("title",), "Another", "New"),
        Change("set", ("scope",), "Line 1", "Line 2"),
        Change("set", ("steps", "gone", "text"), "a", "b"),
        Change("set", ("title", "deeper"), "a", "b"),
        Change("set", ("steps",), [], []),
        Change("add", ("title",), new="New"),
        Change("add", ("steps", "fill", "text"), new="New"),
        Change("add", ("steps", "fill"), new={"id": "fill"}, index=0),
        Change("add", ("steps", "new"), new={"id": "new"}, index=9),
        Change("add", ("steps", "new"), new={"id": "new"}, index=-1),
        Change("add", ("steps", "new"), new={"id": "other"}, index=0),
        Change("add", ("steps", "new"), new="new", index=0),
        Change("add", ("title", "new"), new={"id": "new"}, index=0),
        Change("add", ("new",), new={"id": "new"}, index=0),
        Change("remove", ("scope",), old="Line 1"),
        Change("remove", ("title",), old="Another"),
        Change("remove", ("steps", "gone"), old={}, index=0),
        Change("remove", ("steps", "fill"), old={"id": "fill", "text": "Another"}, index=0),
        Change("remove", ("steps",), old="fill", index=0),
        Change("order", ("steps",), ["a", "b"], ["b", "a"]),
        Change("order", ("steps",), ["fill"], ["other"]),
        Change("order", ("checks",), ["fill"], ["fill"]),
        Change("order", ("title",), [], []),
        Change("order", (), [], []),
        Change("set", (), {}, {}),
    ],
    ids=lambda change: f"{change.op} {'.'.join(change.path)}",
)
def test_a_change_that_finds_something_else_is_refused_and_names_it(change):
    untouched = document()
    with pytest.raises(DifferenceDoesNotFit, match="Take the difference again") as error:
        apply(untouched, [change])
    assert (".".join(change.path) or "the document") in error.value.message
    assert untouched == document()


@pytest.mark.parametrize(
    "change",
    [
        Change("add", ("checks", "weight", "defect_codes", "LEAK"), new={"id": "LEAK"}, index=0),
        Change("remove", ("checks", "weight", "defect_codes", "A"), old="A", index=0),
        Change("order", ("checks", "weight", "defect_codes"), ["A", "B"], ["B", "A"]),
        Change("order", ("checks", "weight", "defect_codes"), [], []),
    ],
    ids=lambda change: change.op,
)
def test_a_list_of_codes_has_no_items_to_change_one_by_one(change):
    with pytest.raises(DifferenceDoesNotFit):
        apply(document(checks=[weight(defect_codes=["A", "B"])]), [change])


@pytest.mark.parametrize(
    "data",
    [
        None,
        "set",
        {},
        {"op": "move", "path": ["title"]},
        {"op": "set", "path": ["title"], "old": "a"},
        {"op": "set", "path": ["title"], "old": "a", "new": "b", "more": 1},
        {"op": "set", "path": "title", "old": "a", "new": "b"},
        {"op": "set", "path": [], "old": "a", "new": "b"},
        {"op": "set", "path": ["steps", 0], "old": "a", "new": "b"},
        {"op": "add", "path": ["steps", "a"], "new": {}, "index": -1},
        {"op": "add", "path": ["steps", "a"], "new": {}, "index": True},
        {"op": "add", "path": ["steps", "a"], "new": {}, "index": "0"},
        {"op": "order", "path": ["steps"], "old": "ab", "new": "ba"},
        {"op": "order", "path": ["steps"], "old": [1], "new": [1]},
    ],
)
def test_json_that_is_no_change_is_refused(data):
    with pytest.raises(DifferenceDoesNotFit, match="no change of a document") as error:
        from_json([data])
    assert error.value.code == "difference_unreadable"


names = st.sampled_from(["steps", "fill", "text", "title", "checks", "weight", "defect_codes", "choices", "a", "b"])
values = st.none() | st.booleans() | st.integers(-2, 3) | names | st.lists(names, max_size=3)
values |= st.dictionaries(st.sampled_from(["id", "code", "text"]), names, max_size=3)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"op": st.sampled_from(["set", "add", "remove", "order"]), "path": st.lists(names, max_size=5)},
            optional={"old": values, "new": values, "index": values},
        ),
        max_size=3,
    )
)
def test_whatever_is_handed_in_as_changes_is_applied_or_refused(data):
    base = document(checks=[weight(defect_codes=["a"], choices=[{"id": "a"}, {"id": "b"}])])
    with contextlib.suppress(DifferenceDoesNotFit):
        apply(base, from_json(data))


# -- what was moved --------------------------------------------------------------------------------------


def test_as_few_items_as_will_do_are_said_to_have_moved():
    assert moved_items("abcde", "abcde") == []
    assert moved_items("abcde", "eabcd") == ["e"]
    assert moved_items("abcde", "bcdea") == ["a"]
    assert moved_items("ab", "ba") in (["a"], ["b"])
    assert len(moved_items("abcde", "edcba")) == 4


@given(st.permutations(list("abcdefg")))
def test_moved_items_are_the_least(new):
    old = "abcdefg"
    rising = [[]]
    for name in new:
        rising += [[*one, name] for one in rising if not one or one[-1] < name]
    assert len(moved_items(old, new)) == len(old) - max(map(len, rising))
