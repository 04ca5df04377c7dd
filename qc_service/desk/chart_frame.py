"""The room a chart has: margins, where each lot stands, and what the two vertical axes run over."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from qc_service.desk.chart_lettering import text_width, wrap
from qc_service.desk.chart_reading import STRADDLING, Reading
from qc_service.desk.chart_scales import RateScale, Wording, rate_scale

LABEL, SMALL = 13.0, 12.0  # font sizes
LINE = 17.0  # from one line of text to the next
PHONE = 560  # below this width: less of everything

HEADING_Y = 16.0  # baseline of the first row
TITLE_Y = 40.0  # baseline of the fix's name

_DATES = 24.0
_STRIP_GAP, _STRIP = 26.0, 92.0
_AFTER_SHARE = 0.22  # a young fix still gets this much of the width, for the lots to come
_COARSE = 200  # with more lots than this, tenths of a pixel only make the file longer
_PROOF_FLOOR, _PROOF_CEILING = -0.5, 8.0  # in powers of ten
_BAND_REACH = 1.5  # one tiny lot's limits must not flatten everything else


@dataclass(frozen=True, slots=True)
class Frame:
    width: float
    left: float
    right: float
    slots: int
    fix_x: float
    fix_lines: tuple[str, ...]
    fix_leftwards: bool
    top: float
    bottom: float
    strip_top: float
    strip_bottom: float
    height: float
    scale: RateScale
    proof_top: float

    @property
    def pitch(self) -> float:
        return (self.right - self.left) / self.slots

    def x(self, index: float) -> float:
        return self.left + (index + 0.5) * self.pitch

    def y(self, rate: float) -> float:
        share = min(max(rate / self.scale.top, 0.0), 1.0)
        return round(self.bottom - share * (self.bottom - self.top), 0 if self.slots > _COARSE else 1)

    def z(self, power: float) -> float:
        span = self.proof_top - _PROOF_FLOOR
        share = (min(max(power, _PROOF_FLOOR), self.proof_top) - _PROOF_FLOOR) / span
        return self.strip_bottom - share * (self.strip_bottom - self.strip_top)


def frame_for(reading: Reading, width: int, scale: RateScale, words: Wording, edge_texts: Iterable[str]) -> Frame:
    phone = width < PHONE
    ticks = [text_width(scale.tick(value, words), SMALL) for value in scale.ticks]
    left = math.ceil(max([*ticks, text_width(words.text("proof"), SMALL)]) + 12)
    right = width - math.ceil(max(text_width(text, LABEL) for text in edge_texts) + 18)
    slots = _slots(reading, phone=phone)
    fix_x = _fix_x(reading, left, (right - left) / slots)
    lines, leftwards = _fix_name(reading, words, fix_x, width)
    top = TITLE_Y + LINE * (len(lines) - 1) + 14
    bottom = top + (224 if phone else 252)
    strip_top = bottom + _DATES + _STRIP_GAP
    strip_bottom = strip_top + _STRIP
    return Frame(
        width=width,
        left=left,
        right=right,
        slots=slots,
        fix_x=fix_x,
        fix_lines=tuple(lines),
        fix_leftwards=leftwards,
        top=top,
        bottom=bottom,
        strip_top=strip_top,
        strip_bottom=strip_bottom,
        height=strip_bottom + (30 if reading.points_left_out else 14),
        scale=scale,
        proof_top=_proof_top(reading),
    )


def scale_for(reading: Reading, width: int) -> RateScale:
    named = [
        value
        for value in (reading.centre_before, reading.centre_after, reading.promise, reading.alarm)
        if value is not None
    ]
    rates = [point.rate for point in reading.points if point.rate is not None]
    highest = max([*named, *rates], default=0.0)
    limits = [point.high for point in reading.points if point.high is not None]
    reach = min(max(limits, default=0.0), _BAND_REACH * highest)
    frozen = [value for value in (reading.promise, reading.alarm) if value is not None]
    near = [*frozen, reading.centre_after] if reading.centre_after is not None else frozen
    return rate_scale(
        max(highest, reach),
        frozen or named,
        near,
        per_unit=reading.per_unit,
        intervals=4 if width < PHONE else 5,
    )


def _proof_top(reading: Reading) -> float:
    enough = math.log10(reading.threshold)
    curves = [power for point in reading.points for power in (point.fail, point.ok) if power is not None]
    return max(enough + 0.5, min(max(curves, default=0.0), _PROOF_CEILING))


def _slots(reading: Reading, *, phone: bool) -> int:
    """One place a lot, and some free ones where there are few: four lots do not span a page."""
    after = len(reading.points) - reading.before
    wanted = math.ceil(reading.before / (1 - _AFTER_SHARE)) if after else reading.before * 1.3
    return max(len(reading.points), math.ceil(wanted), 8 if phone else 14)


def _fix_x(reading: Reading, left: float, pitch: float) -> float:
    """Between the last lot before and the first after; through the lot that was under way, if any."""
    before = reading.before
    under_way = before < len(reading.points) and reading.points[before].stage == STRADDLING
    return left + (before + (0.5 if under_way else 0.0)) * pitch


def _fix_name(reading: Reading, words: Wording, x: float, width: float) -> tuple[list[str], bool]:
    title = words.text("Fix: %(title)s", title=reading.fix_title) if reading.fix_title else words.text("Fix")
    title = title if reading.fixed else reading.fix_title
    room_right, room_left = width - x - 14, x - 14
    needed = text_width(title, LABEL, bold=True)
    leftwards = needed > room_right and (needed <= room_left or room_left > room_right)
    room = room_left if leftwards else room_right
    return wrap(title, room, LABEL, lines=2, bold=True), leftwards
