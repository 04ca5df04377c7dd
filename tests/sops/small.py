"""A small document that tests spoil, and what is found wrong with it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from sops.errors import DocumentInvalid, Problem

SMALL: dict[str, Any] = {
    "title": "Fill and seal a can",
    "purpose": "Every can leaves tight and full.",
    "language": "en",
    "hazards": [{"id": "crush", "text": "The seamer crushes fingers.", "control": "Guard closed."}],
    "tools": [{"id": "gauge", "text": "Seam gauge"}],
    "defects": [{"code": "LEAK", "text": "Leaks at the seam"}],
    "sampling": {"rule": "every", "units": 50},
    "steps": [
        {"id": "fill", "text": "Fill the can."},
        {"id": "seal", "type": "timer", "text": "Seal it within {within} s.", "within": "90", "hazards": ["crush"]},
    ],
    "checks": [
        {"id": "lid", "step": "seal", "type": "confirm", "text": "Is the lid on?", "severity": "critical"},
        {
            "id": "weight",
            "step": "fill",
            "type": "measure",
            "text": "Weigh it: {min} to {max} {unit}.",
            "unit": "g",
            "min": "338",
            "max": "345.50",
            "decimals": 2,
            "severity": "major",
            "show_if": {"check": "lid", "equals": "ok"},
            "sampling": {"rule": "all"},
        },
        {
            "id": "dents",
            "step": "seal",
            "type": "choose",
            "text": "Dents?",
            "choices": [{"id": "none", "text": "None", "ok": True}, {"id": "some", "text": "Some", "ok": False}],
            "severity": "minor",
            "defect_codes": ["LEAK"],
        },
    ],
}


def small(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The document with values put at places such as `checks.1.min`; `...` takes a value away."""
    document = deepcopy(SMALL)
    for where, value in changes:
        *way, last = [int(part) if part.isdigit() else part for part in where.split(".")]
        inside: Any = document
        for part in way:
            inside = inside[part]
        if value is ...:
            del inside[last]
        elif isinstance(inside, list) and last == len(inside):
            inside.append(value)
        else:
            inside[last] = value
    return document


def check(name: str, **fields: Any) -> dict[str, Any]:
    """One more check, a confirm unless it says otherwise."""
    return {"id": name, "step": "seal", "type": "confirm", "text": "All right?", "severity": "minor", **fields}


def refused(read: Callable[[], Any]) -> list[Problem]:
    """What is wrong according to a call that must refuse. Every problem says where, and is a sentence."""
    with pytest.raises(DocumentInvalid) as caught:
        read()
    problems = caught.value.problems
    assert problems
    for one in problems:
        assert one.code
        assert one.pointer == "" or one.pointer.startswith("/")
        assert one.message.endswith((".", "?", "…"))
        assert " " in one.message
    return list(problems)


def told(read: Callable[[], Any]) -> list[tuple[str, str]]:
    """Pointers and codes of what is wrong."""
    return [(one.pointer, one.code) for one in refused(read)]
