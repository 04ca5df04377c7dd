"""The words inside a chart, beside what they speak of: why a lot is left out, where proof was enough."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from qc_service.desk.chart_frame import PHONE, SMALL, Frame
from qc_service.desk.chart_hints import pattern
from qc_service.desk.chart_lettering import Board, Box, Label, clip
from qc_service.desk.chart_parts import (
    AMBER,
    HINT_AWAY,
    INK,
    SOFT,
    Mark,
    Spot,
    curve,
    enough_y,
    fail_power,
    far_out,
    hints,
    joins,
    lot_x,
    marks,
    ok_power,
    spots,
)
from qc_service.desk.chart_reading import Reading
from qc_service.desk.chart_scales import Wording

_SAMPLE = 7.0  # an obstacle every so many pixels of a line
_LOT_WEIGHT = 5
_NOTE_COVERS = 3  # a reason may cross a thin line, but hide no lot
_ANYTHING = 1_000_000
_MARK_COVERS = 5  # samples of a curve that a verdict may cross, rather than stand away from its mark
_NOTE_ROOM = 220.0

# Places beside a point or a mark, best first: how far from it the text starts, ends or is centred.
_BESIDE = (
    (-8, -7, "end"),
    (8, -7, "start"),
    (0, -10, "middle"),
    (-9, 4, "end"),
    (9, 4, "start"),
    (0, 19, "middle"),
)
_FURTHER = ((-8, -22, "end"), (8, -22, "start"))  # only for a text that says which lot it speaks of
_AT_FAR_OUT = ((-13, 4, "end"), (13, 4, "start"), (0, -14, "middle"), (0, 24, "middle"))
_AT_HINT = (
    (0, -8, "middle"),
    (-6, -8, "end"),
    (6, -8, "start"),
    (-8, 4, "end"),
    (8, 4, "start"),
    (0, -24, "middle"),
    (0, -24, "end"),
    (0, -40, "end"),
    (0, -40, "start"),
)
_FAR_OUT_NAMED = 3  # the last ones; of those before them the table has the names
_AT_MARK = (
    (-8, -9, "end"),
    (0, -12, "middle"),
    (8, 18, "start"),
    (8, -9, "start"),
    (0, 22, "middle"),
    (-10, 4, "end"),
    (10, 4, "start"),
    (-8, -24, "end"),
    (0, -26, "middle"),
    (8, 32, "start"),
    (-8, -40, "end"),
    (-8, -54, "end"),
)


def inside_labels(reading: Reading, frame: Frame, words: Wording) -> Iterator[Label]:
    """Where a relapse began, which lot is far out, why a lot is left out, and what the latest hint is.

    Where number and reason have no room, the reason alone is written; where that has none, the number, by
    which the table has the reason.
    """
    board = _plot(reading, frame)
    worse = lot_x(reading, frame, reading.worse_since_lot)
    if worse is not None:
        lot = reading.worse_since_lot
        texts = words.text("worse from lot %(lot)s", lot=lot), words.text("lot %(lot)s", lot=lot)
        yield from board.put(_along(texts[0], worse, frame), covering=_ANYTHING) or board.put(
            _along(texts[1], worse, frame), covering=_ANYTHING
        )
    ringed = [point for point in reading.points if point.far_out and point.rate is not None]
    for point, spot in list(zip(ringed, far_out(reading, frame), strict=True))[-_FAR_OUT_NAMED:]:
        texts = words.text("lot %(lot)s far out", lot=point.lot), words.text("lot %(lot)s", lot=point.lot)
        yield from board.put((one for text in texts for one in _at_lot(text, spot)), covering=_ANYTHING)
    for index, point in enumerate(reading.points):
        if point.why and point.rate is not None:
            yield from _note(board, point.label, point.why, (frame.x(index), frame.y(point.rate)))
    yield from _latest_hint(board, reading, frame, words)


def _at_lot(text: str, spot: Spot) -> Iterator[Label]:
    for dx, dy, anchor in _AT_FAR_OUT:
        yield Label(spot[0] + dx, spot[1] + dy, text, "far-out", AMBER, SMALL, anchor, bold=True, halo=True)


def _latest_hint(board: Board, reading: Reading, frame: Frame, words: Wording) -> list[Label]:
    """The pattern of the last hint in words; of those before it the page has the list."""
    marked = [point for point in reading.points if point.hints and point.rate is not None]
    if not marked:
        return []
    text = words.text("hint: %(pattern)s", pattern=words.text(pattern(marked[-1].hints[-1])))
    x, y, up = hints(reading, frame)[-1]
    below = [(dx, -dy + SMALL * 0.7, anchor) for dx, dy, anchor in _AT_HINT]
    places = [*_AT_HINT] if up else [*below, *((dx, dy - HINT_AWAY, anchor) for dx, dy, anchor in _AT_HINT)]
    found = (Label(x + dx, y + dy, text, "hint", SOFT, SMALL, anchor, halo=True) for dx, dy, anchor in places)
    return board.put(found, covering=_NOTE_COVERS)


def _plot(reading: Reading, frame: Frame) -> Board:
    """The plot with everything on it that a word should not cover; the fix's own line may not be crossed."""
    lots = [*spots(reading, frame, hollow=False), *spots(reading, frame, hollow=True)]
    obstacles = [(x, y, _LOT_WEIGHT) for x, y in lots]
    obstacles += [(x, y, _LOT_WEIGHT) for x, y in far_out(reading, frame)]
    obstacles += [(x, y, _LOT_WEIGHT) for x, y, _ in hints(reading, frame)]
    obstacles += [(x, y, 1) for line in joins(reading, frame) for x, y in _sampled(line)]
    bounds = Box(frame.left + 2, frame.top - 7, frame.right - 2, frame.bottom)
    return Board(bounds, obstacles, [_fix_box(frame)])


def _fix_box(frame: Frame) -> Box:
    return Box(frame.fix_x - 1, frame.top - 20, frame.fix_x + 1, frame.strip_bottom)


def _sampled(line: Sequence[Spot]) -> Iterator[Spot]:
    for (x1, y1), (x2, y2) in pairwise(line):
        steps = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) / _SAMPLE))
        for step in range(steps + 1):
            yield x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps


def _note(board: Board, label: str, why: str, spot: Spot) -> list[Label]:
    whole = _beside(f"{label}: {why}", spot, (*_BESIDE, *_FURTHER))
    return (
        board.put(whole, covering=_NOTE_COVERS)
        or board.put(_beside(why, spot, _BESIDE), covering=_NOTE_COVERS)
        or board.put(_beside(label, spot, _BESIDE), covering=1)
    )


def _beside(text: str, spot: Spot, places: Iterable[tuple[int, int, str]]) -> Iterator[Label]:
    for dx, dy, anchor in places:
        cut = clip(text, _NOTE_ROOM, SMALL)
        yield Label(spot[0] + dx, spot[1] + dy, cut, "note", SOFT, SMALL, anchor, halo=True)


def _along(text: str, x: float, frame: Frame) -> Iterator[Label]:
    for y in (frame.top + 8, frame.top + 28, frame.bottom - 6, (frame.top + frame.bottom) / 2):
        for dx, anchor in ((-6, "end"), (6, "start")):
            yield Label(x + dx, y, text, "worse", INK, SMALL, anchor, halo=True)


def proof_labels(reading: Reading, frame: Frame, words: Wording, standing: Iterable[Label]) -> Iterator[Label]:
    """When proof was enough, beside its mark, clear of both curves and of the names that stand there."""
    enough = enough_y(reading, frame)
    lines = [curve(reading, frame, ok_power), curve(reading, frame, fail_power)]
    lines.append([(frame.fix_x, enough), (frame.right, enough)])
    board = Board(
        bounds=Box(4, frame.strip_top - 18, frame.width - 4, frame.strip_bottom + 12),
        obstacles=[(x, y, 1) for line in lines for x, y in _sampled(line)],
        taken=[_fix_box(frame), *(label.box for label in standing)],
    )
    for mark in marks(reading, frame):
        texts = _mark_texts(mark, reading, words)
        if frame.width < PHONE:
            texts = texts[-1:]
        near = [label for text in texts for label in _near_mark(text, mark)]
        yield from board.put(near, covering=_MARK_COVERS) or board.put(
            [*near, *(label for text in texts for label in _off_mark(text, mark, frame))], covering=_ANYTHING
        )


def _mark_texts(mark: Mark, reading: Reading, words: Wording) -> tuple[str, ...]:
    _ = words.text
    if mark.shape == "disc":
        lot = reading.verified_at_lot
        return _("proved at lot %(lot)s after the fix", lot=lot), _("proved at lot %(lot)s", lot=lot)
    lot = reading.flagged_at_lot
    if not reading.fixed:
        return (_("proved worse at lot %(lot)s", lot=lot),)
    return _("not holding at lot %(lot)s after the fix", lot=lot), _("not holding at lot %(lot)s", lot=lot)


def _near_mark(text: str, mark: Mark) -> Iterator[Label]:
    for dx, dy, anchor in _AT_MARK:
        yield Label(mark.x + dx, mark.y + dy, text, "mark", mark.tone, SMALL, anchor, bold=True, halo=True)


def _off_mark(text: str, mark: Mark, frame: Frame) -> Iterator[Label]:
    """Nothing free beside the mark: left of the fix's line at the same height, or above the strip."""
    for x, y, anchor in ((frame.fix_x - 8, mark.y + 4, "end"), (frame.fix_x + 8, frame.strip_top - 4, "start")):
        yield Label(x, y, text, "mark", mark.tone, SMALL, anchor, bold=True, halo=True)
