"""Answers as somebody reads them: beside each the check with its limits as it stood, and what the answer was worth.

The limits are those kept with the answer; only the words of a check are taken in the reader's language.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from qc_service.desk.inspection_words import OUTCOMES
from qc_service.inspections import filling
from qc_service.inspections.models import Inspection, InspectionAnswer
from qc_service.procedures import reading
from qc_service.procedures.qualification import document_of
from qc_service.words import Words
from sops.checklist import judge_answer
from sops.errors import AnswerUnreadable
from sops.languages import Number
from sops.numbers import format_number, number_of, shortened
from sops.paper import severity_in_words
from sops.steps import KINDS
from sops.steps.base import RESERVED

Part = dict[str, Any]
Spec = Mapping[str, Any]

LONGEST_RAW = 400  # characters of what could not be read
WORDED = ("text", "unit", "meaning")


def answers_of(row: Inspection, found: Sequence[InspectionAnswer], words: Words, told: Mapping[str, Any]) -> list[Part]:
    """Every answer in the order of the checks."""
    shown = texts_of(row, words) if found else {}
    specs = [_in_words(one.spec, shown.get(one.check_id, {})) for one in found]
    return [
        {**_answer(one, spec, words), "before": _before(filling.changes(told, one.check_id), spec, words)}
        for one, spec in zip(found, specs, strict=True)
    ]


def _before(changes: Sequence[Mapping[str, Any]], spec: Spec, words: Words) -> str:
    """What had been answered before, the first one first."""
    said = [_once(one["value"], spec, words) for one in changes]
    return "; ".join(one for one in said if one)


def _once(value: Any, spec: Spec, words: Words) -> str:
    if isinstance(value, str) and value in RESERVED:
        return words.say(OUTCOMES[value])
    return ", ".join(given(spec, value, words)) or (words.say("Picture") if spec["type"] == "photo" else "")


def texts_of(row: Inspection, words: Words) -> dict[str, Spec]:
    """The checks of the version by their ids, in the reader's language as far as it is translated."""
    if row.version_id is None or row.procedure_id is None:
        return {}
    document = reading.rendered(row.procedure_id, document_of(row.version_id), words.language).document
    return {check["id"]: check for check in document.get("checks", ())}


def _in_words(spec: Spec, shown: Spec) -> Part:
    """The check as it was judged, in other words."""
    made = {**spec, **{name: shown[name] for name in WORDED if name in spec and name in shown}}
    if "choices" in spec:
        texts = {one["id"]: one["text"] for one in shown.get("choices", ())}
        made["choices"] = [{**one, "text": texts.get(one["id"], one["text"])} for one in spec["choices"]]
    return made


def _answer(row: InspectionAnswer, spec: Spec, words: Words) -> Part:
    number = number_of(words.language)
    took = (row.answered_at - row.shown_at).total_seconds() if row.shown_at and row.answered_at else None
    return {
        "check": row.check_id, "text": spec["text"], "type": spec["type"], "severity": spec.get("severity", ""),
        "severity_word": severity_in_words(spec["severity"], words.say) if "severity" in spec else "",
        "requirement": KINDS[spec["type"]].requirement(spec, words.say, number),
        "outcome": row.outcome, "outcome_word": words.say(OUTCOMES[row.outcome]),
        "values": _with_samples(given(spec, row.value, words), row.samples),
        "photos": photos(spec, row.value), "reason": row.reason or "", "detail": _detail(row, spec, words, number),
        "shown_at": row.shown_at, "at": row.answered_at, "took": _seconds(took, words),
    }  # fmt: skip


def _with_samples(values: Sequence[str], within: Sequence[bool]) -> list[Part]:
    """Each sample in its order, and whether it is within the limits; None where nobody can say."""
    known = [*within, *[None] * (len(values) - len(within))]
    return [{"text": text, "within": known[place]} for place, text in enumerate(values)]


def given(spec: Spec, value: Any, words: Words) -> list[str]:
    """What was answered, as the reader's language writes it; what cannot be read as it was sent."""
    if value is None or (isinstance(value, str) and value in RESERVED):
        return []
    try:
        read = KINDS[spec["type"]].read(value, spec)
    except AnswerUnreadable:
        return [value[:LONGEST_RAW] if isinstance(value, str) else shortened(json.dumps(value), LONGEST_RAW)]
    return WRITTEN[spec["type"]](read, spec, words)


def _numbers(read: Any, spec: Spec, words: Words) -> list[str]:
    number = number_of(words.language)
    unit = spec.get("unit", "")
    return [f"{number(format_number(Decimal(one), 'en'), spec.get('decimals', 0))} {unit}".rstrip() for one in read]


def _time(read: Any, spec: Spec, words: Words) -> list[str]:  # noqa: ARG001 - as the others
    return [words.say("%(seconds)s s", seconds=number_of(words.language)(format_number(read, "en")))]


WRITTEN: dict[str, Callable[[Any, Spec, Words], list[str]]] = {
    "confirm": lambda read, spec, words: [words.say(OUTCOMES[read])],  # noqa: ARG005
    "measure": _numbers,
    "count": _numbers,
    "timer": _time,
    "choose": lambda read, spec, words: [one["text"] for one in spec["choices"] if one["id"] in read],  # noqa: ARG005
    "sign": lambda read, spec, words: [words.say("Signed")],  # noqa: ARG005
    "text": lambda read, spec, words: [read],  # noqa: ARG005
    "photo": lambda read, spec, words: [],  # noqa: ARG005 - shown as what they are
}


def photos(spec: Spec, value: Any) -> list[str]:
    """The pictures that were answered with, by their hashes."""
    if spec["type"] != "photo" or value is None:
        return []
    try:
        return list(KINDS["photo"].read(value, spec))
    except AnswerUnreadable:
        return []


def _detail(row: InspectionAnswer, spec: Spec, words: Words, number: Number) -> str:
    """What is wrong, in the reader's language where judging says the same again; else as it was kept."""
    if row.outcome not in ("defect", "unreadable"):
        return ""
    again = judge_answer(spec, {"value": row.value, "reason": row.reason}, say=words.say, number=number)
    return again.detail if (again.outcome, again.reason) == (row.outcome, row.code) else str(row.detail)


def _seconds(took: float | None, words: Words) -> str:
    """How long somebody looked; nothing where a clock went backwards in between."""
    if took is None or took < 0:
        return ""
    return words.say("%(seconds)s s", seconds=words.number(round(took))) if took < 120 else _minutes(took, words)


def _minutes(took: float, words: Words) -> str:
    return words.say("%(count)s min", count=words.number(round(took / 60)))
