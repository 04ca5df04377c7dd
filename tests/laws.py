"""Exact chances of counts in a lot whose units have a correlation, summed term by term."""

import math


def tail(kind, n, rate, rho, least):
    """The chance of at least so many events: beta-binomial for a proportion, gamma-Poisson for a count."""
    return max(1.0 - math.fsum(math.exp(_log_chance(kind, n, rate, rho, d)) for d in range(min(least, n + 1))), 0.0)


def _log_chance(kind, n, rate, rho, d):
    if kind == "count":
        mean = n * rate
        if rho == 0:
            return d * math.log(mean) - mean - math.lgamma(d + 1)
        k = rate * (1 - rho) / rho  # lot rates have shape k and mean `rate`
        ways = math.lgamma(d + k) - math.lgamma(k) - math.lgamma(d + 1)
        return ways + k * math.log(k / (k + mean)) + d * math.log(mean / (k + mean))
    choose = math.lgamma(n + 1) - math.lgamma(d + 1) - math.lgamma(n - d + 1)
    if rho == 0:
        return choose + d * math.log(rate) + (n - d) * math.log1p(-rate)
    a, b = rate * (1 - rho) / rho, (1 - rate) * (1 - rho) / rho
    return choose + _log_beta(d + a, n - d + b) - _log_beta(a, b)


def _log_beta(a, b):
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
