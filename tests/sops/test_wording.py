"""Words and braces."""

from itertools import pairwise

from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from sops.translations import word_difference
from sops.wording import braces, split

WORDY = st.lists(st.sampled_from(["a", "b", "can", "lid,", "{min}", "\n", "é"]), max_size=30).map(" ".join)


@effort(deadline=None)
@given(WORDY | st.text(max_size=80), WORDY | st.text(max_size=80))
def test_a_word_difference_holds_both_texts_and_nothing_else(old, new):
    pieces = word_difference(old, new)

    assert "".join(text for op, text in pieces if op != "added") == old
    assert "".join(text for op, text in pieces if op != "removed") == new
    assert all(text for _, text in pieces)
    assert all(first[0] != second[0] for first, second in pairwise(pieces))
    assert (old == new) == (not pieces or [op for op, _ in pieces] == ["same"])


def test_what_changed_in_a_source_is_told_word_by_word():
    assert word_difference("Fill the can to 338 g.", "Fill the tall can to 344 g.") == [
        ("same", "Fill the "),
        ("added", "tall "),
        ("same", "can to "),
        ("removed", "338"),
        ("added", "344"),
        ("same", " g."),
    ]


def test_two_long_texts_without_end_of_likeness_are_told_as_one_change():
    pieces = word_difference("start " + "a b " * 400 + "end", "start " + "b a " * 500 + "end")

    assert [op for op, _ in pieces] == ["same", "removed", "added", "same"]


@given(st.text(alphabet="{}ab ", max_size=30))
def test_pieces_of_a_text_are_the_text(text):
    pieces = split(text)

    assert "".join(literal or f"{{{name}}}" for literal, name in pieces) == text
    assert {name for _, name in pieces if name} == braces(text).names - {""}
