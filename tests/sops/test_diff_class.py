import contextlib
from collections import defaultdict
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sops.diff import ChangeClass, apply, changed_checks, class_of, classify, difference, type_conflicts
from sops.document_schema import CheckFields, DocumentFields, StepFields
from sops.errors import DifferenceDoesNotFit
from tests.sops.mutations import PATIENT, versions

NONE, WORDING, CHECK, SAFETY = (
    ChangeClass.NONE,
    ChangeClass.WORDING,
    ChangeClass.CHECK_CHANGED,
    ChangeClass.SAFETY,
)
SPECS = {
    "lid": {"type": "confirm"},
    "weight": {"type": "measure", "unit": "g", "min": "338", "max": "345"},
    "colour": {
        "type": "choose",
        "choices": [{"id": "red", "text": "Red", "ok": True}, {"id": "blue", "text": "Blue", "ok": False}],
    },
}


def check(name: str, **fields: Any) -> dict[str, Any]:
    spec = {"id": name, "step": "fill", "text": name.title(), "severity": "major", **SPECS.get(name, {}), **fields}
    return {key: value for key, value in spec.items() if value is not None}


def document(*checks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    base = {
        "title": "Fill",
        "purpose": "Full cans.",
        "language": "en",
        "hazards": [
            {"id": "cut", "text": "Sharp.", "control": "Gloves."},
            {"id": "hot", "text": "Hot.", "control": "Wait."},
        ],
        "tools": [{"id": "scale", "text": "Scale"}, {"id": "gauge", "text": "Gauge"}],
        "defects": [{"code": "LEAK", "text": "Leaks"}, {"code": "DENT", "text": "Dented"}],
        "skill": {"text": "Ten cans.", "valid_for_days": 365},
        "sampling": {"rule": "every", "units": 50},
        "steps": [{"id": "fill", "text": "Fill."}, {"id": "seal", "text": "Seal."}],
        "checks": list(checks) or [check("lid"), check("weight"), check("colour")],
    } | fields  # fmt: skip
    return {key: value for key, value in base.items() if value is not None}


# -- the ladder ------------------------------------------------------------------------------------------


def test_classes_are_ordered_by_rank():
    ladder = ["none", "wording", "check_changed", "safety", "withdrawn"]
    assert [found.value for found in sorted(ChangeClass, key=lambda one: one.rank)] == ladder


def test_a_first_version_is_all_new_to_read():
    assert classify(None, document()) is CHECK


def test_an_equal_document_changes_nothing():
    assert classify(document(), document()) is NONE
    assert changed_checks(document(), document()) == set()


# -- the head and the lists ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "Fill a can"}, WORDING),
        ({"purpose": "Full and tight."}, WORDING),
        ({"scope": "Line 1"}, WORDING),
        ({"language": "da"}, WORDING),
        ({"hazards": None}, SAFETY),
        ({"hazards": [{"id": "cut", "text": "Very sharp.", "control": "Gloves."}]}, SAFETY),
        ({"tools": None}, CHECK),
        ({"tools": [{"id": "scale", "text": "Scale, 1 g"}, {"id": "gauge", "text": "Gauge"}]}, CHECK),
        ({"tools": [{"id": "gauge", "text": "Gauge"}, {"id": "scale", "text": "Scale"}]}, WORDING),
        ({"defects": None}, WORDING),
        ({"defects": [{"code": "LEAK", "text": "Drips"}, {"code": "DENT", "text": "Dented"}]}, WORDING),
        ({"skill": None}, SAFETY),
        ({"skill": {"text": "Twenty cans.", "valid_for_days": 365}}, CHECK),
        ({"skill": {"text": "Ten cans.", "valid_for_days": 180}}, CHECK),
        ({"sampling": {"rule": "every", "units": 60}}, CHECK),
        ({"sampling": None}, CHECK),
        ({"steps": [{"id": "seal", "text": "Seal."}, {"id": "fill", "text": "Fill."}]}, CHECK),
        ({"steps": [{"id": "fill", "text": "Fill."}]}, CHECK),
        (
            {"steps": [{"id": "fill", "text": "Fill."}, {"id": "seal", "text": "Seal."}, {"id": "x", "text": "X"}]},
            CHECK,
        ),
        ({"checks": None}, CHECK),
    ],
    ids=str,
)
def test_what_changes_beside_the_checks_has_its_class(fields, expected):
    assert classify(document(), document(**fields)) is expected


def test_a_skill_that_is_asked_for_for_the_first_time_is_no_matter_of_safety():
    assert classify(document(skill=None), document()) is CHECK


@pytest.mark.parametrize(
    ("field", "old", "new", "expected"),
    [
        ("text", "Fill.", "Fill it.", WORDING),
        ("detail", None, "To the brim.", WORDING),
        ("photos", None, [{"id": "a" * 64, "kind": "good", "text": "So"}], WORDING),
        ("hazards", None, ["cut"], SAFETY),
        ("hazards", ["cut", "hot"], ["hot"], SAFETY),
        ("hazards", ["cut", "hot"], ["hot", "cut"], WORDING),
        ("tools", None, ["scale"], CHECK),
        ("tools", ["scale", "gauge"], ["gauge", "scale"], WORDING),
        ("type", None, "confirm", CHECK),
        ("something_new", None, 1, CHECK),
    ],
)
def test_what_changes_in_a_step_has_its_class(field, old, new, expected):
    first, second = document(), document()
    for one, value in ((first, old), (second, new)):
        if value is not None:
            one["steps"][0][field] = value
    assert classify(first, second) is expected
    assert changed_checks(first, second) == set()


def test_a_step_with_a_hazard_that_comes_or_goes_is_a_matter_of_safety():
    first, second = document(), document()
    second["steps"].append({"id": "weld", "text": "Weld.", "hazards": ["hot"]})
    assert classify(first, second) is SAFETY
    assert classify(second, first) is SAFETY


# -- checks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"text": "Lid"}, {"text": "Lid on?"}, WORDING),
        ({"help": None}, {"help": "Turn it."}, WORDING),
        ({"layout": None}, {"layout": "group"}, WORDING),
        ({"photos": None}, {"photos": [{"id": "a" * 64, "kind": "good", "text": "So"}]}, WORDING),
        ({"severity": "minor"}, {"severity": "major"}, CHECK),
        ({"severity": "major"}, {"severity": "critical"}, SAFETY),
        ({"severity": "critical"}, {"severity": "minor"}, SAFETY),
        ({"defect_codes": ["LEAK"]}, {"defect_codes": ["DENT"]}, CHECK),
        ({"defect_codes": ["LEAK", "DENT"]}, {"defect_codes": ["DENT", "LEAK"]}, WORDING),
        ({"photo_on_defect": None}, {"photo_on_defect": True}, CHECK),
        ({"sampling": None}, {"sampling": {"rule": "all"}}, CHECK),
        ({"step": "fill"}, {"step": "seal"}, CHECK),
        ({"show_if": {"check": "x", "equals": "ok"}}, {"show_if": {"check": "x", "equals": "defect"}}, CHECK),
        ({"show_if": {"check": "x", "equals": "ok"}}, {"show_if": None}, CHECK),
        ({"type": "confirm"}, {"type": "photo"}, CHECK),
        ({"something_new": None}, {"something_new": 1}, CHECK),
    ],
    ids=str,
)
def test_what_changes_in_a_check_has_its_class(old, new, expected):
    first, second = document(check("lid", **old)), document(check("lid", **new))
    assert classify(first, second) is expected
    assert changed_checks(first, second) == (set() if expected is WORDING else {"lid"})
    critical = [document(check("lid", **{"severity": "critical", **fields})) for fields in (old, new)]
    assert classify(*critical) is (SAFETY if expected is CHECK and "severity" not in old else expected)


def test_a_check_that_comes_or_goes_is_a_change_of_checks_and_a_critical_one_of_safety():
    without, having = document(check("lid")), document(check("lid"), check("weight"))
    assert classify(without, having) is classify(having, without) is CHECK
    assert changed_checks(without, having) == {"weight"}
    assert changed_checks(having, without) == set()
    having["checks"][1]["severity"] = "critical"
    assert classify(without, having) is classify(having, without) is SAFETY


def test_checks_in_another_order_are_wording_unless_a_condition_depends_on_it():
    lid, weight, colour = check("lid"), check("weight"), check("colour")
    assert classify(document(lid, weight, colour), document(colour, lid, weight)) is WORDING
    lid = check("lid", severity="critical")
    assert classify(document(lid, weight, colour), document(colour, lid, weight)) is WORDING
    weight = check("weight", show_if={"check": "lid", "equals": "ok"})
    assert classify(document(lid, weight, colour), document(lid, colour, weight)) is CHECK
    assert classify(document(lid, weight, colour), document(colour, lid, weight)) is CHECK
    assert classify(document(lid, colour, weight), document(colour, lid, weight)) is CHECK
    other = check("other", type="confirm")
    assert classify(document(lid, weight, colour, other), document(lid, weight, other, colour)) is WORDING


def test_choices_are_wording_but_for_which_there_are_and_which_are_right():
    red, blue = SPECS["colour"]["choices"]
    first = document(check("colour"))

    def against(*choices):
        return classify(first, document(check("colour", choices=list(choices))))

    assert against(blue, red) is WORDING
    assert against({**red, "text": "Dark red"}, blue) is WORDING
    assert against(red, {**blue, "ok": True}) is CHECK
    assert against(red, blue, {"id": "green", "text": "Green", "ok": True}) is CHECK
    assert against({**red, "id": "scarlet"}, blue) is CHECK


def test_a_changed_text_stays_wording_beside_a_changed_limit():
    first, second = document(check("weight")), document(check("weight", text="Net weight", max="344"))
    classes = {change.path[-1]: class_of(change, first, second) for change in difference(first, second)}
    assert classes == {"text": WORDING, "max": CHECK}


def test_a_choices_text_stays_wording_beside_another_choice_that_is_right_now():
    first, second = document(check("colour")), document(check("colour", choices=deepcopy(SPECS["colour"]["choices"])))
    second["checks"][0]["choices"][0]["text"] = "Dark red"
    second["checks"][0]["choices"][1]["ok"] = True
    classes = {change.path[-1]: class_of(change, first, second) for change in difference(first, second)}
    assert classes == {"text": WORDING, "ok": CHECK}


# -- sampling --------------------------------------------------------------------------------------------


def test_the_documents_sampling_touches_the_checks_that_follow_it():
    own = check("weight", sampling={"rule": "all"})
    first = document(check("lid"), own)
    second = document(check("lid"), own, sampling={"rule": "every", "units": 60})
    assert changed_checks(first, second) == {"lid"}
    assert classify(first, second) is CHECK


def test_the_documents_sampling_is_a_matter_of_safety_where_a_critical_check_follows_it():
    lid, weight = check("lid", severity="critical"), check("weight", severity="critical", sampling={"rule": "all"})
    new = {"rule": "every", "units": 60}
    assert classify(document(lid), document(lid, sampling=new)) is SAFETY
    assert classify(document(weight), document(weight, sampling=new)) is CHECK


def test_a_check_that_writes_down_the_rule_it_followed_needs_no_new_answer():
    first = document(check("lid"))
    second = document(check("lid", sampling={"rule": "every", "units": 50}))
    assert changed_checks(first, second) == set()


# -- conflicts and gaps ----------------------------------------------------------------------------------


def test_checks_that_keep_their_type_or_are_new_are_no_conflict():
    assert type_conflicts(document(), document()) == []
    assert type_conflicts(document(check("lid")), document(check("lid", text="Other"), check("weight"))) == []
    assert type_conflicts(document(checks=None), document()) == []


def test_every_field_of_a_document_was_thought_of():
    """A field added later is a change of checks until somebody gives it a class here and in the module."""
    assert set(DocumentFields().fields) == {
        *(
            "title",
            "purpose",
            "scope",
            "language",
            "hazards",
            "tools",
            "defects",
            "skill",
            "sampling",
            "steps",
            "checks",
        ),
    }
    assert set(StepFields().fields) == {"id", "type", "text", "detail", "hazards", "tools", "photos"}
    assert set(CheckFields().fields) == {
        *("id", "step", "type", "text", "help", "severity", "defect_codes", "layout", "show_if", "sampling"),
        *("photo_on_defect", "photos"),
    }


# -- rules -----------------------------------------------------------------------------------------------


@PATIENT
@given(versions())
def test_classes_and_changed_checks_agree(pair):
    first, second = pair
    found, changed = classify(first, second), changed_checks(first, second)
    before = {one["id"]: one for one in first.get("checks", [])}
    assert (found is NONE) == (first == second)
    if changed:
        assert found.rank >= CHECK.rank
    for one in second.get("checks", []):
        if one["id"] in changed and "critical" in (one["severity"], before.get(one["id"], {}).get("severity")):
            assert found is SAFETY
    if first.get("hazards") != second.get("hazards"):
        assert found is SAFETY


@PATIENT
@given(versions(most_edits=5), st.data())
def test_more_changes_never_lower_the_class(pair, data):
    first, last = pair
    places = defaultdict(list)
    for change in difference(first, last):
        places[change.path[:2] if len(change.path) > 2 or change.index is not None else change.path[:1]].append(change)
    chosen = data.draw(st.sets(st.sampled_from(sorted(places)))) if places else set()
    some = [change for place, changes in places.items() if place in chosen for change in changes]
    between = None
    with contextlib.suppress(DifferenceDoesNotFit):
        between = apply(first, some)
    assume(between is not None)
    assert classify(first, between).rank <= classify(first, last).rank


def test_every_class_is_higher_than_the_one_before():
    assert all(one.rank < other.rank for one, other in pairwise(ChangeClass))
