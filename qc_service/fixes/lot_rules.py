"""The lots of a measure as a fix sees them, and lots put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["proportion", "count"]


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot of a measure: `n` units looked at (at least 1) and `d` events among them (at least 0)."""

    n: int
    d: int


def in_blocks(lots: Sequence[Lot], size: int) -> list[Lot]:
    """`size` neighbouring lots as one, so that the last block ends with the last lot; the first lots may be left."""
    first = len(lots) % size
    starts = range(first, len(lots), size)
    return [
        Lot(sum(lot.n for lot in lots[at : at + size]), sum(lot.d for lot in lots[at : at + size])) for at in starts
    ]
