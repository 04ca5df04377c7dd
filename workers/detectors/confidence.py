"""Between which rates the fix has brought it: a 95 % confidence sequence, good after every lot at once.

A rate r is left out while a bet that the true rate is above r, or one that it is below, has grown beyond 40: each is
worth 40 or more, ever, with probability 1/40 at most if r is the rate (Ville, 1939), so the two leave out the true one
in at most 5 of 100 fixes, however often somebody looks. The bets are those of `bets.py` against every r of a grid, all
the money staked at the first lot, capped likewise; ends between two rates of the grid are interpolated.

To leave out high rates assumes more of lots than to leave out low ones: that they are no more clustered than known.
So those bets take the correlation of lots at its upper end, and begin with a low cap.

Nothing here knows a clock or a database; numbers are events per unit, logarithms natural.
"""

import base64
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from workers.detectors.bets import CAP_GROWTH, CAP_HALF_GROWN, CAP_REPEATED, CAP_START, SHAPE_MAX
from workers.detectors.spread import RHO_MAX, Spread
from workers.detectors.values import Config

Floats = NDArray[np.float64]
Interval = tuple[float, float]

NAME = "band-1"
LOG_ENOUGH = math.log(40)  # two sides share 5 %

UPPER_RATIOS = (1.03, 1.08, 1.15, 1.3, 1.5, 2.0, 3.0, 6.0)
LOWER_RATIOS = (0.97, 0.92, 0.85, 0.72, 0.55, 0.35, 0.12)
LOWER_CAP_START, LOWER_CAP_GROWTH, LOWER_CAP_HALF_GROWN = 0.2, 0.5, 90
MARGIN = 2.0  # rough standard errors above the correlation measured since the fix

DENSE, OUTER = 40, 10  # rates where the rate is expected, and on either side of them
AROUND = 1.7  # the dense part goes so far below the promise and above the rate before
FAR = 1000.0  # and the grid so far beyond the dense part
LEAST_SHARE = 0.2  # of the verification rate: a promise below, or of nothing, does not stretch the dense part

CHUNK = 128  # lots whose numbers fit into a core's own cache
DIGITS = 6  # of an end; more would depend on the processor
_BEND = 4.0  # evidence grows with the square of the distance, from a little below nothing


def grid(config: Config) -> Floats:
    """The rates that are judged, ascending: close together between promise and baseline, wider apart beyond."""
    low = max(config.promised, LEAST_SHARE * config.verification) / AROUND
    high = max(config.working_baseline, config.verification, config.promised) * AROUND
    most = high * FAR
    if config.kind == "proportion":
        low, high, most = min(low, 0.5), min(high, 1.0), 1.0
    below = np.geomspace(low / FAR, low, OUTER + 1)[:-1]
    outer = OUTER if most > high else 0
    dense = np.geomspace(low, high, DENSE + OUTER - outer)
    beyond = np.geomspace(high, most, outer + 1)[1:]
    return np.concatenate([below, dense, beyond])


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What is kept between lots: the sums behind the correlation, and each bet against each rate of the grid (ln).

    rho: the correlation that the latest lot was judged by.
    """

    lots: int
    spread: Spread
    rho: float
    stakes: Floats

    def to_json(self) -> dict[str, Any]:
        """A dict that JSON can carry, of some 10 kB; `from_json` of it equals this exactly."""
        packed = base64.b64encode(self.stakes.astype("<f8").tobytes()).decode()
        return {"name": NAME, "lots": self.lots, "spread": asdict(self.spread), "rho": self.rho, "stakes": packed}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self | None:
        """The inverse of `to_json`; None of what another version has kept."""
        if data.get("name") != NAME:
            return None
        stakes = np.frombuffer(base64.b64decode(data["stakes"]), dtype="<f8").astype(np.float64)
        stakes = stakes.reshape(len(UPPER_RATIOS) + len(LOWER_RATIOS), -1)
        return cls(lots=data["lots"], spread=Spread(**data["spread"]), rho=data["rho"], stakes=stakes)


def start(config: Config) -> Band:
    """Before the first lot: every bet is worth 1."""
    spread = Spread(config.pairs, config.sum_u, config.sum_p, config.sum_n, config.sum_m)
    stakes = np.zeros((len(UPPER_RATIOS) + len(LOWER_RATIOS), DENSE + 2 * OUTER))
    return Band(lots=0, spread=spread, rho=0.0, stakes=stakes)


def fold(
    config: Config, lots: Iterable[tuple[int, int]], band: Band | None = None
) -> tuple[Band, list[Interval | None]]:
    """The band after more lots `(n, d)`, and the interval after each of them; from the first lot without `band`.

    None stands where nothing worth saying is known yet: no rate is too high, unless all below one half are too low.
    Lots are taken to be valid (`values.check_lot`).
    """
    band, rates, left = band or start(config), grid(config), iter(lots)
    found: list[Interval | None] = []
    while some := list(islice(left, CHUNK)):
        band, evidence = _folded(config, band, rates, some)
        found += _intervals(config, rates, *evidence)
    return band, found


@dataclass(frozen=True, slots=True)
class _Lots:
    """Some lots as columns of one number each, and what each is judged by."""

    n: Floats
    d: Floats
    rho: Floats
    rho_high: Floats


def _folded(
    config: Config, band: Band, rates: Floats, lots: Sequence[tuple[int, int]]
) -> tuple[Band, tuple[Floats, Floats]]:
    """The band after the lots, and ln of E_up and of E_dn of each rate after each lot."""
    spread, some = _judged_by(config, band, lots)
    number = band.lots + np.arange(1, len(lots) + 1)[:, np.newaxis]
    cap = CAP_START + CAP_GROWTH * number / (number + CAP_HALF_GROWN)
    lower_cap = LOWER_CAP_START + LOWER_CAP_GROWTH * number / (number + LOWER_CAP_HALF_GROWN)
    stakes = np.empty((len(band.stakes), len(lots), len(rates)))
    last = _last(band)
    up = len(UPPER_RATIOS)
    terms, before = _terms(rates, some.n, some.d, some.rho), last and _terms(rates, *last)
    for place, ratio in enumerate(UPPER_RATIOS):
        raw = _growth(terms, some.d, ratio)
        first = _growth(before, last[1], ratio) if before and last else np.zeros((1, len(rates)))
        caps = np.concatenate([first, raw[:-1]])
        np.minimum(caps, CAP_REPEATED, out=caps)
        np.maximum(caps, cap, out=caps)
        np.minimum(raw, caps, out=stakes[place])
    terms = _terms(rates, some.n, some.d, some.rho_high)
    for place, ratio in enumerate(LOWER_RATIOS, up):
        np.minimum(_growth(terms, some.d, ratio), lower_cap, out=stakes[place])
    stakes[:, 0] += band.stakes
    np.cumsum(stakes, axis=1, out=stakes)
    after = Band(lots=band.lots + len(lots), spread=spread, rho=float(some.rho[-1, 0]), stakes=stakes[:, -1].copy())
    return after, (_log_mean(stakes[:up]), _log_mean(stakes[up:]))


def _judged_by(config: Config, band: Band, lots: Sequence[tuple[int, int]]) -> tuple[Spread, _Lots]:
    spread, rows = band.spread, []
    for number, (n, d) in enumerate(lots, band.lots + 1):
        rho = spread.rho(config.rho, number)
        rows.append((n, d, rho, max(rho, _rho_high(config, spread, number))))
        spread = spread.after(n, d)
    n, d, rho, high = np.array(rows, dtype=np.float64).T[..., np.newaxis]
    return spread, _Lots(n, d, rho, high)


def _rho_high(config: Config, spread: Spread, lot: int) -> float:
    """The correlation of the lots since the fix, at its upper end."""
    if not spread.sum_m:
        return RHO_MAX
    u, p = spread.sum_u - config.sum_u, spread.sum_p - config.sum_p
    margin = MARGIN / (spread.sum_n / spread.sum_m * math.sqrt(max(lot - 2, 1)))
    return min((max(u / p, 0.0) if p > 0 else 0.0) + margin, RHO_MAX)


def _last(band: Band) -> tuple[Floats, Floats, Floats] | None:
    """Units, events and correlation of the latest lot, which the caps of the next one ask for."""
    if not band.lots:
        return None
    n, d, rho = (np.full((1, 1), one, dtype=np.float64) for one in (band.spread.last_n, band.spread.last_d, band.rho))
    return n, d, rho


def _terms(rates: Floats, n: Floats, d: Floats, rho: Floats) -> tuple[Floats, Floats]:
    """`(n r / (k + n r), d + k)` of each lot and rate, where k is the Gamma shape for that rate."""
    shape = np.divide(rates * (1 - rho), rho, out=np.full((len(n), len(rates)), SHAPE_MAX), where=rho > 0)
    np.minimum(shape, SHAPE_MAX, out=shape)
    expected = n * rates
    return expected / (shape + expected), d + shape


def _growth(terms: tuple[Floats, Floats], d: Floats, ratio: float) -> Floats:
    """ln of the likelihood ratio of `ratio` times each rate to that rate, as in `bets.py`."""
    share, weight = terms
    grown = share * (ratio - 1)
    np.log1p(grown, out=grown)
    grown *= weight
    np.subtract(d * math.log(ratio), grown, out=grown)
    return grown


def _log_mean(stakes: Floats) -> Floats:
    """ln of the mean of e^stake over the bets."""
    most = stakes.max(axis=0)
    total = np.zeros_like(most)
    for one in stakes:
        total += np.exp(one - most)
    found: Floats = most + np.log(total / len(stakes))
    return found


def _intervals(config: Config, rates: Floats, up: Floats, down: Floats) -> Iterator[Interval | None]:
    """After each lot, from the highest rate that is too low to the lowest that is too high."""
    logs = np.log(rates)
    lows, some_low = _ends(logs, up)
    highs, some_high = _ends(logs[::-1], down[:, ::-1])
    for low, is_low, high, is_high in zip(lows, some_low, highs, some_high, strict=True):
        bottom = math.exp(low) if is_low else 0.0
        if is_high:
            top = math.exp(high)
        elif config.kind == "proportion" and bottom > 0.5:
            top = 1.0
        else:
            yield None
            continue
        bottom, top = sorted((bottom, top))
        yield _rounded(bottom), _rounded(top)


def _ends(logs: Floats, evidence: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Where, seen from the outside, evidence against the rates falls below enough; and whether it was enough at all."""
    out = evidence >= LOG_ENOUGH
    some: NDArray[np.bool_] = np.any(out, axis=1)
    last = np.where(some, out.shape[1] - 1 - np.argmax(out[:, ::-1], axis=1), 0)
    inner = np.minimum(last + 1, out.shape[1] - 1)
    rows = np.arange(len(out))
    strong, weak = (_straight(evidence[rows, place]) for place in (last, inner))
    level = _straight(np.array(LOG_ENOUGH))
    part = np.divide(strong - level, strong - weak, out=np.zeros(len(out)), where=strong > weak)
    ends: Floats = logs[last] + np.clip(part, 0, 1) * (logs[inner] - logs[last])
    return ends, some


def _straight(evidence: Floats) -> Floats:
    """Evidence on a scale on which it runs straight between two rates."""
    found: Floats = np.sqrt(np.maximum(evidence + _BEND, 0))
    return found


def _rounded(rate: float) -> float:
    return float(f"{rate:.{DIGITS}g}")
