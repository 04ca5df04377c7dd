"""How clustered the lots may be, as far as they themselves have not ruled it out.

To prove that a fix works from lots with few events, chance must be ruled out, and so must clustering: lots of which
most are good and a few very bad look like a fix that works until one of the bad ones comes. An estimate from the
same good lots says "no clustering" just when it is wrong. So a proof assumes the most clustered law that the latest
lots do not contradict: of nine shapes of the Gamma-Poisson law, from lots all alike to lots that hardly ever have an
event, the most clustered whose likelihood is within `RULED_OUT` of the best. Before the first lot nothing is ruled
out.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import lgamma, log1p
from typing import Self

from workers.detectors.convex_bets import log_rising

# of the lot rates; 1 / shape is their variance over the square of their mean
SHAPES = (100.0, 30.0, 12.0, 6.0, 3.0, 1.5, 0.75, 0.4, 0.2)
RULED_OUT = 0.75  # nats below the best: chosen for proofs that are wrong at most once in twenty (`docs/evidence.md`)
FADES = 1 - 1 / 30  # the likelihood remembers some 30 lots, so that a change is soon believed

_LOG_GAMMAS = tuple(map(lgamma, SHAPES))


@dataclass(frozen=True, slots=True)
class Clustering:
    """ln likelihood of each of `SHAPES` given the latest lots since the fix, but for a common term; older ones fade."""

    logs: tuple[float, ...] = (0.0,) * len(SHAPES)

    def shape(self) -> float:
        """The most clustered shape that is not ruled out."""
        least = max(self.logs) - RULED_OUT
        place = len(SHAPES) - 1
        while self.logs[place] < least:
            place -= 1
        return SHAPES[place]

    def after(self, rate: float, n: int, d: int) -> Self:
        """With one more lot of n units and d events; `rate`: the mean since the fix, this lot included, above 0."""
        mean = n * rate
        if d == 0:
            found = [FADES * one - shape * log1p(mean / shape) for one, shape in zip(self.logs, SHAPES, strict=True)]
        else:
            found = [
                FADES * one + (risen - shape * log1p(mean / shape) - d * log1p(shape / mean))
                for one, shape, risen in zip(self.logs, SHAPES, _risen(d), strict=True)
            ]
        return type(self)(tuple(found))


@lru_cache(maxsize=4096)
def _risen(d: int) -> tuple[float, ...]:
    """ln of Γ(d + shape) / (Γ(d) Γ(shape)) for each shape: lots have the same few numbers of events again and again."""
    return tuple(log_rising(d, shape) - gamma for shape, gamma in zip(SHAPES, _LOG_GAMMAS, strict=True))
