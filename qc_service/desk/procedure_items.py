"""What the editor does to a document: an item put in, changed, moved or taken out, and the problems by their item.

A document that is changed here is a new one. Nothing is validated: `sops.document.normal` says what is wrong.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sops.document import Document, parts
from sops.errors import Problem

LISTS = ("hazards", "tools", "defects", "steps", "checks")
KEYS = {"defects": "code"}
ID_LONGEST = 40
Way = tuple[str, ...]


def key_of(section: str, item: Mapping[str, Any]) -> str:
    """What names an item in its list."""
    return str(item.get(KEYS.get(section, "id"), ""))


def find(document: Mapping[str, Any], section: str, key: str) -> dict[str, Any] | None:
    """The item of that name."""
    return next((item for item in document.get(section, ()) if key_of(section, item) == key), None)


def new_id(text: str, taken: Collection[str]) -> str:
    """An id made from a text: letters, digits and "-", and none that is taken."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    base = "-".join(words[:4])[: ID_LONGEST - 4].strip("-")
    base = base if base[:1].isalpha() else f"x-{base}".rstrip("-")
    name, turn = base, 1
    while name in taken:
        turn += 1
        name = f"{base}-{turn}"
    return name


# --- changing ---


def replaced(document: Document, section: str, key: str, item: dict[str, Any]) -> Document:
    """The document with another item in that place."""
    made = deepcopy(document)
    made[section] = [item if key_of(section, one) == key else one for one in made.get(section, ())]
    return _checks_along_steps(document, made)


def added(document: Document, section: str, item: dict[str, Any], after: str = "") -> Document:
    """The document with one more item: behind the named one, else at the end, a check behind those of its step."""
    made = deepcopy(document)
    items = made.setdefault(section, [])
    names = [key_of(section, one) for one in items]
    place = names.index(after) + 1 if after in names else len(items)
    if section == "checks" and after not in names:
        place = _behind_its_step(made, item)
    items.insert(place, item)
    return made


def moved(document: Document, section: str, key: str, by: int) -> Document:
    """The document with the item one place further up (-1) or down (1); a check among those of its step."""
    made = deepcopy(document)
    items = made.get(section, [])
    step = (find(made, section, key) or {}).get("step") if section == "checks" else None
    places = [place for place, one in enumerate(items) if section != "checks" or one.get("step") == step]
    here = next((at for at, place in enumerate(places) if key_of(section, items[place]) == key), None)
    if here is None or not 0 <= here + by < len(places):
        return made
    one, other = places[here], places[here + by]
    items[one], items[other] = items[other], items[one]
    return _checks_along_steps(document, made)


@dataclass(frozen=True, slots=True)
class Removal:
    """A document without an item, and what else that changes.

    gone: items that went with it. loosened: items that named it and do so no more.
    """

    document: Document
    gone: list[tuple[str, str]] = field(default_factory=list)
    loosened: list[tuple[str, str]] = field(default_factory=list)


def removed(document: Document, section: str, key: str) -> Removal:
    """The document without the item, without a step's checks, and without what named any of them."""
    made = deepcopy(document)
    gone: list[tuple[str, str]] = []
    if section == "steps":
        gone = [("checks", one["id"]) for one in made.get("checks", ()) if one.get("step") == key]
    out = {(section, key), *gone}
    for name in {one for one, _ in out}:
        made[name] = [one for one in made[name] if (name, key_of(name, one)) not in out]
    loosened = [
        (name, key_of(name, one)) for name in ("steps", "checks") for one in made.get(name, ()) if _loosen(one, out)
    ]
    return Removal({name: value for name, value in made.items() if value != []}, gone, loosened)


def _loosen(item: dict[str, Any], out: Collection[tuple[str, str]]) -> bool:
    """Take out of a step or check what names an item that is gone; whether there was anything."""
    before = deepcopy(item)
    for name, section in (("hazards", "hazards"), ("tools", "tools"), ("defect_codes", "defects")):
        if name in item:
            item[name] = [one for one in item[name] if (section, one) not in out]
            if not item[name]:
                del item[name]
    if ("tools", item.get("gauge", "")) in out:
        del item["gauge"]
    if ("checks", item.get("show_if", {}).get("check", "")) in out:
        del item["show_if"]
    return item != before


def _behind_its_step(document: Document, item: Mapping[str, Any]) -> int:
    order = _places(document)
    mine = order.get(item.get("step", ""), len(order))
    checks = document["checks"]
    before = [place for place, one in enumerate(checks) if order.get(one.get("step", ""), len(order)) <= mine]
    return before[-1] + 1 if before else 0


def _places(document: Mapping[str, Any]) -> dict[str, int]:
    return {step["id"]: place for place, step in enumerate(document.get("steps", ()))}


def _checks_along_steps(before: Document, after: Document) -> Document:
    """Where the checks stood in the order of their steps, they still do."""
    old, new = _places(before), _places(after)
    order = [old.get(one.get("step", ""), 0) for one in before.get("checks", ())]
    if order == sorted(order) and "checks" in after:
        after["checks"] = sorted(after["checks"], key=lambda one: new.get(one.get("step", ""), len(new)))
    return after


# --- problems by their item ---


@dataclass(frozen=True, slots=True)
class Placed:
    """A problem of a document. section and key: the item that has it, "head" and "" for what is no list."""

    section: str
    key: str
    way: Way  # within the item
    code: str
    message: str


def placed(problems: Iterable[Problem], document: Mapping[str, Any]) -> list[Placed]:
    """The problems of a document, each with the item that it stands in."""
    return [_placed(one, document) for one in problems]


def _placed(problem: Problem, document: Mapping[str, Any]) -> Placed:
    way = parts(problem.pointer)
    if len(way) > 1 and way[0] in LISTS and way[1].isdigit():
        items = document.get(way[0], [])
        item = items[int(way[1])] if int(way[1]) < len(items) else {}
        return Placed(way[0], key_of(way[0], item), tuple(way[2:]), problem.code, problem.message)
    section = way[0] if way and way[0] in LISTS else "head"
    return Placed(section, "", tuple(way), problem.code, problem.message)
