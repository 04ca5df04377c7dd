"""From evidence to a verdict: what every method of watching a fix keeps of its lots, and when it speaks.

A verdict is latched. The order of its questions matters: a fix that is called broken is never proved any more.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from math import ceil, log
from typing import Any, Self, TypeVar

from workers.detectors.spread import Spread
from workers.detectors.values import Config, Finding, Pattern, Verdict

LEANING = log(5)  # evidence worth a look, and proof enough that a fix once worked
LOTS_MIN, EVENTS_MIN = 3, 2  # no fix is called broken on less
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
class Standing:
    """All that a method keeps of the lots of a fix so far, but for its bets.

    lots, units, events: since the fix. spread, rise: see their classes.
    log_e_fail, log_e_ok: evidence after the latest lot. log_e_ok_max: the most that log_e_ok has been.
    recent: log_e_ok after each of the latest 20 lots and before them, rounded: the pace towards a proof.
    verified_at, flagged_at: the lots of the verdicts. log_e_flag, pattern: settled at the flag.
    """

    lots: int = 0
    units: int = 0
    events: int = 0
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


S = TypeVar("S", bound=Standing)


def finding(config: Config, state: Standing) -> Finding:
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


def judged(config: Config, state: S, seemed_to_work: Callable[[Config, Standing], bool]) -> S:
    """The state with the verdict its latest lot brings, if any. After a flag nothing is proved any more.

    `seemed_to_work`: had the fix worked before, though it was not proved? Asked at the flag, for its pattern.
    """
    if state.flagged_at is not None:
        return state
    enough = state.lots >= LOTS_MIN and state.events >= EVENTS_MIN
    if state.log_e_fail >= config.log_threshold and enough:
        worked = state.verified_at is not None or seemed_to_work(config, state)
        pattern = "relapsed" if worked else _pattern(config, state)
        return replace(state, flagged_at=state.lots, log_e_flag=state.log_e_fail, pattern=pattern)
    if state.verified_at is None and state.log_e_ok >= config.log_threshold:
        return replace(state, verified_at=state.lots)
    return state


def without_flag(state: S, **changes: Any) -> S:
    """The state as if it had not been flagged, with `changes`: its evidence that the fix is broken is 1 again."""
    return replace(state, log_e_fail=0.0, flagged_at=None, log_e_flag=None, pattern=None, **changes)


def _pattern(config: Config, state: Standing) -> Pattern:
    """In which way a fix that never worked does not hold, as it looks at the lot that flags it."""
    base = config.working_baseline
    some_effect = state.events / state.units < base - SHORT_OF_PROMISE * (base - config.promised)
    return "short_of_promise" if some_effect else "never_worked"


def _verdict(state: Standing) -> Verdict:
    if state.flagged_at is not None:
        return "not_holding"
    return "too_early" if state.verified_at is None else "holding"


def _lots_needed(config: Config, state: Standing) -> int | None:
    """Rounded as the pace is, so that a pace of nothing is exactly nothing."""
    gained = round(state.recent[-1] - state.recent[0], PACE_DIGITS)
    if _verdict(state) != "too_early" or gained <= 0:
        return None
    missing = config.log_threshold - state.log_e_ok
    return ceil(missing * (len(state.recent) - 1) / gained)
