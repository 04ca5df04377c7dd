"""Words on a chart: how wide they are, and how they keep out of each other's way.

A chart is drawn on the server, which has no font to measure with. The widths here are those of a wide common
face (DejaVu Sans), so a label is never wider on a reader's screen than the room that was kept for it.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ASCENT = 0.8  # of the font size, above the baseline
DESCENT = 0.24
ELLIPSIS = "…"

# Hundredths of the font size, from the space to the tilde.
# fmt: off
_WIDTHS = (
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
    60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63,
    63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
)
# fmt: on
_FIRST = ord(" ")
_FULL_EM, _UPPER_EM, _EM = 1.0, 0.79, 0.64  # what the table does not have
_BOLD = 1.15


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box", gap: float = 2.0) -> bool:
        return not (
            self.right + gap <= other.left
            or other.right + gap <= self.left
            or self.bottom + gap <= other.top
            or other.bottom + gap <= self.top
        )

    def inside(self, other: "Box") -> bool:
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )

    def holds(self, x: float, y: float, margin: float) -> bool:
        return self.left - margin <= x <= self.right + margin and self.top - margin <= y <= self.bottom + margin


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place. `kind` says what it names, `tone` is its colour, `halo` keeps it legible."""

    x: float
    y: float
    text: str
    kind: str
    tone: str
    size: float
    anchor: str = "start"
    bold: bool = False
    halo: bool = False

    @property
    def box(self) -> Box:
        width = text_width(self.text, self.size, bold=self.bold)
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return Box(left, self.y - ASCENT * self.size, left + width, self.y + DESCENT * self.size)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    return sum(_em(char) for char in text) * size * (_BOLD if bold else 1.0)


def _em(char: str) -> float:
    place = ord(char) - _FIRST
    if 0 <= place < len(_WIDTHS):
        return _WIDTHS[place] / 100
    if unicodedata.combining(char):
        return 0.0
    if char in "…—æœ" or unicodedata.east_asian_width(char) in "WF":
        return _FULL_EM
    return _UPPER_EM if char.isupper() else _EM


def clip(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    if text_width(text, size, bold=bold) <= room:
        return text
    while text and text_width(text + ELLIPSIS, size, bold=bold) > room:
        text = text[:-1].rstrip()
    return text + ELLIPSIS


def wrap(text: str, room: float, size: float, *, lines: int, bold: bool = False) -> list[str]:
    """The text in at most so many lines; what is left over is cut from the last one."""
    done: list[str] = []
    words = text.split()
    while words and len(done) < lines - 1:
        count = len(words)
        while count > 1 and text_width(" ".join(words[:count]), size, bold=bold) > room:
            count -= 1
        done.append(clip(" ".join(words[:count]), room, size, bold=bold))
        words = words[count:]
    if words:
        done.append(clip(" ".join(words), room, size, bold=bold))
    return done


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places at least `gap` apart between `low` and `high`, moved as little as can be, in the same order.

    With rank * gap taken off, "at least gap apart" is "not decreasing", so this is isotonic regression:
    neighbours that are out of order are pooled at their mean.
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    pools: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        total, count = wanted[index] - rank * gap, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            earlier_total, earlier_count = pools.pop()
            total, count = total + earlier_total, count + earlier_count
        pools.append((total, count))
    level = [total / count for total, count in pools for _ in range(count)]
    ceiling = max(low, high - (len(wanted) - 1) * gap)
    places = [0.0] * len(wanted)
    for rank, index in enumerate(order):
        places[index] = min(max(level[rank], low), ceiling) + rank * gap
    return places


@dataclass(slots=True)
class Board:
    """Where labels may stand, which stand already, and what they should not cover: places with a weight."""

    bounds: Box
    obstacles: list[tuple[float, float, int]]
    taken: list[Box]

    def put(self, candidates: Iterable[Label], *, covering: int) -> list[Label]:
        """The first of the candidates that covers least; none if each would hit another label or cover
        more than `covering`."""
        best: Label | None = None
        least = covering + 1
        for label in candidates:
            box = label.box
            if not box.inside(self.bounds) or any(box.meets(other) for other in self.taken):
                continue
            covered = sum(weight for x, y, weight in self.obstacles if box.holds(x, y, 3.0))
            if covered < least:
                best, least = label, covered
            if not covered:
                break
        if best is None:
            return []
        self.taken.append(best.box)
        return [best]
