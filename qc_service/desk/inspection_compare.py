"""Two records of an inspection side by side: only what differs, each in the words of its check."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from qc_service.desk.inspection_answers import Spec, given, photos
from qc_service.desk.inspection_words import DISPOSITIONS, OUTCOMES
from qc_service.texts import Text, later
from qc_service.words import Words
from sops.steps.base import RESERVED

Told = Mapping[str, Any]
Row = dict[str, Any]

LABELS: dict[str, Text] = {
    "lot": later("Lot"),
    "unit": later("Unit"),
    "procedure": later("Procedure"),
    "version": later("Version"),
    "inspector": later("Inspector"),
    "units_inspected": later("Units inspected"),
    "observed_at": later("Inspected at"),
    "device_seq": later("The tablet's number"),
    "amends": later("Corrects"),
    "reinspects": later("Inspects again"),
    "makers": later("Makers"),
    "reason": later("Why"),
}


def differences(
    first: Told, others: Sequence[Told], checks: Mapping[str, Spec], words: Words, *, but: Collection[str] = ()
) -> list[Row]:  # fmt: skip
    """What any of the others says otherwise: its name, and the words of each, the first one's first.

    but: what is not looked at, such as that a correction names what it corrects.
    """
    every = [first, *others]
    rows = [
        {"name": words.say(label), "cells": [_plain(told.get(name), words) for told in every]}
        for name, label in LABELS.items()
        if name not in but
    ]
    names = dict.fromkeys(name for told in every for name in told["answers"])
    for name in names:
        spec = checks.get(name)
        cells = [_answer(told["answers"].get(name), spec, words) for told in every]
        rows.append({"name": spec["text"] if spec else name, "cells": cells})
    found = words.say(later("Does not conform"))
    rows.append({"name": found, "cells": [_nonconformities(told, checks, words) for told in every]})
    return [row for row in rows if len(set(row["cells"])) > 1]


def _plain(value: Any, words: Words) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return f"{words.moment(value)}:{value:%S}" if isinstance(value, datetime) else str(value)


def _answer(answer: Mapping[str, Any] | None, spec: Spec | None, words: Words) -> str:
    if answer is None:
        return ""
    value, reason = answer.get("value"), answer.get("reason")
    if isinstance(value, str) and value in RESERVED:
        return f"{words.say(OUTCOMES[value])}: {reason or ''}".rstrip(": ")
    if spec is None:
        return str(value)
    return "; ".join([*given(spec, value, words), *photos(spec, value)])


def _nonconformities(told: Told, checks: Mapping[str, Spec], words: Words) -> str:
    return "; ".join(
        words.say(
            "%(units)s × %(what)s: %(disposition)s", units=one["units"],
            what=one["defect_code"] or (checks[one["check"]]["text"] if one["check"] in checks else one["check"]),
            disposition=words.say(DISPOSITIONS[one["disposition"]]),
        )
        for one in told["nonconformities"]
    )  # fmt: skip
