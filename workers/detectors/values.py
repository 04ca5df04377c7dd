"""The language every detector speaks: what it is told of a fix, and what it finds.

Rates are events per unit; evidence is a natural logarithm; lots are counted from 1 after the fix.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, get_args

Kind = Literal["proportion", "count"]
Mode = Literal["default", "strict"]
Verdict = Literal["too_early", "holding", "not_holding"]
Pattern = Literal["never_worked", "short_of_promise", "relapsed"]

QUANTITY_MAX = 10**15  # whole numbers up to here are exact as floats, and no square of one overflows
LEAST_RATE = 1e-100  # no fraction of a rate down to here vanishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A fix as it was frozen when it was declared. Raises `ValueError` naming a number that cannot be.

    alarm: the fix does not hold above this rate. verification: it is proved below this one.
    promised: the promised rate. working_baseline: the rate a fix that does nothing would leave.
    baseline_rate: as measured before the fix, None without a baseline; carried along, never computed with.
    rho: intra-lot correlation measured before the fix, or assumed; 0 to 0.9.
    pairs, sum_u, sum_p: number and sums of the neighbouring lots behind it; sum_n, sum_m: their units and
    lots. All five are 0 where rho was assumed.
    kind: `proportion`, or `count` where one unit may have several events.
    mode: `default`, or `strict`, slower, which needs no bound on how much lots differ to call a fix broken.
    alpha: the chance, over its whole life, that a fix that holds is ever called broken.
    """

    alarm: float
    verification: float
    promised: float
    working_baseline: float
    baseline_rate: float | None = None
    rho: float
    pairs: int = 0
    sum_u: float = 0.0
    sum_p: float = 0.0
    sum_n: int = 0
    sum_m: int = 0
    kind: Kind = "proportion"
    mode: Mode = "default"
    alpha: float = 0.05

    def __post_init__(self) -> None:
        for name in ("alarm", "verification", "working_baseline"):
            _require(name, getattr(self, name), LEAST_RATE, QUANTITY_MAX)
        _require("promised", self.promised, 0, QUANTITY_MAX)
        _require("rho", self.rho, 0, 0.9)
        _require("alpha", self.alpha, 1e-12, 0.5)
        for name in ("pairs", "sum_p", "sum_n", "sum_m"):
            _require(name, getattr(self, name), 0, math.inf)
        if not math.isfinite(self.sum_u):
            raise ValueError(f"sum_u is {self.sum_u}; must be finite")
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind is {self.kind!r}; must be one of {get_args(Kind)}")
        if self.mode not in get_args(Mode):
            raise ValueError(f"mode is {self.mode!r}; must be one of {get_args(Mode)}")

    @property
    def log_threshold(self) -> float:
        """The evidence at which a verdict is given: ln(1/alpha)."""
        return math.log(1 / self.alpha)

    def to_json(self) -> dict[str, Any]:
        """A dict that JSON can carry; `from_json` of it, also by way of text, equals this exactly."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`. Raises `TypeError` on a missing or unknown key."""
        return cls(**data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is known about a fix after some lots.

    verdict: latched. `holding` may become `not_holding`; `not_holding` stays until a new fix is declared.
    pattern: how it does not hold, settled at the lot that flagged it; None before.
    leaning: not flagged yet, but the evidence that it is broken stands at 5 to 1 or more at this lot.
    lots, units, events: since the fix. rate: events / units, None before the first lot.
    log_e_fail, log_e_ok: evidence that the fix is broken, and that it works (ln, 0 before the first lot).
    verified_at_lot, flagged_at_lot: the lot of each verdict, None where it was not given.
    log_e_flag: log_e_fail at the flag, None before it.
    change_located: the lot at which the rate most likely rose, None if there is no sign of a rise.
    change_units, change_events: sums from that lot on, 0 if there is none. No guarantee covers these three.
    lots_needed: rough number of further lots until the fix is proved, at the pace of the last 20 lots;
    None once a verdict is given, and while it cannot be told.
    withheld_at_lot: the first lot at which a verdict against the fix was left unsaid (`sparing`), None if none was.
    block_lots: how many lots are judged as one (`blocks`). waiting_lots: those of the block that is not complete.
    """

    verdict: Verdict
    pattern: Pattern | None
    leaning: bool
    lots: int
    units: int
    events: int
    rate: float | None
    log_e_fail: float
    log_e_ok: float
    verified_at_lot: int | None
    flagged_at_lot: int | None
    log_e_flag: float | None
    change_located: int | None
    change_units: int
    change_events: int
    lots_needed: int | None
    withheld_at_lot: int | None = None
    block_lots: int = 1
    waiting_lots: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """The evidence after one lot, for the strip below a chart (natural logarithms)."""

    lot: int
    log_e_fail: float
    log_e_ok: float


def check_lot(kind: Kind, n: int, d: int) -> None:
    """Raise `ValueError` naming the number of a lot that cannot be: units n, events d."""
    if not 1 <= n <= QUANTITY_MAX:
        raise ValueError(f"the lot has {n} units; must be 1 to {QUANTITY_MAX}")
    most = n if kind == "proportion" else QUANTITY_MAX
    if not 0 <= d <= most:
        raise ValueError(f"the lot has {d} events on {n} units; must be 0 to {most}")


def _require(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}; must be from {least} to {most}")
