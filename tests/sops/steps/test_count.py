import marshmallow
import pytest

from sops.errors import AnswerUnreadable
from sops.numbers import number_of
from sops.steps.base import Judgement
from sops.steps.count import COUNT

SLICES = {"type": "count", "unit": "slices", "min": 4, "max": 6}


def problems(**fields) -> list[tuple[str, str, str]]:
    return [(one.pointer, one.code, one.message) for one in COUNT.problems({"type": "count", **fields}, "/steps/0")]


def judged(spec: dict, value: object) -> Judgement:
    return COUNT.judge(COUNT.read(value, spec), spec)


def test_a_limit_of_zero_stays_in_the_normal_form():
    assert COUNT.schema().load({"min": 0, "max": 0, "unit": None, "samples": 1}) == {"min": 0, "max": 0}


@pytest.mark.parametrize("value", [-1, 10**12, True, 1.0, "4"])
def test_limits_are_whole_numbers_from_zero_up(value):
    with pytest.raises(marshmallow.ValidationError, match="whole number"):
        COUNT.schema().load({"min": value})


def test_no_limit_at_all():
    assert problems(unit="slices") == [
        ("/steps/0", "no_limit", "There is no limit, so every number would pass. Give min or max.")
    ]


def test_limits_the_wrong_way_round():
    assert problems(min=10, max=9) == [
        ("/steps/0/min", "min_above_max", "The lower limit 10 is above the upper limit 9. Swap them or correct one.")
    ]


def test_as_many_samples_outside_as_there_are():
    assert [(pointer, code) for pointer, code, _ in problems(min=1, samples=2, accept=2)] == [
        ("/steps/0/accept", "accept_too_many")
    ]


@pytest.mark.parametrize("value", [5, "5", [5], ["5"], "05", " 5 "])
def test_a_count_may_come_as_a_number_or_as_typed(value):
    assert COUNT.read(value, SLICES) == (5,)


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        (-1, "negative", "A count cannot be below zero. Write how many there are."),
        ("-1", "negative", "A count cannot be below zero. Write how many there are."),
        (
            "1.5",
            "too_many_decimals",
            "1.5 has decimals; this check takes whole numbers, without a separator between thousands.",
        ),
        (
            "1.000",
            "too_many_decimals",
            "1.000 has decimals; this check takes whole numbers, without a separator between thousands.",
        ),
        (5.0, "not_text", "5.0 is no number that can be read. Send it as text, such as “12.5”."),
        (True, "not_text", "true is no number that can be read. Send it as text, such as “12.5”."),
        ("five", "not_a_number", "five is no number. Write digits, such as 12.5 or 12,5."),
        ([5, 5], "sample_count", "One sample is asked for, 2 were given."),
    ],
)
def test_what_is_no_count_is_said_in_a_sentence(value, code, message):
    with pytest.raises(AnswerUnreadable) as found:
        COUNT.read(value, SLICES)

    assert (found.value.code, found.value.message) == (code, message)


def test_minus_zero_is_zero():
    assert COUNT.read("-0", SLICES) == (0,)


def test_a_limit_itself_is_within():
    assert [judged(SLICES, n).outcome for n in (3, 4, 6, 7)] == ["defect", "ok", "ok", "defect"]
    assert judged(SLICES, 3).detail == "3 slices is below the lower limit, 4 slices."
    assert judged({"type": "count", "max": 0}, 1).detail == "1 is above the upper limit, 0."


def test_as_many_samples_as_are_accepted_may_be_outside():
    spec = {"type": "count", "max": 0, "samples": 3, "accept": 1}

    assert judged(spec, [0, 1, 0]) == Judgement("ok", samples=(True, False, True))
    assert judged(spec, [0, 1, 2]).outcome == "defect"


def test_what_is_counted_is_translated_and_the_limits_are_judged():
    assert COUNT.texts(SLICES) == {"unit": "slices"}
    assert COUNT.texts({"type": "count", "min": 1}) == {}
    assert COUNT.accepts(SLICES) == {"min": 4, "max": 6}
    assert COUNT.placeholders(SLICES) == {"min": "4", "max": "6", "unit": "slices", "samples": "1"}


def test_the_requirement_and_the_room_on_paper():
    assert COUNT.requirement(SLICES, number=number_of("da")) == "Must be 4 to 6 slices."
    assert COUNT.requirement({"type": "count", "max": 0}) == "Must be at most 0."
    assert COUNT.paper(SLICES) == ["Value: [__________] slices"]
    assert COUNT.paper({"type": "count", "max": 0, "samples": 2}) == ["Samples: 1: [__________]   2: [__________]"]
