"""Leafing through a list of which everything is known: the page that is asked for, and the ways to its neighbours."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request, url_for

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Leaf(Generic[Row]):
    """One page of so many; `back` and `more` are empty where there is none."""

    rows: Sequence[Row]
    number: int
    pages: int
    back: str
    more: str


def leaf(found: Sequence[Row], size: int, endpoint: str, kept: Collection[str]) -> Leaf[Row]:
    """The page that the address asks for, or the nearest there is. `kept`: what else of the address goes along."""
    pages = max(1, -(-len(found) // size))
    wanted = request.args.get("page", "1")
    asked = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 1
    number = min(max(asked, 1), pages)

    def address(page: int) -> str:
        told = {name: request.args[name] for name in kept if request.args.get(name)}
        return url_for(endpoint, page=page, **told) if 1 <= page <= pages else ""  # type: ignore[arg-type]

    return Leaf(found[(number - 1) * size : number * size], number, pages, address(number - 1), address(number + 1))
