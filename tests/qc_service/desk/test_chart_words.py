"""How a chart writes numbers and names, in any language, and the sparkline."""

import math
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.desk.chart import NARROW, doc_sparkline, evidence_chart, sparkline
from qc_service.desk.chart_lettering import spread, text_width, wrap
from qc_service.desk.chart_scales import Wording, path
from tests.chart_stories import AFTER, BEFORE, DOCS, EACH_WIDTH, LONG, SVG, group, labels, make, parsed, texts


@pytest.mark.parametrize(
    ("name", "ticks"),
    [
        ("orange juice", ["0%", "10%", "20%", "30%", "40%", "50%"]),
        ("always", ["0%", "20%", "40%", "60%", "80%", "100%"]),
        ("rare", ["0.00%", "0.02%", "0.04%", "0.06%"]),
        ("several per unit", ["0", "1", "2", "3"]),
    ],
)
def test_the_axis_is_written_as_its_rates_need(name, ticks):
    drawn = [text for text, kind, _ in labels(parsed(DOCS[name])) if kind == "tick"]
    assert drawn == [*ticks, "proof"]


def test_rates_that_differ_are_written_differently():
    assert {"alarm 0.013%", "promise 0.010%"} <= set(texts(parsed(DOCS["rare"])))
    close = texts(parsed(make(BEFORE, AFTER, promise=0.108, alarm=0.1085)))
    assert {"promise 10.80%", "alarm 10.85%"} <= set(close)


def test_more_events_than_units_are_no_percentage():
    said = texts(parsed(DOCS["several per unit"]))
    assert {"after 1.8", "promise 1.0", "alarm 1.1"} <= set(said)
    assert not any("%" in text for text in said)


def test_one_tiny_lot_does_not_flatten_the_rest():
    doc = make(BEFORE, AFTER)
    doc["points"][40]["high"] = 1.0
    ticks = [text for text, kind, _ in labels(parsed(doc)) if kind == "tick"]
    assert "100%" not in ticks


@pytest.mark.parametrize(
    "title", ["<script>alert(1)</script>", "]]> & \"quotes\" 'too'", "a\x00b\x0bc\ufffe", "{{ 7*7 }}", "\n"]
)
def test_a_hostile_name_stays_text(title):
    why = {2: title or "x"}
    root = parsed(make(BEFORE, AFTER, title=title, why=why, defect_code=title), sentence=title)
    assert not list(root.iter(f"{SVG}script"))
    shown = " ".join("".join(char for char in title if char not in "\x00\x0b\ufffe").split())
    assert (f"Fix: {shown}" if shown else "Fix") in texts(root)


def test_a_long_name_is_cut_on_the_chart_and_whole_in_its_title():
    root = parsed(DOCS["long name, late fix"], width=NARROW)
    lines = [text for text, kind, _ in labels(root) if kind == "fix"]
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert LONG in root.find(f"{SVG}title").text


def test_a_word_longer_than_its_room_is_cut():
    assert wrap("x" * 400, 100, 13, lines=2)[0].endswith("…")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None, "many", True])
def test_numbers_that_are_none_are_left_out(bad):
    doc = make(BEFORE, AFTER, verified=19)
    doc["points"][3] |= {"d": bad}
    doc["points"][50] |= {"low": bad, "log_e_ok": bad, "log_e_fail": bad}
    doc["numbers"] |= {"promised_rate": bad, "threshold": bad}
    svg = evidence_chart(doc)
    assert not re.search(r"nan|inf\b", svg)
    root = ET.fromstring(svg)  # noqa: S314  our own output
    assert len(group(root, "points")) == len(BEFORE) + len(AFTER) - 1
    assert len(group(root, "joins")) == 3
    assert not any(text.startswith("promise") for text in texts(root))
    assert "enough: 20" in texts(root)


@EACH_WIDTH
def test_five_hundred_lots_stay_below_forty_kilobytes(width):
    assert len(evidence_chart(DOCS["five hundred lots"], width=width).encode()) <= 40_000


def test_another_language_brings_its_own_words_and_numbers():
    danish = Wording(
        text=lambda message, **values: message.replace("promise", "løfte") % values,
        percent=lambda value, decimals: f"{100 * value:.{decimals}f} %".replace(".", ","),
        number=lambda value, decimals: f"{value:.{decimals}f}".replace(".", ","),
        day=lambda moment: f"{int(moment[8:10])}. aug. 2026",
    )
    said = texts(parsed(DOCS["orange juice"], wording=danish))
    assert {"løfte 12,0 %", "10 %", "13. aug. 2026"} <= set(said)


def test_a_day_that_is_none_is_shown_as_it_is():
    doc = make(BEFORE, AFTER)
    doc["fix"]["in_effect_at"] = "soon"
    assert "soon" in texts(parsed(doc))


@given(
    st.lists(st.floats(0, 100), max_size=6),
    st.floats(1, 16),
)
def test_spread_keeps_order_and_distance(wanted, gap):
    places = spread(wanted, gap, 0, 100)
    ranked = [place for _, place in sorted(zip(wanted, places, strict=True))]
    assert all(later - earlier >= gap - 1e-6 for earlier, later in pairwise(ranked))
    assert all(-1e-6 <= place <= 100 + 1e-6 for place in places)
    assert len(places) == len(wanted)


def test_spread_moves_only_what_is_too_close():
    assert spread([10, 50, 52, 90], 16, 0, 100) == [10, 43, 59, 90]


@given(st.lists(st.tuples(st.floats(0, 999), st.floats(0, 999)), min_size=1, max_size=40))
def test_a_relative_path_ends_where_it_should(points):
    d = path(points)
    x = y = 0.0
    for letter, rest in re.findall(r"([Mlhv])([^Mlhv]*)", d):
        numbers = [float(number) for number in rest.split()]
        if letter == "M":
            x, y = numbers
        else:
            x += numbers[0] if letter in "lh" else 0
            y += numbers[-1] if letter in "lv" else 0
    assert math.isclose(x, points[-1][0], abs_tol=0.051)
    assert math.isclose(y, points[-1][1], abs_tol=0.051)


def test_a_wide_letter_needs_more_room_than_a_slim_one():
    assert text_width("W", 13) > text_width("n", 13) > text_width("i", 13)
    assert text_width("検査", 13) > 2 * text_width("nn", 13) * 0.6


def test_a_sparkline_draws_its_rates_and_marks_the_fix():
    root = ET.fromstring(sparkline([0.2, 0.3, 0.1, 0.1], 2, title="Juice cans"))  # noqa: S314
    assert root.find(f"{SVG}title").text == "Juice cans"
    assert [node.get("class") for node in root.iter(f"{SVG}path")] == ["fix", None]
    assert len(list(root.iter(f"{SVG}circle"))) == 1


@pytest.mark.parametrize("rates", [[], [None], [0.0], [0.0, 0.0], [math.nan, 0.2], [0.1, None, 0.2, 0.3]])
def test_a_sparkline_bears_what_is_missing(rates):
    svg = sparkline(rates, 0)
    ET.fromstring(svg)  # noqa: S314  our own output
    assert "nan" not in svg


def test_a_sparkline_of_the_last_lots_marks_a_fix_only_if_it_lies_among_them():
    assert 'class="fix"' in doc_sparkline(make(BEFORE, AFTER[:10]))
    assert 'class="fix"' not in doc_sparkline(make(BEFORE, AFTER), lots=40)
    assert 'class="fix"' in doc_sparkline(make(BEFORE, ()))
