"""Axes, the way numbers are written on them, and short SVG paths."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_CLOSE = 1e-9
_FAITHFUL = 0.01  # a written rate is at most this share away from what it stands for
_MOST_DECIMALS = 6
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def plain_text(message: str, **values: object) -> str:
    return message % values if values else message


def plain_percent(value: float, decimals: int) -> str:
    return f"{100 * value:.{decimals}f}%"


def plain_number(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}"


def plain_day(moment: str) -> str:
    try:
        day = date.fromisoformat(moment[:10])
    except ValueError:
        return moment
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True, slots=True)
class Wording:
    """How a chart speaks. The caller swaps these for the reader's language, number format and time zone."""

    text: Callable[..., str] = plain_text
    percent: Callable[[float, int], str] = plain_percent
    number: Callable[[float, int], str] = plain_number
    day: Callable[[str], str] = plain_day


@dataclass(frozen=True, slots=True)
class RateScale:
    top: float
    ticks: tuple[float, ...]
    tick_decimals: int
    decimals: int
    per_unit: bool  # more events than units are possible, so a rate is a plain number and no percentage

    def tick(self, value: float, wording: Wording) -> str:
        return self._write(value, self.tick_decimals, wording)

    def rate(self, value: float, wording: Wording) -> str:
        return self._write(value, self.decimals, wording)

    def _write(self, value: float, decimals: int, wording: Wording) -> str:
        return wording.number(value, decimals) if self.per_unit else wording.percent(value, decimals)


def rate_scale(
    highest: float, exact: Sequence[float], apart: Sequence[float], *, per_unit: bool, intervals: int
) -> RateScale:
    """From 0 to a round number at or above `highest`.

    Rates are written with as many decimals as `exact` needs to be told truly and `apart` to be told apart.
    """
    highest = min(highest, highest if per_unit else 1.0) or 0.01
    raw = highest / intervals
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(nice * magnitude for nice in _NICE if nice * magnitude >= raw * (1 - _CLOSE))
    count = math.ceil(highest / step - _CLOSE)
    if not per_unit:
        count = max(1, min(count, math.floor(1 / step + _CLOSE)))
    unit = 1.0 if per_unit else 100.0
    ticks = tuple(index * step for index in range(count + 1))
    return RateScale(
        top=ticks[-1],
        ticks=ticks,
        tick_decimals=_exact_decimals(step * unit),
        decimals=_decimals([value * unit for value in exact], [value * unit for value in apart]),
        per_unit=per_unit,
    )


def _exact_decimals(value: float) -> int:
    decimals = 0
    while decimals < _MOST_DECIMALS and abs(round(value, decimals) - value) > _CLOSE * value:
        decimals += 1
    return decimals


def _decimals(exact: Sequence[float], apart: Sequence[float]) -> int:
    """12.95 may be written 13.0, but 1.65 may not be written 1.7: a promise and its alarm are that close."""
    different = len({f"{value:.4g}" for value in apart})
    for decimals in range(1, _MOST_DECIMALS):
        true = all(abs(round(value, decimals) - value) <= _FAITHFUL * value for value in exact)
        if true and len({f"{value:.{decimals}f}" for value in apart}) >= different:
            return decimals
    return _MOST_DECIMALS


def path(points: Iterable[tuple[float, float]], *, closed: bool = False) -> str:
    """A path in relative steps of a tenth of a pixel: half the length of absolute coordinates."""
    commands: list[str] = []
    last_x = last_y = 0
    for x, y in points:
        now_x, now_y = round(x * 10), round(y * 10)
        if not commands:
            commands.append(f"M{_tenths(now_x)} {_tenths(now_y)}")
        elif now_y == last_y and now_x != last_x:
            commands.append(f"h{_tenths(now_x - last_x)}")
        elif now_x == last_x and now_y != last_y:
            commands.append(f"v{_tenths(now_y - last_y)}")
        elif now_x != last_x:
            commands.append(f"l{_tenths(now_x - last_x)} {_tenths(now_y - last_y)}")
        last_x, last_y = now_x, now_y
    return "".join(commands) + ("z" if closed and commands else "")


def _tenths(value: int) -> str:
    sign, (whole, rest) = "-" if value < 0 else "", divmod(abs(value), 10)
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"


def px(value: float) -> str:
    """A coordinate as short as a tenth of a pixel allows."""
    return _tenths(round(value * 10))
