"""Hints in words, and the lots that they are about."""

from qc_service.charts.hints import WESTERN_ELECTRIC
from qc_service.desk.chart_hints import CHART_NAMES, PATTERNS, listed, pattern
from tests.chart_stories import DOCS, make, marked


def test_every_pattern_that_evidence_may_name_has_words():
    assert set(PATTERNS) == set(WESTERN_ELECTRIC)
    assert set(CHART_NAMES) == {"laney_p", "laney_u"}


def test_lots_in_a_row_are_a_span():
    doc = marked(make((), (5,) * 30), (3, 8, 9, 10, 21, 22))

    assert listed(doc["points"]) == [{"pattern": "eight in a row on one side", "lots": "3, 8–10, 21–22", "one": False}]


def test_what_was_seen_before_the_fix_is_not_listed():
    doc = DOCS["orange juice"]
    points = [{**one, "hints": ["beyond_limits"]} for one in doc["points"] if one["stage"] == "before"]

    assert listed(points) == []


def test_a_pattern_of_other_days_is_named_as_it_is():
    assert pattern("three_in_a_tree") == "three_in_a_tree"
