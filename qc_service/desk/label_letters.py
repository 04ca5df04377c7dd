"""Words on a label, in the largest letters that fit in the room they have. In millimetres."""

from collections.abc import Callable, Sequence

from qc_service.desk.chart_lettering import text_width

GAP = 1.22


def size_of(text: str, most: float, width: float) -> float:
    """The letters of one line, so large that it fits."""
    wide = text_width(text, 1.0, bold=True)
    return round(min(most, width / wide), 2) if wide else most


def fitted(text: str, width: float, height: float, sizes: Sequence[float]) -> tuple[float, list[str]]:
    """A sentence in the largest letters in which it fits, with its lines, broken between words."""
    return _fitting(text, width, height, sizes, _wrapped) or _cut(text, width, height, sizes[-1], _wrapped)


def fitted_name(text: str, width: float, height: float, sizes: Sequence[float]) -> tuple[float, list[str]]:
    """A name, of which no sign is left out: broken between words, or anywhere where it has none, or none that fit."""
    between = _fitting(text, width, height, sizes, _wrapped) if " " in text.strip() else None
    anywhere = between or _fitting(text, width, height, sizes, _broken)
    return anywhere or _cut(text, width, height, sizes[-1], _broken)


def _fitting(
    text: str, width: float, height: float, sizes: Sequence[float], broken: Callable[[str, float, float], list[str]]
) -> tuple[float, list[str]] | None:
    for size in sizes:
        rows = broken(text, size, width)
        if len(rows) * size * GAP <= height and all(text_width(row, size, bold=True) <= width for row in rows):
            return size, rows
    return None


def _cut(
    text: str, width: float, height: float, size: float, broken: Callable[[str, float, float], list[str]]
) -> tuple[float, list[str]]:
    return size, broken(text, size, width)[: int(height / (size * GAP))]


def _wrapped(text: str, size: float, width: float) -> list[str]:
    rows: list[str] = []
    for word in text.split():
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and text_width(longer, size, bold=True) <= width:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


def _broken(text: str, size: float, width: float) -> list[str]:
    rows = [""]
    for sign in text:
        if rows[-1] and text_width(rows[-1] + sign, size, bold=True) > width:
            rows.append("")
        rows[-1] += sign
    return rows
