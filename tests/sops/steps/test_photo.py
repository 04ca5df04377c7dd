import pytest

from sops.errors import AnswerUnreadable
from sops.steps.photo import PHOTO

ONE, TWO = "a1" * 32, "b2" * 32
SPEC = {"type": "photo", "at_least": 2}


def test_photos_are_recorded_by_their_hashes():
    assert PHOTO.read([TWO, ONE], SPEC) == (TWO, ONE)
    assert PHOTO.read(ONE, {"type": "photo"}) == (ONE,)
    assert PHOTO.judge((ONE,), SPEC).outcome == "recorded"


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ([ONE], "too_few", "Photos asked for: 2; there: 1. Take more."),
        ([], "too_few", "Photos asked for: 2; there: 0. Take more."),
        ([ONE, ONE], "twice", "The same photo is there twice. Take another."),
        ([ONE, TWO.upper()], "not_a_photo", "A photo is missing or was not stored. Take it again."),
        ([ONE, f"{TWO}\n"], "not_a_photo", "A photo is missing or was not stored. Take it again."),
        ([ONE, None], "not_a_photo", "A photo is missing or was not stored. Take it again."),
        ("photo.jpg", "not_a_photo", "A photo is missing or was not stored. Take it again."),
        ([f"{n:064x}" for n in range(21)], "too_many", "These are more than 20 photos. Leave some out."),
    ],
)
def test_what_is_no_photo_is_said_in_a_sentence(value, code, message):
    with pytest.raises(AnswerUnreadable) as found:
        PHOTO.read(value, SPEC)

    assert (found.value.code, found.value.message) == (code, message)


def test_how_many_are_asked_for_is_said_in_words_and_on_paper():
    assert PHOTO.schema().load({"at_least": 1}) == {}
    assert PHOTO.requirement({"type": "photo"}) == "At least one photo."
    assert PHOTO.requirement(SPEC) == "At least 2 photos."
    assert PHOTO.placeholders(SPEC) == {"at_least": "2"}
    assert PHOTO.paper(SPEC) == ["[ ] Photo taken, number: __________"] * 2
