import random
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sops.checklist import judge_answer
from sops.errors import AnswerUnreadable
from sops.languages import LANGUAGES
from sops.numbers import DECIMAL_SIGN, format_number, number_of, parse_number, plain_number, shortened
from tests.sops import hostile
from tests.sops.strategies import decimals_as_text

TOLERANCES = 10_000


def refused(text: str, decimals: int) -> AnswerUnreadable:
    with pytest.raises(AnswerUnreadable) as found:
        parse_number(text, decimals)
    return found.value


# -- reading ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "decimals", "number"),
    [
        ("12", 0, "12"),
        ("12.5", 1, "12.5"),
        ("12,5", 1, "12.5"),
        ("1,25", 2, "1.25"),
        ("1.250", 3, "1.250"),
        ("-0,5", 1, "-0.5"),
        ("\u22120.5", 1, "-0.5"),
        (" 7 ", 0, "7"),
        ("007", 0, "7"),
        ("999999999999.999999", 6, "999999999999.999999"),
        ("5", 3, "5"),
    ],
)
def test_a_comma_and_a_point_both_begin_the_decimals(typed, decimals, number):
    assert str(parse_number(typed, decimals)) == number


@pytest.mark.parametrize("typed", hostile.NO_NUMBERS)
@pytest.mark.parametrize("decimals", [0, 2, 6])
def test_what_is_no_number_is_refused_with_a_sentence(typed, decimals):
    error = refused(typed, decimals)

    assert error.code in {"not_a_number", "two_separators", "too_many_decimals", "too_large"}
    assert error.message.endswith(".")
    assert len(error.message) < 200


def test_more_decimals_than_the_check_takes_are_counted_out():
    assert refused("1.250", 2).message == "1.250 has three decimals; this check takes two."
    assert refused("1,25", 1).message == "1,25 has two decimals; this check takes one."
    assert refused("1.1234567", 6).message == "1.1234567 has 7 decimals; this check takes six."


def test_what_could_be_a_thousand_is_refused_where_whole_numbers_are_asked_for():
    error = refused("1.250", 0)

    assert error.code == "too_many_decimals"
    assert error.message == "1.250 has decimals; this check takes whole numbers, without a separator between thousands."


@pytest.mark.parametrize("typed", ["1.250,5", "1,250.5", "1.250.000", "1,,5"])
def test_two_separators_are_never_taken_for_grouping(typed):
    assert refused(typed, 6).code == "two_separators"


@pytest.mark.parametrize("typed", ["", " ", "\u00a0\t"])
def test_an_empty_number_is_named_so(typed):
    assert refused(typed, 0).code == "empty"


def test_thirteen_digits_are_too_many():
    assert refused("1234567890123", 0).code == "too_large"
    assert parse_number("0000000999999999999", 0) == 999_999_999_999


@given(typed=st.text(), decimals=st.integers(0, 6))
def test_any_text_is_a_number_within_its_decimals_or_is_refused(typed, decimals):
    try:
        number = parse_number(typed, decimals)
    except AnswerUnreadable as error:
        number, message = None, error.message
    if number is None:
        assert message.isprintable()
    else:
        assert number.is_finite()
        assert 0 >= number.as_tuple().exponent >= -decimals


# -- writing ---------------------------------------------------------------------------------------------


def test_every_language_has_its_decimal_sign():
    assert set(DECIMAL_SIGN) == set(LANGUAGES)
    assert {language: format_number("1234567.50", language) for language in LANGUAGES} == {
        "en": "1234567.50",
        "ms": "1234567.50",
        "fil": "1234567.50",
        "id": "1234567,50",
        "ca": "1234567,50",
        "da": "1234567,50",
    }


@given(text=decimals_as_text(6), language=st.sampled_from(LANGUAGES))
def test_a_number_written_in_any_language_reads_back_as_itself(text, language):
    written = format_number(text, language)

    assert parse_number(written, 6) == Decimal(text)
    assert parse_number(written, 6).as_tuple() == Decimal(text).as_tuple()
    assert number_of(language)(text) == written


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("decimals", range(7))
def test_every_step_of_every_precision_reads_back_in_every_language(language, decimals):
    for scaled in range(-1100, 1101):
        number = Decimal(scaled).scaleb(-decimals)
        assert parse_number(format_number(number, language, decimals), decimals) == number


def test_zeros_are_added_and_digits_never_dropped():
    assert format_number("0.1", "da", 3) == "0,100"
    assert format_number("0.125", "en", 1) == "0.125"
    assert format_number(Decimal("1E+3"), "en") == "1000"
    assert plain_number("5", 2) == "5.00"


@pytest.mark.parametrize("value", ["1e3", "1,5", "", " 1", "NaN", "1\n", "٣", Decimal("NaN"), Decimal("-Infinity")])
def test_what_is_no_decimal_number_is_not_written(value):
    with pytest.raises(ValueError, match="number"):
        format_number(value, "en")


def test_an_unknown_language_is_an_error():
    with pytest.raises(KeyError):
        number_of("xx")
    with pytest.raises(KeyError):
        format_number("1.5", "xx")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\x00b\u202e\n", "a\ufffdb\ufffd\ufffd"),
        ("x" * 50, "x" * 40 + "…"),
        (None, "null"),
        (False, "false"),
        (12, "12"),
        pytest.param(10**5000, "9…", id="an integer too long to print"),
        ([1], "[…]"),
        ({}, "{…}"),
        (b"", "?"),
    ],
)
def test_what_was_sent_is_quoted_in_one_short_line(value, shown):
    assert shortened(value) == shown


# -- judging, against arithmetic of its own -----------------------------------------------------------------


def in_the_format_of(language: str, scaled: int, places: int) -> str:
    """A whole number of the smallest steps, written by hand: nothing of the library is used."""
    digits = str(abs(scaled)).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    sign = "," if language in ("id", "ca", "da") else "."
    return ("-" if scaled < 0 else "") + whole + (sign + part if part else "")


def random_tolerance(chance: random.Random) -> tuple[dict, int | None, int | None]:
    """A measure's spec, and its limits in whole numbers of its smallest steps."""
    places = chance.randrange(7)
    middle = chance.randrange(-(10 ** chance.randrange(1, 13)), 10 ** chance.randrange(1, 13))
    wide = chance.choice((0, 1, 2, 10, 10 ** chance.randrange(1, 10)))
    spec = {"type": "measure", "unit": "g", "decimals": places}
    form = chance.choice(("both", "min", "max", "tolerance"))
    low, high = middle - wide, middle + wide
    if form == "tolerance":
        nominal, tolerance = (in_the_format_of("en", number, places) for number in (middle, wide))
        return {**spec, "nominal": nominal, "tolerance": tolerance}, low, high
    if form != "max":
        spec["min"] = in_the_format_of("en", low, places)
    if form != "min":
        spec["max"] = in_the_format_of("en", high, places)
    return spec, None if form == "max" else low, None if form == "min" else high


def test_ten_thousand_random_tolerances_are_judged_exactly_in_all_six_formats():
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    wrong, seen = [], set()
    for _ in range(TOLERANCES):
        spec, low, high = random_tolerance(chance)
        places = spec["decimals"]
        edge = chance.choice([limit for limit in (low, high) if limit is not None])
        for language in LANGUAGES:
            value = edge + chance.choice((-(10**6), -10, -1, 0, 0, 1, 10, 10**6))
            step = Fraction(1, 10**places)
            inside = (low is None or value * step >= low * step) and (high is None or value * step <= high * step)
            found = judge_answer(spec, {"value": in_the_format_of(language, value, places)})
            seen.add((found.outcome, value == edge))
            if (found.outcome, found.samples) != ("ok" if inside else "defect", (inside,)):
                wrong.append((spec, language, value, found))

    assert wrong == [], f"seed {seed}"
    assert seen == {("ok", True), ("ok", False), ("defect", False)}, f"seed {seed}"


def test_a_limit_that_binary_fractions_miss_is_met():
    spec = {"type": "measure", "unit": "mm", "nominal": "0.3", "tolerance": "0.1", "decimals": 1}

    assert judge_answer(spec, {"value": "0.2"}).outcome == "ok"
    assert judge_answer(spec, {"value": "0,4"}).outcome == "ok"
    assert abs(0.4 - 0.3) > 0.1


def test_a_program_that_rounds_elsewhere_does_not_round_here():
    spec = {"type": "measure", "unit": "mm", "nominal": "123456789012.123456", "tolerance": "0.000001", "decimals": 6}

    with localcontext() as context:
        context.prec = 3
        assert judge_answer(spec, {"value": "123456789012.123457"}).outcome == "ok"
        assert judge_answer(spec, {"value": "123456789012.123458"}).outcome == "defect"
