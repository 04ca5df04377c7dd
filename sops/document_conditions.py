"""Conditions: which checks may wait for which answers.

A condition (`show_if`) names an earlier check that has none itself. So what is to be asked is known from the answers
in one pass over the checks, and no condition can wait for itself by way of others.
"""

from collections.abc import Iterator, Mapping

from sops.document_draft import Draft, Item
from sops.errors import Problem
from sops.numbers import shortened
from sops.steps import KINDS
from sops.steps.base import Kind, pointer


def conditions(draft: Draft) -> Iterator[Problem]:
    """Conditions that can never be met, or that could not be decided in one pass. Unknown ids are found elsewhere."""
    checks = list(draft.items("checks"))
    places = {check["id"]: place for place, (_, check) in reversed([*enumerate(checks)]) if check.get("id")}
    names = {check["id"]: _condition(check) for _, check in checks if check.get("id")}
    for where, check in checks:
        name = _condition(check)
        if not name or not draft.sound(pointer(where, "show_if")):
            continue
        at = pointer(where, "show_if", "check")
        if name in places:
            yield from _order(at, check.get("id", ""), name, places, names)
        if name in places and name != check.get("id"):
            yield from _answer(draft, where, check["show_if"]["equals"], *checks[places[name]])


def _condition(check: Item) -> str | None:
    found: str | None = (check.get("show_if") or {}).get("check")
    return found


def _order(
    at: str, own: str, name: str, places: Mapping[str, int], names: Mapping[str, str | None]
) -> Iterator[Problem]:
    if name == own:
        yield Problem(at, "condition_on_itself", "A check cannot wait for its own answer. Name an earlier check.")
    elif circle := _circle(own, names):
        way = " → ".join(circle)
        text = f"These conditions go round in a circle, so none is ever shown: {way}. Take one of them away."
        yield Problem(at, "condition_circle", text)
    elif places[name] > places.get(own, len(places)):
        text = f"“{name}” comes after this check. Move it before, or name an earlier check."
        yield Problem(at, "condition_on_later", text)
    elif names.get(name):
        text = f"“{name}” has a condition itself, and conditions go one level only. Name “{names[name]}” instead."
        yield Problem(at, "condition_on_condition", text)


def _circle(own: str, names: Mapping[str, str | None]) -> list[str]:
    """The way from a check back to itself along conditions; empty where there is none."""
    way = [own]
    while (following := names.get(way[-1])) is not None:
        if following == own:
            return [*way, own]
        if following in way:
            return []
        way.append(following)
    return []


def _answer(draft: Draft, where: str, equals: str, named_at: str, named: Item) -> Iterator[Problem]:
    kind = draft.kind_of(named_at, named)
    if not kind:
        return
    possible = kind.possible(named)
    if not possible:
        able = " or ".join(name for name, one in KINDS.items() if type(one).possible is not Kind.possible)
        text = f"“{named['id']}” is a {kind.name}. A condition can only name a check of type {able}."
        yield Problem(pointer(where, "show_if", "check"), "condition_on_kind", text)
    elif equals not in possible:
        text = f"“{named['id']}” can never be “{shortened(equals)}”. It can be: {', '.join(possible)}."
        yield Problem(pointer(where, "show_if", "equals"), "condition_never", text)
