import unicodedata

import pytest

from sops.errors import AnswerUnreadable
from sops.steps.text import TEXT

SPEC = {"type": "text", "max_length": 10}


def test_a_text_is_recorded_in_its_normal_form():
    assert TEXT.read("  e\u0301te\u0301\r\n2 ", SPEC) == "été\n2"
    assert TEXT.judge("été", SPEC).outcome == "recorded"


def test_its_length_is_counted_as_people_count():
    text = unicodedata.normalize("NFD", "é" * 10)

    assert TEXT.read(text, SPEC) == "é" * 10
    assert TEXT.read("x" * 200, {"type": "text"}) == "x" * 200


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("x" * 11, "too_long", "The text has more than 10 characters. Shorten it."),
        pytest.param("x" * 10**7, "too_long", "The text has more than 10 characters. Shorten it.", id="10 MB"),
        (" \u00a0\n", "empty", "There is no text. Write one."),
        (5, "not_text", "This must be a text. Write it in words."),
        (["x"], "not_text", "This must be a text. Write it in words."),
        ("a\tb", "control_character", "The text holds a character that cannot be kept, such as a tab. Write it anew."),
        (
            "a\u202eb",
            "control_character",
            "The text holds a character that cannot be kept, such as a tab. Write it anew.",
        ),
        (
            "a\ud800",
            "control_character",
            "The text holds a character that cannot be kept, such as a tab. Write it anew.",
        ),
    ],
)
def test_what_cannot_be_kept_is_said_in_a_sentence(value, code, message):
    with pytest.raises(AnswerUnreadable) as found:
        TEXT.read(value, SPEC)

    assert (found.value.code, found.value.message) == (code, message)


def test_the_default_length_is_left_out():
    assert TEXT.schema().load({"max_length": 200}) == {}
    assert TEXT.schema().load({"max_length": 4000}) == {"max_length": 4000}


def test_on_paper_there_is_room_for_the_words():
    assert TEXT.requirement(SPEC) == "At most 10 characters."
    assert len(TEXT.paper(SPEC)) == 1
    assert len(TEXT.paper({"type": "text"})) == 2
    assert len(TEXT.paper({"type": "text", "max_length": 4000})) == 10
