"""What is said of lots on hold, in every language."""

import pytest

from qc_service.flags.held_sentences import explanation, sentence
from qc_service.words import LANGUAGES, Words

LONG = "an uncommonly long name of no less than ten words"
VERSION = {"procedure": LONG, "version": 1234}
CAUSES = {
    "said": {"reason": "Two cans leaked on the pallet, and nobody knows yet how many more of them do so."},
    "gauge": {"gauge": LONG}, "version_withdrawn": VERSION, "version_superseded": VERSION, "inspection": VERSION,
}  # fmt: skip


def told(kind="gauge", *, count=1234, ever=2345, lines=12, **details):
    return {
        "site": {"code": "S1", "name": LONG, "time_zone": "UTC"}, "lines": [LONG] * lines,
        "cause": {"kind": kind, "details": {**CAUSES[kind], **details}}, "count": count, "ever": ever,
        "lots": [{"lot": f"B-{number}"} for number in range(min(count, 200))],
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", CAUSES)
@pytest.mark.parametrize("lines", [1, 12])
def test_a_sentence_has_at_most_thirty_words_whatever_things_are_called(kind, language, lines):
    assert len(sentence(told(kind, lines=lines), Words(language)).split()) <= 30


def test_how_many_are_left_of_how_many_is_said_once_some_were_let_go():
    lots = {"gauge": "G-1", "lines": 1}
    assert sentence(told(count=1, ever=1, **lots), Words()).endswith(
        "gauge G-1 out of tolerance: 1 lot on hold. Two quality managers let each go."
    )
    assert ": 38 of 40 lots on hold." in sentence(told(count=38, ever=40, **lots), Words())


@pytest.mark.parametrize("kind", CAUSES)
def test_the_explanation_names_the_first_lots_and_how_many_more_there_are(kind):
    words = Words()
    assert "On hold: B-0, B-1, B-2, B-3, B-4 and 1,229 more." in explanation(told(kind), words)
    assert "On hold: B-0, B-1." in explanation(told(kind, count=2), words)
