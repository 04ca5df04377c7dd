"""Simulated plants: lots of known size, whose defects are beta-binomial, and fixes as they are declared on them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR = 1000  # lots
BREAKS = 200  # the lot after which a fix that worked stops working


@dataclass(frozen=True)
class Plant:
    """least, most: units of a lot. before, promised: rates. past: lots of the baseline. rho: intra-lot correlation."""

    name: str
    least: int
    most: int
    before: float
    promised: float
    past: int
    rho: float = 0.0

    @property
    def title(self) -> str:
        return f"{self.name}, {self.rho:g}"

    def sizes(self, rng: np.random.Generator, fixes: int, lots: int) -> Ints:
        return rng.integers(self.least, self.most + 1, (fixes, lots))


BASE = Plant("base", 100, 500, 0.03, 0.015, 60)
RARE = Plant("rare", 500, 3000, 4e-4, 1e-4, 100)
SMALL = Plant("small", 10, 40, 0.10, 0.05, 60)
REWORK = Plant("rework", 50, 200, 0.12, 0.06, 60)


def at(plant: Plant, rho: float) -> Plant:
    return Plant(plant.name, plant.least, plant.most, plant.before, plant.promised, plant.past, rho)


PLANTS = (
    *(at(BASE, rho) for rho in (0.0, 0.005, 0.02, 0.05)), at(RARE, 0.0), at(RARE, 1e-4),
    at(SMALL, 0.0), at(SMALL, 0.02), at(REWORK, 0.0), at(REWORK, 0.02),
)  # fmt: skip


def events(rng: np.random.Generator, n: Ints, rate: Floats | float, rho: Floats | float) -> Ints:
    """Beta-binomial events; `rate` and `rho` are spread over the shape of `n`."""
    rates = np.broadcast_to(np.asarray(rate, float), n.shape).copy()
    rhos = np.broadcast_to(np.asarray(rho, float), n.shape)
    clustered = rhos > 0
    size = (1 - rhos[clustered]) / rhos[clustered]
    rates[clustered] = rng.beta(
        np.maximum(rates[clustered] * size, 1e-12), np.maximum((1 - rates[clustered]) * size, 1e-12)
    )
    return rng.binomial(n, np.clip(rates, 0, 1))


def ways(plant: Plant) -> Iterator[tuple[str, Floats, int]]:
    """What may become of a fix: its name, the rate of each lot, and the lot after which it goes wrong."""
    low, high = plant.promised, plant.before
    lots = np.arange(1, YEAR + 1)
    yield "never worked", np.full(YEAR, high), 0
    yield "partial", np.full(YEAR, high - 0.4 * (high - low)), 0
    yield "relapse", np.where(lots > BREAKS, high, low), BREAKS
    yield "gradual", low + (high - low) * np.clip((lots - BREAKS) / 200, 0, 1), BREAKS
    yield "tenfold", np.where(lots > BREAKS, min(10 * low, 0.9), low), BREAKS


@dataclass(frozen=True)
class Shift:
    """How the correlation changes: `before` the fix, and after each of its lots."""

    name: str
    plant: Plant
    after: Floats


def shifts() -> Iterator[Shift]:
    """Lots that cluster in another way than before the fix, and those that do not."""
    lot = np.arange(YEAR)
    for plant in PLANTS:
        yield Shift(f"{plant.title}, as before", plant, np.full(YEAR, plant.rho))
    for plant in (BASE, REWORK):
        yield Shift(f"{plant.name}, .002 → .01 at once", at(plant, 0.002), np.full(YEAR, 0.01))
        yield Shift(f"{plant.name}, 0 → .02 at once", at(plant, 0), np.full(YEAR, 0.02))
        yield Shift(f"{plant.name}, 0 → .05 at once", at(plant, 0), np.full(YEAR, 0.05))
        yield Shift(f"{plant.name}, 0 → .02 at lot 200", at(plant, 0), np.where(lot >= 200, 0.02, 0))
        yield Shift(f"{plant.name}, 0 → .05 at lot 500", at(plant, 0), np.where(lot >= 500, 0.05, 0))
    yield Shift("base, 0 and .05 in turn, every 50 lots", at(BASE, 0), np.where(lot // 50 % 2 == 1, 0.05, 0.0))
    yield Shift("base, .05 in 10 of 110 lots", at(BASE, 0), np.where(lot % 110 < 10, 0.05, 0.0))
    yield Shift("base, 0 to .05 over the year", at(BASE, 0), 0.05 * lot / YEAR)
    yield Shift("rare, 1e-4 → 5e-4 at once", at(RARE, 1e-4), np.full(YEAR, 5e-4))
    yield Shift("rare, 0 → .002 at lot 200", at(RARE, 0), np.where(lot >= 200, 0.002, 0))
    yield Shift("small, 0 → .05 at once", at(SMALL, 0), np.full(YEAR, 0.05))


def shapes_of_rates() -> Iterator[str]:
    """Laws of lot rates that are not the Beta law."""
    yield from (
        "lognormal, CV 0.3",
        "lognormal, CV 0.6",
        "lognormal, CV 1.0",
        "threefold in one lot of five",
    )


def other_law(rng: np.random.Generator, n: Ints, mean: Floats, name: str) -> Ints:
    if name.startswith("lognormal"):
        cv = float(name.rsplit(" ", 1)[1])
        spread = np.sqrt(np.log1p(cv**2))
        rates = mean * rng.lognormal(-(spread**2) / 2, spread, n.shape)
    else:
        rates = np.where(rng.random(n.shape) < 0.2, 3 * mean, mean / 2)
    return rng.binomial(n, np.clip(rates, 0, 1))
