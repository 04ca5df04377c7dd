"""Many fixes judged side by side, a year at a time, by the service's own bank of watches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.evidence.plants import Floats, Ints
from workers.detectors.bank import NEVER, RELAPSED, SHORT, Bank
from workers.detectors.values import Config

__all__ = ["NEVER", "RELAPSED", "SHORT", "Result", "judge"]


@dataclass
class Result:
    """Lots (from 1, 0 for none) of the flag and of the proof, the pattern of the flag, the evidence after each lot."""

    flagged: Ints
    proved: Ints
    pattern: Ints
    log_e_fail: Floats
    log_e_ok: Floats


def judge(method: str, fixes: Sequence[Config], n: Ints, d: Ints) -> Result:
    """What a method finds in lots `n`, `d` of shape (fixes, lots)."""
    bank = Bank(method, fixes)
    fails, oks = np.empty(n.T.shape), np.empty(n.T.shape)
    for place in range(n.shape[1]):
        fails[place], oks[place] = bank.update(n[:, place], d[:, place])
    return Result(*(bank.column(name) for name in ("flagged", "verified", "pattern")), fails.T, oks.T)
