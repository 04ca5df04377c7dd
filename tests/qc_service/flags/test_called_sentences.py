"""What is said of a stopped line and of somebody who calls, in every language."""

import pytest

from qc_service.calls.rules import CALLS
from qc_service.flags.called_sentences import explanation, sentence
from qc_service.words import LANGUAGES, Words

LONG = "an uncommonly long name of no less than ten words"
NOBODY = {"badge": None, "name": None, "lot": None, "procedure": None, "check": None, "tablet": None}
WHOLE = {"badge": "P-17", "name": LONG, "lot": LONG, "procedure": LONG, "check": LONG, "tablet": LONG}


def told(kind="line_stopped", *, count=1, line=LONG, **call):
    one = {**NOBODY, "received_at": "2026-01-05T06:00:00Z", **call}
    return {"kind": kind, "line": {"name": line}, "calls": [one], "count": count}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("missing", [(), ("name",), ("name", "badge")])
def test_a_sentence_has_at_most_thirty_words_whatever_things_are_called(kind, language, missing):
    found = told(kind, **{**WHOLE, **dict.fromkeys(missing)})
    assert len(sentence(found, Words(language)).split()) <= 30


@pytest.mark.parametrize(("call", "said"), [
    ({"name": "Ines", "badge": "P-17", "lot": "A"}, "Ines stopped Line 3: lot A."),
    ({"badge": "P-17"}, "Badge P-17 stopped Line 3."),
    ({"tablet": "Tablet 4", "check": "c5"}, "Somebody at Tablet 4 stopped Line 3: check c5."),
    ({}, "Somebody stopped Line 3."),
])  # fmt: skip
def test_it_names_whoever_is_known_and_where_they_stood(call, said):
    assert sentence(told(line="Line 3", **call), Words()) == said


def test_a_name_is_never_taken_for_a_text_of_ours():
    assert sentence(told(line="Line 3", name="Somebody"), Words("da")).startswith("Somebody ")


def test_the_explanation_says_how_often_it_was_pressed_since():
    assert "Pressed again since: 2." in explanation(told(count=3), Words())
    assert "again since" not in explanation(told(), Words())
