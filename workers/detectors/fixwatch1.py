"""The method `fixwatch-1`: is a declared fix holding?

Two bets run side by side after every lot: one that the fix is broken (the rate is above the alarm rate)
and one that it works (the rate is below the verification rate). Each is worth less than 1/alpha for ever,
except with probability alpha, while what it bets on is false (Ville's inequality), so a verdict may be
read after every lot without any penalty for looking. The bets are in `bets.py`, the dispersion of lots that
sizes them in `spread.py`, formulas and measurements in `docs/evidence.md`.

The name and every number it gives are fixed for ever; an improvement is a new method with a new name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from math import ceil, log
from typing import Any, Self

from workers.detectors.bets import Stakes
from workers.detectors.spread import Spread
from workers.detectors.values import Config, Finding, Pattern, Point, Verdict, check_lot

NAME = "fixwatch-1"

LEANING = log(5)  # evidence worth a look, and proof enough that a fix once worked
LOTS_MIN, EVENTS_MIN = 3, 2  # no fix is called broken on less
LOTS_BEFORE_RELAPSE = 4
SHORT_OF_PROMISE = 0.25  # of the promised improvement: a fix that keeps more did something
PACE_LOTS = 20
PACE_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Rise:
    """Where the rate most likely rose: the start of the latest climb of a cumulative sum (Page, 1954).

    height: the sum. first: the lot it has been climbing from. units, events: sums from that lot on.
    """

    height: float = 0.0
    first: int = 1
    units: int = 0
    events: int = 0

    def after(self, config: Config, lot: int, n: int, d: int) -> Self:
        """The sum with lot number `lot`; it starts again after the lot wherever it is not above zero."""
        base, alarm = config.working_baseline, config.alarm
        height = self.height + d * log(base / alarm) - n * (base - alarm)
        if height <= 0:
            return type(self)(first=lot + 1)
        return type(self)(height, self.first, self.units + n, self.events + d)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that the method keeps of the lots of a fix so far; about 1 kB of JSON.

    lots, units, events: since the fix. stakes, spread, rise: see their classes.
    log_e_fail, log_e_ok: evidence after the latest lot. log_e_ok_max: the most that log_e_ok has been.
    recent: log_e_ok after each of the latest 20 lots and before them, rounded: the pace towards a proof.
    verified_at, flagged_at: the lots of the verdicts. log_e_flag, pattern: settled at the flag.
    """

    lots: int = 0
    units: int = 0
    events: int = 0
    stakes: Stakes
    spread: Spread
    rise: Rise
    log_e_fail: float = 0.0
    log_e_ok: float = 0.0
    log_e_ok_max: float = 0.0
    recent: tuple[float, ...] = (0.0,)
    verified_at: int | None = None
    flagged_at: int | None = None
    log_e_flag: float | None = None
    pattern: Pattern | None = None

    def to_json(self) -> dict[str, Any]:
        """A dict that JSON can carry; `from_json` of it, also by way of text, equals this exactly.

        Every number is finite, so no JSON reader stumbles over it.
        """
        return asdict(self)

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
    )


def finding(config: Config, state: State) -> Finding:
    """What may be said after the latest lot."""
    climbing = state.rise.units > 0
    return Finding(
        verdict=_verdict(state),
        pattern=state.pattern,
        leaning=state.flagged_at is None and state.log_e_fail >= LEANING,
        lots=state.lots,
        units=state.units,
        events=state.events,
        rate=state.events / state.units if state.units else None,
        log_e_fail=state.log_e_fail,
        log_e_ok=state.log_e_ok,
        verified_at_lot=state.verified_at,
        flagged_at_lot=state.flagged_at,
        log_e_flag=state.log_e_flag,
        change_located=state.rise.first if climbing else None,
        change_units=state.rise.units,
        change_events=state.rise.events,
        lots_needed=_lots_needed(config, state),
    )


def fold(config: Config, lots: Iterable[tuple[int, int]]) -> tuple[State, list[Point]]:
    """The state after all lots `(n, d)` from the first, and the evidence after each, for charts."""
    state, points = start(config), []
    for n, d in lots:
        state = update(config, state, n, d)
        points.append(Point(state.lots, state.log_e_fail, state.log_e_ok))
    return state, points


def judged(config: Config, state: State) -> State:
    """The state with the verdict its latest lot brings, if any. After a flag nothing is proved any more.

    `state` has the numbers of that lot, and the verdicts of the lots before it.
    """
    if state.flagged_at is not None:
        return state
    enough = state.lots >= LOTS_MIN and state.events >= EVENTS_MIN
    if state.log_e_fail >= config.log_threshold and enough:
        pattern = _pattern(config, state)
        return replace(state, flagged_at=state.lots, log_e_flag=state.log_e_fail, pattern=pattern)
    if state.verified_at is None and state.log_e_ok >= config.log_threshold:
        return replace(state, verified_at=state.lots)
    return state


def _pattern(config: Config, state: State) -> Pattern:
    """In which way a fix does not hold, as it looks at the lot that flags it."""
    seemed_to_work = state.log_e_ok_max >= LEANING and state.rise.first > LOTS_BEFORE_RELAPSE
    if state.verified_at is not None or seemed_to_work:
        return "relapsed"
    base = config.working_baseline
    some_effect = state.events / state.units < base - SHORT_OF_PROMISE * (base - config.promised)
    return "short_of_promise" if some_effect else "never_worked"


def _verdict(state: State) -> Verdict:
    if state.flagged_at is not None:
        return "not_holding"
    return "too_early" if state.verified_at is None else "holding"


def _lots_needed(config: Config, state: State) -> int | None:
    """Rounded as the pace is, so that a pace of nothing is exactly nothing."""
    gained = round(state.recent[-1] - state.recent[0], PACE_DIGITS)
    if _verdict(state) != "too_early" or gained <= 0:
        return None
    missing = config.log_threshold - state.log_e_ok
    return ceil(missing * (len(state.recent) - 1) / gained)
