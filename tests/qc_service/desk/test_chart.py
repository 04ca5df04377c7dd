"""The chart says what the document says, stays legible at the extremes, and never breaks as XML."""

import math
import random
import re
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_service.desk.chart import MEDIUM, NARROW, WIDE, doc_sparkline, evidence_chart, sparkline
from qc_service.desk.chart_lettering import spread, text_width, wrap
from qc_service.desk.chart_scales import Wording, path

WIDTHS = (WIDE, MEDIUM, NARROW)
SVG = "{http://www.w3.org/2000/svg}"

# Nonconforming cans in samples of 50. D. C. Montgomery, Introduction to Statistical Quality Control,
# 2nd ed., Wiley 1991, pp. 152-159: 30 samples before the machine was adjusted, 64 after.
# fmt: off
BEFORE = (
    12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7,
    13, 9, 6,
)
AFTER = (
    9, 6, 12, 5, 6, 4, 6, 3, 7, 6, 2, 4, 3, 6, 5, 4, 8, 5, 6, 7, 5, 6, 3, 5, 8, 7, 5, 6, 4, 5, 2, 3, 4,
    7, 6, 5, 5, 3, 7, 9, 6, 10, 4, 3, 5, 8, 11, 9, 7, 3, 5, 2, 1, 4, 5, 3, 7, 6, 4, 4, 6, 8, 5, 6,
)
# fmt: on
WHY = {14: "new cardboard", 22: "new operator"}


def make(
    before=(),
    after=(),
    *,
    n=50,
    why=None,
    promise=0.12,
    alarm=0.1295,
    title="Machine adjusted",
    straddling=(),
    verified=None,
    flagged=None,
    **more,
):
    """An evidence document of counts per lot; the proof grows by a tenth of a power of ten a lot."""
    why = why or {}
    kept = [d for index, d in enumerate(before) if index not in why]
    centres = {
        "before": (sum(kept) + 0.5) / (n * len(kept)) if kept else None,
        "after": sum(after) / (n * len(after)) if after else None,
    }
    points = []
    for stage, counts in (("before", before), ("straddling", straddling), ("after", after)):
        for index, d in enumerate(counts):
            centre = centres.get(stage)
            spread_of = 3 * math.sqrt(max(centre * (1 - centre), centre / 9) / n) if centre else 0.0
            points.append(
                {
                    "label": str(len(points) + 1),
                    "external_id": f"JC-{len(points) + 1}",
                    "source": "erp",
                    "period_start": f"2026-08-{1 + len(points) % 28:02}T06:00:00Z",
                    "period_end": f"2026-08-{1 + len(points) % 28:02}T14:00:00Z",
                    "n": n,
                    "d": d,
                    "stage": stage,
                    "excluded": stage == "before" and index in why,
                    "why": why.get(index) if stage == "before" else None,
                    "lot": index + 1 if stage == "after" else None,
                    "low": None if centre is None else max(centre - spread_of, 0.0),
                    "high": None if centre is None else centre + spread_of,
                    "log_e_fail": -0.05 * index if stage == "after" else None,
                    "log_e_ok": 0.1 * math.log(10) * index if stage == "after" else None,
                }
            )
    return {
        "line": {"code": "juice-cans", "name": "Juice cans", "site": "plant-1"},
        "fix": {"id": "fix_1", "title": title, "in_effect_at": "2026-08-13T06:00:00Z"},
        "measure": {
            "code": "defective",
            "name": "Defective units",
            "events": "defective",
            "units": "inspected",
        },
        "defect_code": None,
        "verdict": "too_early",
        "pattern": None,
        "leaning": False,
        "numbers": {
            "baseline_rate": centres["before"],
            "promised_rate": promise,
            "assumed": False,
            "alarm_rate": alarm,
            "verification_rate": 0.1677,
            "lots": len(after),
            "units": n * len(after),
            "events": sum(after),
            "rate": centres["after"],
            "log_e_fail": None,
            "log_e_ok": None,
            "verified_at_lot": verified,
            "flagged_at_lot": flagged,
            "change_located": None,
            "lots_needed": None,
            "threshold": 20,
        },
        "points": points,
        "stages": [
            {"stage": name, "centre": centre} for name, centre in centres.items() if centre is not None
        ],
        "points_left_out": 0,
        "as_of": "2026-09-03T14:00:00Z",
        "method": "fixwatch-1",
        **more,
    }


def many(before, after, n, rate_before, rate_after):
    source = random.Random(7)
    draw = [
        [sum(source.random() < rate for _ in range(n)) for _ in range(lots)]
        for lots, rate in ((before, rate_before), (after, rate_after))
    ]
    return make(*draw, n=n, promise=rate_after * 0.98, alarm=rate_after * 1.08, verified=38)


LONG = (
    "The nozzle of the second filling head was replaced by the ceramic one and calibrated again, twice over"
)
DOCS = {
    "orange juice": make(BEFORE, AFTER, why=WHY, verified=19),
    "thirty lots": make(BEFORE[:10], BEFORE[10:], flagged=11, verdict="not_holding", pattern="never_worked"),
    "five lots": make(BEFORE[:1], AFTER[:4]),
    "one lot": make((), AFTER[:1]),
    "no lot": make(),
    "none after the fix": make(BEFORE, (), why=WHY),
    "no baseline": make((), AFTER, verified=19),
    "five hundred lots": many(200, 300, 400, 0.02, 0.011) | {"points_left_out": 1204},
    "rare": make((1, 0, 2, 0) * 8, (0, 1, 0, 0) * 8, n=5000, promise=0.0001, alarm=0.00013),
    "always": make((50,) * 6, (50,) * 6, promise=0.9, alarm=0.95),
    "never": make((0,) * 6, (0,) * 6, promise=0.0, alarm=0.001),
    "several per unit": make(
        (12, 10, 15, 9, 11) * 3, (8, 9, 7, 11) * 4, n=5, promise=1.0, alarm=1.11, flagged=9
    ),
    "long name, late fix": make(BEFORE * 2, AFTER[:4], why=WHY, title=LONG),
    "long name, early fix": make(BEFORE[:3], AFTER, title=LONG, straddling=(9,), verified=19),
    "names on top of each other": make(BEFORE, AFTER, why=WHY, promise=0.109, alarm=0.1095, verified=2),
    "half left out": make(BEFORE, AFTER, why=dict.fromkeys(range(0, 30, 2), "trial run")),
    "relapsed": make(
        BEFORE,
        AFTER + BEFORE,
        verified=19,
        flagged=70,
        verdict="not_holding",
        pattern="relapsed",
        points_left_out=12,
    ),
}
DOCS["relapsed"]["numbers"]["change_located"] = 61
EVERY = pytest.mark.parametrize("name", DOCS)
EACH_WIDTH = pytest.mark.parametrize("width", WIDTHS)


def parsed(doc, **how):
    return ET.fromstring(evidence_chart(doc, **how))  # noqa: S314  our own output


def group(root, name):
    return next(node for node in root.iter(f"{SVG}g") if node.get("class") == name)


def labels(root):
    """Every visible text with the box it fills, by a width that is rather too small than too large."""
    found = []
    for node in root.iter(f"{SVG}text"):
        if node.get("aria-hidden"):
            continue
        size = float(node.get("font-size"))
        width = 0.5 * size * len(node.text)
        x, y = float(node.get("x")), float(node.get("y"))
        left = x - {None: 0, "middle": width / 2, "end": width}[node.get("text-anchor")]
        found.append((node.text, node.get("class"), (left, y - 0.7 * size, left + width, y + 0.15 * size)))
    return found


def texts(root):
    return [text for text, _, _ in labels(root)]


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


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
        *("before 21.5%", "alarm 13.0%", "promise 12.0%", "now 11.0%"),
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
    assert {"now 1.8", "promise 1.0", "alarm 1.1"} <= set(said)
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
