import unicodedata

import marshmallow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sops.errors import TextRefused
from sops.fields import DefectCode, Id, Items, Message, Normal, Sha256, Text, Truth, Whole, clean
from tests.sops import strategies


class Example(Normal):
    name = Id(required=True)
    words = Text(longest=10)
    codes = Items(DefectCode(required=True), most=2)
    photo = Sha256()
    number = Whole(load_default=1, least=1)
    truth = Truth(load_default=False)


def codes_of(**fields) -> dict:
    with pytest.raises(marshmallow.ValidationError) as found:
        Example().load({"name": "a", **fields})
    return {
        name: messages if isinstance(messages, dict) else messages[0] for name, messages in found.value.messages.items()
    }


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  a  ", "a"),
        ("e\u0301", "é"),
        ("a\r\nb\n", "a\nb"),
        ("\u00a0\u2003", ""),
        ("👩‍🏭 ½ “ok”", "👩‍🏭 ½ “ok”"),
    ],
)
def test_a_text_is_brought_into_its_normal_form(text, kept):
    assert clean(text, longest=20) == kept


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("a\tb", "control_character", "This holds a control character (U+0009), perhaps a tab. Take it out."),
        ("a\rb", "control_character", "This holds a control character (U+000D), perhaps a tab. Take it out."),
        ("a\u2028b", "control_character", "This holds a control character (U+2028), perhaps a tab. Take it out."),
        ("a\u202eb", "control_character", "This holds a control character (U+202E), perhaps a tab. Take it out."),
        ("\udc80", "control_character", "This holds a control character (U+DC80), perhaps a tab. Take it out."),
        ("\uffff", "control_character", "This holds a control character (U+FFFF), perhaps a tab. Take it out."),
        ("e" + "\u0323\u0301" * 16, "too_many_marks", "A letter has more than 30 accents. Take them off."),
        ("e" + "\u0344" * 16, "too_many_marks", "A letter has more than 30 accents. Take them off."),
        ("a\nb", "several_lines", "This must be one line. Take the line breaks out."),
        ("x" * 21, "too_long", "This has 21 characters, 20 are allowed. Shorten it."),
        pytest.param("x" * 10**7, "too_long", "This is longer than 20 characters. Shorten it.", id="10 MB"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused_with_what_to_do(text, code, message):
    with pytest.raises(TextRefused) as found:
        clean(text, longest=20, one_line=True)

    assert (found.value.code, found.value.message) == (code, message)


@given(st.text())
def test_a_text_is_normal_after_one_time_or_never(text):
    try:
        kept = clean(text, longest=4000)
    except TextRefused:
        return
    assert clean(kept, longest=4000) == kept
    assert unicodedata.is_normalized("NFC", kept)
    assert kept == kept.strip()


@given(strategies.lines(), strategies.paragraphs())
def test_the_texts_of_the_strategies_are_normal(line, paragraph):
    assert clean(line, longest=500, one_line=True) == line
    assert clean(paragraph, longest=4000) == paragraph


def test_what_is_empty_or_a_default_is_left_out():
    given_fields = {"name": "a", "words": " ", "codes": [], "photo": None, "number": 1, "truth": False}

    assert Example().load(given_fields) == {"name": "a"}
    assert Example().load({"name": "a", "number": 2, "truth": True}) == {"name": "a", "number": 2, "truth": True}


@pytest.mark.parametrize(
    ("field", "value", "code", "message"),
    [
        ("name", "A", "not_an_id", "“A” is no id. Write small letters, digits, - and _, at most 40, a letter first."),
        ("name", "a" * 41, "not_an_id", None),
        ("name", "1a", "not_an_id", None),
        ("name", "å", "not_an_id", None),
        ("name", 5, "not_a_text", "5 is no text here. Write it between quotes."),
        ("name", None, "missing", "This is empty. Fill it in."),
        ("name", "", "missing", None),
        ("words", False, "not_a_text", "false is no text here. Write it between quotes."),
        ("words", ["a"], "not_a_text", "This must be a text."),
        ("codes", "LEAK", "not_a_list", "Write a list here."),
        ("codes", {"LEAK": 1}, "not_a_list", "Write a list here."),
        ("codes", ["A", "B", "C"], "wrong_length", "This list has 3 items, it may have 0 to 2."),
        ("photo", "a1" * 31, "not_a_hash", None),
        ("photo", "A1" * 32, "not_a_hash", None),
        ("number", 0, "out_of_range", "Write a whole number from 1 to 999999999999."),
        ("number", 10**12, "out_of_range", None),
        ("number", True, "not_a_whole_number", None),
        ("truth", "yes", "not_true_or_false", "Write true or false, without quotes."),
        ("truth", 1, "not_true_or_false", None),
        ("colour", "red", "unknown_field", "There is no such field here."),
    ],
)
def test_what_cannot_be_accepted_is_named_with_a_code_and_what_to_do(field, value, code, message):
    found = codes_of(**{field: value})

    assert found.keys() == {field}
    assert found[field].code == code
    assert message in (None, found[field])


def test_an_item_of_a_list_is_named_by_its_place():
    found = codes_of(codes=["OK", "leak"])["codes"]

    assert {place: messages[0].code for place, messages in found.items()} == {1: "not_a_code"}
    assert codes_of(codes=["", None])["codes"].keys() == {0, 1}


def test_an_integer_too_long_to_print_is_refused_like_any_other():
    assert codes_of(number=10**5000)["number"].code == "out_of_range"
    assert codes_of(words=10**5000)["words"].code == "not_a_text"


def test_a_message_keeps_its_code_when_it_is_formatted():
    made = Message("code", "At most {max}.").format(max=3)

    assert (made, made.code) == ("At most 3.", "code")
