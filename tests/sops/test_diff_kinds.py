"""Every field of every kind has its class. What to try is read from the registry, so a new kind is tried too."""

from typing import Any

import pytest

from sops import fields
from sops.diff import ChangeClass, changed_checks, classify, type_conflicts
from sops.errors import Problem
from sops.steps import KINDS

WORDING, CHECK, SAFETY = ChangeClass.WORDING, ChangeClass.CHECK_CHANGED, ChangeClass.SAFETY


def check(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "step": "fill", "text": "What?", "severity": "major", **fields}


def document(*checks: dict[str, Any], **step: Any) -> dict[str, Any]:
    head = {"title": "Fill", "purpose": "Full cans.", "language": "en"}
    return {**head, "steps": [{"id": "fill", "text": "Fill.", **step}], "checks": list(checks)}


def value_of(field: Any, number: int) -> Any:  # noqa: PLR0911
    """The value number 0 or 1 of a field, whichever it is; a kind added later is made of the same fields."""
    match field:
        case fields.Whole():
            return number + 2
        case fields.DecimalText():
            return str(number + 2)
        case fields.Truth():
            return bool(number)
        case fields.OneOf():
            return field.words[number]
        case fields.Items():
            return [value_of(field.inner, number), value_of(field.inner, number + 2)]
        case _ if hasattr(field, "nested"):
            return {
                name: value_of(inner, min(number, 1) if name == "ok" else number)
                for name, inner in field.schema.fields.items()
            }
        case _:
            return "abcd"[number]


OWN = [(kind, name) for kind in KINDS for name in KINDS[kind].schema().fields]
JUDGED = [(kind, name) for kind, name in OWN if name in KINDS[kind].judged]
NOT_JUDGED = [pair for pair in OWN if pair not in JUDGED]


def spec_of(kind: str, **own: Any) -> dict[str, Any]:
    return {"type": kind, **{name: value_of(field, 0) for name, field in KINDS[kind].schema().fields.items()}, **own}


def changed_in(item: str, kind: str, name: str, severity: str) -> tuple[dict[str, Any], dict[str, Any]]:
    other = {name: value_of(KINDS[kind].schema().fields[name], 1)}
    specs = spec_of(kind), spec_of(kind, **other)
    if item == "check":
        first, second = (document(check("it", severity=severity, **spec)) for spec in specs)
    else:
        first, second = (document(**spec) for spec in specs)
    assert first != second
    return first, second


def test_every_kind_that_judges_or_records_is_among_those_tried():
    assert {kind for kind, _ in OWN} | {"confirm"} >= set(KINDS)
    assert {("measure", "max"), ("choose", "choices"), ("timer", "within"), ("count", "min")} <= set(JUDGED)


@pytest.mark.parametrize(("kind", "name"), JUDGED)
def test_a_judged_field_of_any_kind_is_a_change_of_checks_and_of_a_critical_check_one_of_safety(kind, name):
    for severity, expected in (("minor", CHECK), ("major", CHECK), ("critical", SAFETY)):
        first, second = changed_in("check", kind, name, severity)
        assert classify(first, second) is classify(second, first) is expected
        assert changed_checks(first, second) == {"it"}
    first, second = changed_in("step", kind, name, "")
    assert classify(first, second) is CHECK


@pytest.mark.parametrize(("kind", "name"), JUDGED)
def test_a_judged_field_that_comes_or_goes_weighs_as_much(kind, name):
    field = KINDS[kind].schema().fields[name]
    if field.required:
        return
    having, without = spec_of(kind, **{name: value_of(field, 1)}), spec_of(kind)
    del without[name]
    first, second = (document(check("it", severity="critical", **spec)) for spec in (having, without))
    assert classify(first, second) is classify(second, first) is SAFETY
    assert changed_checks(first, second) == changed_checks(second, first) == {"it"}


@pytest.mark.parametrize(("kind", "name"), NOT_JUDGED)
def test_an_own_field_that_is_not_judged_is_wording(kind, name):
    for item in ("check", "step"):
        first, second = changed_in(item, kind, name, "critical")
        assert classify(first, second) is WORDING
        assert changed_checks(first, second) == set()


@pytest.mark.parametrize(("old", "new"), [(old, new) for old in KINDS for new in KINDS if old != new])
def test_another_type_is_a_change_of_checks_and_is_named(old, new):
    first, second = (document(check("a", type="confirm"), check("it", **spec_of(kind))) for kind in (old, new))
    assert classify(first, second) is CHECK
    assert changed_checks(first, second) == {"it"}
    (problem,) = type_conflicts(first, second)
    assert problem == Problem("/checks/1/type", "type_changed", problem.message)
    assert problem.message == (
        f"checks.it was a {old} and is a {new} now: give the new check another id, "
        "so that its statistics stay what they are."
    )
