"""What is usually done in place of a verdict, each as a number per lot that is too large where it speaks.

Sources: Shewhart (1931); Western Electric (1956); Laney (2002); Roberts (1959) and Lucas and Saccucci (1990) for EWMA;
Page (1954) and Reynolds and Stoumbos (2000) for the binomial CUSUM. The centre is the promised rate.
"""

from collections.abc import Callable

import numpy as np

from tests.evidence.plants import Floats, Ints, Plant


def _z(plant: Plant, n: Ints, d: Ints) -> Floats:
    p = plant.promised
    z: Floats = (d - n * p) / np.sqrt(n * p * (1 - p))
    return z


def _sigma(past_n: Ints, past_d: Ints) -> Floats:
    """Laney's sigma of z before the fix: the mean moving range over 1.128, of each fix."""
    p = np.maximum(past_d.sum(1), 0.5)[:, None] / past_n.sum(1)[:, None]
    z = (past_d - past_n * p) / np.sqrt(past_n * p * (1 - p))
    sigma: Floats = np.abs(np.diff(z, axis=1)).mean(1)[:, None] / 1.128
    return sigma


def p_chart(plant: Plant, _past: tuple[Ints, Ints], n: Ints, d: Ints) -> Floats:
    return _z(plant, n, d)


def p_chart_with_rules(plant: Plant, past: tuple[Ints, Ints], n: Ints, d: Ints) -> Floats:
    return _rules(p_chart(plant, past, n, d))


def laney(plant: Plant, past: tuple[Ints, Ints], n: Ints, d: Ints) -> Floats:
    return _z(plant, n, d) / _sigma(*past)


def laney_with_rules(plant: Plant, past: tuple[Ints, Ints], n: Ints, d: Ints) -> Floats:
    return _rules(laney(plant, past, n, d))


def _rules(z: Floats) -> Floats:
    """3 where one of Western Electric's four rules is broken upwards, else the point itself, below 3."""
    broken = z > 3
    broken |= _of_the_last(z > 2, 3) >= 2
    broken |= _of_the_last(z > 1, 5) >= 4
    broken |= _of_the_last(z > 0, 8) >= 8
    found: Floats = np.where(broken, np.maximum(z, 3.0001), np.minimum(z, 2.9))
    return found


def _of_the_last(hit: np.ndarray, lots: int) -> Ints:
    sums = np.cumsum(hit, axis=1)
    sums[:, lots:] = sums[:, lots:] - sums[:, :-lots].copy()
    return sums.astype(np.int64)


def ewma(weight: float) -> Callable[[Plant, tuple[Ints, Ints], Ints, Ints], Floats]:
    def watch(plant: Plant, past: tuple[Ints, Ints], n: Ints, d: Ints) -> Floats:
        z, level = laney(plant, past, n, d), np.zeros(len(n))
        found = np.empty_like(z)
        for lot in range(z.shape[1]):
            level = (1 - weight) * level + weight * z[:, lot]
            found[:, lot] = level
        return found / np.sqrt(weight / (2 - weight))

    return watch


def cusum(plant: Plant, _past: tuple[Ints, Ints], n: Ints, d: Ints) -> Floats:
    """The binomial likelihood ratio of the old rate to the promised one, started again at 0."""
    low, high = plant.promised, plant.before
    gains = d * np.log(high / low) + (n - d) * np.log((1 - high) / (1 - low))
    height, found = np.zeros(len(n)), np.empty(gains.shape)
    for lot in range(gains.shape[1]):
        height = np.maximum(height + gains[:, lot], 0)
        found[:, lot] = height
    return found


def z_test(plant: Plant, _past: tuple[Ints, Ints], n: Ints, d: Ints) -> Floats:
    """Of all lots since the fix together, looked at after each."""
    p, units = plant.promised, np.cumsum(n, axis=1)
    found: Floats = (np.cumsum(d, axis=1) - units * p) / np.sqrt(units * p * (1 - p))
    return found


def three_over_the_middle(plant: Plant, _past: tuple[Ints, Ints], n: Ints, d: Ints) -> Floats:
    middle = (plant.promised + plant.before) / 2
    return _of_the_last(d / n > middle, 3).astype(float)


# name: how, and the limit that the textbook gives
PEERS: dict[str, tuple[Callable[[Plant, tuple[Ints, Ints], Ints, Ints], Floats], float]] = {
    "p-chart, 3 sigma": (p_chart, 3.0),
    "p-chart with Western Electric's rules": (p_chart_with_rules, 3.0),
    "Laney p-prime, 3 sigma": (laney, 3.0),
    "Laney p-prime with Western Electric's rules": (laney_with_rules, 3.0),
    "EWMA 0.2, L = 2.86": (ewma(0.2), 2.86),
    "EWMA 0.05, L = 2.5": (ewma(0.05), 2.5),
    "binomial CUSUM, h = 5": (cusum, 5.0),
    "three lots over the middle": (three_over_the_middle, 2.5),
    "z-test at 5 %, looked at after each lot": (z_test, 1.645),
}
ORACLES = ("binomial CUSUM, h = 5", "EWMA 0.05, L = 2.5", "p-chart, 3 sigma", "z-test at 5 %, looked at after each lot")


def first_above(found: Floats, limit: float) -> Ints:
    """The lot (from 1) at which each fix is first spoken of; 0 where it never is."""
    hit = found > limit
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1, 0)
