"""The bets of both methods, for many watches at once: (bets, watches), from arrays of one number for each watch."""

import numpy as np
from numpy.typing import NDArray

from workers.detectors.bets import LARGEST_STRICT_BET, SHAPE_MAX
from workers.detectors.clustering import SHAPES
from workers.detectors.convex_bets import BEND, EXCESS_MAX, LARGEST_LINE, log_rising

Floats = NDArray[np.float64]

FACTORS = 16  # of a rising power, multiplied out; Stirling's series is exact beyond so many
TABLED = 256  # events whose rising powers are looked up
_LARGEST_FACTOR = 1e18  # so many of them still fit into a float

_SHAPES = np.array(SHAPES)[:, None]


def shapes(mean: Floats, rho: Floats) -> Floats:
    """`bets.shape`."""
    some = rho > 0
    with np.errstate(over="ignore"):  # of a correlation that is hardly there
        found: Floats = np.where(some, np.minimum(mean * (1 - rho) / np.where(some, rho, 1), SHAPE_MAX), SHAPE_MAX)
    return found


def same_shape_growth(rates: Floats, logs: Floats, against: Floats, k: Floats, n: Floats, d: Floats) -> Floats:
    """`bets.growth`."""
    grown = rates - against
    grown *= n
    grown /= k + n * against
    np.log1p(grown, out=grown)
    grown *= -(d + k)
    grown += d * logs
    return grown


def strict_growth(rates: Floats, against: Floats, k: Floats, n: Floats, d: Floats) -> Floats:
    """`bets.strict_growth`."""
    edge = rates - against
    stake = np.minimum(edge / (rates / n + rates * rates / k + edge * edge), LARGEST_STRICT_BET / against)
    grown: Floats = np.log1p(stake * (d / n - against))
    return grown


def convex_growth(rates: Floats, logs: Floats, against: Floats, k: Floats, n: Floats, d: Floats) -> Floats:
    """`convex_bets.convex_growth`."""
    mean = n * against
    m = np.minimum(k * (rates / against - 1), EXCESS_MAX)
    grown = log_risen_by(m, k, d)
    grown -= m * np.log1p(mean / k)
    low = m < 1
    if low.any():
        share = np.minimum(1 - (1 - np.minimum(m, 1)) ** (1 + BEND * logs), LARGEST_LINE)
        grown = np.where(low, np.log1p(share * ((d - mean) / (mean + k))), grown)
    return grown


def log_risen_by(m: Floats, k: Floats, d: Floats) -> Floats:
    """ln of Γ(d + k + m) Γ(k) / (Γ(d + k) Γ(k + m)): the product of 1 + m / (k + j) for j from 0 to d - 1."""
    product = np.ones_like(m)
    many = min(int(d.max(initial=0)), FACTORS)
    fits = float((m / k).max(initial=0)) < _LARGEST_FACTOR
    found = np.zeros_like(m)
    for j in range(many):
        factor = 1 + m * (np.where(d > j, 1.0, 0.0) / (k + j))
        if fits:
            product *= factor
        else:
            found += np.log(factor)
    if fits:
        found = np.log(product)
    beyond = d > FACTORS
    if beyond.any():
        base, more = k[beyond], m[:, beyond]
        found[:, beyond] += _rising(base + d[beyond], more) - _rising(base + FACTORS, more)
    return found


def _rising(x: Floats, m: Floats) -> Floats:
    """`convex_bets.log_rising` for x from 16: Stirling's series, to more terms than it takes from 100."""
    y = x + m
    found: Floats = (x - 0.5) * np.log1p(m / x) + m * np.log(y) - m + _tail(y) - _tail(x)
    return found


def _tail(x: Floats) -> Floats:
    square = x * x
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / x


def _table() -> Floats:
    rows = [[0.0] + [log_rising(d, one) for d in range(1, TABLED)] for one in SHAPES]
    return np.array(rows)


_TABLE = _table()


def risen(d: Floats) -> Floats:
    """ln of Γ(d + shape) / Γ(d) for each of `clustering.SHAPES`; 0 for no event."""
    found = _TABLE[:, np.minimum(d, TABLED - 1).astype(np.intp)]
    beyond = d >= TABLED
    if beyond.any():
        found[:, beyond] = _rising(d[beyond], np.broadcast_to(_SHAPES, (len(SHAPES), int(beyond.sum()))))
    return found
