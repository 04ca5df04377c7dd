"""`fixwatch-2` once more, as plainly as its formulas read: one lot after another, stakes as numbers.

Money in `decimal` with 60 digits takes the place of log space, so that a slip of either shows in the other.
Run as a module, it writes the golden values anew.
"""

import json
import math
from decimal import Decimal, getcontext
from pathlib import Path
from typing import Any

from qc_service.fixes.rules import Lot, Promise, freeze

getcontext().prec = 60
GOLDEN = Path(__file__).parent / "golden"
SHAPES = (100.0, 30.0, 12.0, 6.0, 3.0, 1.5, 0.75, 0.4, 0.2)
UP = (1.15, 1.3, 1.5, 1.8, 2.3, 3.0, 4.5, 8.0)
DOWN = (0.9, 0.75, 0.6, 0.45, 0.3, 0.15, 0.05)


def evidence(case: dict[str, Any]) -> tuple[list[float], list[float]]:
    """ln E_fail and ln E_ok after each lot of a golden sequence of `fixwatch-1`, judged by `fixwatch-2`."""
    fix = _fix(case)
    alarm, proof = fix["alarm"], fix["proof"]
    up = [(Decimal(1) / 16, ratio * alarm) for ratio in UP] + [(Decimal(1) / 2, max(fix["base"], 1.15 * alarm))]
    down = [(Decimal(2) / 21, ratio * proof) for ratio in DOWN]
    down.append((Decimal(1) / 3, max(min(fix["promised"], 0.95 * proof), 0.05 * proof)))
    up_money, down_money, raw = [Decimal("0.25")] * 9, [Decimal("0.5")] * 8, [0.0] * 9
    likely, units, events, before = [0.0] * len(SHAPES), 0, 0, None
    fails, oks = [], []
    for t, (n, d) in enumerate(case["lots"], 1):
        rho = _rho(fix, t)
        k = _shape(alarm, rho)
        left = [s for s, one in zip(SHAPES, likely, strict=True) if one >= max(likely) - 0.75]
        shape = min(_shape(proof, rho), *left)
        cap = 1.1 + 1.75 * t / (t + 30)
        caps = [max(cap, min(last, 6.0)) for last in raw]
        if case["mode"] == "strict":
            factors = [_strict(alarm, k, rate, n, d) for _, rate in up]
        else:
            raw = [_convex(alarm, k, rate, n, d) for _, rate in up]
            factors = [Decimal(min(one, most)).exp() for one, most in zip(raw, caps, strict=True)]
        joins = Decimal(200) / ((199 + t) * (200 + t))
        up_money = [(one + joins * 3 / 4) * factor for one, factor in zip(up_money, factors, strict=True)]
        lows = [min(_same_shape(proof, shape, rate, n, d), 0.7) for _, rate in down]
        down_money = [(one + joins / 2) * Decimal(low).exp() for one, low in zip(down_money, lows, strict=True)]
        rest = Decimal(200) / (200 + t)
        fails.append(float((sum(w * x for (w, _), x in zip(up, up_money, strict=True)) + rest * 3 / 4).ln()))
        oks.append(float((sum(w * x for (w, _), x in zip(down, down_money, strict=True)) + rest / 2).ln()))
        units, events = units + n, events + d
        rate = (events + 0.5) / units
        likely = [one * 29 / 30 + _negative_binomial(s, n * rate, d) for one, s in zip(likely, SHAPES, strict=True)]
        _pair(fix, before, (n, d))
        before = (n, d)
    return fails, oks


def _fix(case: dict[str, Any]) -> dict[str, Any]:
    if "baseline_lots" not in case:
        same = {"alarm": case["alarm"], "proof": case["verification"], "promised": case["promise"]}
        return {**same, "base": case["baseline"]["B"], "rho": case["rho_baseline"], "U": 0.0, "P": 0.0, "pairs": 0,
                "N": 0, "m": 0, "EU": 0.0, "EP": 0.0}  # fmt: skip
    frozen = freeze([Lot(n, d) for n, d in case["baseline_lots"]], Promise(rate=case["promise"]), case["kind"])
    return {
        "alarm": frozen.alarm_rate, "proof": frozen.verification_rate, "promised": frozen.promised_rate,
        "base": frozen.working_baseline, "rho": frozen.rho, "U": frozen.sum_u, "P": frozen.sum_p,
        "pairs": frozen.pairs, "N": frozen.sum_n, "m": frozen.sum_m, "EU": 0.0, "EP": 0.0,
    }  # fmt: skip


def _rho(fix: dict[str, Any], t: int) -> float:
    found = fix["rho"]
    if fix["pairs"] >= 10 and fix["P"] > 0:
        found = max(found, fix["U"] / fix["P"])
    if fix["EP"] > 0:
        found = max(found, fix["EU"] / fix["EP"] - 1.5 * fix["m"] / fix["N"] / math.sqrt(min(30, t - 2)))
    return min(max(found, 0.0), 0.9)


def _shape(mean: float, rho: float) -> float:
    return min(mean * (1 - rho) / rho, 100.0) if rho else 100.0


def _convex(alarm: float, k: float, rate: float, n: int, d: int) -> float:
    m = k * (rate / alarm - 1)
    if m < 1:
        share = min(1 - (1 - m) ** (1 + 0.85 * math.log(rate / alarm)), 0.999)
        return math.log1p(share * (d - n * alarm) / (n * alarm + k))
    gammas = math.lgamma(d + k + m) - math.lgamma(d + k) + math.lgamma(k) - math.lgamma(k + m)
    return gammas + m * math.log(k / (k + n * alarm))


def _strict(alarm: float, k: float, rate: float, n: int, d: int) -> Decimal:
    edge = rate - alarm
    stake = min(edge / (rate / n + rate * rate / k + edge * edge), 0.95 / alarm)
    return Decimal(1) + Decimal(stake) * (Decimal(d) / n - Decimal(alarm))


def _same_shape(against: float, k: float, rate: float, n: int, d: int) -> float:
    return d * math.log(rate / against) - (d + k) * math.log((k + n * rate) / (k + n * against))


def _negative_binomial(k: float, mean: float, d: int) -> float:
    return math.lgamma(d + k) - math.lgamma(k) + k * math.log(k / (k + mean)) + d * math.log(mean / (k + mean))


def _pair(fix: dict[str, Any], first: tuple[int, int] | None, second: tuple[int, int]) -> None:
    if first is not None:
        (n1, d1), (n2, d2) = first, second
        h = 2 * n1 * n2 / (n1 + n2)
        own = d1 * (d1 - 1) / n1 / max(n1 - 1, 1) + d2 * (d2 - 1) / n2 / max(n2 - 1, 1)
        u, p = h * (own / 2 - d1 * d2 / n1 / n2), h * (d1 / n1 + d2 / n2) / 2
        fix.update(U=fix["U"] + u, P=fix["P"] + p, pairs=fix["pairs"] + 1)
        fix.update(EU=fix["EU"] * 29 / 30 + u, EP=fix["EP"] * 29 / 30 + p)
    fix.update(N=fix["N"] + second[0], m=fix["m"] + 1)


def main() -> None:
    cases = json.loads((GOLDEN / "eprocess_golden.json").read_text(encoding="utf-8"))["cases"]
    told = {}
    for case in cases:
        fails, oks = evidence(case)
        told[case["name"]] = {"log_E_fail": fails, "log_E_ok": oks}
    (GOLDEN / "fixwatch2_golden.json").write_text(json.dumps(told, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
