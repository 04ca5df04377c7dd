"""Every released method by its name. A method stays here for ever, so that any verdict can be given again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

from workers.detectors import fixwatch1, fixwatch2, linewatch1, verdicts
from workers.detectors.linewatch1 import LineFinding
from workers.detectors.values import Config, Finding, Kind, Point

S = TypeVar("S")


class UnknownMethod(KeyError):
    """No method has that name; the message names those there are."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"there is no method {self.name!r}; there is {', '.join(METHODS)}"


@dataclass(frozen=True, slots=True)
class Method(Generic[S]):
    """One way of watching a fix. Its state `S` is opaque: the caller stores it between lots.

    start: the state before the first lot. update: the state after one more lot (units, events), leaving
    the old one as it was; `ValueError` on impossible numbers. finding: what may be said after the latest
    lot. fold: the state and the points of a chart after a whole list of lots `(units, events)`.
    dump, load: the state as a dict for JSON, and back. unsaid: the state as if its verdict against the fix had
    not been given, with the bet against it placed anew (`sparing`).
    """

    name: str
    start: Callable[[Config], S]
    update: Callable[[Config, S, int, int], S]
    finding: Callable[[Config, S], Finding]
    fold: Callable[[Config, Iterable[tuple[int, int]]], tuple[S, list[Point]]]
    dump: Callable[[S], dict[str, Any]]
    load: Callable[[Mapping[str, Any]], S]
    unsaid: Callable[[S], S]


class Methods(dict[str, Method[Any]]):
    """Methods by name. A name that is not there raises `UnknownMethod`, a `KeyError`."""

    def __missing__(self, name: str) -> NoReturn:
        raise UnknownMethod(name)


METHODS = Methods(
    {
        fixwatch1.NAME: Method(
            name=fixwatch1.NAME,
            start=fixwatch1.start,
            update=fixwatch1.update,
            finding=verdicts.finding,
            fold=fixwatch1.fold,
            dump=fixwatch1.State.to_json,
            load=fixwatch1.State.from_json,
            unsaid=fixwatch1.unsaid,
        ),
        fixwatch2.NAME: Method(
            name=fixwatch2.NAME,
            start=fixwatch2.start,
            update=fixwatch2.update,
            finding=verdicts.finding,
            fold=fixwatch2.fold,
            dump=fixwatch2.State.to_json,
            load=fixwatch2.State.from_json,
            unsaid=fixwatch2.unsaid,
        ),
    }
)


@dataclass(frozen=True, slots=True)
class LineMethod(Generic[S]):
    """One way of watching a line against its own past. Its state `S` is opaque: the caller stores it between lots.

    start, update, finding: as in `Method`, without a `Config`, because the method learns its numbers from the lots;
    `start` is given the kind of measure. dump, load: the state as a dict for JSON, and back.
    """

    name: str
    start: Callable[[Kind], S]
    update: Callable[[S, int, int], S]
    finding: Callable[[S], LineFinding]
    dump: Callable[[S], dict[str, Any]]
    load: Callable[[Mapping[str, Any]], S]


LINE_METHODS: dict[str, LineMethod[Any]] = {
    linewatch1.NAME: LineMethod(
        name=linewatch1.NAME,
        start=linewatch1.start,
        update=linewatch1.update,
        finding=linewatch1.finding,
        dump=linewatch1.State.to_json,
        load=linewatch1.State.from_json,
    ),
}
DEFAULT_LINE_METHOD = linewatch1.NAME
