"""The method `fixwatch-2`: quicker to see that a fix does not hold, and slower to be told that it does.

It differs from `fixwatch-1` in three things, and shares the verdicts, the locator and the state of the rest:
- it bets on higher rates with the best factors that are as fair (`convex_bets.py`): a fix that never worked and a
  relapse are seen in fewer lots at the same chance of a false alarm;
- more of that money waits for a later change, where relapses come from;
- a proof assumes the most clustered lots that have not been ruled out since the fix (`clustering.py`), because lots
  that became more clustered would otherwise be taken for lots that became better.

Measurements, and what was tried and lost, are in `docs/evidence.md`. The name and every number it gives are fixed
for ever.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log
from typing import Any, Self

from workers.detectors.bets import shape
from workers.detectors.clustering import Clustering
from workers.detectors.convex_bets import ConvexStakes
from workers.detectors.spread import Spread
from workers.detectors.values import Config, Point, check_lot
from workers.detectors.verdicts import PACE_DIGITS, PACE_LOTS, Rise, Standing, judged, without_flag

NAME = "fixwatch-2"

SEEMED_TO_WORK = log(4)  # proof enough, a few lots before the rate rose, to call it a relapse ...
LOTS_BEFORE_RELAPSE = 4
LONG_BEFORE = 150  # ... and so are this many lots whose rate was below the verification rate


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Standing):
    """As the state of `fixwatch-1`, with its own bets, and how clustered the lots since the fix may be."""

    stakes: ConvexStakes
    clustering: Clustering = field(default_factory=Clustering)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`. Raises `KeyError` or `TypeError` on a missing or unknown key."""
        parts = {
            "stakes": ConvexStakes(**{name: tuple(values) for name, values in data["stakes"].items()}),
            "spread": Spread(**data["spread"]),
            "rise": Rise(**data["rise"]),
            "clustering": Clustering(tuple(data["clustering"]["logs"])),
        }
        return cls(**{**data, **parts, "recent": tuple(data["recent"])})


def start(config: Config) -> State:
    """The state at the moment of the fix, before any lot."""
    spread = Spread(config.pairs, config.sum_u, config.sum_p, config.sum_n, config.sum_m)
    return State(stakes=ConvexStakes(), spread=spread, rise=Rise())


def update(config: Config, state: State, lot_n: int, lot_d: int) -> State:
    """The state after the next lot: `lot_n` units (at least 1), `lot_d` events (at least 0).

    `state` is left as it was. Raises `ValueError` on a lot whose numbers cannot be. Constant time.
    """
    check_lot(config.kind, lot_n, lot_d)
    lot, units, events = state.lots + 1, state.units + lot_n, state.events + lot_d
    rho = state.spread.rho(config.rho, lot)
    proof_shape = min(shape(config.verification, rho), state.clustering.shape())
    stakes = state.stakes.after(config, rho, proof_shape, lot, lot_n, lot_d)
    log_e_fail, log_e_ok = stakes.log_evidence(lot)
    return judged(
        config,
        State(
            lots=lot,
            units=units,
            events=events,
            stakes=stakes,
            spread=state.spread.after(lot_n, lot_d),
            rise=state.rise.after(config, lot, lot_n, lot_d),
            clustering=state.clustering.after((events + 0.5) / units, lot_n, lot_d),
            log_e_fail=log_e_fail,
            log_e_ok=log_e_ok,
            log_e_ok_max=max(state.log_e_ok_max, log_e_ok),
            recent=(*state.recent[-PACE_LOTS:], round(log_e_ok, PACE_DIGITS)),
            verified_at=state.verified_at,
            flagged_at=state.flagged_at,
            log_e_flag=state.log_e_flag,
            pattern=state.pattern,
        ),
        _seemed_to_work,
    )


def fold(config: Config, lots: Iterable[tuple[int, int]]) -> tuple[State, list[Point]]:
    """The state after all lots `(n, d)` from the first, and the evidence after each, for charts."""
    state, points = start(config), []
    for n, d in lots:
        state = update(config, state, n, d)
        points.append(Point(state.lots, state.log_e_fail, state.log_e_ok))
    return state, points


def _seemed_to_work(config: Config, state: Standing) -> bool:
    """A careful proof is slow where lots are clustered, so a long time at a low rate says it as well."""
    rise = state.rise
    units, events = state.units - rise.units, state.events - rise.events
    long_low = rise.first > LONG_BEFORE and events <= config.verification * units
    return long_low or (state.log_e_ok_max >= SEEMED_TO_WORK and rise.first > LOTS_BEFORE_RELAPSE)


def unsaid(state: State) -> State:
    """The state without its flag, the bet that the fix is broken placed anew after the latest lot."""
    return without_flag(state, stakes=state.stakes.renewed(state.lots))
