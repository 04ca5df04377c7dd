import json

import marshmallow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sops.checklist import judge_answer
from sops.errors import AnswerUnreadable
from sops.fields import Normal
from sops.numbers import number_of
from sops.steps import KINDS
from tests.sops import hostile, strategies

SPECS = {
    "confirm": {"type": "confirm"},
    "measure": {"type": "measure", "unit": "g", "min": "1"},
    "count": {"type": "count", "max": 9},
    "choose": {
        "type": "choose",
        "choices": [{"id": "ok", "text": "Fine", "ok": True}, {"id": "bad", "text": "Bad", "ok": False}],
    },
    "several": {
        "type": "choose",
        "choices": [{"id": "yes", "text": "Yes", "ok": True}, {"id": "no", "text": "No", "ok": False}],
        "several": True,
    },
    "text": {"type": "text"},
    "photo": {"type": "photo"},
    "timer": {"type": "timer", "within": "90"},
    "sign": {"type": "sign", "meaning": "Checked"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def own(spec: dict) -> dict:
    return {name: value for name, value in spec.items() if name != "type"}


def test_the_registry_names_each_kind_as_it_calls_itself():
    assert tuple(KINDS) == strategies.KINDS
    assert {name: kind.name for name, kind in KINDS.items()} == {name: name for name in KINDS}
    assert {name for name, kind in KINDS.items() if kind.easy} == set(strategies.EASY)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_describes_its_own_fields_only(kind):
    names = set(KINDS[kind].schema().fields)

    assert issubclass(KINDS[kind].schema, Normal)
    assert KINDS[kind].judged <= names
    assert not names & {"id", "text", "type", "step", "help", "severity", "show_if", "sampling", "photos", "tools"}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("what", hostile.NO_VALUES)
def test_what_is_no_answer_of_any_kind_is_refused_in_one_short_sentence(name, what):
    spec = SPECS[name]

    with pytest.raises(AnswerUnreadable) as found:
        KINDS[spec["type"]].read(hostile.NO_VALUES[what], spec)

    assert found.value.code
    assert found.value.message == str(found.value)
    assert len(found.value.message) < 200
    assert found.value.message.isprintable()


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("what", hostile.NO_VALUES)
def test_what_is_no_answer_is_missing_or_unreadable_and_never_judged(name, what):
    found = judge_answer(SPECS[name], {"value": hostile.NO_VALUES[what]})

    assert found.outcome in ("missing", "unreadable")
    assert found.samples == ()


@given(spec=strategies.any_spec(("gauge",)))
def test_a_spec_in_normal_form_loads_as_it_is_and_has_no_problem(spec):
    kind = KINDS[spec["type"]]

    assert kind.schema().load(own(spec)) == own(spec)
    assert list(kind.problems(spec, "/checks/0")) == []


@given(spec=strategies.any_spec())
def test_a_spec_with_defaults_written_out_loads_without_them(spec):
    schema = KINDS[spec["type"]].schema()
    defaults = {
        name: field.load_default
        for name, field in schema.fields.items()
        if field.load_default is not marshmallow.missing
    }
    empty = {name: None for name, field in schema.fields.items() if not field.required}

    assert schema.load({**empty, **own(spec)}) == own(spec)
    assert schema.load({**defaults, **own(spec)}) == own(spec)


@given(data=st.data(), spec=strategies.any_spec())
def test_a_readable_answer_is_judged_or_recorded(data, spec):
    found = judge_answer(spec, {"value": data.draw(strategies.values(spec))})

    judged = spec["type"] not in ("text", "photo", "sign")
    assert found.outcome in (("ok", "defect") if judged else ("recorded",))
    assert bool(found.detail) is bool(found.reason) is (found.outcome == "defect")


@given(spec=strategies.any_spec(), value=JSON)
def test_any_json_at_all_is_judged_without_an_exception(spec, value):
    assert judge_answer(spec, {"value": value, "reason": value}).outcome
    assert judge_answer(spec, value).outcome


@given(spec=strategies.any_spec(), value=st.sampled_from(strategies.RESERVED))
def test_every_kind_takes_the_two_reserved_answers_with_a_reason(spec, value):
    found = judge_answer(spec, {"value": value, "reason": " The gauge is\r\nbroken. "})

    assert (found.outcome, found.reason, found.detail) == (value, value, "The gauge is\nbroken.")


@pytest.mark.parametrize("reason", [None, "", " \n", 0, True, ["because"], "\u00a0"])
@pytest.mark.parametrize("name", SPECS)
def test_a_reserved_answer_without_a_reason_is_unreadable(name, reason):
    for value in strategies.RESERVED:
        found = judge_answer(SPECS[name], {"value": value, "reason": reason})
        assert (found.outcome, found.reason) == ("unreadable", "reason_missing")


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("x" * 501, "reason_too_long"),
        pytest.param("x" * 10**7, "reason_too_long", id="10 MB"),
        ("a\tb", "reason_control_character"),
    ],
)
def test_a_reason_that_cannot_be_kept_is_unreadable(reason, code):
    found = judge_answer(SPECS["confirm"], {"value": "cannot_check", "reason": reason})

    assert (found.outcome, found.reason) == ("unreadable", code)


@settings(max_examples=300)
@given(spec=strategies.any_spec())
def test_placeholders_are_strings_and_numbers_among_them_read_in_any_language(spec):
    found = KINDS[spec["type"]].placeholders(spec)

    assert all(isinstance(value, str) for value in found.values())
    assert all(number_of("da")(value) for name, value in found.items() if name != "unit")
    assert {"min", "max", "nominal", "tolerance", "within", "at_least"} & set(spec) <= set(found)


@given(spec=strategies.any_spec())
def test_texts_are_where_their_paths_say(spec):
    for path, text in KINDS[spec["type"]].texts(spec).items():
        place = spec
        for step in path.split("."):
            place = next(one for one in place if one["id"] == step) if isinstance(place, list) else place[step]
        assert place == text


@given(spec=strategies.any_spec())
def test_what_is_accepted_is_plain_json_without_wording(spec):
    kind = KINDS[spec["type"]]
    found = json.dumps(kind.accepts(spec), sort_keys=True)

    reworded = {**spec}
    for name in ("meaning", *(["unit"] if spec["type"] == "count" else [])):
        if name in spec:
            reworded[name] = "other words"
    if "choices" in spec:
        reworded["choices"] = [{**choice, "text": "other words"} for choice in reversed(spec["choices"])]
    assert json.dumps(kind.accepts(reworded), sort_keys=True) == found
