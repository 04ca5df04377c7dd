"""The names a chart carries, with its ticks and dates: no legend is needed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qc_service.desk import chart_band as band
from qc_service.desk.chart_frame import HEADING_Y, LABEL, LINE, PHONE, SMALL, TITLE_Y, Frame
from qc_service.desk.chart_lettering import Board, Box, Label, clip, spread, text_width
from qc_service.desk.chart_parts import (
    DATA,
    FAILS,
    HOLDS,
    INK,
    SOFT,
    curve,
    enough_y,
    fail_power,
    ok_power,
)
from qc_service.desk.chart_reading import Reading
from qc_service.desk.chart_scales import RateScale, Wording

_EDGE_GAP = 16.0
_DATE_ROW = 17.0


@dataclass(frozen=True, slots=True)
class Edge:
    """A line's name at the right edge."""

    kind: str
    text: str
    tone: str
    y: float = 0.0
    x: float = 0.0  # where the line itself ends


def main_edges(reading: Reading, scale: RateScale, words: Wording, width: int) -> list[Edge]:
    _ = words.text
    found = []
    if reading.rate_before is not None and reading.before:
        rate = scale.rate(reading.rate_before, words)
        found.append(Edge("before", _("before %(rate)s", rate=rate), DATA))
    if reading.alarm is not None:
        found.append(Edge("alarm", _("alarm %(rate)s", rate=scale.rate(reading.alarm, words)), FAILS))
    if reading.promise is not None:
        rate = scale.rate(reading.promise, words)
        if not reading.assumed:
            text = _("promise %(rate)s", rate=rate)
        elif width < PHONE:
            text = _("assumed %(rate)s", rate=rate)
        else:
            text = _("promise %(rate)s, assumed", rate=rate)
        found.append(Edge("promise", text, HOLDS))
    if reading.centre_after is not None and reading.after:
        rate = scale.rate(reading.centre_after, words)
        found.append(Edge("now", _("after %(rate)s", rate=rate), DATA))
    likely = band.latest(reading)
    if likely is not None:
        low, high = (scale.rate(end, words) for end in likely)
        found.append(Edge("likely", f"{words.percent(band.SURE, 0)}: {low}–{high}", DATA))
    return found


def proof_edges(reading: Reading, words: Wording) -> list[Edge]:
    _ = words.text
    enough = words.number(reading.threshold, 0 if reading.threshold == int(reading.threshold) else 1)
    fails = _("that it does not") if reading.fixed else _("that it got worse")
    return [
        Edge("enough", _("enough: %(value)s", value=enough), SOFT),
        Edge("holds", _("that it holds"), HOLDS),
        Edge("fails", fails, FAILS),
    ]


def settle_main(edges: Iterable[Edge], reading: Reading, frame: Frame) -> list[Edge]:
    values = {
        "before": reading.centre_before,
        "alarm": reading.alarm,
        "promise": reading.promise,
        "now": reading.centre_after,
        "likely": reading.centre_after,
    }
    return [replace(edge, y=frame.y(values[edge.kind] or 0.0), x=frame.right) for edge in edges]


def settle_proof(edges: Iterable[Edge], reading: Reading, frame: Frame) -> list[Edge]:
    """The names of curves that have not begun are left away."""
    ends = {"enough": [(frame.right, enough_y(reading, frame))]}
    ends["holds"] = curve(reading, frame, ok_power)
    ends["fails"] = curve(reading, frame, fail_power)
    return [replace(edge, x=ends[edge.kind][-1][0], y=ends[edge.kind][-1][1]) for edge in edges if ends[edge.kind]]


def edge_labels(edges: Sequence[Edge], frame: Frame, low: float, high: float) -> list[Label]:
    """The names beside the ends of their lines, pushed apart so that each can be read."""
    places = spread([edge.y for edge in edges], _EDGE_GAP, low, high)
    return [
        Label(frame.right + 10, y + LABEL * 0.34, edge.text, f"edge {edge.kind}", edge.tone, LABEL)
        for edge, y in zip(edges, places, strict=True)
    ]


def furniture(reading: Reading, frame: Frame, words: Wording) -> Iterator[Label]:
    """Heading, the fix's name, ticks, dates."""
    heading = " · ".join(part for part in (reading.line, reading.measure) if part)
    yield Label(4, HEADING_Y, clip(heading, frame.width - 10, LABEL), "heading", SOFT, LABEL)
    x, anchor = (frame.fix_x - 7, "end") if frame.fix_leftwards else (frame.fix_x + 7, "start")
    for row, text in enumerate(frame.fix_lines):
        yield Label(x, TITLE_Y + LINE * row, text, "fix", INK, LABEL, anchor, bold=True)
    for value in frame.scale.ticks:
        y = frame.y(value) + SMALL * 0.34
        yield Label(frame.left - 8, y, frame.scale.tick(value, words), "tick", SOFT, SMALL, "end")
    proof_y = frame.z(0.0) + SMALL * 0.34
    yield Label(frame.left - 8, proof_y, words.text("proof"), "tick", SOFT, SMALL, "end")
    yield from _dates(reading, frame, words)
    yield from _asides(reading, frame, words)


def _dates(reading: Reading, frame: Frame, words: Wording) -> Iterator[Label]:
    """The fix's day first; the first and the last lot's day where they leave room for it."""
    y = frame.bottom + _DATE_ROW
    board = Board(Box(0, y - LINE, frame.width, y + LINE), [], [])
    wanted = []
    if reading.in_effect_at:
        day = words.day(reading.in_effect_at)
        half = text_width(day, SMALL) / 2
        if frame.fix_x - half < frame.left:
            wanted.append(Label(frame.fix_x + 6, y, day, "date", INK, SMALL))
        elif frame.fix_x + half > frame.right:
            wanted.append(Label(frame.fix_x - 6, y, day, "date", INK, SMALL, "end"))
        else:
            wanted.append(Label(frame.fix_x, y, day, "date", INK, SMALL, "middle", halo=True))
    if reading.points:
        last = frame.x(len(reading.points) - 1)
        ends = [(last, "end", reading.points[-1].at), (frame.left, "start", reading.points[0].at)]
        wanted += [Label(x, y, words.day(at), "date", SOFT, SMALL, anchor) for x, anchor, at in ends if at]
    for label in wanted:
        yield from board.put([label], covering=0)


def _asides(reading: Reading, frame: Frame, words: Wording) -> Iterator[Label]:
    _ = words.text
    if reading.points_left_out:
        count = words.number(reading.points_left_out, 0)
        text = _("Earlier lots not drawn: %(count)s", count=count)
        yield Label(frame.left, frame.strip_bottom + 22, text, "aside", SOFT, SMALL)
    if not reading.points:
        y = (frame.top + frame.bottom) / 2
        yield Label((frame.left + frame.right) / 2, y, _("No lots yet"), "aside", SOFT, LABEL, "middle")
    elif not reading.after:
        text = _("No lots since the fix yet")
        fits = text_width(text, SMALL) <= frame.right - frame.fix_x - 8
        x = frame.right if fits else frame.fix_x - 8
        y = (frame.strip_top + frame.strip_bottom) / 2
        yield Label(x, y, text, "aside", SOFT, SMALL, "end")
