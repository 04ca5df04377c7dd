"""Judging: what the second person's answers to a checklist are worth, and which questions there are to ask.

Comparisons are exact, limits are inclusive, and nothing that cannot be read is ever taken for an answer.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from sops.document_rules import GROUP_MOST
from sops.errors import AnswerUnreadable, TextRefused
from sops.fields import TEXT, clean
from sops.languages import Number, Say, plain
from sops.numbers import plain_number
from sops.paper import as_text
from sops.steps import KINDS
from sops.steps.base import RESERVED, Judgement, Spec

__all__ = ["Judgement", "Result", "as_text", "judge", "judge_answer", "screens", "visible"]

Document = Mapping[str, Any]
Answer = Mapping[str, Any]

_INCOMPLETE = ("missing", "unreadable", "cannot_check")
_MISSING = Judgement("missing", "missing")


@dataclass(frozen=True, slots=True)
class Result:
    """What a checklist's answers come to.

    result: `fail` if a check found a defect, else `incomplete` if one that was due is missing, unreadable or could
    not be checked, else `pass`.
    judgements: by check id, in the document's order, for every check that was due and for every other one that was
    answered all the same. hidden: checks whose condition is not met; they are not judged. discarded: those of them
    that were answered. unknown: ids that were answered and that the document does not have, sorted.
    """

    result: Literal["pass", "fail", "incomplete"]
    judgements: dict[str, Judgement]
    hidden: tuple[str, ...] = ()
    discarded: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def judge_answer(spec: Spec, answer: Any, *, say: Say = plain, number: Number = plain_number) -> Judgement:
    """What one answer is worth. Never raises, whatever was sent.

    spec: a check as the document has it, or a step with a type. answer: `{"value": …, "reason": …}`, or None.
    The value belongs to the kind; `not_applicable` and `cannot_check` go with every kind and need a reason.
    Nothing at all, blanks and empty lists are `missing`.
    """
    if answer is None:
        return _MISSING
    if not isinstance(answer, Mapping):
        return Judgement("unreadable", "not_an_answer", say("This is no answer. Give a value."))
    value = answer.get("value")
    if _blank(value):
        return _MISSING
    if isinstance(value, str) and value in RESERVED:
        return _set_aside(value, answer.get("reason"), say)
    kind = KINDS[spec["type"]]
    try:
        return kind.judge(kind.read(value, spec, say), spec, say, number)
    except AnswerUnreadable as error:
        return Judgement("unreadable", error.code, error.message)


def judge(
    document: Document,
    answers: Mapping[str, Answer | None],
    *,
    sampled: Collection[str] | None = None,
    say: Say = plain,
    number: Number = plain_number,
) -> Result:
    """The answers to a whole checklist, by check id, against the document they were given to.

    sampled: the ids of the checks that are due for this unit; None for all. A check that is not due may be left
    out, but a defect somebody found there counts all the same. A check that a due one's condition asks about is due
    too. Never raises for what answers hold.
    """
    checks: list[dict[str, Any]] = document.get("checks", [])
    due = _due(checks, sampled)
    shown = set(visible(document, answers))
    judgements = {
        check["id"]: judge_answer(check, answers.get(check["id"]), say=say, number=number)
        for check in checks
        if check["id"] in shown and (check["id"] in due or _given(answers.get(check["id"])))
    }
    hidden = tuple(check["id"] for check in checks if check["id"] not in shown)
    return Result(
        result=_result(judgements),
        judgements=judgements,
        hidden=hidden,
        discarded=tuple(name for name in hidden if _given(answers.get(name))),
        unknown=tuple(sorted(str(name) for name in set(answers) - {check["id"] for check in checks})),
    )


def visible(document: Document, answers: Mapping[str, Answer | None]) -> list[str]:
    """The ids of the checks to ask, in order: those without a condition, and those whose condition is met.

    A condition is met by a readable answer that is the one it waits for, or has it among several.
    """
    checks = {check["id"]: check for check in document.get("checks", [])}
    return [name for name, check in checks.items() if _met(check.get("show_if"), checks, answers)]


def screens(document: Document) -> list[list[dict[str, Any]]]:
    """The checks as they are shown, in order: each by itself, or neighbouring group checks of one step together."""
    found: list[list[dict[str, Any]]] = []
    for (grouped, _), run in groupby(document.get("checks", []), _screen_key):
        checks = list(run)
        size = GROUP_MOST if grouped else 1
        found += [checks[start : start + size] for start in range(0, len(checks), size)]
    return found


def _screen_key(check: Mapping[str, Any]) -> tuple[bool, str]:
    return check.get("layout") == "group", check["step"]


def _met(condition: Mapping[str, str] | None, checks: Mapping[str, Spec], answers: Mapping[str, Answer | None]) -> bool:
    if condition is None:
        return True
    spec, answer = checks[condition["check"]], answers.get(condition["check"])
    if not isinstance(answer, Mapping):
        return False
    try:
        value = KINDS[spec["type"]].read(answer.get("value"), spec)
    except AnswerUnreadable:
        return False
    return bool(condition["equals"] == value or (isinstance(value, tuple) and condition["equals"] in value))


def _due(checks: list[dict[str, Any]], sampled: Collection[str] | None) -> set[str]:
    due = {check["id"] for check in checks if sampled is None or check["id"] in sampled}
    return due | {check["show_if"]["check"] for check in checks if check["id"] in due and "show_if" in check}


def _set_aside(value: str, reason: Any, say: Say) -> Judgement:
    """The two answers that every kind takes, with the words that explain them."""
    if not isinstance(reason, str) or not reason[:1000].strip():
        return Judgement("unreadable", "reason_missing", say("Say why this does not apply or cannot be checked."))
    try:
        text = clean(reason, longest=TEXT)
    except TextRefused as error:
        detail = say("The reason cannot be kept: at most %(longest)s characters, no tabs.", longest=TEXT)
        return Judgement("unreadable", f"reason_{error.code}", detail)
    return Judgement("not_applicable" if value == "not_applicable" else "cannot_check", value, text)


def _blank(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= TEXT and not value.strip()
    if isinstance(value, list):
        return all(one is None or (isinstance(one, str) and _blank(one)) for one in value)
    return value is None


def _given(answer: Any) -> bool:
    """Whether somebody answered at all, readable or not."""
    return answer is not None and not (isinstance(answer, Mapping) and _blank(answer.get("value")))


def _result(judgements: Mapping[str, Judgement]) -> Literal["pass", "fail", "incomplete"]:
    outcomes = {one.outcome for one in judgements.values()}
    if "defect" in outcomes:
        return "fail"
    return "incomplete" if outcomes.intersection(_INCOMPLETE) else "pass"
