"""What the fields of a document say about each other: ids, references, conditions, groups, placeholders.

Every rule looks at what could be read and says nothing about parts that are wrong in themselves, so that one mistake
is told once.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from sops.document_conditions import conditions
from sops.document_draft import LISTS, Draft, Item
from sops.errors import Problem
from sops.numbers import shortened
from sops.steps import KINDS
from sops.steps.base import pointer
from sops.wording import braces

GROUP_MOST = 4
"""Checks that may share a screen."""


def problems(draft: Draft) -> Iterator[Problem]:
    """Everything that the rules find, see `RULES`."""
    for rule in RULES:
        yield from rule(draft)


# -- ids -------------------------------------------------------------------------------------------------


def _unique(draft: Draft) -> Iterator[Problem]:
    for name, key in LISTS.items():
        seen: dict[str, int] = {}
        for place, (where, item) in enumerate(draft.items(name), start=1):
            found = item.get(key)
            if found in seen:
                text = f"“{found}” is the {key} of item {seen[found]} of the {name} already. Give each its own."
                yield Problem(pointer(where, key), "duplicate_id", text)
            elif found:
                seen[found] = place


def _photos(draft: Draft) -> Iterator[Problem]:
    for where, item in (*draft.items("steps"), *draft.items("checks")):
        photos = item.get("photos", ()) if draft.sound(pointer(where, "photos")) else ()
        names = [photo["id"] for photo in photos]
        for place, name in enumerate(names):
            if name in names[:place]:
                text = "The same photo is here twice. Take one away."
                yield Problem(pointer(where, "photos", place, "id"), "duplicate_id", text)


# -- references ------------------------------------------------------------------------------------------


def _references(draft: Draft) -> Iterator[Problem]:
    for where, step in draft.items("steps"):
        yield from _each(draft, where, step, "hazards", "hazards")
        yield from _each(draft, where, step, "tools", "tools")
        yield from _one(draft, where, step, "gauge", "tools")
    for where, check in draft.items("checks"):
        yield from _one(draft, where, check, "step", "steps")
        yield from _one(draft, where, check, "gauge", "tools")
        yield from _each(draft, where, check, "defect_codes", "defects")
        yield from _one(draft, pointer(where, "show_if"), check.get("show_if", {}), "check", "checks")


def _one(draft: Draft, where: str, item: Item, field: str, target: str) -> Iterator[Problem]:
    if item.get(field) and draft.sound(pointer(where, field)):
        yield from _known(draft, pointer(where, field), item[field], target)


def _each(draft: Draft, where: str, item: Item, field: str, target: str) -> Iterator[Problem]:
    names = item.get(field) or ()
    places = (at for place in count() if draft.sound(at := pointer(where, field, place)))
    for done, (name, at) in enumerate(zip(names, places, strict=False)):
        if name in names[:done]:
            yield Problem(at, "named_twice", f"“{name}” is named twice here. Once is enough.")
        elif target != "defects" or draft.given.get(target):  # without the list, codes may be any
            yield from _known(draft, at, name, target)


def _known(draft: Draft, at: str, name: str, target: str) -> Iterator[Problem]:
    known = draft.names(target)
    if known is not None and name not in known:
        there = f"There are: {_listed(sorted(known))}." if known else "There are none yet."
        text = f"“{name}” is not among the {target}. {there} Name one of them, or add it to {target}."
        yield Problem(at, f"unknown_{target.removesuffix('s')}", text)


def _listed(names: list[str], most: int = 12) -> str:
    shown = [shortened(name) for name in names[:most]]
    return ", ".join([*shown, "…"] if len(names) > most else shown)


# -- kinds, groups -----------------------------------------------------------------------------------------


def _kinds(draft: Draft) -> Iterator[Problem]:
    for where, item in (*draft.items("steps"), *draft.items("checks")):
        if kind := draft.kind_of(where, item):
            yield from kind.problems(item, where)


def _groups(draft: Draft) -> Iterator[Problem]:
    run, step = 0, None
    for where, check in draft.items("checks"):
        if check.get("layout") != "group":
            run = 0
            continue
        run = run + 1 if check.get("step") == step else 1
        step = check.get("step")
        if run == GROUP_MOST + 1:
            text = f"More than {GROUP_MOST} checks would share a screen. Split them: put a single one between."
            yield Problem(pointer(where, "layout"), "group_too_long", text)
        kind = KINDS.get(check.get("type", ""))
        if kind and not kind.easy:
            easy = ", ".join(name for name, one in KINDS.items() if one.easy)
            text = f"A {kind.name} needs a screen of its own. Only {easy} share one: write layout: single."
            yield Problem(pointer(where, "layout"), "group_not_easy", text)


# -- placeholders ------------------------------------------------------------------------------------------


def _placeholders(draft: Draft) -> Iterator[Problem]:
    for at, text, values in _texts(draft):
        found = braces(text)
        for sign in found.single[:1]:
            told = f"There is a single {sign} in the text. Double it, {sign * 2}, if it is meant to be read."
            yield Problem(at, "brace_single", told)
        there = f"There are: {', '.join(f'{{{name}}}' for name in values)}." if values else "There are none here."
        for name in sorted(found.names - set(values)):
            told = f"{{{shortened(name)}}} stands for nothing. {there} Double the braces of what is meant to be read."
            yield Problem(at, "placeholder_unknown", told)


def _texts(draft: Draft) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Every text that is shown to people, with its pointer and what placeholders in it can stand for."""
    yield from _own(draft.loaded, "", {}, "title", "purpose", "scope")
    yield from _own(draft.loaded.get("skill") or {}, "/skill", {}, "text")
    for name in ("hazards", "tools", "defects"):
        for where, item in draft.items(name):
            yield from _own(item, where, {}, "text", "control")
    for name in ("steps", "checks"):
        for where, item in draft.items(name):
            kind = draft.kind_of(where, item)
            if not kind and ("type" in item or not draft.sound(pointer(where, "type"))):
                continue  # nobody can tell yet what placeholders there are
            values = kind.placeholders(item) if kind else {}
            yield from _own(item, where, values, "text", "detail", "help")
            photos = item.get("photos", ()) if draft.sound(pointer(where, "photos")) else ()
            for place, photo in enumerate(photos):
                yield from _own(photo, pointer(where, "photos", place), values, "text")
            for path, text in kind.texts(item).items() if kind else ():
                yield _pointer_of(item, where, path), text, values


def _own(
    item: Item, where: str, values: Mapping[str, str], *names: str
) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    for name in names:
        if item.get(name):
            yield pointer(where, name), item[name], values


def _pointer_of(item: Any, where: str, path: str) -> str:
    """The pointer of a kind's own text, whose path names the items of lists by their ids."""
    for part in path.split("."):
        if isinstance(item, list):
            place = next(place for place, one in enumerate(item) if one["id"] == part)
            where, item = pointer(where, place), item[place]
        else:
            where, item = pointer(where, part), item[part]
    return where


RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _unique,
    _photos,
    _references,
    _kinds,
    _groups,
    conditions,
    _placeholders,
)
