"""A method that judges several lots together as one, for lots that resemble their neighbours.

People count lots, the method counts blocks: what it says of a block is told of the block's last lot, and lots that
wait for their block to be complete are in the sums and in no evidence yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from workers.detectors.registry import Method
from workers.detectors.sparing import fold
from workers.detectors.values import Config, Finding, check_lot

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Blocked(Generic[S]):
    """The method's state after its last complete block, and units, events and number of the lots since."""

    inner: S
    n: int = 0
    d: int = 0
    waiting: int = 0


def in_blocks(method: Method[Any], size: int) -> Method[Blocked[Any]]:
    """The method on blocks of `size` lots (2 or more), its findings in lots."""

    def start(config: Config) -> Blocked[Any]:
        return Blocked(method.start(config))

    def update(config: Config, state: Blocked[Any], n: int, d: int) -> Blocked[Any]:
        check_lot(config.kind, n, d)
        n, d, waiting = state.n + n, state.d + d, state.waiting + 1
        if waiting < size:
            return Blocked(state.inner, n, d, waiting)
        return Blocked(method.update(config, state.inner, n, d))

    def finding(config: Config, state: Blocked[Any]) -> Finding:
        return _in_lots(method.finding(config, state.inner), state, size)

    return Method(
        name=method.name,
        start=start,
        update=update,
        finding=finding,
        fold=partial(fold, update, finding, start),
        dump=lambda state: {
            "inner": method.dump(state.inner), "n": state.n, "d": state.d, "waiting": state.waiting,
        },
        load=partial(_load, method),
        unsaid=lambda state: replace(state, inner=method.unsaid(state.inner)),
    )  # fmt: skip


def _load(method: Method[Any], data: Mapping[str, Any]) -> Blocked[Any]:
    return Blocked(method.load(data["inner"]), data["n"], data["d"], data["waiting"])


def _in_lots(found: Finding, state: Blocked[Any], size: int) -> Finding:
    """What was found of blocks, in lots: a verdict stands at the last lot of its block, a rise at the first."""

    def last(block: int | None) -> int | None:
        return None if block is None else block * size

    units, events, rising = found.units + state.n, found.events + state.d, found.change_located is not None
    return replace(
        found,
        lots=found.lots * size + state.waiting,
        units=units,
        events=events,
        rate=events / units if units else None,
        verified_at_lot=last(found.verified_at_lot),
        flagged_at_lot=last(found.flagged_at_lot),
        withheld_at_lot=last(found.withheld_at_lot),
        change_located=None if found.change_located is None else (found.change_located - 1) * size + 1,
        change_units=found.change_units + (state.n if rising else 0),
        change_events=found.change_events + (state.d if rising else 0),
        lots_needed=None if found.lots_needed is None else found.lots_needed * size - state.waiting,
        block_lots=size,
        waiting_lots=state.waiting,
    )
