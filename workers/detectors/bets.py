"""The bets of `fixwatch-1`: seventeen bets on each lot, and the evidence they add up to.

Every bet multiplies its stake by a factor whose expectation, if the fix holds (or, for the lower family,
if it does not), is at most 1: the stakes form an e-process, and by Ville's inequality (1939) the chance
that their weighted sum ever reaches 1/alpha is at most alpha. The factors are likelihood ratios of the
Gamma-Poisson law, which dominates every beta-binomial of the same mean and at most the same correlation;
they are capped, because lots may differ in ways that this law does not cover.

Stakes are kept as natural logarithms throughout: they grow and shrink beyond what floats hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, log1p
from typing import Self

from workers.detectors.values import Config

# Rates to bet on, as multiples of the alarm rate (upper) and of the verification rate (lower). Half, or a
# third, of the money goes on the one rate that is most to be expected: the old baseline, or the promise.
UPPER_RATIOS = (1.15, 1.3, 1.5, 1.8, 2.3, 3.0, 4.5, 8.0)
LOWER_RATIOS = (0.9, 0.75, 0.6, 0.45, 0.3, 0.15, 0.05)
UPPER_WEIGHTS = (1 / 16,) * 8 + (1 / 2,)
LOWER_WEIGHTS = (2 / 21,) * 7 + (1 / 3,)

FROM_THE_START = 0.5  # of the money; the rest joins later, for a rate that changes at some later lot ...
HALF_JOINED = 200  # ... half of it within this many lots

SHAPE_MAX = 100.0  # no lots are taken to be more alike than a coefficient of variation of 0.1
CAP_START, CAP_GROWTH, CAP_HALF_GROWN = 1.25, 1.75, 30  # the cap on one lot grows from 1.25 towards 3 ...
CAP_REPEATED = 6.0  # ... and up to here as far as the lot before bore the same bet out
CAP_LOWER = 0.7
LARGEST_STRICT_BET = 0.95  # of the stake that is lost if a lot has no events at all


LOG_UPPER_WEIGHTS = tuple(map(log, UPPER_WEIGHTS))
LOG_LOWER_WEIGHTS = tuple(map(log, LOWER_WEIGHTS))
LOG_FIRST_STAKE = log(FROM_THE_START)


@dataclass(frozen=True, slots=True)
class Wagers:
    """One family of bets: its rates, against which rate they bet, and ln(rate / against) of each."""

    against: float
    rates: tuple[float, ...]
    logs: tuple[float, ...]


@lru_cache(maxsize=1024)
def wagers(config: Config) -> tuple[Wagers, Wagers]:
    """The nine upper and eight lower bets on a fix. Remembered, since every lot of the fix asks for them."""
    alarm, proof = config.alarm, config.verification
    upper = (*(ratio * alarm for ratio in UPPER_RATIOS), max(config.working_baseline, 1.15 * alarm))
    promised = max(min(config.promised, 0.95 * proof), 0.05 * proof)
    lower = (*(ratio * proof for ratio in LOWER_RATIOS), promised)
    return (
        Wagers(alarm, upper, tuple(log(rate / alarm) for rate in upper)),
        Wagers(proof, lower, tuple(log(rate / proof) for rate in lower)),
    )


def shape(mean: float, rho: float) -> float:
    """The Gamma shape of lot rates with that mean whose law covers beta-binomials of correlation `rho`."""
    return min(mean * (1 - rho) / rho, SHAPE_MAX) if rho > 0 else SHAPE_MAX


@dataclass(frozen=True, slots=True)
class Stakes:
    """What each bet has grown to (ln), and the upper ones' uncapped growth at the latest lot."""

    upper: tuple[float, ...] = (LOG_FIRST_STAKE,) * len(UPPER_WEIGHTS)
    raw: tuple[float, ...] = (0.0,) * len(UPPER_WEIGHTS)
    lower: tuple[float, ...] = (LOG_FIRST_STAKE,) * len(LOWER_WEIGHTS)

    def after(self, config: Config, rho: float, lot: int, n: int, d: int) -> Self:
        """The stakes after lot number `lot` of `n` units and `d` events, at correlation `rho`."""
        upper, lower = wagers(config)
        if config.mode == "strict":
            raw, grown = self.raw, strict_growth(upper, rho, n, d)
        else:
            raw, grown = capped_growth(upper, self.raw, rho, lot, n, d)
        most = CAP_LOWER
        lower_grown = [one if one < most else most for one in growth(lower, shape(lower.against, rho), n, d)]
        joining = log_joining(lot)
        return type(self)(
            upper=joined(self.upper, joining, grown),
            raw=raw,
            lower=joined(self.lower, joining, lower_grown),
        )

    def renewed(self, lot: int) -> Self:
        """The stakes with the upper family's whole money placed again after lot number `lot`: its evidence is 1."""
        spent = log1p(-(1 - FROM_THE_START) * HALF_JOINED / (HALF_JOINED + lot))
        return type(self)(upper=(spent,) * len(UPPER_WEIGHTS), raw=self.raw, lower=self.lower)

    def log_evidence(self, lot: int) -> tuple[float, float]:
        """ln of E_fail and of E_ok after lot number `lot`: the weighted stakes and the unspent money."""
        unspent = log_unspent(lot)
        e_fail = log_mix(self.upper, LOG_UPPER_WEIGHTS, unspent)
        e_ok = log_mix(self.lower, LOG_LOWER_WEIGHTS, unspent)
        return e_fail, e_ok


def capped_growth(
    bets: Wagers, before: Sequence[float], rho: float, lot: int, n: int, d: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """ln of the growth of upper bets at lot number `lot`, uncapped and capped; `before`: the lot before, uncapped."""
    raw = growth(bets, shape(bets.against, rho), n, d)
    cap = CAP_START + CAP_GROWTH * lot / (lot + CAP_HALF_GROWN)
    return raw, capped(raw, before, cap)


def capped(raw: Sequence[float], before: Sequence[float], cap: float) -> tuple[float, ...]:
    """Growth (ln) up to a cap, or to what the lot before brought the same bet, up to `CAP_REPEATED`."""
    caps = [cap if last < cap else last if last < CAP_REPEATED else CAP_REPEATED for last in before]
    return tuple([one if one < most else most for one, most in zip(raw, caps, strict=True)])


def growth(bets: Wagers, k: float, n: int, d: int) -> tuple[float, ...]:
    """ln of each likelihood ratio: its rate to the rate it bets against, Gamma-Poisson of one shape k."""
    against, total = bets.against, d + k
    scale = k + n * against
    return tuple([
        d * ratio - total * log1p(n * (rate - against) / scale)
        for rate, ratio in zip(bets.rates, bets.logs, strict=True)
    ])  # fmt: skip


def strict_growth(bets: Wagers, rho: float, n: int, d: int) -> tuple[float, ...]:
    """ln of the growth of bets on the mere rate of a lot, fair whatever law the lot rates follow.

    A stake is the expected excess over its second moment, near the best for a small edge (betting on
    bounded means: Waudby-Smith and Ramdas, 2024). Here the correlation only chooses the size of the bet.
    """
    against, k = bets.against, shape(bets.against, rho)
    grown = []
    for rate in bets.rates:
        edge = rate - against
        stake = min(edge / (rate / n + rate * rate / k + edge * edge), LARGEST_STRICT_BET / against)
        grown.append(log1p(stake * (d / n - against)))
    return tuple(grown)


def log_joining(lot: int, from_the_start: float = FROM_THE_START, half_joined: int = HALF_JOINED) -> float:
    """ln of the share of the money that joins at lot number `lot`; with what is unspent they sum to 1."""
    return log((1 - from_the_start) * half_joined / ((half_joined + lot - 1) * (half_joined + lot)))


def log_unspent(lot: int, from_the_start: float = FROM_THE_START, half_joined: int = HALF_JOINED) -> float:
    """ln of the share of the money that has joined no bet yet after lot number `lot`."""
    return log((1 - from_the_start) * half_joined / (half_joined + lot))


def joined(stakes: Sequence[float], joining: float, grown: Sequence[float]) -> tuple[float, ...]:
    """Stakes (ln) after the same share (ln) joined each, and then each grew (ln): ln(e^x + e^share) + growth."""
    return tuple([
        (x if x > joining else joining) + log1p(exp(-abs(x - joining))) + more
        for x, more in zip(stakes, grown, strict=True)
    ])  # fmt: skip


def log_mix(stakes: Sequence[float], log_weights: Sequence[float], unspent: float) -> float:
    """ln of the weighted sum of stakes and of what is unspent, all given as logarithms."""
    terms = [x + w for x, w in zip(stakes, log_weights, strict=True)]
    terms.append(unspent)
    most = max(terms)
    return most + log(sum([exp(term - most) for term in terms]))
