"""The evidence document as a chart needs it: clean text, finite numbers, points in order."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BEFORE, STRADDLING, AFTER = "before", "straddling", "after"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PER_DECADE = math.log(10)
_DEFAULT_THRESHOLD = 20.0


@dataclass(frozen=True, slots=True)
class Point:
    stage: str
    rate: float | None
    low: float | None
    high: float | None
    left_out: bool  # the baseline does not count it
    label: str
    why: str
    lot: int | None
    fail: float | None  # log10 of the proof that the fix does not hold
    ok: float | None
    at: str
    hints: tuple[str, ...] = ()  # the rules whose pattern is complete here
    above: bool = True  # the centre line of its stage
    far_out: bool = False  # and not after a flag: then every lot may be, and the page says what is wrong
    pool: int | None = None  # of a stage whose lots are too small to have limits of their own
    pool_rate: float | None = None
    likely: tuple[float, float] | None = None  # the rate since the fix with 95 % confidence, as known after this lot


@dataclass(frozen=True, slots=True)
class Reading:
    line: str
    measure: str
    fix_title: str
    in_effect_at: str
    points: tuple[Point, ...]
    centre_before: float | None
    rate_before: float | None  # as the sentence says it, which may be a hair above the centre of the lots shown
    centre_after: float | None
    promise: float | None
    alarm: float | None
    assumed: bool
    threshold: float
    verified_at_lot: int | None
    flagged_at_lot: int | None
    worse_since_lot: int | None
    points_left_out: int
    per_unit: bool
    fixed: bool = True  # what parts before and after is a fix; else its title says what

    @property
    def before(self) -> int:
        """How many points stand before the fix: a lot before it ends before it, so they come first."""
        return sum(point.stage == BEFORE for point in self.points)

    @property
    def after(self) -> list[tuple[int, Point]]:
        return [(index, point) for index, point in enumerate(self.points) if point.stage == AFTER]


def clean(value: object) -> str:
    """Text that XML can carry, on one line."""
    return " ".join(_NO_XML.sub("", str(value or "")).split())


def finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def _whole(value: object) -> int | None:
    number = finite(value)
    return None if number is None else int(number)


def _decades(value: object) -> float | None:
    number = finite(value)
    return None if number is None else number / _PER_DECADE


def _ends(low: object, high: object) -> tuple[float, float] | None:
    bottom, top = finite(low), finite(high)
    return None if bottom is None or top is None else (bottom, top)


def _point(raw: Mapping[str, Any], centres: Mapping[str, float | None], flagged: float) -> Point:
    n, d = finite(raw.get("n")), finite(raw.get("d"))
    stage = str(raw.get("stage"))
    left_out = bool(raw.get("excluded")) or stage == STRADDLING
    rate = d / n if n is not None and d is not None and n > 0 and d >= 0 else None
    pool_rate = finite(raw.get("pool_rate"))
    value = rate if pool_rate is None else pool_rate
    return Point(
        stage=stage,
        rate=rate,
        low=finite(raw.get("low")),
        high=finite(raw.get("high")),
        left_out=left_out,
        label=clean(raw.get("label")),
        why=clean(raw.get("why")) if left_out else "",
        lot=_whole(raw.get("lot")),
        fail=_decades(raw.get("log_e_fail")),
        ok=_decades(raw.get("log_e_ok")),
        at=str(raw.get("period_end") or ""),
        hints=tuple(map(str, raw.get("hints") or ())),
        above=(value or 0.0) >= (centres.get(stage) or 0.0),
        far_out=bool(raw.get("far_out")) and (finite(raw.get("lot")) or 0.0) <= flagged,
        pool=_whole(raw.get("pool")),
        pool_rate=pool_rate,
        likely=_ends(raw.get("rate_low"), raw.get("rate_high")),
    )


def _a_share(rate: float | None, per_unit: bool) -> float | None:  # noqa: FBT001 - both are numbers of one measure
    return rate if rate is None or per_unit else min(rate, 1.0)


def read(doc: Mapping[str, Any]) -> Reading:
    numbers: Mapping[str, Any] = doc.get("numbers") or {}
    centres = {str(stage["stage"]): finite(stage.get("centre")) for stage in doc.get("stages") or ()}
    flagged = finite(numbers.get("flagged_at_lot")) or math.inf
    points = tuple(_point(raw, centres, flagged) for raw in doc.get("points") or ())
    measure = clean(doc["measure"].get("name"))
    if doc.get("defect_code"):
        measure = f"{measure} · {clean(doc['defect_code'])}"
    promise = finite(numbers.get("promised_rate"))
    # The rate before is (events + 0.5) / units and may pass 1 where every unit is bad: no sign of it.
    per_unit = any(rate > 1 for rate in [promise, *(point.rate for point in points)] if rate is not None)
    baseline = finite(numbers.get("baseline_rate"))
    before = centres.get(BEFORE, baseline)
    return Reading(
        line=clean(doc["line"].get("name")),
        measure=measure,
        fix_title=clean(doc["fix"].get("title")),
        in_effect_at=str(doc["fix"].get("in_effect_at") or ""),
        points=points,
        centre_before=_a_share(before, per_unit),
        rate_before=_a_share(before if baseline is None else baseline, per_unit),
        centre_after=centres.get(AFTER, finite(numbers.get("rate"))),
        promise=promise,
        alarm=finite(numbers.get("alarm_rate")),
        assumed=bool(numbers.get("assumed")),
        threshold=max(finite(numbers.get("threshold")) or _DEFAULT_THRESHOLD, 1.0),
        verified_at_lot=_whole(numbers.get("verified_at_lot")),
        flagged_at_lot=_whole(numbers.get("flagged_at_lot")),
        worse_since_lot=_whole(numbers.get("change_located")) if doc.get("pattern") == "relapsed" else None,
        points_left_out=_whole(doc.get("points_left_out")) or 0,
        per_unit=per_unit,
        fixed=not doc["fix"].get("none"),
    )
