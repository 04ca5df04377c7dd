"""`linewatch-1` once more, straight from its formulas: every stake from every starting lot, each product anew.

Slow and plain on purpose. It shares no line with the package; the golden values are its numbers.
"""

from itertools import pairwise
from math import exp, log, log1p, sqrt

RATIOS = [1.15, 1.3, 1.5, 1.8, 2.3, 3.0, 4.5, 8.0, 1.15]


def pair(first, second):
    (n1, d1), (n2, d2) = first, second
    h = 2 * n1 * n2 / (n1 + n2)
    u = (d1 * (d1 - 1) / (n1 * max(n1 - 1, 1)) + d2 * (d2 - 1) / (n2 * max(n2 - 1, 1))) / 2 - d1 * d2 / (n1 * n2)
    return h * u, h * (d1 / n1 + d2 / n2) / 2


def solve_rho(lots, z):
    units, events = sum(n for n, _ in lots), sum(d for _, d in lots)
    p = min(events / units, 0.999)
    nu = len(lots) - 1
    right = nu * (1 - 2 / (9 * nu) + z * sqrt(2 / (9 * nu))) ** 3

    def left(rho):
        return sum((d - n * p) ** 2 / (n * p * (1 - p) * (1 + (n - 1) * rho)) for n, d in lots)

    if left(0) <= right:
        return 0.0
    low, high = 0.0, 0.9
    for _ in range(50):
        mid = (low + high) / 2
        if left(mid) > right:
            low = mid
        else:
            high = mid
    return high


def past(lots):
    units, events = sum(n for n, _ in lots), sum(d for _, d in lots)
    upper = lambda x: (x + 1) * (1 - 1 / (9 * (x + 1)) + 1.6449 / (3 * sqrt(x + 1))) ** 3  # noqa: E731
    rate, nbar = (events + 0.5) / units, units / len(lots)
    if events < 10:
        rho, rho_up, pairs = min(upper(events) / units / 4, 0.9), None, []
    else:
        rho, rho_up, pairs = solve_rho(lots, 0), solve_rho(lots, -1.2816), list(pairwise(lots))
    deff = 1 + (nbar - 1) * (rho if rho_up is None else rho_up)
    return {
        "lots": len(lots), "rate": rate, "alarm": max(1.1 * rate, deff * upper(events / deff) / units), "rho": rho,
        "su": sum(pair(*one)[0] for one in pairs), "sp": sum(pair(*one)[1] for one in pairs), "pairs": len(pairs),
        "sn": units if pairs else 0, "sm": len(lots) if pairs else 0,
    }  # fmt: skip


def split(lots):
    """The lots of the past and those that are judged; no past where there are too few."""
    for m in range(20, 61):
        if len(lots) < m:
            return None, []
        found = past(lots[:m])
        if m == 60 or found["alarm"] <= 1.2 * found["rate"]:
            return found, lots[m:]
    raise AssertionError


def rho_at(base, lots, t):
    """From the lots before lot t alone (t from 1)."""
    before = lots[: t - 1]
    pairs = [pair(*one) for one in pairwise(before)]
    found = [base["rho"]]
    su, sp = base["su"] + sum(u for u, _ in pairs), base["sp"] + sum(p for _, p in pairs)
    if base["pairs"] + len(pairs) >= 10 and sp > 0:
        found.append(su / sp)
    weights = [(29 / 30) ** (len(pairs) - 1 - i) for i in range(len(pairs))]
    ep = sum(w * p for w, (_, p) in zip(weights, pairs, strict=True))
    if ep > 0:
        size = (base["sn"] + sum(n for n, _ in before)) / (base["sm"] + len(before))
        eu = sum(w * u for w, (u, _) in zip(weights, pairs, strict=True))
        found.append(eu / ep - 1.5 / (size * sqrt(min(30, t - 2))))
    return min(max([*found, 0.0]), 0.9)


def evidence(lots):
    """(the past, log E after each judged lot, the lot of the alarm)."""
    base, judged = split(lots)
    if base is None:
        return None, [], None
    a = base["alarm"]
    increments, raws = [], [[0.0] * 9]
    for t, (n, d) in enumerate(judged, start=1):
        rho = rho_at(base, judged, t)
        k = min(a * (1 - rho) / rho, 100) if rho > 0 else 100
        raw = [d * log(r) - (d + k) * log1p(n * (r * a - a) / (k + n * a)) for r in RATIOS]
        cap = 1.25 + 1.75 * t / (t + 30)
        increments.append([min(x, max(cap, min(b, 6))) for x, b in zip(raw, raws[-1], strict=True)])
        raws.append(raw)
    found, flagged, events = [], None, 0
    for t in range(1, len(judged) + 1):
        total = 0.98 * 500 / (500 + t)
        for i in range(9):
            total += 0.02 / 9 * exp(sum(increments[s][i] for s in range(t)))
            for start in range(1, t + 1):
                share = 0.98 * 500 / ((500 + start - 1) * (500 + start))
                total += share / 9 * exp(sum(increments[s][i] for s in range(start - 1, t)))
        found.append(log(total))
        events += judged[t - 1][1]
        if flagged is None and total >= 20 and t >= 3 and events >= 2:
            flagged = t
    return base, found, flagged
