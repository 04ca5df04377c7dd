"""One lot far out: a catastrophe is to be looked at now, and not only when lots enough for a verdict have followed.

A mark is no verdict. It compares one lot with the alarm rate, which a fix that holds stays at or below, and with how
much the lots before it differed; so it can be said the moment the lot arrives, and no later lot changes it.
"""

from math import sqrt

from qc_service.charts.values import SIGMAS, Kind

LEAST_EVENTS = 2  # a single event is no catastrophe, however rare events are
RHO_MAX = 0.9
SKEW = (SIGMAS**2 - 1) / 6


def most_expected(kind: Kind, n: float, rate: float, rho: float) -> float:
    """The most events that a lot of `n` units may be expected to have at that `rate` per unit and correlation `rho`.

    Three standard deviations above the mean n * rate, of a beta-binomial lot (of a proportion) or a gamma-Poisson one
    (of a count), whose units have intra-lot correlation rho, 0 to 0.9: the limit of Laney's p' chart with the
    dispersion that a lot of this size has. Small counts lie skew, so that three standard deviations are passed too
    often by chance; the limit is moved by the first term of Cornish and Fisher's expansion, (9 - 1)/6 of the third
    central moment over the variance, as A. Winterbottom, *Quality and Reliability Engineering International* 1993,
    does it for binomial lots; never downwards. At one event in a lot's mean the limit is 5.3 instead of 4, at a hundred 131 instead of
    130. By exact summation one lot in 580 or fewer lies above it by chance at the alarm rate itself, up to rho = 0.1; at
    rho = 0.2 one in 180 of the gamma-Poisson ones.
    """
    rho = min(max(rho, 0.0), RHO_MAX)
    mean = n * rate
    if kind == "proportion":
        variance = mean * (1 - rate) * (1 + (n - 1) * rho)
        lopsided = max(1 - 2 * rate, 0.0) * (1 + (2 * n - 1) * rho) / (1 + rho)
        return min(mean + SIGMAS * sqrt(max(variance, 0.0)) + SKEW * lopsided, n)
    spread = n * rho / (1 - rho)
    return mean + SIGMAS * sqrt(mean * (1 + spread)) + SKEW * (1 + 2 * spread)


def is_far_out(kind: Kind, n: float, d: float, rate: float, rho: float) -> bool:
    """Whether a lot of `n` units with `d` events lies beyond what was to be expected at the alarm `rate`.

    Never with fewer than two events, nor where a lot of only bad units was to be expected now and then.
    """
    return d >= LEAST_EVENTS and d > most_expected(kind, n, rate, rho)
