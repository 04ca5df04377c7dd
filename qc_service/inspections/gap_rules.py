"""A tablet counts its records from 1: which numbers never arrived, and what can be said of some of them.

Plain values only.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

Range = tuple[int, int]  # the first and the last number
Standing = Literal["missing", "late", "explained", "arrived", "ahead"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a range of numbers. `latest` is the tablet's highest number that arrived."""

    latest: int
    arrived: frozenset[int]
    explained: tuple[Range, ...] = ()  # as missing
    answered: tuple[Range, ...] = ()  # as late


def without(first: int, last: int, arrived: Collection[int]) -> Iterator[Range]:
    """What is left of a range of numbers, as ranges."""
    for number in sorted(one for one in arrived if first <= one <= last):
        if first < number:
            yield first, number - 1
        first = number + 1
    if first <= last:
        yield first, last


def left_of(ranges: Collection[Range], taken: Collection[Range]) -> list[Range]:
    """What is left of ranges without others."""
    found = sorted(ranges)
    for first, last in taken:
        cut = [(low, min(high, first - 1)) for low, high in found] + [(max(low, last + 1), high) for low, high in found]
        found = sorted({(low, high) for low, high in cut if low <= high})
    return found


def standing(first: int, last: int, known: Known) -> Standing:
    """What these numbers are: missing or arrived late, so that somebody can explain them, or why nobody can."""
    if last >= known.latest:
        return "ahead"
    if not known.arrived:
        return "explained" if _meet(first, last, known.explained) else "missing"
    late = all(_meet(number, number, known.explained) for number in known.arrived)
    if len(known.arrived) <= last - first or not late:
        return "arrived"
    return "explained" if _meet(first, last, known.answered) else "late"


def _meet(first: int, last: int, ranges: Collection[Range]) -> bool:
    return any(low <= last and first <= high for low, high in ranges)
