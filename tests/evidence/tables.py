"""The measurements of the bench: each gives the rows of one table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from qc_service.fixes.rules import Lot, Promise, freeze
from tests.evidence import peers
from tests.evidence.plants import (
    BASE,
    PLANTS,
    YEAR,
    Ints,
    Plant,
    Shift,
    events,
    other_law,
    shapes_of_rates,
    shifts,
    ways,
)
from tests.evidence.watches import RELAPSED, Result, judge
from workers.detectors.values import Config

METHODS = ("fixwatch-1", "fixwatch-2")
Row = list[str]
Past = tuple[Ints, Ints]


def declared(rng: np.random.Generator, plant: Plant, fixes: int, rho: float | None = None) -> tuple[list[Config], Past]:
    """Fixes as the service freezes them, each with a simulated baseline, and the baselines."""
    n = plant.sizes(rng, fixes, plant.past)
    d = events(rng, n, plant.before, plant.rho if rho is None else rho)
    rows = zip(n.tolist(), d.tolist(), strict=True)
    return [_frozen([Lot(*one) for one in zip(*row, strict=True)], plant.promised) for row in rows], (n, d)


def _frozen(baseline: Sequence[Lot], promised: float) -> Config:
    frozen = freeze(baseline, Promise(rate=promised))
    same = ("working_baseline", "baseline_rate", "rho", "pairs", "sum_u", "sum_p", "sum_n", "sum_m")
    return Config(
        alarm=frozen.alarm_rate, verification=frozen.verification_rate, promised=frozen.promised_rate,
        **{name: getattr(frozen, name) for name in same},
    )  # fmt: skip


def at_the_promise(fixes: Sequence[Config]) -> list[Config]:
    """The same fixes, with the promise itself as the alarm rate: as sharp as the methods they are compared with."""
    return [replace(fix, alarm=fix.promised) for fix in fixes]


def share(hit: Ints) -> str:
    return f"{(hit > 0).mean():.3f}"


def delay(lots: Ints, after: int) -> float:
    """The median number of lots from the change on; those flagged before it are left out, never is endless."""
    late = lots[(lots == 0) | (lots > after)]
    return float(np.median(np.where(late == 0, np.inf, late - after)))


def told(lots: float) -> str:
    return "never" if np.isinf(lots) else f"{lots:g}"


def false_flags(rng: np.random.Generator, fixes: int) -> Iterator[Row]:
    """Share of fixes called broken within a year while the rate is exactly the alarm rate; as shipped."""
    for shift in shifts():
        configs, _ = declared(rng, shift.plant, fixes)
        yield _false_flags(rng, shift.name, configs, shift)
    for name in shapes_of_rates():
        configs, _ = declared(rng, BASE, fixes)
        n = BASE.sizes(rng, fixes, YEAR)
        d = other_law(rng, n, np.array([one.alarm for one in configs])[:, None], name)
        yield [name, *(share(judge(method, configs, n, d).flagged) for method in METHODS)]
    for plant in PLANTS:
        bare = [_frozen([], plant.promised)] * fixes
        shift = Shift("", plant, np.full(YEAR, plant.rho))
        yield _false_flags(rng, f"{plant.title}, no baseline", bare, shift)


def _false_flags(rng: np.random.Generator, name: str, configs: list[Config], shift: Shift) -> Row:
    n = shift.plant.sizes(rng, len(configs), YEAR)
    d = events(rng, n, np.array([one.alarm for one in configs])[:, None], shift.after)
    return [name, *(share(judge(method, configs, n, d).flagged) for method in METHODS)]


def out_of_the_box(rng: np.random.Generator, fixes: int) -> Iterator[Row]:
    """Share of fixes that keep their promise and are spoken of within a year, everything as its textbook says."""
    plants: list[tuple[Plant, list[Config], Past, Ints, Ints]] = []
    for plant in PLANTS:
        configs, past = declared(rng, plant, fixes)
        n = plant.sizes(rng, fixes, YEAR)
        plants.append((plant, at_the_promise(configs), past, n, events(rng, n, plant.promised, plant.rho)))
    for name, (watch, limit) in peers.PEERS.items():
        yield [name, *(share(peers.first_above(watch(plant, past, n, d), limit)) for plant, _, past, n, d in plants)]
    for method in METHODS:
        yield [f"**{method}**", *(share(judge(method, configs, n, d).flagged) for _, configs, _, n, d in plants)]


Delays = dict[tuple[str, str], dict[str, float]]


def delays(rng: np.random.Generator, fixes: int, sharpen: Callable[[Sequence[Config]], Sequence[Config]]) -> Delays:
    """Median lots from a change to the flag, by way and plant: the methods, and peers with the limit of an oracle.

    The oracle knows the true correlation and simulates a year to find the limit that 5 % of holding fixes exceed.
    """
    found: Delays = {}
    for plant in PLANTS:
        configs, past = declared(rng, plant, fixes)
        sharp = sharpen(configs)
        n = plant.sizes(rng, 2 * fixes, YEAR)
        quiet = events(rng, n, plant.promised, plant.rho)
        twice = (np.concatenate([past[0]] * 2), np.concatenate([past[1]] * 2))
        limits = {
            name: float(np.quantile(peers.PEERS[name][0](plant, twice, n, quiet).max(axis=1), 0.95))
            for name in peers.ORACLES
        }
        for way, rates, after in ways(plant):
            lots = YEAR if plant.rho >= 0.02 or way in ("partial", "gradual") else 600
            n = plant.sizes(rng, fixes, lots)
            d = events(rng, n, np.broadcast_to(rates[:lots], n.shape), plant.rho)
            row = {method: delay(judge(method, sharp, n, d).flagged, after) for method in METHODS}
            for name, limit in limits.items():
                row[name] = delay(peers.first_above(peers.PEERS[name][0](plant, past, n, d), limit), after)
            found[way, plant.title] = row
    return found


def ratios(found: Delays, way: str, method: str, peer: str) -> list[float]:
    return [row[method] / row[peer] for (one, _), row in found.items() if one == way]


def proofs(rng: np.random.Generator, fixes: int) -> Iterator[Row]:
    """Median lots to the proof of a fix that keeps its promise."""
    for plant in PLANTS:
        configs, _ = declared(rng, plant, fixes)
        n = plant.sizes(rng, fixes, 600)
        d = events(rng, n, plant.promised, plant.rho)
        none = np.zeros_like(d)
        judged = [judge(method, configs, n, d) for method in METHODS]
        clean = [judge(method, configs, n, none) for method in METHODS]
        yield [plant.title, *(told(delay(one.proved, 0)) for one in (*judged, *clean))]


def false_proofs(rng: np.random.Generator, fixes: int) -> Iterator[Row]:
    """Share of fixes proved within a year while the rate is exactly the verification rate, and while it never fell."""
    for shift in shifts():
        configs, _ = declared(rng, shift.plant, fixes)
        n = shift.plant.sizes(rng, fixes, YEAR)
        line = [shift.name]
        for rate in (np.array([one.verification for one in configs])[:, None], shift.plant.before):
            d = events(rng, n, rate, shift.after)
            line += [share(judge(method, configs, n, d).proved) for method in METHODS]
        yield line


def labels(rng: np.random.Generator, fixes: int) -> Iterator[Row]:
    """Share of flagged fixes labelled *relapsed*: relapses at lot 200, at lot 30, and fixes that never worked."""
    for plant in PLANTS:
        configs, _ = declared(rng, plant, fixes)
        line = [plant.title]
        for after in (200, 30, 0):
            n = plant.sizes(rng, fixes, 700)
            rates = np.where(np.arange(1, 701) > after, plant.before, plant.promised)
            d = events(rng, n, np.broadcast_to(rates, n.shape), plant.rho)
            line += [_relapsed(judge(method, configs, n, d), after) for method in METHODS]
        yield line


def _relapsed(found: Result, after: int) -> str:
    flagged = found.flagged > after
    return f"{(found.pattern[flagged] == RELAPSED).mean():.3f}" if flagged.any() else "-"
