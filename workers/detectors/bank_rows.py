"""One watch of a bank as its method keeps it."""

from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workers.detectors import fixwatch1, fixwatch2
from workers.detectors.bets import Stakes
from workers.detectors.clustering import Clustering
from workers.detectors.convex_bets import ConvexStakes
from workers.detectors.spread import Spread
from workers.detectors.values import Pattern
from workers.detectors.verdicts import PACE_DIGITS, PACE_LOTS, Rise

if TYPE_CHECKING:
    from workers.detectors.bank import Chunk

Ints = NDArray[np.int64]

PATTERNS: tuple[Pattern | None, ...] = (None, "relapsed", "short_of_promise", "never_worked")
_LEAST = 5e-324  # a stake that one lot has all but lost: the next money that joins is all that counts then


def state_of(chunk: "Chunk", at: int) -> fixwatch1.State | fixwatch2.State:
    stakes: dict[str, Any] = {
        "upper": _logs(chunk.upper[:, at], chunk.upper_taken[:, at]),
        "raw": tuple(chunk.raw[:, at].tolist()),
        "lower": _logs(chunk.lower[:, at], chunk.lower_taken[:, at]),
    }
    flagged = int(chunk.flagged[at]) or None
    standing: dict[str, Any] = {
        "lots": chunk.lots,
        "units": int(chunk.units[at]),
        "events": int(chunk.events[at]),
        "spread": _spread(chunk, at),
        "rise": Rise(float(chunk.height[at]), int(chunk.first[at]), int(chunk.risen_n[at]), int(chunk.risen_d[at])),
        "log_e_fail": float(chunk.log_e_fail[at]),
        "log_e_ok": float(chunk.log_e_ok[at]),
        "log_e_ok_max": float(chunk.log_e_ok_max[at]),
        "recent": tuple(round(float(one), PACE_DIGITS) for one in _latest(chunk, at)),
        "verified_at": int(chunk.verified[at]) or None,
        "flagged_at": flagged,
        "log_e_flag": float(chunk.log_e_flag[at]) if flagged else None,
        "pattern": PATTERNS[chunk.pattern[at]],
    }
    if not chunk.how.second:
        return fixwatch1.State(stakes=Stakes(**stakes), **standing)
    clustering = Clustering(tuple(chunk.likely[:, at].tolist()))
    return fixwatch2.State(stakes=ConvexStakes(**stakes), clustering=clustering, **standing)


def _logs(stakes: NDArray[np.float64], taken: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(log(max(one, _LEAST)) + other for one, other in zip(stakes.tolist(), taken.tolist(), strict=True))


def _spread(chunk: "Chunk", at: int) -> Spread:
    return Spread(
        int(chunk.pairs[at]), float(chunk.sum_u[at]), float(chunk.sum_p[at]), int(chunk.sum_n[at]),
        int(chunk.sum_m[at]), float(chunk.recent_u[at]), float(chunk.recent_p[at]), int(chunk.last_n[at]),
        int(chunk.last_d[at]),
    )  # fmt: skip


def _latest(chunk: "Chunk", at: int) -> list[float]:
    lots = range(max(chunk.lots - PACE_LOTS, 0), chunk.lots + 1)
    return [chunk.recent[lot % (PACE_LOTS + 1), at] for lot in lots]
