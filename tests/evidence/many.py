"""A plant of many lines: how many of its list are there by chance, and how many that should be are."""

from collections.abc import Iterator

import numpy as np

from qc_service.flags.rules import FDR
from tests.evidence import peers
from tests.evidence.plants import BASE, Floats, Ints, Plant, at, events
from tests.evidence.tables import METHODS, Row, declared
from tests.evidence.watches import judge
from workers.detectors.ebh import Roll

LOTS, BREAKS = 300, 100


def rows(rng: np.random.Generator, lines: int) -> Iterator[Row]:
    for rho in (0.0, 0.005):
        plant = at(BASE, rho)
        configs, past = declared(rng, plant, lines)
        alarm = np.array([one.alarm for one in configs])
        kind = np.arange(lines) % 10  # 0: never worked, 1: relapses, the rest hold, every other just so
        n = plant.sizes(rng, lines, LOTS)
        d = events(rng, n, _rates(plant, kind, alarm), rho)
        for method in METHODS:
            yield [f"{rho:g}", method, *_told(kind, entered(judge(method, configs, n, d).log_e_fail))]
        for name in ("Laney p-prime, 3 sigma", "binomial CUSUM, h = 5"):
            watch, limit = peers.PEERS[name]
            yield [f"{rho:g}", name, *_told(kind, peers.first_above(watch(plant, past, n, d), limit))]


def _rates(plant: Plant, kind: Ints, alarm: Floats) -> Floats:
    rates = np.where(kind % 2 == 0, alarm, plant.promised)[:, None].repeat(LOTS, axis=1)
    rates[kind == 0] = plant.before
    rates[kind == 1] = np.where(np.arange(LOTS) >= BREAKS, plant.before, plant.promised)
    return rates


def entered(log_e: Floats) -> Ints:
    """The lot (from 1) at which each line enters the list, 0 where it never does."""
    found = np.zeros(len(log_e), np.int64)
    roll = Roll(FDR)
    for lot in range(log_e.shape[1]):
        begun = len(log_e) if lot == 0 else 0
        roll.look(lot + 1, begun, enumerate(log_e[:, lot].tolist()))
    for line, entry in roll.entries.items():
        found[int(str(line))] = entry.since
    return found


def _told(kind: Ints, found: Ints) -> Row:
    """A relapse that is listed before it relapses is a false one."""
    early = (kind == 1) & (found > 0) & (found <= BREAKS)
    wrong = ((kind > 1) & (found > 0)) | early
    right = (kind <= 1) & (found > 0) & ~early
    never, relapsed = found[right & (kind == 0)], found[right & (kind == 1)] - BREAKS
    return [
        f"{wrong.sum() / max((found > 0).sum(), 1):.3f}", f"{right.sum() / max((kind <= 1).sum(), 1):.3f}",
        f"{np.median(never):g}" if never.size else "-", f"{np.median(relapsed):g}" if relapsed.size else "-",
    ]  # fmt: skip
