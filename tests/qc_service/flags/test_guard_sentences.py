"""What else must be known of a verdict, in words, in each language."""

import math

import pytest

from qc_service.flags.guard_sentences import guarded
from qc_service.flags.sentences import sentence
from qc_service.words import Words

WORDS = Words(zone="UTC")
LANGUAGES = ["en", "id", "ms", "ca", "fil", "da"]
NONE = {
    "blocks": 1, "waiting": 0, "trend": None, "season": None, "baseline_lots": 60, "withheld_at_lot": None,
    "together_with": [],
}  # fmt: skip
TREND = {"first": 0.02, "last": 0.03, "per_year": None, "chance": 0.001}
ALL = {
    "blocks": 5, "waiting": 3, "trend": TREND, "season": {"low": 0.02, "high": 0.03, "peak_month": 1, "chance": 0.01},
    "withheld_at_lot": 15, "together_with": ["fix_1"], "open": {"lots": 4, "since": "2026-11-01T00:00:00Z"},
    "overlapping": [{"id": "fix_2", "title": "New oven", "in_effect_at": "2026-11-12T06:00:00Z"}],
}  # fmt: skip


def doc(**guards):
    return {"numbers": {"threshold": 40.0}, "guards": {**NONE, **guards}}


@pytest.mark.parametrize(
    ("guards", "said"),
    [
        ({}, ""),
        ({"trend": TREND}, "already rising, from 2.0% to 3.0% over 60 lots: a comparison with its mean misleads."),
        ({"trend": {**TREND, "per_year": 0.2}}, "over 60 lots, by 20.0% a year: a comparison"),
        (
            {"trend": {**TREND, "last": 0.01}},
            "already falling, from 2.0% to 1.0% over 60 lots: part of what came since",
        ),
        ({"season": ALL["season"]}, "up and down with the year, between 2.0% and 3.0%"),
        ({"withheld_at_lot": 15}, "On lot 15 the numbers alone would have spoken against the fix"),
        ({"blocks": 5, "waiting": 3}, "5 lots are judged as one: 3 of 5 lots of the next block are in."),
        ({"open": ALL["open"]}, "Lots still open: 4."),
        ({"overlapping": ALL["overlapping"]}, "Another fix, “New oven”, came into effect on 12 Nov"),
        ({"together_with": ["fix_1"]}, "proof must reach 40."),
    ],
)
def test_each_guard_has_its_sentence_and_none_has_none(guards, said):
    found = guarded(doc(**guards), WORDS)

    assert said in found
    assert bool(found) == bool(guards)


def test_documents_of_before_there_were_guards_say_nothing_of_them():
    assert guarded({"numbers": {}}, WORDS) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_it_at_once_is_said_in_every_language(language):
    found = guarded(doc(**ALL), Words(language, "UTC"))

    assert "%(" not in found
    assert "New oven" in found
    assert (language == "en") == ("already rising" in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_of_a_withheld_verdict_stays_within_thirty_words(language):
    numbers = {
        "baseline_rate": 0.2154, "promised_rate": 0.12, "lots": 64, "units": 3200, "events": 351, "lots_needed": None,
        "change_located": None, "pattern": None, "log_threshold": math.log(20),
    }  # fmt: skip
    found = {
        "line": {"code": "x", "name": "A line of five words at least", "site": "S", "time_zone": "UTC"},
        "fix": {"title": "t", "in_effect_at": "2026-11-12T06:00:00Z"},
        "measure": {"code": "defective", "name": "d", "events": "defective", "units": "inspected"},
        "defect_code": "a defect of many words", "verdict": "too_early", "pattern": None, "leaning": False,
        "numbers": numbers, "guards": {**NONE, "withheld_at_lot": 15},
    }  # fmt: skip

    assert len(sentence(found, Words(language, "UTC")).split()) <= (30 if language == "en" else 36)
