from copy import deepcopy
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sops.diff import Row, TranslationChange, side_by_side, translation_changes
from sops.diff_rows import LISTS
from sops.translations import Translation
from tests.sops.diff_sentences import BASE
from tests.sops.mutations import PATIENT, versions


def rows(second, first=BASE):
    return {row.path: row for row in side_by_side(first, second)}


def edited():
    return deepcopy(BASE)


# -- documents -------------------------------------------------------------------------------------------


def test_equal_documents_stand_next_to_each_other_without_a_difference():
    found = side_by_side(BASE, edited())
    assert {row.kind for row in found} == {"same"}
    assert [row.path for row in found[:4]] == [(), ("hazards", "crush"), ("hazards", "cut"), ("tools", "gauge")]
    assert len(found) == 1 + sum(len(BASE[name]) for name in LISTS)
    assert not any(row.words or row.moved for row in found)


def test_an_item_is_paired_with_itself_and_shows_the_words_that_differ():
    second = edited()
    second["checks"][1] |= {"text": "Net weight", "max": "344"}
    row = rows(second)["checks", "weight"]
    assert row == Row("changed", BASE["checks"][1], second["checks"][1], row.words, ("checks", "weight"))
    assert row.words == {"text": [("removed", "Filled"), ("added", "Net"), ("same", " weight")]}


def test_texts_within_an_item_are_told_apart_by_their_path():
    second = edited()
    second["checks"][0]["choices"][0]["text"] = "Golden lid"
    second["checks"][2]["photos"][0]["text"] = "A tight seam"
    found = rows(second)
    assert set(found["checks", "lid"].words) == {"choices.gold.text"}
    assert set(found["checks", "tight"].words) == {f"photos.{'a' * 64}.text"}


def test_the_head_is_a_row_of_its_own():
    second = edited() | {"title": "Fill a can"}
    second["skill"]["valid_for_days"] = 180
    row = rows(second)[()]
    assert row.kind == "changed"
    assert set(row.words) == {"title"}
    assert row.right["skill"]["valid_for_days"] == 180
    assert not set(row.left).intersection(LISTS)


def test_what_is_new_or_gone_has_one_side_and_stands_in_its_place():
    second = edited()
    gone = second["steps"].pop(1)
    second["steps"].insert(0, {"id": "wipe", "text": "Wipe it."})
    found = side_by_side(BASE, second)
    assert [row.path[1] for row in found if row.path[:1] == ("steps",)] == ["wipe", "fill", "seal", "rest", "pack"]
    paired = {row.path: row for row in found}
    assert paired["steps", "wipe"] == Row("added", None, second["steps"][0], path=("steps", "wipe"))
    assert paired["steps", "seal"] == Row("removed", gone, None, path=("steps", "seal"))


def test_what_was_first_and_is_gone_stands_first():
    second = edited()
    del second["steps"][0]
    assert [row.path[1] for row in side_by_side(BASE, second) if row.path[:1] == ("steps",)][:2] == ["fill", "seal"]


def test_an_item_that_stands_elsewhere_is_marked_as_moved():
    second = edited()
    second["steps"].insert(0, second["steps"].pop())
    found = rows(second)
    assert found["steps", "pack"].moved
    assert found["steps", "pack"].kind == "same"
    assert not found["steps", "fill"].moved


@PATIENT
@given(versions())
def test_rows_hold_every_item_of_both_documents_once_and_the_second_in_its_order(pair):
    first, second = pair
    found = side_by_side(first, second)
    assert len({row.path for row in found}) == len(found)
    for name in LISTS:
        here = [row for row in found if row.path[:1] == (name,)]
        assert [row.right for row in here if row.right is not None] == second.get(name, [])
        left = [row.left for row in here if row.left is not None]
        assert all(item in left for item in first.get(name, []))
        assert len(left) == len(first.get(name, []))
    for row in found:
        assert (row.kind == "same") == (row.left == row.right)
        for pieces in row.words.values():
            assert {op for op, _ in pieces} > {"same"} or {op for op, _ in pieces} <= {"removed", "added"}


# -- translations ----------------------------------------------------------------------------------------

LID = Translation("steps.lid.text", "da", "Luk låget.", "a" * 16, "reviewed")


def test_equal_sets_of_translations_do_not_differ():
    assert translation_changes([LID], [replace(LID)]) == []


def test_a_translation_that_comes_goes_or_is_worded_anew_is_named():
    other = replace(LID, text="Sæt låget på.")
    assert translation_changes([], [LID]) == [TranslationChange("steps.lid.text", "da", (), (LID,))]
    assert translation_changes([LID], []) == [TranslationChange("steps.lid.text", "da", (LID,), ())]
    assert translation_changes([LID], [other]) == [TranslationChange("steps.lid.text", "da", (LID,), (other,))]


def test_a_review_and_another_source_are_differences_too():
    draft, newer = replace(LID, status="draft"), replace(LID, source_sha="b" * 16)
    assert translation_changes([draft], [LID]) == [TranslationChange("steps.lid.text", "da", (draft,), (LID,))]
    assert translation_changes([LID], [newer]) == [TranslationChange("steps.lid.text", "da", (LID,), (newer,))]


def test_a_draft_beside_what_was_reviewed_is_not_lost():
    draft = replace(LID, text="Luk.", status="draft")
    assert translation_changes([LID], [LID, draft]) == [TranslationChange("steps.lid.text", "da", (), (draft,))]


def test_changes_of_translations_come_by_path_and_language():
    one, two, three = LID, replace(LID, language="ca"), replace(LID, path="checks.lid.text")
    found = [(change.path, change.language) for change in translation_changes([], [one, two, three])]
    assert found == [("checks.lid.text", "da"), ("steps.lid.text", "ca"), ("steps.lid.text", "da")]


some = st.builds(
    Translation,
    path=st.sampled_from("ab"),
    language=st.sampled_from(["da", "ca"]),
    text=st.sampled_from("xy"),
    source_sha=st.sampled_from("01"),
    status=st.sampled_from(["draft", "reviewed"]),
)


@given(st.sets(some, max_size=8), st.sets(some, max_size=8))
def test_from_the_first_set_its_changes_lead_to_the_second(first, second):
    made = set(first)
    for change in translation_changes(first, second):
        made = (made - set(change.old)) | set(change.new)
    assert made == second
