"""Many watches at once: `fixwatch-1` with a column a watch, for simulations and wherever there are many histories.

The arithmetic is that of `bets.py`, `spread.py` and `fixwatch1.py`, whose words say what it means; here it stands once
more, for arrays, and equals theirs to about 1e-12. Not to the last bit: NumPy's logarithms are not those of `math`. So
what is stored of a fix is always told by the scalar code, and this never judges one for good.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workers.detectors import fixwatch1
from workers.detectors.bank_bets import FIXWATCH_1, Bets, Buffers, Terms
from workers.detectors.bank_spread import Spreads
from workers.detectors.bets import Stakes
from workers.detectors.fixwatch1 import State
from workers.detectors.values import QUANTITY_MAX, Config
from workers.detectors.verdicts import EVENTS_MIN, LOTS_MIN, PACE_DIGITS, PACE_LOTS, Rise, judged

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHUNK = 2048  # watches whose numbers fit into a core's own cache


class Bank:
    """Watches side by side, each given a lot at every step. Watches are numbered in the order of `configs`.

    `states`, where given, are those to continue from. `terms` are the constants of the method.
    """

    def __init__(
        self, configs: Sequence[Config], states: Sequence[State] | None = None, terms: Terms = FIXWATCH_1
    ) -> None:
        self.configs = list(configs)
        states = [fixwatch1.start(config) for config in self.configs] if states is None else list(states)
        modes = np.array([config.mode == "strict" for config in self.configs], dtype=bool)
        self._parts = []
        buffers = Buffers(terms, min(CHUNK, len(self.configs)))
        for strict in (False, True):
            of_mode = np.flatnonzero(modes == strict)
            for at in range(0, len(of_mode), CHUNK):
                some = of_mode[at : at + CHUNK]
                part = _Part([self.configs[i] for i in some], [states[i] for i in some], terms, buffers)
                self._parts.append((some, part))
        self._place = {int(i): (part, place) for some, part in self._parts for place, i in enumerate(some)}

    def __len__(self) -> int:
        return len(self.configs)

    def update(self, n: ArrayLike, d: ArrayLike) -> None:
        """The next lot of every watch: units `n` and events `d`, one each a watch.

        Raises `ValueError` on a lot whose numbers cannot be, and then no watch has changed.
        """
        units, events = _numbers(n), _numbers(d)
        self._check(units, events)
        for some, part in self._parts:
            part.update(units[some], events[some])

    def state(self, number: int) -> State:
        """The state of one watch, as the scalar code keeps it."""
        part, place = self._place[number]
        return part.state(place)

    @property
    def log_e_fail(self) -> Floats:
        """Evidence that the fix is broken, of each watch (ln)."""
        return self._gathered("log_e_fail")

    @property
    def log_e_ok(self) -> Floats:
        """Evidence that the fix works, of each watch (ln)."""
        return self._gathered("log_e_ok")

    @property
    def flagged_at(self) -> Floats:
        """The lot at which each watch was called broken, 0 where it was not."""
        return self._gathered("flagged_at")

    @property
    def verified_at(self) -> Floats:
        """The lot at which each watch was proved to hold, 0 where it was not."""
        return self._gathered("verified_at")

    def _gathered(self, name: str) -> Floats:
        found = np.zeros(len(self))
        for some, part in self._parts:
            found[some] = getattr(part, name)
        return found

    def _check(self, n: Floats, d: Floats) -> None:
        if n.shape != (len(self),) or d.shape != n.shape:
            raise ValueError(f"{len(self)} watches need as many lots; there are {n.shape} units and {d.shape} events")
        counts = np.array([config.kind == "count" for config in self.configs], dtype=bool)
        _refuse(n, d, np.where(counts, QUANTITY_MAX, n))


def fold_many(configs: Sequence[Config], histories: Sequence[Iterable[tuple[int, int]]]) -> list[State]:
    """The state of each watch after all its lots `(n, d)` from the first; histories may differ in length."""
    found: dict[int, State] = {}
    buffers = Buffers(FIXWATCH_1, min(CHUNK, len(configs)))
    lots = [np.array(list(history), dtype=np.float64).reshape(-1, 2) for history in histories]
    for some in _alike(configs, lots):
        states = [fixwatch1.start(configs[i]) for i in some]
        part = _Part([configs[i] for i in some], states, FIXWATCH_1, buffers)
        longest = len(lots[some[0]])
        table = np.ones((2, longest, len(some)))
        for place, i in enumerate(some):
            most = QUANTITY_MAX if configs[i].kind == "count" else lots[i][:, 0]
            _refuse(lots[i][:, 0], lots[i][:, 1], most)
            table[:, : len(lots[i]), place] = lots[i].T
        lengths = np.array([len(lots[i]) for i in some])
        for step in range(longest):
            left = int(np.searchsorted(-lengths, -step))  # those that have a lot more stand in front
            part.update(table[0, step, :left], table[1, step, :left])
        found |= {int(i): part.state(place) for place, i in enumerate(some)}
    return [found[i] for i in range(len(configs))]


def _alike(configs: Sequence[Config], lots: Sequence[Floats]) -> Iterator[list[int]]:
    """Chunks of watches of one mode, those with the longest histories first."""
    for mode in ("default", "strict"):
        some = [i for i, config in enumerate(configs) if config.mode == mode]
        some.sort(key=lambda i: -len(lots[i]))
        yield from (some[at : at + CHUNK] for at in range(0, len(some), CHUNK))


def _numbers(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _refuse(n: Floats, d: Floats, most: Floats | int) -> None:
    wrong = ~((n >= 1) & (n <= QUANTITY_MAX) & (d >= 0) & (d <= most))
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"lot {first} has {d[first]:g} events on {n[first]:g} units, which cannot be")


class _Part:
    """At most `CHUNK` watches of one mode. A lot may be given to the first few of them only."""

    def __init__(self, configs: Sequence[Config], states: Sequence[State], terms: Terms, buffers: Buffers) -> None:
        self._configs = configs
        self._bets = Bets(configs, [state.stakes for state in states], terms, buffers)
        self._spreads = Spreads(configs, [state.spread for state in states])
        self.lots = _column(state.lots for state in states)
        self.units = np.array([state.units for state in states], dtype=np.int64)
        self.events = np.array([state.events for state in states], dtype=np.int64)
        self.log_e_fail = _column(state.log_e_fail for state in states)
        self.log_e_ok = _column(state.log_e_ok for state in states)
        self.log_e_ok_max = _column(state.log_e_ok_max for state in states)
        self.verified_at = _column(state.verified_at or 0 for state in states)
        self.flagged_at = _column(state.flagged_at or 0 for state in states)
        self._flags = {place: state for place, state in enumerate(states) if state.flagged_at is not None}
        self._threshold = _column(config.log_threshold for config in configs)
        self._rises = _Rises(configs, [state.rise for state in states])
        self._pace = _Pace(states)

    def update(self, n: Floats, d: Floats) -> None:
        m = len(n)
        lots = self.lots[:m]
        lots += 1
        self.units[:m] += n.astype(np.int64)
        self.events[:m] += d.astype(np.int64)
        self._bets.update(n, d, lots, self._spreads.rho(lots))
        fail, ok = self._bets.evidence(lots)
        self.log_e_fail[:m], self.log_e_ok[:m] = fail, ok
        np.maximum(self.log_e_ok_max[:m], ok, out=self.log_e_ok_max[:m])
        self._spreads.update(n, d)
        self._rises.update(n, d, lots)
        self._pace.update(ok)
        self._judge(m, fail, ok)

    def _judge(self, m: int, fail: Floats, ok: Floats) -> None:
        """Verdicts are rare: each is given by the scalar code, from the state before it."""
        enough = (fail >= self._threshold[:m]) & (self.lots[:m] >= LOTS_MIN) & (self.events[:m] >= EVENTS_MIN)
        proved = (ok >= self._threshold[:m]) & (self.verified_at[:m] == 0)
        for place in np.flatnonzero((enough | proved) & (self.flagged_at[:m] == 0)).tolist():
            after = judged(self._configs[place], self.state(place), fixwatch1.seemed_to_work)
            self.verified_at[place] = after.verified_at or 0
            if after.flagged_at is not None:
                self.flagged_at[place] = after.flagged_at
                self._flags[place] = after

    def state(self, place: int) -> State:
        upper, raw, lower = self._bets.of(place)
        flagged = self._flags.get(place)
        return State(
            lots=int(self.lots[place]),
            units=int(self.units[place]),
            events=int(self.events[place]),
            stakes=Stakes(upper, raw, lower),
            spread=self._spreads.of(place),
            rise=self._rises.of(place),
            log_e_fail=float(self.log_e_fail[place]),
            log_e_ok=float(self.log_e_ok[place]),
            log_e_ok_max=float(self.log_e_ok_max[place]),
            recent=self._pace.of(place, int(self.lots[place])),
            verified_at=int(self.verified_at[place]) or None,
            flagged_at=flagged.flagged_at if flagged else None,
            log_e_flag=flagged.log_e_flag if flagged else None,
            pattern=flagged.pattern if flagged else None,
        )


class _Rises:
    """`fixwatch1.Rise`, a column a watch."""

    def __init__(self, configs: Sequence[Config], rises: Sequence[Rise]) -> None:
        self._log = np.log(_column(config.working_baseline / config.alarm for config in configs))
        self._gap = _column(config.working_baseline - config.alarm for config in configs)
        self._height = _column(rise.height for rise in rises)
        self._first = _column(rise.first for rise in rises)
        self._units = _column(rise.units for rise in rises)
        self._events = _column(rise.events for rise in rises)

    def update(self, n: Floats, d: Floats, lots: Floats) -> None:
        m = len(n)
        height, first, units, events = self._height[:m], self._first[:m], self._units[:m], self._events[:m]
        height += d * self._log[:m]
        height -= n * self._gap[:m]
        climbs = height > 0
        height *= climbs
        units += n
        units *= climbs
        events += d
        events *= climbs
        np.copyto(first, lots + 1, where=~climbs)

    def of(self, place: int) -> Rise:
        units, events = int(self._units[place]), int(self._events[place])
        return Rise(float(self._height[place]), int(self._first[place]), units, events)


class _Pace:
    """Each watch's latest `log_e_ok`: a ring that all watches write in step."""

    def __init__(self, states: Sequence[State]) -> None:
        self._ring = np.zeros((PACE_LOTS + 1, len(states)))
        self._last = np.full(len(states), PACE_LOTS, dtype=np.int64)
        self._kept = [len(state.recent) - 1 for state in states]
        self._before = [state.lots for state in states]
        self._step = PACE_LOTS
        for place, state in enumerate(states):
            self._ring[PACE_LOTS + 1 - len(state.recent) :, place] = state.recent

    def update(self, log_e_ok: Floats) -> None:
        self._step += 1
        self._ring[self._step % (PACE_LOTS + 1), : len(log_e_ok)] = log_e_ok
        self._last[: len(log_e_ok)] = self._step

    def of(self, place: int, lots: int) -> tuple[float, ...]:
        kept = min(self._kept[place] + lots - self._before[place], PACE_LOTS)
        last = int(self._last[place])
        rows = [row % (PACE_LOTS + 1) for row in range(last - kept, last + 1)]
        return tuple(round(float(self._ring[row, place]), PACE_DIGITS) for row in rows)


def _column(values: Iterable[float]) -> Floats:
    return np.array(list(values), dtype=np.float64)
