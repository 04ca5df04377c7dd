"""The method `fixwatch-1`: is a declared fix holding?

Two bets run side by side after every lot: one that the fix is broken (the rate is above the alarm rate)
and one that it works (the rate is below the verification rate). Each is worth less than 1/alpha for ever,
except with probability alpha, while what it bets on is false (Ville's inequality), so a verdict may be
read after every lot without any penalty for looking. The bets are in `bets.py`, the dispersion of lots that
sizes them in `spread.py`, formulas and measurements in `docs/evidence.md`.

The name and every number it gives are fixed for ever; an improvement is a new method with a new name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from workers.detectors.bets import Stakes
from workers.detectors.spread import Spread
from workers.detectors.values import Config, Point, check_lot
from workers.detectors.verdicts import LEANING, PACE_DIGITS, PACE_LOTS, Rise, Standing, judged, without_flag

NAME = "fixwatch-1"

LOTS_BEFORE_RELAPSE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Standing):
    """All that the method keeps of the lots of a fix so far; about 1 kB of JSON. stakes: see its class."""

    stakes: Stakes

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`. Raises `KeyError` or `TypeError` on a missing or unknown key."""
        stakes = Stakes(**{name: tuple(values) for name, values in data["stakes"].items()})
        parts = {"stakes": stakes, "spread": Spread(**data["spread"]), "rise": Rise(**data["rise"])}
        return cls(**{**data, **parts, "recent": tuple(data["recent"])})


def start(config: Config) -> State:
    """The state at the moment of the fix, before any lot."""
    spread = Spread(config.pairs, config.sum_u, config.sum_p, config.sum_n, config.sum_m)
    return State(stakes=Stakes(), spread=spread, rise=Rise())


def update(config: Config, state: State, lot_n: int, lot_d: int) -> State:
    """The state after the next lot: `lot_n` units (at least 1), `lot_d` events (at least 0).

    `state` is left as it was. Raises `ValueError` on a lot whose numbers cannot be. Constant time.
    """
    check_lot(config.kind, lot_n, lot_d)
    lot = state.lots + 1
    stakes = state.stakes.after(config, state.spread.rho(config.rho, lot), lot, lot_n, lot_d)
    log_e_fail, log_e_ok = stakes.log_evidence(lot)
    return judged(
        config,
        State(
            lots=lot,
            units=state.units + lot_n,
            events=state.events + lot_d,
            stakes=stakes,
            spread=state.spread.after(lot_n, lot_d),
            rise=state.rise.after(config, lot, lot_n, lot_d),
            log_e_fail=log_e_fail,
            log_e_ok=log_e_ok,
            log_e_ok_max=max(state.log_e_ok_max, log_e_ok),
            recent=(*state.recent[-PACE_LOTS:], round(log_e_ok, PACE_DIGITS)),
            verified_at=state.verified_at,
            flagged_at=state.flagged_at,
            log_e_flag=state.log_e_flag,
            pattern=state.pattern,
        ),
        seemed_to_work,
    )


def fold(config: Config, lots: Iterable[tuple[int, int]]) -> tuple[State, list[Point]]:
    """The state after all lots `(n, d)` from the first, and the evidence after each, for charts."""
    state, points = start(config), []
    for n, d in lots:
        state = update(config, state, n, d)
        points.append(Point(state.lots, state.log_e_fail, state.log_e_ok))
    return state, points


def seemed_to_work(_config: Config, state: Standing) -> bool:
    """Whether much had spoken for the fix before the rate rose, though it was not proved."""
    return state.log_e_ok_max >= LEANING and state.rise.first > LOTS_BEFORE_RELAPSE


def unsaid(state: State) -> State:
    """The state without its flag, the bet that the fix is broken placed anew after the latest lot."""
    return without_flag(state, stakes=state.stakes.renewed(state.lots))
