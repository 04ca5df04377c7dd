from decimal import Decimal

import marshmallow
import pytest

from sops.errors import AnswerUnreadable
from sops.numbers import number_of
from sops.steps.base import Judgement
from sops.steps.measure import MEASURE

WEIGHT = {"type": "measure", "unit": "g", "min": "338", "max": "345", "samples": 3}
SEAM = {"type": "measure", "unit": "mm", "nominal": "1.20", "tolerance": "0.05", "decimals": 2}


def problems(**fields) -> list[tuple[str, str, str]]:
    spec = {"type": "measure", "unit": "g", **fields}
    return [(one.pointer, one.code, one.message) for one in MEASURE.problems(spec, "/checks/3")]


def codes_of(**fields) -> dict[str, str]:
    with pytest.raises(marshmallow.ValidationError) as found:
        MEASURE.schema().load({"unit": "g", **fields})
    return {name: messages[0].code for name, messages in found.value.messages.items()}


def judged(spec: dict, value: object) -> Judgement:
    return MEASURE.judge(MEASURE.read(value, spec), spec)


def unreadable(spec: dict, value: object) -> tuple[str, str]:
    with pytest.raises(AnswerUnreadable) as found:
        MEASURE.read(value, spec)
    return found.value.code, found.value.message


# -- its fields ------------------------------------------------------------------------------------------


def test_a_whole_number_becomes_a_decimal_string_and_the_authors_zeros_stay():
    given = {"unit": " g ", "min": 338, "max": " 0.10", "nominal": " ", "gauge": "", "samples": 1, "accept": 0}

    assert MEASURE.schema().load(given) == {
        "unit": "g",
        "min": "338",
        "max": "0.10",
    }


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("min", 1.5, "number_unquoted"),
        ("min", float("nan"), "number_unquoted"),
        ("min", True, "not_a_number"),
        ("min", "1,5", "not_a_number"),
        ("min", "1 5", "not_a_number"),
        ("min", "1e3", "not_a_number"),
        ("min", "01", "not_a_number"),
        ("min", "+1", "not_a_number"),
        ("min", "1.", "not_a_number"),
        ("min", "٣", "not_a_number"),
        ("min", "1.1234567", "not_a_number"),
        ("min", "1234567890123", "not_a_number"),
        ("min", 10**12, "not_a_number"),
        pytest.param("min", 10**5000, "not_a_number", id="an integer too long to print"),
        ("min", ["1"], "not_a_number"),
        ("tolerance", "-0.1", "negative"),
        ("samples", 0, "out_of_range"),
        ("samples", 101, "out_of_range"),
        ("samples", "3", "not_a_whole_number"),
        ("samples", 3.0, "not_a_whole_number"),
        ("decimals", 7, "out_of_range"),
        ("decimals", True, "not_a_whole_number"),
        ("accept", -1, "out_of_range"),
        ("gauge", "Gauge 1", "not_an_id"),
        ("unit", "", "missing"),
        ("unit", None, "missing"),
        ("unit", 5, "not_a_text"),
        ("unit", "a\nb", "several_lines"),
        ("unit", "seventeen letters", "too_long"),
        ("unit", "g\x00", "control_character"),
        ("colour", "red", "unknown_field"),
    ],
)
def test_a_field_that_cannot_be_accepted_is_named_with_its_code(field, value, code):
    assert codes_of(**{field: value}) == {field: code}


def test_a_binary_fraction_is_answered_with_what_to_write():
    with pytest.raises(marshmallow.ValidationError, match=r'Write it between quotes: "0\.10"'):
        MEASURE.schema().load({"unit": "g", "min": 0.1})


# -- fields against each other -------------------------------------------------------------------------------


def test_limits_the_wrong_way_round():
    assert problems(min="345", max="338") == [
        (
            "/checks/3/min",
            "min_above_max",
            "The lower limit 345 is above the upper limit 338. Swap them or correct one.",
        )
    ]
    assert problems(min="9", max="10") == []
    assert problems(min="5", max="5") == []


def test_a_nominal_value_outside_its_limits():
    assert problems(nominal="340", max="338") == [
        (
            "/checks/3/nominal",
            "nominal_outside",
            "The upper limit 338 is below the nominal value 340. Correct one of them.",
        )
    ]
    assert problems(nominal="340", min="341", max="345") == [
        (
            "/checks/3/nominal",
            "nominal_outside",
            "The lower limit 341 is above the nominal value 340. Correct one of them.",
        )
    ]
    assert problems(nominal="340", min="340", max="340") == []


def test_more_decimals_in_a_limit_than_in_the_answers():
    assert problems(min="0.10", max="1.5", decimals=1) == [
        (
            "/checks/3/min",
            "too_many_decimals",
            "min 0.10 has more decimals than the answers, which have 1. Set decimals to 2, or round min.",
        )
    ]
    assert [code for _, code, _ in problems(nominal="1.5", tolerance="0.25")] == ["too_many_decimals"] * 2


def test_a_tolerance_beside_limits():
    assert problems(nominal="5", tolerance="1", max="6") == [
        (
            "/checks/3/tolerance",
            "limits_twice",
            "A tolerance stands beside min or max, so there are two sets of limits. Keep one of the two.",
        )
    ]


def test_a_tolerance_without_a_nominal_value():
    assert problems(tolerance="1") == [
        (
            "/checks/3/tolerance",
            "nominal_missing",
            "The tolerance has no nominal value to go with. Give one, or use min and max.",
        )
    ]
    assert [code for _, code, _ in problems(tolerance="1", min="2")] == ["limits_twice", "nominal_missing"]


@pytest.mark.parametrize("fields", [{}, {"nominal": "5"}])
def test_no_limit_at_all(fields):
    assert problems(**fields) == [
        (
            "/checks/3",
            "no_limit",
            "There is no limit, so every number would pass. Give min, max, or nominal with tolerance.",
        )
    ]


def test_as_many_samples_outside_as_there_are():
    assert problems(min="1", samples=3, accept=3) == [
        (
            "/checks/3/accept",
            "accept_too_many",
            "3 of 3 samples may be outside, so nothing would be refused. Accept at most 2, or take more samples.",
        )
    ]
    assert [code for _, code, _ in problems(min="1", accept=1)] == ["accept_too_many"]
    assert problems(min="1", samples=3, accept=2) == []


# -- answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ("340", ["340"]),
        (["340"], ["340"]),
        (340, ["340"]),
        ([-1], ["-1"]),
        ("\u22121", ["-1"]),
    ],
)
def test_one_sample_may_come_without_a_list(value, numbers):
    assert MEASURE.read(value, {"type": "measure", "unit": "g", "min": "1"}) == tuple(map(Decimal, numbers))


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("1.250", "too_many_decimals", "1.250 has three decimals; this check takes two."),
        (
            "1.250,5",
            "two_separators",
            "1.250,5 has two separators. Write one, before the decimals, and none between thousands.",
        ),
        ("1e3", "not_a_number", "1e3 is no number. Write digits, such as 12.5 or 12,5."),
        ("１２", "not_a_number", "１２ is no number. Write digits, such as 12.5 or 12,5."),
        (True, "not_text", "true is no number that can be read. Send it as text, such as “12.5”."),
        (1.25, "not_text", "1.25 is no number that can be read. Send it as text, such as “12.5”."),
        (float("nan"), "not_text", "nan is no number that can be read. Send it as text, such as “12.5”."),
        (10**12, "not_text", "1000000000000 is no number that can be read. Send it as text, such as “12.5”."),
        ([["1"]], "not_text", "[…] is no number that can be read. Send it as text, such as “12.5”."),
        (None, "not_text", "null is no number that can be read. Send it as text, such as “12.5”."),
        ("", "empty", "There is no number. Write one."),
        (["1", "2"], "sample_count", "One sample is asked for, 2 were given."),
        ([], "sample_count", "One sample is asked for, 0 were given."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(value, code, message):
    assert unreadable(SEAM, value) == (code, message)


def test_a_comma_is_a_decimal_sign_here_too():
    assert MEASURE.read("1,25", SEAM) == (Decimal("1.25"),)


@pytest.mark.parametrize("value", ["340", ["340", "341"], ["340"] * 4])
def test_every_sample_must_be_there_and_no_other(value):
    count = len(value) if isinstance(value, list) else 1

    assert unreadable(WEIGHT, value) == ("sample_count", f"3 samples are asked for; there are {count}.")


def test_a_limit_itself_is_within():
    assert judged(WEIGHT, ["338", "345", "340"]) == Judgement("ok", samples=(True, True, True))
    assert judged(SEAM, "1.25").outcome == "ok"
    assert judged(SEAM, "1,15").outcome == "ok"


def test_what_is_outside_is_said_with_its_limit():
    assert judged(SEAM, "1.26") == Judgement(
        "defect", "above_max", "1.26 mm is above the upper limit, 1.25 mm.", (False,)
    )
    assert judged(SEAM, "1.1") == Judgement(
        "defect", "below_min", "1.10 mm is below the lower limit, 1.15 mm.", (False,)
    )
    danish = MEASURE.judge(MEASURE.read("1.26", SEAM), SEAM, number=number_of("da"))
    assert danish.detail == "1,26 mm is above the upper limit, 1,25 mm."


def test_each_sample_is_shown_with_whether_it_is_within():
    text = "2 of 3 samples are outside the limits; 0 may be."
    assert judged(WEIGHT, ["337", "340", "346"]) == Judgement("defect", "outside", text, (False, True, False))
    assert judged(WEIGHT, ["340", "340", "346"]).reason == "above_max"
    assert judged(WEIGHT, ["340", "337", "340"]).reason == "below_min"


def test_as_many_samples_as_are_accepted_may_be_outside():
    spec = {**WEIGHT, "accept": 1}

    assert judged(spec, ["346", "340", "340"]) == Judgement("ok", samples=(False, True, True))
    assert judged(spec, ["346", "346", "340"]).detail == "2 of 3 samples are outside the limits; 1 may be."


# -- words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"min": "338", "max": "345", "samples": 3}, "Must be 338 to 345 g, 3 samples."),
        ({"min": "338"}, "Must be at least 338 g."),
        ({"max": "0.1", "decimals": 2}, "Must be at most 0,10 g."),
        ({"min": "5", "max": "5"}, "Must be 5 g."),
        ({"min": "1", "max": "3", "nominal": "2"}, "Must be 1 to 3 g, nominally 2 g."),
        ({"nominal": "2.5", "tolerance": "0.5", "decimals": 1}, "Must be 2,5 ± 0,5 g."),
        (
            {"min": "1", "samples": 8, "accept": 2},
            "Must be at least 1 g, 8 samples, of which 2 may be outside.",
        ),
    ],
)
def test_the_requirement_is_a_sentence_in_the_readers_numbers(fields, sentence):
    spec = {"type": "measure", "unit": "g", **fields}

    assert MEASURE.requirement(spec, number=number_of("id")) == sentence


def test_placeholders_have_all_decimals_that_are_to_be_shown():
    assert MEASURE.placeholders(SEAM) == {"nominal": "1.20", "tolerance": "0.05", "unit": "mm", "samples": "1"}
    assert MEASURE.placeholders({**WEIGHT, "decimals": 1}) == {
        "min": "338.0",
        "max": "345.0",
        "unit": "g",
        "samples": "3",
    }


def test_its_unit_is_not_translated_but_judged():
    assert MEASURE.texts(WEIGHT) == {}
    assert MEASURE.accepts(WEIGHT) == {"min": "338", "max": "345", "samples": 3, "unit": "g"}


def test_on_paper_there_is_a_box_for_each_sample():
    assert MEASURE.paper(SEAM) == ["Value: [__________] mm"]
    rows = MEASURE.paper({**WEIGHT, "samples": 100, "unit": "sixteen letters!"})
    assert sum(row.count("[__________] sixteen letters!") for row in rows) == 100
    assert all(len(row) <= 96 for row in rows)
    assert rows[0].startswith("Samples: 1: [")
