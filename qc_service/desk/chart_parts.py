"""What is drawn on a chart: bands, lines and points, each as plain values the template only writes down."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from qc_service.desk.chart_frame import Frame
from qc_service.desk.chart_reading import Point, Reading
from qc_service.desk.chart_scales import path

INK, SOFT, DATA, HOLDS, FAILS, AMBER = "#16202a", "#55626e", "#1f5fa8", "#0b6b5d", "#b3261e", "#8a5a00"
DASHED, DOTTED = "7 4", "1.5 3.5"

HINT_AWAY = 8.0  # from its point ...
FAR_OUT = 4.0  # ... and from the ring around one that is far out

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    d: str
    tone: str
    width: float
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where enough proof was reached: a disc for "it holds", a diamond for "it does not"."""

    x: float
    y: float
    tone: str
    shape: str


def spots(reading: Reading, frame: Frame, *, hollow: bool) -> list[Spot]:
    return [
        (frame.x(index), frame.y(point.rate))
        for index, point in enumerate(reading.points)
        if point.rate is not None and point.left_out == hollow
    ]


def joins(reading: Reading, frame: Frame) -> list[list[Spot]]:
    """The thin line through the lots, broken at the fix and where a lot has no rate."""
    places = [
        (point.stage, None if point.rate is None else (frame.x(index), frame.y(point.rate)))
        for index, point in enumerate(reading.points)
    ]
    runs = [
        [place for _, place in group if place is not None]
        for _, group in groupby(places, key=lambda item: (item[0], item[1] is None))
    ]
    return [run for run in runs if len(run) > 1]


def bands(reading: Reading, frame: Frame) -> list[str]:
    """Each stage's limits as steps: a lot's own limits over a lot's own width."""
    stretches = groupby(
        enumerate(reading.points),
        key=lambda item: (item[1].stage, item[1].low is not None and item[1].high is not None),
    )
    return [path(_outline(list(run), frame), closed=True) for (_, known), run in stretches if known]


def _outline(run: Sequence[tuple[int, Point]], frame: Frame) -> Iterator[Spot]:
    def side(
        items: Iterable[tuple[int, Point]], limit: Callable[[Point], float | None], ahead: float
    ) -> Iterator[Spot]:
        for index, point in items:
            y = frame.y(limit(point) or 0.0)
            yield frame.x(index - ahead), y
            yield frame.x(index + ahead), y

    yield from side(run, lambda point: point.high, 0.5)
    yield from side(reversed(run), lambda point: point.low, -0.5)


def limit_lines(reading: Reading, frame: Frame) -> list[str]:
    """The limits that lie within the drawing, as steps; no line at 0 or at the top, where there is none."""
    found = []
    for limit in (_high, _low):
        runs = groupby(enumerate(reading.points), key=lambda item: (item[1].stage, _inside(limit(item[1]), frame)))
        for (_, inside), run in runs:
            if inside:
                places = [(index, frame.y(limit(point) or 0.0)) for index, point in run]
                found.append(path(spot for index, y in places for spot in _step(frame, index, y)))
    return found


def _high(point: Point) -> float | None:
    return point.high


def _low(point: Point) -> float | None:
    return point.low


def _inside(limit: float | None, frame: Frame) -> bool:
    return limit is not None and 0 < limit < frame.scale.top


def _step(frame: Frame, index: int, y: float) -> tuple[Spot, Spot]:
    return (frame.x(index - 0.5), y), (frame.x(index + 0.5), y)


def pools(reading: Reading, frame: Frame) -> list[str]:
    """The rates of pools of lots, as steps: the points that limits and hints speak of where events are rare."""
    runs = groupby(enumerate(reading.points), key=lambda item: (item[1].stage, item[1].pool))
    found = []
    for (_, pool), run in runs:
        if pool is not None:
            members = list(run)
            y = frame.y(members[0][1].pool_rate or 0.0)
            found.append(path([_step(frame, members[0][0], y)[0], _step(frame, members[-1][0], y)[1]]))
    return found


def hints(reading: Reading, frame: Frame) -> list[tuple[float, float, bool]]:
    """Where a pattern is complete: a small wedge beyond the point, which points up above the centre line."""
    found = []
    for index, point in enumerate(reading.points):
        if point.hints and point.rate is not None:
            y = frame.y(point.rate if point.pool_rate is None else point.pool_rate)
            away = HINT_AWAY + (FAR_OUT if point.far_out else 0.0)
            found.append((frame.x(index), y - away if point.above else y + away, point.above))
    return found


def far_out(reading: Reading, frame: Frame) -> list[Spot]:
    return [
        (frame.x(index), frame.y(point.rate))
        for index, point in enumerate(reading.points)
        if point.far_out and point.rate is not None
    ]


def rules(reading: Reading, frame: Frame) -> list[Stroke]:
    """The horizontal lines that mean something: centres, promise, alarm, and enough proof."""

    def rule(x1: float, x2: float, y: float, tone: str, dash: str = "") -> Stroke:
        return Stroke(path([(x1, y), (x2, y)]), tone, 1.6, dash)

    found = []
    if reading.centre_before is not None and reading.before:
        y = frame.y(reading.centre_before)
        found += [
            rule(frame.left, frame.fix_x, y, DATA),
            Stroke(path([(frame.fix_x, y), (frame.right, y)]), DATA, 0.5),
        ]
    if reading.promise is not None:
        found.append(rule(frame.fix_x, frame.right, frame.y(reading.promise), HOLDS, DASHED))
    if reading.alarm is not None:
        found.append(rule(frame.fix_x, frame.right, frame.y(reading.alarm), FAILS, DOTTED))
    if reading.centre_after is not None and reading.after:
        found.append(rule(frame.fix_x, frame.right, frame.y(reading.centre_after), DATA))
    found.append(rule(frame.fix_x, frame.right, enough_y(reading, frame), SOFT, DOTTED))
    return found


def enough_y(reading: Reading, frame: Frame) -> float:
    return frame.z(math.log10(reading.threshold))


def curve(reading: Reading, frame: Frame, power: Callable[[Point], float | None]) -> list[Spot]:
    """One kind of proof, lot by lot, from the fix on; it starts at 1, which is no proof at all."""
    places = []
    for index, point in reading.after:
        value = power(point)
        if value is not None:
            places.append((frame.x(index), frame.z(value)))
    return [(frame.fix_x, frame.z(0.0)), *places] if places else []


def curves(reading: Reading, frame: Frame) -> list[Stroke]:
    strokes = []
    for tone, width, power in ((FAILS, 1.6, fail_power), (HOLDS, 2.0, ok_power)):
        places = curve(reading, frame, power)
        if places:
            strokes.append(Stroke(path(places), tone, width))
    return strokes


def fail_power(point: Point) -> float | None:
    return point.fail


def ok_power(point: Point) -> float | None:
    return point.ok


def marks(reading: Reading, frame: Frame) -> list[Mark]:
    found = []
    for index, point in reading.after:
        if point.lot is None:
            continue
        if point.lot == reading.verified_at_lot and point.ok is not None:
            found.append(Mark(frame.x(index), frame.z(point.ok), HOLDS, "disc"))
        if point.lot == reading.flagged_at_lot and point.fail is not None:
            found.append(Mark(frame.x(index), frame.z(point.fail), FAILS, "diamond"))
    return found


def lot_x(reading: Reading, frame: Frame, lot: int | None) -> float | None:
    """The left side of that lot after the fix."""
    return next((frame.x(index - 0.5) for index, point in reading.after if lot is not None and point.lot == lot), None)
