"""What differs between two documents, change by change, and how to get from one to the other.

Items that have an id (or, for defects, a code) are addressed by it, so that a list that was sorted anew shows as one
change and not as a new list. `sampling` and `show_if` change as a whole: half of a rule says nothing.
"""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sops.document_schema import FIELD_ORDER
from sops.errors import DifferenceDoesNotFit

Document = dict[str, Any]
Path = tuple[str, ...]
Op = Literal["set", "add", "remove", "order"]
OPS: tuple[Op, ...] = ("set", "add", "remove", "order")

ITEM_KEYS = ("id", "code")
"""What an item of a list is told by."""

WHOLE = frozenset({"sampling", "show_if"})
"""Fields that hold several values but change as one."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a document.

    op: `set` gives a field another value, `add` and `remove` a field or an item of a list, `order` sorts a list anew.
    path: where, from the document down; an item of a list by its id: `("checks", "weight", "max")`.
    old, new: the values before and after, as in the document; None where there is none. Of `order`: the ids in
    their old and new order, without the items that were added or removed.
    index: of an item that was added, its place in the new list, of one that was removed, in the old one, from 0;
    None for all else.
    """

    op: Op
    path: Path
    old: Any = None
    new: Any = None
    index: int | None = None


def difference(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Change]:
    """The changes that lead from the first document to the second, both in normal form; [] if they are equal.

    They come in the order in which a document is read.

    Whether two values are equal is a question of JSON: 1 and true are not.
    """
    found = _fields(first, second, ())
    return [replace(change, old=_copied(change.old), new=_copied(change.new)) for change in found]


def apply(first: Mapping[str, Any], changes: Iterable[Change]) -> Document:
    """The document after the changes; `first` is left as it is. `apply(a, difference(a, b)) == b` in normal form.

    Raises `DifferenceDoesNotFit` if the document is not as the changes found it.
    """
    document: Document = _copied(first)
    for change in changes:
        if not change.path:
            raise _misfit(change)
        _APPLY[change.op](document, change)
    return document


def to_json(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Changes as JSON has them; `from_json` of it, also by way of text, equals them."""
    return [_written(change) for change in changes]


def from_json(data: Iterable[Mapping[str, Any]]) -> list[Change]:
    """The inverse of `to_json`. Raises `DifferenceDoesNotFit` (`difference_unreadable`) for what it never writes."""
    return [_read(one) for one in data]


def item_key(items: Any) -> str | None:
    """The field that tells the items of a list from each other; None if nothing does, or if it is no such list."""
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        return None
    for key in ITEM_KEYS:
        names = [item.get(key) for item in items]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return key
    return None


def by_key(items: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """The items of a list by their id or code, in their order; {} for a list that is not there."""
    key = item_key(items)
    return {item[key]: item for item in items} if items and key else {}


def moved_items(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The items to move, as few as will do, to get from one order to the other, both of the same names."""
    place = {name: number for number, name in enumerate(old)}
    stay = set(_longest_rising([place[name] for name in new]))
    return [name for name in new if place[name] not in stay]


def _longest_rising(numbers: Sequence[int]) -> list[int]:
    """A longest rising subsequence of different numbers (Schensted, 1961), by patience sorting."""
    tops: list[int] = []
    chains: list[list[int]] = []
    for number in numbers:
        place = bisect_left(tops, number)
        chain = [*(chains[place - 1] if place else []), number]
        tops[place : place + 1] = [number]
        chains[place : place + 1] = [chain]
    return chains[-1] if chains else []


# -- finding ---------------------------------------------------------------------------------------------


def _fields(first: Mapping[str, Any], second: Mapping[str, Any], path: Path) -> Iterator[Change]:
    for name in sorted(first.keys() | second.keys(), key=lambda name: (FIELD_ORDER.get(name, len(FIELD_ORDER)), name)):
        yield from _field(first, second, name, (*path, name))


def _field(first: Mapping[str, Any], second: Mapping[str, Any], name: str, path: Path) -> Iterator[Change]:
    old, new = first.get(name), second.get(name)
    if _are_items(old, new):
        yield from _items(old or [], new or [], path)
    elif name not in first:
        yield Change("add", path, new=new)
    elif name not in second:
        yield Change("remove", path, old=old)
    elif isinstance(old, dict) and isinstance(new, dict) and name not in WHOLE:
        yield from _fields(old, new, path)
    elif not _equal(old, new):
        yield Change("set", path, old, new)


def _are_items(old: Any, new: Any) -> bool:
    keys = [item_key(items) for items in (old, new) if items is not None]
    return bool(keys) and None not in keys and len(set(keys)) == 1


def _items(old: list[Any], new: list[Any], path: Path) -> Iterator[Change]:
    before, after = by_key(old), by_key(new)
    for index, (name, item) in enumerate(before.items()):
        if name not in after:
            yield Change("remove", (*path, name), old=item, index=index)
    stayed, stay = [name for name in before if name in after], [name for name in after if name in before]
    if stayed != stay:
        yield Change("order", path, stayed, stay)
    for index, (name, item) in enumerate(after.items()):
        if name in before:
            yield from _fields(before[name], item, (*path, name))
        else:
            yield Change("add", (*path, name), new=item, index=index)


def _copied(value: Any) -> Any:
    """A copy that shares nothing, not even between its own parts, as what was read from JSON does."""
    if isinstance(value, Mapping):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _equal(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


# -- applying --------------------------------------------------------------------------------------------


def _apply_set(document: Document, change: Change) -> None:
    parent = _parent(document, change)
    if not isinstance(parent, dict) or change.path[-1] not in parent:
        raise _misfit(change)
    if not _equal(parent[change.path[-1]], change.old):
        raise _misfit(change)
    parent[change.path[-1]] = _copied(change.new)


def _apply_add(document: Document, change: Change) -> None:
    name = change.path[-1]
    if change.index is None:
        parent = _parent(document, change)
        if not isinstance(parent, dict) or name in parent:
            raise _misfit(change)
        parent[name] = _copied(change.new)
        return
    items = _list(document, change, change.path[:-1])
    named = by_key(items)
    fits = len(named) == len(items) and name not in named and 0 <= change.index <= len(items)
    if not fits or not _is_called(change.new, name):
        raise _misfit(change)
    items.insert(change.index, _copied(change.new))


def _apply_remove(document: Document, change: Change) -> None:
    name = change.path[-1]
    if change.index is None:
        parent = _parent(document, change)
        if not isinstance(parent, dict) or name not in parent or not _equal(parent[name], change.old):
            raise _misfit(change)
        del parent[name]
        return
    items = _list(document, change, change.path[:-1])
    found = by_key(items).get(name)
    if found is None or not _equal(found, change.old):
        raise _misfit(change)
    items.remove(found)
    if not items:  # the normal form has no empty lists
        del _walk(document, change, change.path[:-2])[change.path[-2]]


def _apply_order(document: Document, change: Change) -> None:
    items = _list(document, change, change.path)
    named = by_key(items)
    if not named or list(named) != change.old or sorted(named) != sorted(change.new):
        raise _misfit(change)
    items[:] = [named[name] for name in change.new]


_APPLY = {"set": _apply_set, "add": _apply_add, "remove": _apply_remove, "order": _apply_order}


def _parent(document: Document, change: Change) -> Any:
    return _walk(document, change, change.path[:-1])


def _list(document: Document, change: Change, path: Path) -> list[Any]:
    """The list at a path. To be added to, one that is not there is made."""
    if not path:
        raise _misfit(change)
    parent = _walk(document, change, path[:-1])
    if change.op == "add" and isinstance(parent, dict):
        parent.setdefault(path[-1], [])
    items = _walk(document, change, path)
    if not isinstance(items, list):
        raise _misfit(change)
    return items


def _walk(document: Document, change: Change, path: Path) -> Any:
    here: Any = document
    for name in path:
        inside = by_key(here) if isinstance(here, list) else here
        if not isinstance(inside, dict) or name not in inside:
            raise _misfit(change)
        here = inside[name]
    return here


def _is_called(item: Any, name: str) -> bool:
    return isinstance(item, dict) and name in (item.get(key) for key in ITEM_KEYS)


def _misfit(change: Change) -> DifferenceDoesNotFit:
    where = ".".join(change.path) or "the document"
    return DifferenceDoesNotFit(
        f"The changes were made to another document: {where} is not as they found it. Take the difference again."
    )


# -- JSON ------------------------------------------------------------------------------------------------

_SIDES: Mapping[str, tuple[str, ...]] = {
    "set": ("old", "new"),
    "add": ("new",),
    "remove": ("old",),
    "order": ("old", "new"),
}


def _written(change: Change) -> dict[str, Any]:
    data: dict[str, Any] = {"op": change.op, "path": list(change.path)}
    data |= {side: _copied(getattr(change, side)) for side in _SIDES[change.op]}
    return data if change.index is None else {**data, "index": change.index}


def _read(data: Any) -> Change:
    if not isinstance(data, Mapping) or data.get("op") not in OPS:
        raise _unreadable(data)
    sides, path, index = _SIDES[data["op"]], data.get("path"), data.get("index")
    if set(data) - {"index"} != {"op", "path", *sides} or (index is not None and not _is_place(index)):
        raise _unreadable(data)
    names = [path, data["old"], data["new"]] if data["op"] == "order" else [path]
    if not path or not all(_are_names(one) for one in names):
        raise _unreadable(data)
    values = {side: _copied(data[side]) for side in sides}
    return Change(data["op"], tuple(path), index=index, **values)


def _are_names(names: Any) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _is_place(index: Any) -> bool:
    return isinstance(index, int) and not isinstance(index, bool) and index >= 0


def _unreadable(data: Any) -> DifferenceDoesNotFit:
    return DifferenceDoesNotFit(f"This is no change of a document: {str(data)[:80]}", code="difference_unreadable")
