import pytest

from sops.errors import AnswerUnreadable
from sops.steps.base import Judgement
from sops.steps.confirm import CONFIRM

SPEC = {"type": "confirm"}


def test_ok_and_defect_are_what_they_say():
    assert CONFIRM.judge(CONFIRM.read("ok", SPEC), SPEC) == Judgement("ok")
    assert CONFIRM.judge(CONFIRM.read("defect", SPEC), SPEC) == Judgement("defect", "defect", "Marked as a defect.")


@pytest.mark.parametrize("value", ["OK", "ok ", "yes", "true", "1", ["ok"], 1])
def test_nothing_else_is_taken_for_ok(value):
    with pytest.raises(AnswerUnreadable) as found:
        CONFIRM.read(value, SPEC)

    assert found.value.code == "not_a_choice"
    assert "is neither ok nor defect. Choose one of the two." in found.value.message


def test_a_condition_may_wait_for_both_answers():
    assert CONFIRM.possible(SPEC) == ("ok", "defect")


def test_on_paper_there_are_two_boxes_and_no_requirement():
    assert CONFIRM.paper(SPEC) == ["[ ] OK    [ ] Defect"]
    assert CONFIRM.requirement(SPEC) == ""
    assert CONFIRM.texts(SPEC) == CONFIRM.placeholders(SPEC) == {}
