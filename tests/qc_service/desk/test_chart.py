"""The chart says what the document says, stays legible at the extremes, and never breaks as XML."""

import re
from itertools import combinations

import pytest

from qc_service.desk.chart import NARROW, evidence_chart
from tests.chart_stories import (
    AFTER,
    BEFORE,
    DOCS,
    EACH_WIDTH,
    EVERY,
    SVG,
    WHY,
    group,
    labels,
    make,
    marked,
    overlap,
    parsed,
    texts,
)


@EVERY
@EACH_WIDTH
def test_names_never_stand_on_each_other_nor_outside_the_drawing(name, width):
    root = parsed(DOCS[name], width=width)
    _, _, right, bottom = (float(number) for number in root.get("viewBox").split())
    named = labels(root)
    clashes = [(one[0], other[0]) for one, other in combinations(named, 2) if overlap(one[2], other[2])]
    assert clashes == []
    for text, _, box in named:
        assert box[0] >= 0, text
        assert box[2] <= right, text
        assert 0 <= box[1] < box[3] <= bottom, text


@EVERY
@EACH_WIDTH
def test_one_point_a_lot_and_hollow_ones_for_what_the_baseline_leaves_out(name, width):
    doc = DOCS[name]
    root = parsed(doc, width=width)
    left_out = [point for point in doc["points"] if point["excluded"] or point["stage"] == "straddling"]
    assert len(group(root, "left-out")) == len(left_out)
    assert len(group(root, "points")) == len(doc["points"]) - len(left_out)
    assert group(root, "left-out").get("fill") == "#fff"


@EVERY
@EACH_WIDTH
def test_every_number_is_a_number(name, width):
    svg = evidence_chart(DOCS[name], width=width)
    shapes = re.sub(r"<(text|desc)\b.*?</\1>", "", svg)
    assert not re.search(r"nan|inf\b|infinity|None|undefined|\d\.\d{2,}", shapes)
    for circle in parsed(DOCS[name], width=width).iter(f"{SVG}circle"):
        assert 0 <= float(circle.get("cx")) <= width
        assert float(circle.get("r")) > 1


@EVERY
def test_nothing_in_it_needs_a_style_sheet_or_a_script(name):
    svg = evidence_chart(DOCS[name])
    assert not re.search(r"style=|<style|<script|\son\w+=|href", svg)


@EVERY
def test_a_screen_reader_has_a_title_and_a_description(name):
    root = parsed(DOCS[name], sentence="The fix is holding.")
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    assert title.text == "The fix is holding."
    assert f"since the fix: {DOCS[name]['numbers']['lots']}." in description.text


def test_the_description_tells_the_numbers():
    description = parsed(DOCS["orange juice"]).find(f"{SVG}desc").text
    assert description == (
        "Lots before the fix: 30, since the fix: 64. Left out of the baseline: 2. Before the fix 21.5%. "
        "Since the fix 11.0%. Promise 12.0%. Alarm number 13.0%. Proved at lot 19 after the fix."
    )


def test_without_a_sentence_the_title_names_line_measure_and_fix():
    title = parsed(DOCS["orange juice"]).find(f"{SVG}title").text
    assert title == "Defective units, Juice cans, before and after the fix: Machine adjusted"


@EACH_WIDTH
def test_each_line_is_named_at_the_right_edge_from_top_to_bottom(width):
    all_named = labels(parsed(DOCS["orange juice"], width=width))
    named = [(box[1], text) for text, kind, box in all_named if "edge" in kind]
    assert [text for _, text in sorted(named)] == [
        *("before 21.5%", "alarm 13.0%", "promise 12.0%", "after 11.0%"),
        *("that it holds", "enough: 20", "that it does not"),
    ]


def test_an_assumed_promise_says_so():
    doc = make(BEFORE, AFTER)
    doc["numbers"]["assumed"] = True
    assert "promise 12.0%, assumed" in texts(parsed(doc))
    assert "assumed 12.0%" in texts(parsed(doc, width=NARROW))


def test_the_reasons_stand_beside_the_hollow_points():
    assert {"15: new cardboard", "23: new operator"} <= set(texts(parsed(DOCS["orange juice"])))


def test_where_a_reason_has_no_room_the_lot_is_still_numbered():
    said = texts(parsed(DOCS["orange juice"], width=NARROW))
    assert {"15", "23"} <= set(said)


def test_a_reason_matters_more_than_a_long_number():
    doc = make(BEFORE, AFTER, why=WHY)
    doc["points"][14]["label"] = "ORDER-2026-000118/0040-7"
    assert {"new cardboard", "23: new operator"} <= set(texts(parsed(doc)))


def test_a_note_hides_no_lot():
    root = parsed(DOCS["half left out"])
    drawn = [*group(root, "points"), *group(root, "left-out")]
    spots = [(float(circle.get("cx")), float(circle.get("cy"))) for circle in drawn]
    for text, kind, (left, top, right, bottom) in labels(root):
        if kind == "note":
            assert not [spot for spot in spots if left < spot[0] < right and top < spot[1] < bottom], text


@EACH_WIDTH
def test_the_fix_stands_between_the_last_lot_before_and_the_first_after(width):
    root = parsed(DOCS["orange juice"], width=width)
    drawn = [*group(root, "points"), *group(root, "left-out")]
    xs = sorted(float(circle.get("cx")) for circle in drawn)
    fix = next(node for node in root.iter(f"{SVG}path") if node.get("class") == "fix")
    x = float(re.match(r"M([\d.]+) ", fix.get("d"))[1])
    assert xs[29] < x < xs[30]
    assert len(group(root, "joins")) == 2  # the thin line is not drawn across it


def test_a_lot_under_way_when_the_fix_came_stands_on_its_line_and_is_hollow():
    root = parsed(DOCS["long name, early fix"])
    fix = next(node for node in root.iter(f"{SVG}path") if node.get("class") == "fix")
    assert fix.get("d").startswith(f"M{group(root, 'left-out')[0].get('cx')} ")


@pytest.mark.parametrize(
    ("name", "said", "shape"),
    [
        ("orange juice", "proved at lot 19 after the fix", "circle"),
        ("thirty lots", "not holding at lot 11 after the fix", "path"),
    ],
)
def test_the_strip_of_proof_marks_where_it_was_enough(name, said, shape):
    root = parsed(DOCS[name])
    assert said in texts(root)
    assert [node.tag for node in group(root, "marks")] == [SVG + shape]


def test_a_relapse_shows_from_where_on():
    root = parsed(DOCS["relapsed"])
    assert "worse from lot 61" in texts(root)
    assert any(node.get("class") == "worse" for node in root.iter(f"{SVG}path"))
    assert len(group(root, "marks")) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [("no lot", "No lots yet"), ("none after the fix", "No lots since the fix yet")],
)
def test_what_is_missing_is_said(name, said):
    root = parsed(DOCS[name])
    assert said in texts(root)
    assert "that it holds" not in texts(root)


def test_lots_that_are_not_drawn_are_counted():
    assert "Earlier lots not drawn: 1,204" in texts(parsed(DOCS["five hundred lots"]))


def drawn(root, name):
    """What stands in a group of the drawing; nothing where the group is not drawn."""
    return [one for node in root.iter(f"{SVG}g") if node.get("class") == name for one in node]


@EACH_WIDTH
def test_a_hint_is_a_small_wedge_beyond_its_lot_and_its_pattern_stands_in_words(width):
    root = parsed(DOCS["hints"], width=width)

    assert len(drawn(root, "hints")) == 12
    sparse = marked(make(BEFORE[:10], (9, 9, 8, 9, 2, 2, 3, 2, 2, 3, 2, 2)), (12,))
    assert "hint: eight in a row on one side" in texts(parsed(sparse))
    assert "Lots with a hint, which is no verdict: 12." in root.find(f"{SVG}desc").text


def test_a_wedge_points_away_from_the_centre_line():
    root = parsed(marked(make(BEFORE, (9, 2) * 10), (1, 2)))

    above, below = (one.get("d") for one in drawn(root, "hints"))
    assert "-5z" in above
    assert "-5z" not in below
    assert not drawn(parsed(DOCS["orange juice"]), "hints")


@EACH_WIDTH
def test_a_lot_far_out_has_an_amber_ring_and_its_number(width):
    root = parsed(DOCS["far out"], width=width)

    assert len(drawn(root, "far-out")) == 1
    assert "lot 7 far out" in texts(parsed(DOCS["far out"]))
    assert "Far out: lot 7 after the fix." in root.find(f"{SVG}desc").text


def test_after_a_flag_no_lot_is_ringed_any_more():
    doc = marked(make(BEFORE, (40, 44) * 8, flagged=5), (), range(1, 17))

    assert len(drawn(parsed(doc), "far-out")) == 5


def test_limits_are_stepped_lines_that_break_where_a_lot_has_none_in_the_drawing():
    doc = make(BEFORE, AFTER)
    assert len(drawn(parsed(doc), "limits")) == 3  # none below the lots after the fix, which may come down to 0
    doc["points"][40]["high"] = 9.0
    doc["points"][50]["high"] = 0.3
    lines = [one.get("d") for one in drawn(parsed(doc), "limits")]
    assert len(lines) == 4
    assert any("v" in line for line in lines)


def test_rare_events_are_drawn_as_the_steps_of_their_pools():
    root = parsed(DOCS["pools"])

    assert len(drawn(root, "pools")) == 9
    assert len(drawn(root, "points")) == 65
