from decimal import Decimal

import pytest

from sops.errors import AnswerUnreadable
from sops.numbers import number_of
from sops.steps.base import Judgement
from sops.steps.timer import TIMER

SPEC = {"type": "timer", "at_least": "20", "within": "90.5"}


def problems(**fields) -> list[tuple[str, str, str]]:
    return [(one.pointer, one.code, one.message) for one in TIMER.problems({"type": "timer", **fields}, "/steps/2")]


def judged(value: object) -> Judgement:
    return TIMER.judge(TIMER.read(value, SPEC), SPEC, number=number_of("da"))


def test_no_time_at_all():
    assert problems() == [("/steps/2", "no_limit", "There is no time to keep. Give within or at_least, in seconds.")]


def test_times_the_wrong_way_round():
    assert problems(at_least="100", within="90") == [
        ("/steps/2/at_least", "min_above_max", "At least 100 s and within 90 s cannot both be. Correct one.")
    ]
    assert problems(at_least="90", within="90.0") == []


def test_more_decimals_than_an_answer_has():
    assert problems(within="0.25") == [
        (
            "/steps/2/within",
            "too_many_decimals",
            "within 0.25 has more decimals than the answers, which have 1. Round it.",
        )
    ]


def test_the_times_themselves_are_all_right():
    assert judged("20") == judged("20,0") == judged(90) == judged("90.5") == Judgement("ok")


def test_too_long_and_too_short_are_said_in_the_readers_numbers():
    assert judged("90.6") == Judgement("defect", "too_long", "It took 90,6 s; at most 90,5 s are allowed.")
    assert judged("19.9") == Judgement("defect", "too_short", "It took 19,9 s; at least 20 s are needed.")


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("12.25", "too_many_decimals", "12.25 has two decimals; this check takes one."),
        ("-1", "negative", "A time cannot be below zero. Write the seconds it took."),
        (-1, "negative", "A time cannot be below zero. Write the seconds it took."),
        ("1:30", "not_a_number", "1:30 is no number. Write digits, such as 12.5 or 12,5."),
        (12.5, "not_text", "12.5 is no number that can be read. Send it as text, such as “12.5”."),
        (["12"], "not_text", "[…] is no number that can be read. Send it as text, such as “12.5”."),
    ],
)
def test_what_is_no_time_is_said_in_a_sentence(value, code, message):
    with pytest.raises(AnswerUnreadable) as found:
        TIMER.read(value, SPEC)

    assert (found.value.code, found.value.message) == (code, message)


def test_its_fields_are_seconds_as_the_author_wrote_them():
    assert TIMER.schema().load({"within": 90, "at_least": "20.0"}) == {"within": "90", "at_least": "20.0"}
    assert TIMER.placeholders(SPEC) == {"at_least": "20", "within": "90.5"}
    assert TIMER.read("7,5", SPEC) == Decimal("7.5")


def test_the_requirement_and_the_room_on_paper():
    assert TIMER.requirement(SPEC, number=number_of("ca")) == "At least 20 s, within 90,5 s."
    assert TIMER.requirement({"type": "timer", "within": "90"}) == "Within 90 s."
    assert TIMER.requirement({"type": "timer", "at_least": "20"}) == "At least 20 s."
    assert TIMER.paper(SPEC) == ["Time: [__________] s"]
