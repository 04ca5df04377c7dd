"""What keeps the verdict of a fix honest where its lots are not what the method takes them for.

The method takes lots to differ by chance and by a spread of their own, each lot anew. Lots that resemble their
neighbours (a worn tool, a batch of material, a week of heat) break that: evidence then grows by itself. Such lots
are judged in blocks, many as one, so that what remains between blocks is chance again. Everything here is worked
out once, from the lots before the fix, and frozen with it.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from qc_service.fixes.drift_rules import Drift, find_drift
from qc_service.fixes.lot_rules import Kind, Lot, in_blocks
from qc_service.fixes.rules import (
    ALPHA,
    SPREAD_EVENTS,
    SPREAD_LOTS,
    Frozen,
    Note,
    Promise,
    correlation,
    freeze,
)

BLOCKS = (2, 5, 10, 25)  # lots judged as one: the smallest that does
LEAST_LIKENESS = 0.2  # a lag-1 correlation that is worth blocks ...
CERTAIN = 2.33  # ... and certain: beyond what 99 in 100 stretches of lots without any show
SETTLED = 0.1  # what may be left between blocks
BLOCKS_MIN = 4  # fewer blocks say nothing about their likeness
NEAR_LOTS = 5  # lots over which a slow likeness is looked for ...
CERTAIN_SLOW = 2.0  # ... and how certain it must be: lots that wander for long do more harm than blocks
STRETCH_LOTS = 60  # of a longer history that are read about one mean
HISTORY_LOTS = 240  # before the fix in which likeness is looked for: 60 do not show all that is there
EVEN = 1e-9  # of the variance that chance gives: what varies less is all the same, and its rounding no likeness
PLAIN = 1e-4  # the chance of a drift that may explain likeness by itself

PROMISED_SHARE = frozenset({"never_worked", "short_of_promise"})
NEVER_WORKED = frozenset({"never_worked"})


def guard(
    baseline: Sequence[Lot],
    ended: Sequence[datetime],
    promise: Promise | None,
    kind: Kind = "proportion",
    *,
    history: Sequence[Lot] = (),
    shared_by: int = 1,
) -> Frozen:
    """Everything a fix is judged by, as `freeze` has it, with its guards.

    baseline, promise, kind: as of `freeze`, which also says what is refused. ended: when each lot of the baseline
    ended. history: the lots before the fix as far back as `HISTORY_LOTS`, those of the baseline among them; only
    their likeness to each other is read from it. shared_by: how many fixes of one action share the error budget.
    """
    frozen = freeze(baseline, promise, kind)
    drift = find_drift([(lot.n, lot.d) for lot in baseline], ended, correlation(baseline, kind), kind)
    blocks = block_size(baseline, kind, history=history, drift=drift)
    if blocks > 1:
        frozen = freeze(baseline, promise, kind, blocks=blocks)
    found: dict[Note, bool] = {
        "in_blocks": blocks > 1,
        "trend": drift.trend is not None,
        "season": drift.season is not None,
    }
    notes = (*frozen.notes, *(note for note, holds in found.items() if holds))
    return replace(frozen, trend=drift.trend, season=drift.season, notes=notes, alpha=ALPHA / shared_by)


def block_size(baseline: Sequence[Lot], kind: Kind, *, history: Sequence[Lot] = (), drift: Drift | None = None) -> int:
    """How many lots to judge as one: 1, or the smallest of `BLOCKS` whose blocks are no longer alike.

    Lots are alike where their lag-1 correlation is worth it and certain, or where the correlations of five lags
    together are certain (weighted as Bartlett, 1946, has them: a slow drift shows in all of them). A longer history
    is read in stretches, each about its own mean, so that a rate that was another one long ago is no likeness of
    neighbours. A plain trend or season that leaves no likeness when it is taken out is no case for blocks: it is
    told, and guarded against, by itself. So is one sudden change no case: most fixes are declared because of one.
    """
    if drift is not None and drift.chance < PLAIN and lag_one(drift.left) < SETTLED:
        return 1
    older = history[: -len(baseline)]  # which a change of the baseline says nothing of
    if drift is not None and drift.step is not None and _explained(drift.left) and not _alike(older, kind):
        return 1
    longer = history if len(history) > len(baseline) else baseline
    alike = next((lots for lots in (baseline, longer) if _alike(lots, kind)), None)
    if alike is None:
        return 1
    for size in BLOCKS:
        blocks = in_blocks(alike, size)
        if len(blocks) >= BLOCKS_MIN and lag_one(residuals(blocks, kind)) < SETTLED:
            return size
    return BLOCKS[-1]


def _alike(lots: Sequence[Lot], kind: Kind) -> bool:
    if len(lots) < SPREAD_LOTS or sum(lot.d for lot in lots) < SPREAD_EVENTS:
        return False
    ends = range(len(lots), min(len(lots), STRETCH_LOTS) - 1, -STRETCH_LOTS)
    stretches = [residuals(lots[max(end - STRETCH_LOTS, 0) : end], kind) for end in ends]
    read = sum(len(one) for one in stretches)
    first = _together(stretches, 1)
    return (first > LEAST_LIKENESS and first > CERTAIN / math.sqrt(read)) or _slow(stretches, read) > CERTAIN_SLOW


def _explained(left: Sequence[float]) -> bool:
    """Is no likeness left? Lots that wander for long look like a sudden change too, but not only."""
    return lag_one(left) < LEAST_LIKENESS and _slow([left], len(left)) < CERTAIN_SLOW / 2


def _slow(stretches: Sequence[Sequence[float]], read: int) -> float:
    """The correlations of the first lags together, in standard errors; what their means cost is given back."""
    lags = min(NEAR_LOTS, *(len(one) // 4 for one in stretches))
    weights = {lag: 1 - lag / (lags + 1) for lag in range(1, lags + 1)}
    given = len(stretches) / read
    total = sum(weight * (_together(stretches, lag) + given) for lag, weight in weights.items())
    return total * math.sqrt(read / sum(weight * weight for weight in weights.values()))


def _together(stretches: Sequence[Sequence[float]], lag: int) -> float:
    """The correlation at a lag within stretches, each about its own mean."""
    parts = [_products(one, lag) for one in stretches]
    square = sum(part for _, part in parts)
    worth = EVEN * sum(len(one) for one in stretches)
    return sum(part for part, _ in parts) / square if square > worth else 0.0


def _products(values: Sequence[float], lag: int) -> tuple[float, float]:
    mean = sum(values) / len(values) if values else 0.0
    centred = [value - mean for value in values]
    return sum(a * b for a, b in zip(centred, centred[lag:], strict=False)), sum(value * value for value in centred)


def residuals(lots: Sequence[Lot], kind: Kind) -> list[float]:
    """How far each lot's events lie from what its rate and spread have expected, in standard deviations."""
    units, events = sum(lot.n for lot in lots), sum(lot.d for lot in lots)
    if not units:
        return []
    mean, rho = (events + 0.5) / units, correlation(lots, kind)
    variance = mean * (1 - mean) if kind == "proportion" else mean
    if variance <= 0:
        return [0.0] * len(lots)
    return [(lot.d - lot.n * mean) / math.sqrt(lot.n * variance * (1 + (lot.n - 1) * rho)) for lot in lots]


def lag_one(values: Sequence[float]) -> float:
    """The correlation of neighbours, -1 to 1; 0 where there is nothing to correlate."""
    return _together([values], 1)


def withheld_patterns(frozen: Frozen, *, of_a_share: bool) -> frozenset[str]:
    """Which ways of not holding are not said of a fix, because the comparison with its baseline would mislead.

    Where the rate was rising already, or follows the year, a rate that is no better than the baseline's mean may
    still be better than it would have been. What was promised as a share of that mean (`of_a_share`, or assumed)
    cannot be said to fall short of it either; a promised rate can, because that claim is about the number itself.
    A rate that was falling takes nothing from such a verdict, and a relapse is a comparison with what was seen
    since the fix.
    """
    if frozen.season is None and not (frozen.trend is not None and frozen.trend.rising):
        return frozenset()
    return PROMISED_SHARE if of_a_share or frozen.assumed else NEVER_WORKED
