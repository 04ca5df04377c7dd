"""A method that leaves some ways of not holding unsaid, because the comparison behind them would mislead.

Where a method would give such a verdict, the verdict is withheld, the lot of the first one remembered, and the bet
that the fix is broken begins anew with its whole stake. A fix that holds still has at most the chance alpha of ever
being called broken: nothing is said that the first stake did not earn, and the next one is only placed where the
first had reached its end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from workers.detectors.registry import Method
from workers.detectors.values import Config, Finding, Point

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Spared(Generic[S]):
    """The method's own state, and the lot at which a verdict was first withheld."""

    inner: S
    withheld_at: int | None = None


def sparing(method: Method[Any], patterns: frozenset[str]) -> Method[Spared[Any]]:
    """The method without verdicts of these patterns. Its findings name the lot of the first that was withheld."""

    def update(config: Config, state: Spared[Any], n: int, d: int) -> Spared[Any]:
        inner = method.update(config, state.inner, n, d)
        found = method.finding(config, inner)
        if found.pattern in patterns:
            return Spared(method.unsaid(inner), state.withheld_at or found.lots)
        return Spared(inner, state.withheld_at)

    def finding(config: Config, state: Spared[Any]) -> Finding:
        found = method.finding(config, state.inner)
        misleads = state.withheld_at is not None and found.verified_at_lot is None
        return replace(found, withheld_at_lot=state.withheld_at, leaning=found.leaning and not misleads)

    return Method(
        name=method.name,
        start=lambda config: Spared(method.start(config)),
        update=update,
        finding=finding,
        fold=partial(fold, update, finding, lambda config: Spared(method.start(config))),
        dump=lambda state: {"inner": method.dump(state.inner), "withheld_at": state.withheld_at},
        load=partial(_load, method),
        unsaid=lambda state: replace(state, inner=method.unsaid(state.inner)),
    )


def _load(method: Method[Any], data: Mapping[str, Any]) -> Spared[Any]:
    return Spared(method.load(data["inner"]), data["withheld_at"])


def fold(
    update: Any, finding: Any, start: Any, config: Config, lots: Iterable[tuple[int, int]]
) -> tuple[Any, list[Point]]:
    """A state after all lots, and the evidence after each, by single updates."""
    state, points = start(config), []
    for place, (n, d) in enumerate(lots, start=1):
        state = update(config, state, n, d)
        found = finding(config, state)
        points.append(Point(place, found.log_e_fail, found.log_e_ok))
    return state, points
