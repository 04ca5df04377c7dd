import pytest

from sops import errors
from sops.errors import AnswerUnreadable, DocumentInvalid, Problem, Refused

REFUSALS = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Refused)]


def test_an_invalid_document_has_all_its_problems_and_says_them():
    first = Problem("/checks/0/min", "min_above_max", "The lower limit 2 is above the upper limit 1.", 7)
    error = DocumentInvalid(iter([first, Problem("", "too_large", "This has more than 1 MiB.")]))

    assert error.problems[0] == first
    assert [problem.line for problem in error.problems] == [7, None]
    assert str(error) == ("/checks/0/min: The lower limit 2 is above the upper limit 1.\n/: This has more than 1 MiB.")


def test_an_unreadable_answer_has_a_code_and_a_sentence():
    error = AnswerUnreadable("empty", "There is no number.")

    assert (error.code, error.message, str(error)) == ("empty", "There is no number.", "There is no number.")


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_says_its_own_sentence_or_a_better_one(kind):
    assert str(kind()) == kind().message == kind.message
    assert kind.message.endswith(".")
    assert kind().code == kind.code

    better = kind("Ask somebody else.", code="other")
    assert (str(better), better.code) == ("Ask somebody else.", "other")


def test_codes_of_refusals_are_their_own():
    assert len({kind.code for kind in REFUSALS}) == len(REFUSALS)
