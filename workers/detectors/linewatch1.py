"""The method `linewatch-1`: has a line got worse than it used to be, although nobody declared a fix?

The first lots of a line are its past (`past.py`). Then nine bets run that its rate is above the alarm rate, as
those of `fixwatch-1` do (`bets.py`), but with nearly all of the money held back for a later lot: a line has no
moment from which it should be worse. While the rate is at most the alarm rate, the chance that the bets ever
come to 1/alpha is at most alpha (Ville's inequality), so that the answer may be read after every lot. The
formulas, what was measured and what is not covered are in `docs/watch-without-a-fix.md`.

The name and every number it gives are fixed for ever; an improvement is a new method with a new name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from math import log
from typing import Any, Literal, Self

from workers.detectors.bets import UPPER_RATIOS, Wagers, capped_growth, joined, log_joining, log_mix, log_unspent
from workers.detectors.past import Past, complete
from workers.detectors.spread import Spread
from workers.detectors.values import Kind, check_lot

NAME = "linewatch-1"

LineVerdict = Literal["learning", "in_control", "out_of_control"]

ALPHA = 0.05
LOG_THRESHOLD = log(1 / ALPHA)
LEANING = log(5)
LOTS_MIN, EVENTS_MIN = 3, 2  # no line is called worse on less
FROM_THE_START = 0.02  # of the money; the rest joins later ...
HALF_JOINED = 500  # ... half of it within this many lots
RATIOS = (*UPPER_RATIOS, UPPER_RATIOS[0])  # rates bet on, as multiples of A; the least counts twice
LOG_WEIGHTS = (log(1 / 9),) * 9
LOCATED_RISE, LOCATED_ABOVE = 1.5, 1.15  # the change is looked for as a rise to 1.5 B, or to 1.15 A if that is more


@lru_cache(maxsize=1024)
def _wagers(alarm: float) -> Wagers:
    return Wagers(alarm, tuple(ratio * alarm for ratio in RATIOS), tuple(map(log, RATIOS)))


@dataclass(frozen=True, slots=True)
class Climb:
    """Where the rate most likely rose: the start of the latest climb of a cumulative sum (Page, 1954).

    height: the sum. first: the lot it has been climbing from. units, events: sums from that lot on.
    """

    height: float = 0.0
    first: int = 1
    units: int = 0
    events: int = 0

    def after(self, past: Past, lot: int, n: int, d: int, *, stays: bool) -> Self:
        """The sum with lot number `lot`. It starts again wherever it is not above zero, unless it `stays`."""
        good, bad = past.rate, max(LOCATED_RISE * past.rate, LOCATED_ABOVE * past.alarm)
        height = self.height + d * log(bad / good) - n * (bad - good)
        if height <= 0 and not stays:
            return type(self)(first=lot + 1)
        return type(self)(max(height, 0.0), self.first, self.units + n, self.events + d)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that the method keeps of a line's lots so far; about 1 kB of JSON.

    early: the lots `(units, events)` of the past while it is not complete, empty afterwards. past: None until then.
    lots, units, events: watched, which the past's own are not. upper, raw, spread: as in `fixwatch-1`.
    log_e: evidence that the line is worse (ln). climb: where it rose. flagged_at, log_e_flag: the lot of the alarm.
    """

    kind: Kind = "proportion"
    early: tuple[tuple[int, int], ...] = ()
    past: Past | None = None
    lots: int = 0
    units: int = 0
    events: int = 0
    upper: tuple[float, ...] = (log(FROM_THE_START),) * len(RATIOS)
    raw: tuple[float, ...] = (0.0,) * len(RATIOS)
    spread: Spread = Spread(0, 0.0, 0.0, 0, 0)  # noqa: RUF009 - frozen
    log_e: float = 0.0
    climb: Climb = Climb()
    flagged_at: int | None = None
    log_e_flag: float | None = None

    def to_json(self) -> dict[str, Any]:
        """A dict that JSON can carry; `from_json` of it, also by way of text, equals this exactly."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`. Raises `KeyError` or `TypeError` on a missing or unknown key."""
        return cls(**{
            **data, "early": tuple((n, d) for n, d in data["early"]), "past": data["past"] and Past(**data["past"]),
            "upper": tuple(data["upper"]), "raw": tuple(data["raw"]), "spread": Spread(**data["spread"]),
            "climb": Climb(**data["climb"]),
        })  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFinding:
    """What is known about a line after some lots. Lots are counted from 1 after the past.

    verdict: `learning` until the past is complete, then `in_control`; `out_of_control` stays.
    leaning: in control, but the evidence stands at 5 to 1 or more at this lot.
    past_lots, past_units, past_events: the past so far. past_rate, alarm_rate, rho: of a complete one, else None.
    lots, units, events, rate: watched since; rate None before the first lot.
    log_e: evidence that the rate is above the alarm rate (ln). flagged_at_lot, log_e_flag: of the alarm, else None.
    change_located: the lot from which the rate most likely rose, None if there is no sign of a rise; settled at the
    alarm. change_units, change_events: sums from that lot on. No guarantee covers these three.
    """

    verdict: LineVerdict
    leaning: bool
    past_lots: int
    past_units: int
    past_events: int
    past_rate: float | None
    alarm_rate: float | None
    rho: float | None
    lots: int
    units: int
    events: int
    rate: float | None
    log_e: float
    flagged_at_lot: int | None
    log_e_flag: float | None
    change_located: int | None
    change_units: int
    change_events: int


def start(kind: Kind = "proportion") -> State:
    """The state before the first lot. kind: `count` where one unit may have several events."""
    return State(kind=kind)


def update(state: State, n: int, d: int) -> State:
    """The state after one more lot of `n` units and `d` events. Raises `ValueError` on impossible numbers."""
    check_lot(state.kind, n, d)
    if state.past is None:
        return _learn(state, n, d)
    past, lot = state.past, state.lots + 1
    bets = _wagers(past.alarm)
    raw, growth = capped_growth(bets, state.raw, state.spread.rho(past.rho, lot), lot, n, d)
    joining, flagged = log_joining(lot, FROM_THE_START, HALF_JOINED), state.flagged_at is not None
    upper = joined(state.upper, joining, growth)
    return _judged(
        replace(
            state, lots=lot, units=state.units + n, events=state.events + d, upper=upper, raw=raw,
            spread=state.spread.after(n, d), climb=state.climb.after(past, lot, n, d, stays=flagged),
            log_e=log_mix(upper, LOG_WEIGHTS, log_unspent(lot, FROM_THE_START, HALF_JOINED)),
        )
    )  # fmt: skip


def _learn(state: State, n: int, d: int) -> State:
    early = (*state.early, (n, d))
    past = complete(early, state.kind)
    return replace(state, early=early) if past is None else replace(state, early=(), past=past, spread=past.spread)


def _judged(state: State) -> State:
    enough = state.lots >= LOTS_MIN and state.events >= EVENTS_MIN
    if state.flagged_at is not None or not enough or state.log_e < LOG_THRESHOLD:
        return state
    return replace(state, flagged_at=state.lots, log_e_flag=state.log_e)


def finding(state: State) -> LineFinding:
    """What may be said after the latest lot."""
    past, climbing = state.past, state.climb.units > 0
    early = (len(state.early), sum(n for n, _ in state.early), sum(d for _, d in state.early))
    past_lots, past_units, past_events = (past.lots, past.units, past.events) if past else early
    return LineFinding(
        verdict=_verdict(state), leaning=state.flagged_at is None and state.log_e >= LEANING,
        past_lots=past_lots, past_units=past_units, past_events=past_events,
        past_rate=past.rate if past else None,
        alarm_rate=past.alarm if past else None, rho=past.rho if past else None, lots=state.lots, units=state.units,
        events=state.events, rate=state.events / state.units if state.units else None, log_e=state.log_e,
        flagged_at_lot=state.flagged_at, log_e_flag=state.log_e_flag,
        change_located=state.climb.first if climbing else None, change_units=state.climb.units,
        change_events=state.climb.events,
    )  # fmt: skip


def _verdict(state: State) -> LineVerdict:
    if state.past is None:
        return "learning"
    return "in_control" if state.flagged_at is None else "out_of_control"


def fold(lots: Iterable[tuple[int, int]], kind: Kind = "proportion") -> tuple[State, list[float | None]]:
    """The state after all lots `(n, d)` from the first, and the evidence after each: None for a lot of the past."""
    state, evidence = start(kind), []
    for n, d in lots:
        learning = state.past is None
        state = update(state, n, d)
        evidence.append(None if learning else state.log_e)
    return state, evidence
