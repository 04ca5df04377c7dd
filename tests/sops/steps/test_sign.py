import marshmallow
import pytest

from qc_service.policy import ROLES as SERVICE_ROLES
from sops.errors import AnswerUnreadable
from sops.languages import plain
from sops.steps.sign import ROLES, SIGN, role_in_words

SPEC = {"type": "sign", "meaning": "Line cleared", "role": "supervisor"}


def test_the_roles_are_those_of_the_service():
    assert ROLES == SERVICE_ROLES
    assert all(role_in_words(role, plain) for role in ROLES)


def test_a_signature_is_recorded():
    assert SIGN.judge(SIGN.read("signed", SPEC), SPEC).outcome == "recorded"


@pytest.mark.parametrize("value", ["Signed", "yes", True, ["signed"]])
def test_nothing_else_is_a_signature(value):
    with pytest.raises(AnswerUnreadable, match=r"is no signature\. Sign again\.") as found:
        SIGN.read(value, SPEC)

    assert found.value.code == "not_signed"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({}, "meaning", "missing"),
        ({"meaning": "x" * 121}, "meaning", "too_long"),
        ({"meaning": "a\nb"}, "meaning", "several_lines"),
        ({"meaning": "Checked", "role": "boss"}, "role", "not_a_choice"),
        ({"meaning": "Checked", "role": 5}, "role", "not_a_choice"),
    ],
)
def test_a_field_that_cannot_be_accepted_is_named_with_its_code(fields, field, code):
    with pytest.raises(marshmallow.ValidationError) as found:
        SIGN.schema().load(fields)

    assert {name: messages[0].code for name, messages in found.value.messages.items()} == {field: code}


def test_a_role_may_be_left_out():
    assert SIGN.schema().load({"meaning": "Checked", "role": ""}) == {"meaning": "Checked"}
    assert SIGN.requirement({"type": "sign", "meaning": "Checked"}) == "Signature: Checked"
    assert SIGN.requirement(SPEC) == "Signature of the supervisor: Line cleared"


def test_what_a_signature_means_is_translated_and_who_gives_it_is_judged():
    assert SIGN.texts(SPEC) == {"meaning": "Line cleared"}
    assert SIGN.accepts(SPEC) == {"role": "supervisor"}


def test_on_paper_there_is_room_for_name_signature_and_time():
    (line,) = SIGN.paper(SPEC)

    assert all(label in line for label in ("Name: ____", "Signature: ____", "Date, time: ____"))
