"""The sentence says what is wrong in at most 30 words; the explanation says how sure that is, and why."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.flags.sentences import PATTERNS, explanation, sentence
from qc_service.words import Words

WORDS = Words(zone="Asia/Jakarta")


def doc(**changes: Any) -> dict[str, Any]:
    numbers = {
        "baseline_rate": 0.2154, "promised_rate": 0.12, "assumed": False, "stays_at": False, "alarm_rate": 0.1295,
        "verification_rate": 0.1677, "lots": 64, "units": 3200, "events": 351, "rate": 0.1097, "log_e_fail": -0.9,
        "log_e_ok": 14.7, "verified_at_lot": 19, "flagged_at_lot": None, "log_e_flag": None, "change_located": None,
        "change_units": 0, "change_events": 0, "lots_needed": None, "pattern": None, "threshold": 20,
        "log_threshold": math.log(20),
    } | changes.pop("numbers", {})  # fmt: skip
    base = {
        "line": {"code": "juice", "name": "Juice cans", "site": "S", "time_zone": "UTC"},
        "fix": {"title": "Machine adjusted", "in_effect_at": "2026-11-12T06:00:00Z"},
        "measure": {"code": "defective", "name": "Defective units", "events": "defective", "units": "inspected"},
        "defect_code": None, "verdict": "holding", "pattern": None, "leaning": False, "numbers": numbers,
    }  # fmt: skip
    made = {**base, **changes}
    numbers["pattern"] = made["pattern"]
    return made


def test_a_fix_that_holds():
    assert sentence(doc(), WORDS) == (
        "Juice cans, defective: 351 of 3,200 since the fix (11.0%). Before the 12 Nov fix 21.5%. Holding."
    )
    assert "proved on lot 19" in explanation(doc(), WORDS)
    assert "less than once in 1,000,000 fixes" in explanation(doc(), WORDS)


def test_between_which_rates_it_is_said_once_it_is_known():
    known = doc(numbers={"interval": [0.0833, 0.143]})

    said = " With 95% confidence the rate since the fix lies between 8.33% and 14.3%, however often you look."
    assert explanation(known, WORDS) == explanation(doc(), WORDS) + said
    assert explanation(doc(numbers={"interval": None}), WORDS) == explanation(doc(), WORDS)
    assert "95 % sikkerhed" in explanation(known, Words("da")).replace("\xa0", " ")


def test_of_a_relapse_no_one_rate_is_said():
    relapsed = {"verdict": "not_holding", "pattern": "relapsed", "numbers": {"flagged_at_lot": 66}}
    known = {**relapsed, "numbers": {"flagged_at_lot": 66, "interval": [0.02, 0.04]}}

    assert explanation(doc(**known), WORDS) == explanation(doc(**relapsed), WORDS)


def test_a_fix_that_never_worked_names_its_promise():
    found = doc(verdict="not_holding", pattern="never_worked", numbers={"flagged_at_lot": 11})

    assert sentence(found, WORDS).endswith("Before the 12 Nov fix 21.5%, promised 12.0%. Not holding: never worked.")
    assert "the alarm number is 13.0%" in explanation(found, WORDS).lower()


def test_a_relapse_counts_from_where_it_began_and_says_what_was_before_it():
    found = doc(
        verdict="not_holding", pattern="relapsed",
        numbers={
            "change_located": 61, "change_units": 240, "change_events": 13, "units": 3240, "events": 43,
            "flagged_at_lot": 66,
        },
    )  # fmt: skip

    assert sentence(found, WORDS) == (
        "Juice cans, defective: 13 of 240 since lot 61 (5.42%). Before the 12 Nov fix 21.5%, just after it 1.0%. "
        "Not holding: relapsed."
    )
    assert "Since lot 61, 13 of 240 units were defective" in explanation(found, WORDS)


def test_too_early_says_how_much_is_missing_or_that_it_cannot_be_told():
    early = doc(verdict="too_early", numbers={"verified_at_lot": None, "lots_needed": 9, "log_e_ok": 1.0})
    unknown = doc(verdict="too_early", numbers={"verified_at_lot": None})
    nothing = doc(
        verdict="too_early", numbers={"verified_at_lot": None, "lots": 0, "units": 0, "events": 0, "rate": None}
    )

    assert sentence(early, WORDS).endswith("Too early: about 9 more lots.")
    assert sentence(unknown, WORDS).endswith("Too early to tell.")
    assert sentence(nothing, WORDS) == "Juice cans, defective: nothing counted since the 12 Nov fix. Too early to tell."
    assert "cannot be told yet" in explanation(unknown, WORDS)
    assert "No lot has been counted since." in explanation(nothing, WORDS)


def test_an_assumed_promise_and_a_promise_to_stay_are_named_as_such():
    assert "half the rate before it was assumed" in explanation(doc(numbers={"assumed": True}), WORDS)
    stays = explanation(doc(numbers={"stays_at": True}), WORDS)
    assert "promised to stay at 12.0%" in stays
    assert "that the rate stays below 16.8%" in stays


def test_the_day_is_that_of_the_site():
    late = doc(fix={"title": "x", "in_effect_at": "2026-11-12T20:00:00Z"})

    assert "Before the 13 Nov fix" in sentence(late, WORDS)


NAMES = st.lists(
    st.sampled_from(["Cartoner", "line", "number", "3", "of", "hall", "B", "(new)"]), min_size=1, max_size=12
)


@given(
    st.sampled_from(["holding", "not_holding", "too_early"]), st.sampled_from(sorted(PATTERNS)), NAMES,
    NAMES | st.none(), st.booleans(), st.integers(0, 10**9), st.integers(2, 10**9), st.none() | st.floats(0, 1),
    st.none() | st.integers(1, 10**6), st.none() | st.integers(1, 10**4),
)  # fmt: skip
def test_no_sentence_is_longer_than_thirty_words(
    verdict, pattern, name, code, leaning, events, units, before, needed, since
):
    found = doc(
        verdict=verdict, pattern=pattern if verdict == "not_holding" else None, leaning=leaning,
        line={"name": " ".join(name), "time_zone": "UTC"}, defect_code=" ".join(code) if code else None,
        numbers={
            "events": min(events, units), "units": units, "baseline_rate": before, "lots_needed": needed,
            "change_located": since, "change_units": units // 2, "change_events": 0, "flagged_at_lot": 3,
        },
    )  # fmt: skip

    assert len(sentence(found, WORDS).split()) <= 30
    assert "None" not in sentence(found, WORDS) + explanation(found, WORDS)


@pytest.mark.parametrize(
    ("rate", "written"),
    [
        (0, "0%"),
        (0.2154, "21.5%"),
        (0.0165, "1.65%"),
        (0.0004, "0.04%"),
        (0.00001, "0.001%"),
        (1, "100.0%"),
        (None, "–"),
        (0.1, "10.0%"),
    ],
)
def test_percentages_keep_three_figures_and_never_round_something_to_nothing(rate, written):
    assert WORDS.percent(rate) == written
