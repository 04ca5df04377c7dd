"""Evidence documents of every kind that a chart must bear, and how to read a drawn chart back."""

import math
import random
from xml.etree import ElementTree as ET

import pytest

from qc_service.desk.chart import MEDIUM, NARROW, WIDE, evidence_chart

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
    lots = [
        (stage, index, d)
        for stage, counts in (("before", before), ("straddling", straddling), ("after", after))
        for index, d in enumerate(counts)
    ]
    return {
        "line": {"code": "juice-cans", "name": "Juice cans", "site": "plant-1"},
        "fix": {"id": "fix_1", "title": title, "in_effect_at": "2026-08-13T06:00:00Z"},
        "measure": {"code": "defective", "name": "Defective units", "events": "defective", "units": "inspected"},
        "defect_code": None,
        "verdict": "too_early",
        "pattern": None,
        "leaning": False,
        "numbers": {
            **_numbers(n, after),
            "baseline_rate": centres["before"],
            "promised_rate": promise,
            "alarm_rate": alarm,
            "verified_at_lot": verified,
            "flagged_at_lot": flagged,
        },
        "points": [_point(place, *lot, n, centres.get(lot[0]), why) for place, lot in enumerate(lots)],
        "stages": [{"stage": name, "centre": centre} for name, centre in centres.items() if centre is not None],
        "points_left_out": 0,
        "as_of": "2026-09-03T14:00:00Z",
        "method": "fixwatch-1",
        **more,
    }


def _numbers(n, after):
    return {
        "assumed": False,
        "verification_rate": 0.1677,
        "lots": len(after),
        "units": n * len(after),
        "events": sum(after),
        "rate": sum(after) / (n * len(after)) if after else None,
        "log_e_fail": None,
        "log_e_ok": None,
        "change_located": None,
        "lots_needed": None,
        "threshold": 20,
    }


def _point(place, stage, index, d, n, centre, why):
    room = 3 * math.sqrt(max(centre * (1 - centre), centre / 9) / n) if centre else 0.0
    day = f"2026-08-{1 + place % 28:02}"
    return {
        "label": str(place + 1),
        "external_id": f"JC-{place + 1}",
        "source": "erp",
        "period_start": f"{day}T06:00:00Z",
        "period_end": f"{day}T14:00:00Z",
        "n": n,
        "d": d,
        "stage": stage,
        "excluded": stage == "before" and index in why,
        "why": why.get(index) if stage == "before" else None,
        "lot": index + 1 if stage == "after" else None,
        "low": None if centre is None else max(centre - room, 0.0),
        "high": None if centre is None else centre + room,
        "log_e_fail": -0.05 * index if stage == "after" else None,
        "log_e_ok": 0.1 * math.log(10) * index if stage == "after" else None,
    }


def many(before, after, n, rate_before, rate_after):
    source = random.Random(7)
    draw = [
        [sum(source.random() < rate for _ in range(n)) for _ in range(lots)]
        for lots, rate in ((before, rate_before), (after, rate_after))
    ]
    return make(*draw, n=n, promise=rate_after * 0.98, alarm=rate_after * 1.08, verified=38)


LONG = "The nozzle of the second filling head was replaced by the ceramic one and calibrated again, twice over"
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
    "several per unit": make((12, 10, 15, 9, 11) * 3, (8, 9, 7, 11) * 4, n=5, promise=1.0, alarm=1.11, flagged=9),
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


def marked(doc, hints=(), far_out=()):
    """The document with a hint at these lots after the fix, and with those far out."""
    points = [
        {**one, "hints": ["eight_on_one_side"] if one["lot"] in hints else [], "far_out": one["lot"] in far_out}
        for one in doc["points"]
    ]
    return {**doc, "points": points}


def pooled(doc, lots):
    """The document with so many lots to a pool, the last of which waits for more."""
    points = []
    for one in doc["points"]:
        place = (one["lot"] or 1) - 1
        members = [two for two in doc["points"] if two["lot"] and (two["lot"] - 1) // lots == place // lots]
        rate = sum(two["d"] for two in members) / sum(two["n"] for two in members)
        whole = {} if len(members) == lots else {"low": None, "high": None}
        after = one["stage"] == "after"
        points.append({**one, "pool": place // lots, "pool_rate": rate, **whole} if after else one)
    return {**doc, "points": points}


DOCS["hints"] = marked(DOCS["orange juice"], range(40, 52), (3,))
DOCS["far out"] = marked(make(BEFORE, (*AFTER[:6], 44), why=WHY), (), (7,))
DOCS["everything far out"] = marked(make(BEFORE, (40, 44) * 20), range(8, 40), range(1, 41))
DOCS["pools"] = pooled(make((1, 0, 2, 0) * 8, (0, 1, 0, 0) * 8 + (1,), n=5000, promise=0.0001, alarm=0.00013), 4)
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
