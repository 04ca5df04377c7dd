"""What is frozen when a fix is declared: its baseline, its promise and the two rates it is judged by.

All of it is arithmetic on plain numbers, done once, in the request that declares the fix, and stored. The
detector that watches the fix later is handed these numbers and never the lots they came from, so the claim
it tests cannot move. `docs/evidence.md` has the formulas and the reason for each constant.

A rate is events per unit: a share from 0 to 1 for the kind `proportion` (units defective per unit
inspected), any number from 0 up for the kind `count` (defects found per unit, of which one unit may have
several).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal, Self

from qc_service.fixes.drift_rules import Season, Trend
from qc_service.fixes.lot_rules import Kind, Lot, in_blocks
from qc_service.texts import later

Reason = Literal["promise_needed", "promise_out_of_range", "baseline_too_thin"]
Note = Literal[
    "assumed",
    "no_baseline",
    "thin_baseline",
    "spread_assumed",
    "stays_at",
    "promise_above_baseline",
    "verification_above_one",
    "in_blocks",
    "trend",
    "season",
    "uneven_baseline",
]

# what a fix may name; the workers' registry holds the code, and a test that both agree
METHODS = ("fixwatch-1", "fixwatch-2")
DEFAULT_METHOD = METHODS[-1]
MODES = ("default", "strict")

QUANTITY_MAX = 10**15  # whole numbers up to here are exact as floats, and no square of one overflows

ASSUMED_SHARE = 0.5  # without a promise: half the baseline
ALARM_SHARE = 0.9  # a fix holds while it keeps at least this much of the promised improvement ...
VERIFICATION_SHARE = 0.5  # ... and is proved once it is certain to keep this much
STAY_AT = 1.05  # a promise this close to the baseline, or above it, promises no improvement
STAY_AT_FACTOR = 2.0  # such a promise is broken by a rate of twice the promised one
LEAST_BASELINE = 1e-9  # what a promise of zero is set against where nothing was ever counted

ALPHA = 0.05  # how often a fix that holds is ever called broken, over its whole life

PERCENT_LOTS, PERCENT_EVENTS = 20, 50  # fewer than either: too thin to promise a percentage of
SPREAD_LOTS, SPREAD_EVENTS = 12, 10  # fewer than either: too thin to measure how much lots differ
ASSUMED_SPREAD = 0.25  # the correlation then supposed, as a share of the alarm rate

RHO_MAX = 0.9
RHO_BISECTIONS = 50
ONE_SIDED_90 = 1.2816  # the normal quantile below which 90 % lies
SAFE_BASELINE_90 = 1.28  # the same, as the design rounds it for the safe end of a baseline


class PromiseRefused(Exception):
    """A promise that cannot be tested.

    `reason` is for programs: `promise_needed` (no baseline to take half of), `promise_out_of_range` (no
    possible rate or share) or `baseline_too_thin` (a percentage of fewer than 20 lots or 50 events).
    `detail` tells a person what to do.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Promise:
    """What a fix promises: a `rate` (events per unit) or a `reduction` (share of the baseline, 0 to 1).

    A reduction of 0 promises to stay at the baseline, one of 1 promises no events at all.
    Raises `ValueError` unless exactly one of the two is given; the range is judged by `freeze`, which
    knows the kind.
    """

    rate: float | None = None
    reduction: float | None = None

    def __post_init__(self) -> None:
        if (self.rate is None) == (self.reduction is None):
            raise ValueError("a promise is either a rate or a reduction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The numbers a fix is judged by from its declaration on. Rates are events per unit.

    kind: `proportion` or `count`.
    baseline_rate: as measured, (events + 1/2) / units; None without baseline lots. Shown, never used below.
    promised_rate: T, the sensible number.
    assumed: nobody promised anything, T is half the baseline.
    stays_at: T promises no improvement on the baseline, so twice T stands in for it.
    working_baseline: B of every formula: the measured rate, its safe end for a percentage, or twice T.
    alarm_rate: A, above which the fix does not hold.
    verification_rate: V, below which it is proved.
    rho: intra-lot correlation of the baseline (0: lots differ as chance alone makes them), 0 to 0.9.
    baseline_units, baseline_events, baseline_lots: sizes of the baseline.
    pairs, sum_u, sum_p: number and sums of neighbouring baseline lots, see `pair_sums`.
    sum_n, sum_m: units and lots behind those sums; all five are 0 where `rho` had to be assumed.
    notes: what a reader should know, in a fixed order, each a `Note`.
    blocks: how many lots are judged together as one, 1 unless neighbouring lots are alike (`guard_rules`); the
    spread above is then that of the blocks, `sum_m` their number.
    trend, season: what the rate did by itself before the fix, None where nothing was found (`drift_rules`).
    alpha: the error budget of this fix, shared with those that were declared together with it.
    """

    kind: Kind
    baseline_rate: float | None
    promised_rate: float
    assumed: bool
    stays_at: bool
    working_baseline: float
    alarm_rate: float
    verification_rate: float
    rho: float
    baseline_units: int
    baseline_events: int
    baseline_lots: int
    pairs: int
    sum_u: float
    sum_p: float
    sum_n: int
    sum_m: int
    notes: tuple[Note, ...]
    blocks: int = 1
    trend: Trend | None = None
    season: Season | None = None
    alpha: float = ALPHA

    @property
    def relapse_rate(self) -> float:
        """The rate expected of a fix that stops working: the working baseline, at least 15 % above A."""
        return max(self.working_baseline, 1.15 * self.alarm_rate)

    def to_json(self) -> dict[str, Any]:
        """A dict that JSON can carry; `from_json` of it, also by way of text, equals this exactly."""
        return {**asdict(self), "notes": list(self.notes)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`. Raises `KeyError` or `TypeError` on a missing or unknown key.

        What was declared before there were guards has none of them.
        """
        trend, season = data.get("trend"), data.get("season")
        drift = {"trend": trend and Trend(**trend), "season": season and Season(**season)}
        return cls(**{**data, **drift, "notes": tuple(data["notes"])})


def freeze(baseline: Sequence[Lot], promise: Promise | None, kind: Kind = "proportion", *, blocks: int = 1) -> Frozen:
    """Everything a fix is judged by, from the lots before it and what was promised.

    baseline: the lots before the fix in their order, exclusions already taken out; may be empty.
    promise: an absolute rate, a share of the baseline, or None (half the baseline, marked as assumed).
    blocks: how many neighbouring lots are to be judged together as one (at least 1).

    Raises `ValueError` naming a lot whose numbers are impossible, and `PromiseRefused` for a promise that
    is no possible rate, that is missing where there is no baseline, or that is a percentage of a thin one.
    An absolute promise within range is never refused: what it claims is about the number itself.
    """
    past = _Baseline(tuple(baseline), kind)
    past.check()
    promised, reference = _promised(past, promise, blocks)
    stays_at = reference is not None and reference <= STAY_AT * promised
    if reference is None:
        working = max(STAY_AT_FACTOR * promised, LEAST_BASELINE)
    else:
        working = STAY_AT_FACTOR * promised if stays_at else reference
    alarm = working - ALARM_SHARE * (working - promised)
    verification = working - VERIFICATION_SHARE * (working - promised)
    spread = _spread(_Baseline(tuple(in_blocks(baseline, blocks)), kind), alarm)
    return Frozen(
        kind=kind,
        baseline_rate=past.rate,
        promised_rate=promised,
        assumed=promise is None,
        stays_at=stays_at,
        working_baseline=working,
        alarm_rate=alarm,
        verification_rate=verification,
        rho=spread.rho,
        baseline_units=past.units,
        baseline_events=past.events,
        baseline_lots=len(past.lots),
        pairs=spread.pairs,
        sum_u=spread.sum_u,
        sum_p=spread.sum_p,
        sum_n=spread.sum_n,
        sum_m=spread.sum_m,
        notes=_notes(past, promise, promised, reference, verification, spread),
        blocks=blocks,
    )


def correlation(lots: Sequence[Lot], kind: Kind) -> float:
    """The intra-lot correlation of a baseline, 0 to 0.9; 0 where there are too few lots or events to measure it."""
    past = _Baseline(tuple(lots), kind)
    return past.correlation() if past.has(SPREAD_LOTS, SPREAD_EVENTS) else 0.0


def pair_sums(first: Lot, second: Lot) -> tuple[float, float]:
    """What two neighbouring lots say about how much lots differ: `(U, P)`, to be added up over pairs.

    Over many pairs sum(U) / sum(P) estimates rho, the intra-lot correlation: U is an unbiased estimate of
    the variance of the lot rates (events paired within lots, less events paired across them), P the rate,
    both weighted by the harmonic mean of the two sizes. Neighbours are compared, so that a slow drift of
    the rate does not pass for differences between lots (the idea of von Neumann's successive differences).
    """
    n1, d1, n2, d2 = first.n, first.d, second.n, second.d
    weight = 2 * n1 * n2 / (n1 + n2)
    within = (d1 * (d1 - 1) / (n1 * max(n1 - 1, 1)) + d2 * (d2 - 1) / (n2 * max(n2 - 1, 1))) / 2
    across = d1 * d2 / (n1 * n2)
    return weight * (within - across), weight * (d1 / n1 + d2 / n2) / 2


@dataclass(frozen=True, slots=True)
class _Spread:
    """How much lots differ: rho and, where it was measured, the sums that the detector goes on adding to."""

    rho: float
    pairs: int = 0
    sum_u: float = 0.0
    sum_p: float = 0.0
    sum_n: int = 0
    sum_m: int = 0


@dataclass(frozen=True, slots=True)
class _Baseline:
    """The lots before the fix and what can be read from them."""

    lots: tuple[Lot, ...]
    kind: Kind

    def check(self) -> None:
        """Raise `ValueError` naming the first lot whose numbers are impossible."""
        for place, lot in enumerate(self.lots, start=1):
            if not 1 <= lot.n <= QUANTITY_MAX:
                raise ValueError(f"baseline lot {place}: {lot.n} units; must be 1 to {QUANTITY_MAX:.0e}")
            most = lot.n if self.kind == "proportion" else QUANTITY_MAX
            if not 0 <= lot.d <= most:
                raise ValueError(f"baseline lot {place}: {lot.d} events; must be 0 to {most}")

    @property
    def units(self) -> int:
        return sum(lot.n for lot in self.lots)

    @property
    def events(self) -> int:
        return sum(lot.d for lot in self.lots)

    @property
    def rate(self) -> float | None:
        """The half event keeps a baseline without any events above zero."""
        return (self.events + 0.5) / self.units if self.lots else None

    def has(self, lots: int, events: int) -> bool:
        return len(self.lots) >= lots and self.events >= events

    def correlation(self, normal_quantile: float = 0.0) -> float:
        """The rho whose Pearson statistic sits at a quantile of its chi-squared law, 0 to `RHO_MAX`.

        The quantile is Wilson and Hilferty's (1931) approximation: the median by default, while
        `-ONE_SIDED_90` gives the upper end of a one-sided 90 % interval. Lots are taken to vary as the
        beta-binomial does, by 1 + (n - 1) rho times what chance alone gives.
        """
        mean = self.events / self.units
        if self.kind == "proportion":
            mean = min(mean, 0.999)
        variance = mean * (1 - mean) if self.kind == "proportion" else mean
        freedom = len(self.lots) - 1
        step = 2 / (9 * freedom)
        target = freedom * (1 - step + normal_quantile * math.sqrt(step)) ** 3

        def excess(rho: float) -> float:
            terms = ((lot.d - lot.n * mean) ** 2 / (lot.n * (1 + (lot.n - 1) * rho)) for lot in self.lots)
            return sum(terms) / variance - target

        return _falling_root(excess)

    @property
    def uneven(self) -> bool:
        """One lot is more than all the others together."""
        return len(self.lots) > 1 and 2 * max(lot.n for lot in self.lots) > self.units

    def safe_rate(self, blocks: int = 1) -> float:
        """The upper end of a one-sided 90 % interval of the rate, clustering included (Kish's design effect).

        Lots that are alike by `blocks` tell as little as so many fewer, larger ones. Where one lot is more than
        all others, it tells as little as its own size says: the size that a unit meets (Kish, 1965), not the mean.
        A share stays at most 1.
        """
        mean_size = blocks * self.units / len(self.lots)
        if self.uneven:
            mean_size = blocks * sum(lot.n * lot.n for lot in self.lots) / self.units
        design_effect = 1 + (mean_size - 1) * self.correlation(-ONE_SIDED_90)
        rate = (self.events + 0.5) / self.units
        rate *= 1 + SAFE_BASELINE_90 * math.sqrt(design_effect / self.events)
        return min(rate, 1.0) if self.kind == "proportion" else rate


def _falling_root(excess: Callable[[float], float]) -> float:
    """Where a falling function of rho crosses zero, from above: 0 if it starts below, else by bisection."""
    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, RHO_MAX
    for _ in range(RHO_BISECTIONS):
        middle = (low + high) / 2
        if excess(middle) > 0:
            low = middle
        else:
            high = middle
    return high


def _promised(past: _Baseline, promise: Promise | None, blocks: int) -> tuple[float, float | None]:
    """T, and the baseline it is to be set against (None without one). Raises `PromiseRefused`."""
    if promise is None:
        if past.rate is None:
            raise PromiseRefused("promise_needed", later("There are no lots before the fix: promise a rate."))
        return ASSUMED_SHARE * past.rate, past.rate
    if promise.rate is not None:
        most = 1 if past.kind == "proportion" else QUANTITY_MAX
        if not 0 <= promise.rate <= most:
            raise PromiseRefused(
                "promise_out_of_range", later("The promised rate must be from 0 to %(most)s.", most=most)
            )
        return promise.rate, past.rate
    reduction = promise.reduction
    if reduction is None or not 0 <= reduction <= 1:
        raise PromiseRefused("promise_out_of_range", later("The promised reduction must be from 0 to 1."))
    if not past.has(PERCENT_LOTS, PERCENT_EVENTS):
        raise PromiseRefused(
            "baseline_too_thin",
            later(
                "A percentage needs a baseline of %(lots)s lots and %(events)s events, there are %(has_lots)s and "
                "%(has_events)s: promise a rate instead.",
                lots=PERCENT_LOTS,
                events=PERCENT_EVENTS,
                has_lots=len(past.lots),
                has_events=past.events,
            ),
        )
    # A baseline that came out too low by chance would put the alarm too low and flag a fix that keeps its
    # percentage; measured from the safe end of the baseline that happens to one baseline in ten at most.
    safe = past.safe_rate(blocks)
    return (1 - reduction) * safe, safe


def _spread(past: _Baseline, alarm: float) -> _Spread:
    if not past.has(SPREAD_LOTS, SPREAD_EVENTS):
        return _Spread(rho=min(ASSUMED_SPREAD * alarm, RHO_MAX))
    sums = [pair_sums(first, second) for first, second in pairwise(past.lots)]
    return _Spread(
        rho=past.correlation(),
        pairs=len(sums),
        sum_u=sum(u for u, _ in sums),
        sum_p=sum(p for _, p in sums),
        sum_n=past.units,
        sum_m=len(past.lots),
    )


def _notes(
    past: _Baseline,
    promise: Promise | None,
    promised: float,
    reference: float | None,
    verification: float,
    spread: _Spread,
) -> tuple[Note, ...]:
    """Every named note with the fact that brings it, in the order readers see them."""
    facts: dict[Note, bool] = {
        "assumed": promise is None,
        "no_baseline": not past.lots,
        "thin_baseline": bool(past.lots) and not past.has(PERCENT_LOTS, PERCENT_EVENTS),
        "spread_assumed": spread.pairs == 0,
        "stays_at": reference is not None and reference <= STAY_AT * promised,
        "promise_above_baseline": reference is not None and promised > STAY_AT * reference,
        # No share is above 1, so nothing is proved by staying below such a number.
        "verification_above_one": past.kind == "proportion" and verification > 1,
        "uneven_baseline": past.uneven,
    }
    return tuple(note for note, holds in facts.items() if holds)
