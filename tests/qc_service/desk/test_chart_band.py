"""The 95 % confidence of the rate since the fix, as a shape behind the lots, a name beside it, and a sentence."""

import pytest

from qc_service.desk.chart import evidence_chart
from tests.chart_stories import AFTER, BEFORE, SVG, WIDTHS, make, parsed

FROM = 15  # the lot since the fix after which there is an interval


def with_band(after=AFTER, **more):
    doc = make(BEFORE, after, **more)
    for point in doc["points"]:
        known = point["lot"] is not None and point["lot"] >= FROM
        point["rate_low"] = 0.02 + 0.001 * point["lot"] if known else None
        point["rate_high"] = 0.6 / point["lot"] + 0.1 if known else None
    return doc


def band(doc, **how):
    return [path for path in parsed(doc, **how).iter(f"{SVG}path") if path.get("class") == "likely"]


@pytest.mark.parametrize("width", WIDTHS)
def test_it_begins_where_it_is_known_and_has_two_sides(width):
    (path,) = band(with_band(), width=width)
    d = path.get("d")
    steps = sum(d.count(letter) for letter in "Mlhv")
    assert d.endswith("z")
    assert d.count("M") == 1
    assert len(AFTER) - FROM < steps <= 2 * (len(AFTER) - FROM + 1)


def test_lots_in_between_that_have_none_part_it():
    doc = with_band()
    for point in doc["points"]:
        if point["lot"] in {30, 31}:
            point["rate_low"] = point["rate_high"] = None
    (path,) = band(doc)
    assert path.get("d").count("M") == path.get("d").count("z") == 2


@pytest.mark.parametrize("doc", [make(BEFORE, AFTER), make(BEFORE, ()), with_band(AFTER[:10])])
def test_without_an_interval_nothing_is_drawn_or_said(doc):
    assert band(doc) == []
    assert "95%" not in evidence_chart(doc)


def test_its_name_and_the_description_give_the_latest_ends():
    svg = evidence_chart(with_band())
    assert "95%: 8.4%–10.9%" in svg
    assert "With 95% confidence the rate since the fix lies between 8.4% and 10.9%." in svg


def test_its_name_stands_right_below_the_rate():
    texts = [(float(one.get("y")), one.text) for one in parsed(with_band()).iter(f"{SVG}text")]
    names = [text for _, text in sorted(texts) if text.startswith(("after ", "95%: "))]
    assert [name[:4] for name in names] == ["afte", "95%:"]
