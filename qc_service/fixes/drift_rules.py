"""Was the rate on the move before the fix? A trend, or a season of the year, found in the lots of a baseline.

A fix is compared with the mean of its baseline. Where the rate was rising all along, or follows the year, that
mean says little of what would have come without the fix, and a verdict that rests on it alone misleads. What is
found here is frozen with the fix and told with every verdict; it changes none of the four frozen rates.

The test is a weighted regression of the lots' rates on their order and, where the dates reach over a year and a
half, on one wave a year. A lot weighs as much as its beta-binomial variance allows, and what lots vary beyond
that is measured from the residuals, so that lots which merely differ do not pass for a trend: the F test of a
quasi-likelihood (McCullagh and Nelder, *Generalized Linear Models*, 2nd ed. 1989, 4.5 and 9.2). Without
overdispersion its first part is the test for a trend in proportions of Cochran (1954) and Armitage (1955).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LEVEL = 0.02  # of each of the two tests: together they find what is not there less than once in 20 baselines
LEAST_CHANGE = 0.05  # of the mean rate: a smaller drift is not worth a word, however certain
LOTS_MIN, EVENTS_MIN = 12, 10  # as for the spread: fewer say nothing about drift
SPARE_LOTS = 6  # lots beyond the numbers that are fitted
SURE_STEP = 1e-3  # the chance, over all its places, of a sudden change that is none
SEASON_FROM = timedelta(days=548)  # a year and a half
YEAR = 365.2425 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The rate went from `first` to `last` over the baseline, as a straight line fits it (events per unit).

    per_year: the change in a year as a share of the mean rate; None where the dates span less than a year.
    chance: how often lots without a trend look at least so much like one.
    """

    first: float
    last: float
    per_year: float | None
    chance: float

    @property
    def rising(self) -> bool:
        return self.last > self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """The rate goes up and down with the year, between `low` and `high` (events per unit).

    peak_month: 1 to 12, in which month it is highest. chance: as of a `Trend`.
    """

    low: float
    high: float
    peak_month: int
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The rate went from `first` to `last` at once, with the lot at place `at` of the baseline (from 0).

    That is what a fix is mostly declared for, and no drift: neither a trend nor a likeness of neighbours follows
    from it. chance: as of a `Trend`, for the best of all places.
    """

    at: int
    first: float
    last: float
    chance: float


@dataclass(frozen=True, slots=True)
class Drift:
    """What was found, and the residuals that are left when it is taken out, one for each lot (sd about 1)."""

    trend: Trend | None = None
    season: Season | None = None
    left: tuple[float, ...] = ()
    step: Step | None = None

    @property
    def chance(self) -> float:
        """Of the plainer of trend and season; 1 where nothing was found."""
        return min([found.chance for found in (self.trend, self.season) if found is not None], default=1.0)


def find_drift(
    lots: Sequence[tuple[int, int]], ended: Sequence[datetime], rho: float, kind: str = "proportion"
) -> Drift:
    """Trend and season of a baseline.

    lots: `(units, events)` in their order. ended: when each ended, aware; may be empty, then no season is looked
    for. rho: their intra-lot correlation, 0 to 0.9. kind: `proportion` or `count`. Never raises: what is too
    short, too thin or without any spread shows no drift.
    """
    units, events = sum(n for n, _ in lots), sum(d for _, d in lots)
    if len(lots) < LOTS_MIN or events < EVENTS_MIN or (kind == "proportion" and events >= units):
        return Drift()
    mean = events / units
    variance = mean * (1 - mean) if kind == "proportion" else mean
    weights = [n / (variance * (1 + (n - 1) * rho)) for n, _ in lots]
    rates = [d / n for n, d in lots]
    order = [place / (len(lots) - 1) - 0.5 for place in range(len(lots))]
    waves = _waves(ended) if len(ended) == len(lots) else []
    level = [1.0] * len(lots)
    whole = _fit([level, order, *waves], rates, weights)
    if whole is None:
        return Drift()
    stepped = _step(rates, weights, whole.left_over)
    if stepped is not None:
        return stepped
    freedom = len(lots) - 2 - len(waves)
    season = _season(whole, _fit([level, order], rates, weights), freedom, mean) if waves else None
    trend = _trend(whole, _fit([level, *waves], rates, weights), freedom, mean, _years(ended))
    kept = [level, *([order] if trend else []), *(waves if season else [])]
    final = _fit(kept, rates, weights)
    return Drift(trend, season, final.residuals if final and (trend or season) else ())


def _step(rates: Sequence[float], weights: Sequence[float], drifting: float) -> Drift | None:
    """One sudden change of the rate, where it is plain and says more than any drift (left over: `drifting`)."""
    level, size = [1.0] * len(rates), len(rates)
    places = range(SPARE_LOTS, size - SPARE_LOTS + 1)
    flat = _fit([level], rates, weights)
    fits = [(at, _fit([level, [float(place >= at) for place in range(size)]], rates, weights)) for at in places]
    found = [(fit.left_over, at, fit) for at, fit in fits if fit is not None]
    if not found:
        return None
    left_over, at, best = min(found, key=lambda one: one[:2])
    chance = _chance(best, flat, 1, size - 3)
    if chance is None or chance * len(found) > SURE_STEP or left_over >= drifting:
        return None
    first, rise = best.terms
    step = Step(at=at, first=max(first, 0.0), last=max(first + rise, 0.0), chance=min(chance * len(found), 1.0))
    return Drift(left=best.residuals, step=step)


def _years(ended: Sequence[datetime]) -> float:
    return (max(ended) - min(ended)).total_seconds() / YEAR if ended else 0.0


def _waves(ended: Sequence[datetime]) -> list[list[float]]:
    """One wave a year, by its cosine and sine from the first of January 1970 on; none for a short stretch."""
    if max(ended) - min(ended) < SEASON_FROM or len(ended) < LOTS_MIN:
        return []
    angles = [2 * math.pi * one.timestamp() / YEAR for one in ended]
    return [[math.cos(angle) for angle in angles], [math.sin(angle) for angle in angles]]


def _trend(whole: "_Fitted", without: "_Fitted | None", freedom: int, mean: float, years: float) -> Trend | None:
    chance = _chance(whole, without, 1, freedom)
    slope = whole.terms[1]
    if chance is None or chance > LEVEL or abs(slope) < LEAST_CHANGE * mean:
        return None
    first, last = max(mean - slope / 2, 0.0), max(mean + slope / 2, 0.0)
    return Trend(first=first, last=last, per_year=slope / mean / years if years >= 1 else None, chance=chance)


def _season(whole: "_Fitted", without: "_Fitted | None", freedom: int, mean: float) -> Season | None:
    chance = _chance(whole, without, 2, freedom)
    cosine, sine = whole.terms[2:]
    height = math.hypot(cosine, sine)
    if chance is None or chance > LEVEL or 2 * height < LEAST_CHANGE * mean:
        return None
    share = math.atan2(sine, cosine) / (2 * math.pi) % 1.0
    return Season(low=max(mean - height, 0.0), high=mean + height, peak_month=int(share * 12) % 12 + 1, chance=chance)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A weighted least-squares fit: its terms, the weighted sum of squares that is left, and the residuals."""

    terms: tuple[float, ...]
    left_over: float
    residuals: tuple[float, ...]


def _fit(columns: Sequence[Sequence[float]], values: Sequence[float], weights: Sequence[float]) -> _Fitted | None:
    """None where the columns cannot be told apart."""
    size = len(columns)
    rows = [
        [
            *(sum(w * a * b for w, a, b in zip(weights, one, other, strict=True)) for other in columns),
            sum(w * a * y for w, a, y in zip(weights, one, values, strict=True)),
        ]
        for one in columns
    ]
    for step in range(size):  # Gauss and Jordan: the matrix is symmetric and positive definite, or it is refused
        best = max(range(step, size), key=lambda place: abs(rows[place][step]))
        rows[step], rows[best] = rows[best], rows[step]
        if abs(rows[step][step]) <= 1e-12 * max(abs(rows[0][0]), 1e-300):
            return None
        pivot = [value / rows[step][step] for value in rows[step]]
        rows = [
            pivot if place == step else [a - row[step] * b for a, b in zip(row, pivot, strict=True)]
            for place, row in enumerate(rows)
        ]
    terms = tuple(row[-1] for row in rows)
    fitted = [sum(t * x for t, x in zip(terms, row, strict=True)) for row in zip(*columns, strict=True)]
    residuals = tuple(math.sqrt(w) * (y - f) for w, y, f in zip(weights, values, fitted, strict=True))
    return _Fitted(terms, sum(one * one for one in residuals), residuals)


def _chance(whole: _Fitted, without: _Fitted | None, terms: int, freedom: int) -> float | None:
    """The tail of the F law with `terms` (1 or 2) and `freedom` degrees; None where it cannot be told."""
    if without is None or freedom < SPARE_LOTS or whole.left_over <= 0:
        return None
    ratio = max(without.left_over - whole.left_over, 0.0) / terms / (whole.left_over / freedom)
    if terms == 1:
        return _student_tails(math.sqrt(ratio), freedom)
    return math.exp(-freedom / 2 * math.log1p(2 * ratio / freedom))


def _student_tails(t: float, freedom: int) -> float:
    """P(|T| >= t) for whole degrees of freedom: the finite series of Abramowitz and Stegun (1964), 26.7.3 and 4."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for step in range(2 + odd, freedom - 1, 2):
        term *= cosine * cosine * (step - 1) / step
        total += term
    inside = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return min(max(1 - inside, 0.0), 1.0)
