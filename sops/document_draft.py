"""A document as far as it could be read: what its rules look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sops.steps import KINDS
from sops.steps.base import Kind, pointer

LISTS = {"hazards": "id", "tools": "id", "defects": "code", "steps": "id", "checks": "id"}
"""The lists of a document and what names an item in them."""

OWN = {name: tuple(kind.schema().fields) for name, kind in KINDS.items()}
"""The own fields of each kind."""

EMPTY: tuple[Any, ...] = (None, "", [], {})

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that was read as far as it could be.

    given: what was handed in. loaded: what could be read of it, with items in their places. broken: JSON pointers of
    what is wrong in itself, and of everything around it.
    """

    given: Item
    loaded: Item
    broken: frozenset[str]
    _names: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def items(self, name: str) -> Iterator[tuple[str, Item]]:
        """Every item of a list with its pointer, without what is empty in it."""
        given = self.given.get(name)
        places = [place for place, one in enumerate(given if isinstance(given, list) else ()) if one is not None]
        for place, item in zip(places, self.loaded.get(name) or (), strict=False):
            yield pointer("", name, place), {key: value for key, value in item.items() if value not in EMPTY}

    def sound(self, where: str) -> bool:
        """Whether nothing at a pointer or below it is wrong in itself."""
        return where not in self.broken

    def kind_of(self, where: str, item: Item) -> Kind[Any] | None:
        """The kind of a step or check whose own fields are sound; None for one without a kind too."""
        name = item.get("type", "")
        sound = all(self.sound(pointer(where, one)) for one in OWN.get(name, ()))
        return KINDS[name] if name in KINDS and sound else None

    def names(self, name: str) -> frozenset[str] | None:
        """The ids of a list's items, also of those that are wrong elsewhere; None where some cannot be told."""
        if name not in self._names:
            self._names[name] = self._told(name)
        return self._names[name]

    def _told(self, name: str) -> frozenset[str] | None:
        where, key = pointer("", name), LISTS[name]
        if not self.sound(where) and name not in self.loaded:
            return None
        items = list(self.items(name))
        if any(not self.sound(pointer(at, key)) or not item for at, item in items):
            return None
        return frozenset(item[key] for _, item in items)
