"""How much a change matters to the people who work by the procedure: its class, and the checks it touches.

The class decides who must read the new version before going on, so what is in doubt gets the higher one: a field
that nobody thought of here is a change of checks.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from sops.diff_changes import Change, by_key, difference
from sops.errors import Problem
from sops.sampling import rule_of
from sops.steps import KINDS
from sops.steps.base import Spec

Doc = Mapping[str, Any]


class ChangeClass(StrEnum):
    """What a version changes against the one before it, from nothing up; `rank` orders them.

    wording: texts, photos, layout. check_changed: what is accepted, which checks and steps there are. safety:
    hazards, critical checks, a skill no longer asked for. withdrawn: given by people, never computed.
    """

    NONE = "none"
    WORDING = "wording"
    CHECK_CHANGED = "check_changed"
    SAFETY = "safety"
    WITHDRAWN = "withdrawn"

    @property
    def rank(self) -> int:
        """0 for none up to 4 for withdrawn."""
        return list(ChangeClass).index(self)


WORDING_OF_STEPS = frozenset({"text", "detail", "photos"})
"""A step's fields that tell how something is done and not what."""

WORDING_OF_CHECKS = frozenset({"text", "help", "photos", "layout"})
"""A check's fields that have no part in what is accepted."""

UNORDERED = frozenset({"defect_codes", "hazards", "tools"})
"""Lists of ids and codes in steps and checks that mean the same in any order."""

_NONE, _WORDING, _CHECK, _SAFETY = (
    ChangeClass.NONE,
    ChangeClass.WORDING,
    ChangeClass.CHECK_CHANGED,
    ChangeClass.SAFETY,
)


def classify(first: Doc | None, second: Doc) -> ChangeClass:
    """The class of the step from one document to the next: the highest class of its changes.

    first: the version before, None for a procedure's first version, which is all new to read (check_changed).
    """
    if first is None:
        return _CHECK
    classes = (class_of(change, first, second) for change in difference(first, second))
    return max(classes, key=lambda found: found.rank, default=_NONE)


def class_of(change: Change, first: Doc, second: Doc) -> ChangeClass:
    """The class of one of the changes between two documents."""
    return _AREAS.get(change.path[0], _any_other)(change, first, second)


def changed_checks(first: Doc, second: Doc) -> set[str]:
    """The ids of the second document's checks that an answer given under the first one does not answer.

    These are the new ones, and those that differ in anything but wording: type and limits, severity, defect codes,
    condition, sampling (their own or the document's), step. A check that was taken out is not among them.
    """
    before, after = by_key(first.get("checks")), by_key(second.get("checks"))
    return {
        name
        for name, check in after.items()
        if name not in before or _essence(before[name], first) != _essence(check, second)
    }


def type_conflicts(first: Doc, second: Doc) -> list[Problem]:
    """The checks that have another type under the same id (`type_changed`), so that their statistics would break off.

    Pointers lead into the second document.
    """
    before = by_key(first.get("checks"))
    problems = []
    for place, check in enumerate(second.get("checks", ())):
        old = before.get(check["id"], check)["type"]
        if old != check["type"]:
            text = (
                f"checks.{check['id']} was a {old} and is a {check['type']} now: give the new check another id, "
                "so that its statistics stay what they are."
            )
            problems.append(Problem(f"/checks/{place}/type", "type_changed", text))
    return problems


def same_in_any_order(change: Change) -> bool:
    """Whether a change only sorts a list of which the order says nothing."""
    return change.op == "set" and change.path[-1] in UNORDERED and sorted(change.old) == sorted(change.new)


# -- areas of a document ---------------------------------------------------------------------------------


def _words(_change: Change, _first: Doc, _second: Doc) -> ChangeClass:
    return _WORDING


def _any_other(_change: Change, _first: Doc, _second: Doc) -> ChangeClass:
    return _CHECK


def _hazards(_change: Change, _first: Doc, _second: Doc) -> ChangeClass:
    return _SAFETY


def _tools(change: Change, _first: Doc, _second: Doc) -> ChangeClass:
    return _WORDING if change.op == "order" else _CHECK


def _skill(change: Change, _first: Doc, _second: Doc) -> ChangeClass:
    return _SAFETY if change.op == "remove" and len(change.path) == 1 else _CHECK


def _sampling(_change: Change, first: Doc, second: Doc) -> ChangeClass:
    """A critical check that follows the document's rule is looked at more or less often."""
    before = by_key(first.get("checks"))
    for name, check in by_key(second.get("checks")).items():
        old = before.get(name)
        if old and rule_of(first, old) != rule_of(second, check) and _critical(old, check):
            return _SAFETY
    return _CHECK


def _steps(change: Change, first: Doc, second: Doc) -> ChangeClass:
    if len(change.path) == 1:
        return _CHECK
    if len(change.path) == 2:
        return _SAFETY if "hazards" in (change.old or change.new) else _CHECK
    name, field = change.path[1:3]
    if field in WORDING_OF_STEPS or same_in_any_order(change):
        return _WORDING
    if field == "hazards":
        return _SAFETY
    return _own(change, by_key(first["steps"])[name], by_key(second["steps"])[name])


def _checks(change: Change, first: Doc, second: Doc) -> ChangeClass:
    if len(change.path) == 1:
        return _CHECK if _moves_a_condition(change, first, second) else _WORDING
    if len(change.path) == 2:
        return _SAFETY if _critical(change.old or change.new) else _CHECK
    name, field = change.path[1:3]
    if field in WORDING_OF_CHECKS or same_in_any_order(change):
        return _WORDING
    old, new = by_key(first["checks"])[name], by_key(second["checks"])[name]
    found = _own(change, old, new)
    return _SAFETY if found is _CHECK and _critical(old, new) else found


_AREAS: Mapping[str, Callable[[Change, Doc, Doc], ChangeClass]] = {
    "title": _words,
    "purpose": _words,
    "scope": _words,
    "language": _words,
    "defects": _words,
    "hazards": _hazards,
    "tools": _tools,
    "skill": _skill,
    "sampling": _sampling,
    "steps": _steps,
    "checks": _checks,
}


def _own(change: Change, old: Spec, new: Spec) -> ChangeClass:
    """The class of a change in a step or check: the kind knows what of its own fields is wording."""
    field = change.path[2]
    kinds = [KINDS[spec["type"]] for spec in (old, new) if spec.get("type") in KINDS]
    if not any(field in own_fields(kind.name) for kind in kinds):
        return _CHECK
    if old.get("type") != new.get("type"):
        return _CHECK
    kind = kinds[0]
    deep = ".".join(change.path[2:])
    if len(change.path) > 3 and change.op == "set" and deep in kind.texts(old):
        return _WORDING
    same = kind.accepts(old).get(field) == kind.accepts(new).get(field)
    return _WORDING if field not in kind.judged or same else _CHECK


@cache
def own_fields(kind: str) -> frozenset[str]:
    """The names of a kind's own fields."""
    return frozenset(KINDS[kind].schema().fields)


def _critical(*checks: Spec) -> bool:
    return any(check.get("severity") == "critical" for check in checks)


def _moves_a_condition(change: Change, first: Doc, second: Doc) -> bool:
    """Whether a check that asks for another's answer, or that one, has other checks before it than it had."""
    tied: set[str] = set()
    for check in (*first.get("checks", ()), *second.get("checks", ())):
        if "show_if" in check:
            tied |= {check["id"], check["show_if"]["check"]}
    return any(
        set(change.old[: change.old.index(name)]) != set(change.new[: change.new.index(name)])
        for name in tied.intersection(change.new)
    )


def _essence(check: Spec, document: Doc) -> dict[str, Any]:
    """All of a check but its wording."""
    kind = KINDS[check["type"]]
    skip = WORDING_OF_CHECKS | own_fields(kind.name)
    essence = {name: value for name, value in check.items() if name not in skip}
    essence |= {name: sorted(check[name]) for name in UNORDERED.intersection(essence)}
    return {**essence, "sampling": rule_of(document, check), "accepts": kind.accepts(check)}
