"""Timer: how long something took, against a longest and a shortest time."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sops.errors import AnswerUnreadable, Problem
from sops.fields import DecimalText, Normal
from sops.languages import Number, Say, plain
from sops.numbers import format_number, plain_number
from sops.steps.base import OK, Judgement, Kind, Spec, pointer
from sops.steps.measure import read_number

DECIMALS = 1  # of the seconds an answer gives


class TimerFields(Normal):
    """A timer's own fields, both in seconds."""

    within = DecimalText(negative=False)
    at_least = DecimalText(negative=False)


class Timer(Kind[Decimal]):
    """Answered with seconds, a decimal string with at most one decimal."""

    name = "timer"
    schema = TimerFields
    judged = frozenset({"within", "at_least"})

    def problems(self, spec: Spec, where: str) -> Iterable[Problem]:
        """Times that are missing, the wrong way round, or more exact than an answer."""
        if not {"within", "at_least"} & set(spec):
            yield Problem(where, "no_limit", "There is no time to keep. Give within or at_least, in seconds.")
        if {"within", "at_least"} <= set(spec) and Decimal(spec["at_least"]) > Decimal(spec["within"]):
            text = f"At least {spec['at_least']} s and within {spec['within']} s cannot both be. Correct one."
            yield Problem(pointer(where, "at_least"), "min_above_max", text)
        for name in ("within", "at_least"):
            if len(spec.get(name, "").partition(".")[2]) > DECIMALS:
                text = f"{name} {spec[name]} has more decimals than the answers, which have {DECIMALS}. Round it."
                yield Problem(pointer(where, name), "too_many_decimals", text)

    def read(self, value: Any, spec: Spec, say: Say = plain) -> Decimal:  # noqa: ARG002
        """Seconds. Raises `AnswerUnreadable`: `negative`, `not_text`, and what `parse_number` raises."""
        seconds = read_number(value, DECIMALS, say)
        if seconds < 0:
            raise AnswerUnreadable("negative", say("A time cannot be below zero. Write the seconds it took."))
        return seconds

    def judge(self, value: Decimal, spec: Spec, say: Say = plain, number: Number = plain_number) -> Judgement:
        """A defect if it took longer than `within` or less than `at_least`; the times themselves are all right."""
        shown = number(format_number(value, "en"), None)
        if "within" in spec and value > Decimal(spec["within"]):
            limit = number(spec["within"], None)
            text = say("It took %(value)s s; at most %(limit)s s are allowed.", value=shown, limit=limit)
            return Judgement("defect", "too_long", text)
        if "at_least" in spec and value < Decimal(spec["at_least"]):
            limit = number(spec["at_least"], None)
            text = say("It took %(value)s s; at least %(limit)s s are needed.", value=shown, limit=limit)
            return Judgement("defect", "too_short", text)
        return OK

    def placeholders(self, spec: Spec) -> dict[str, str]:
        """The times it has, in seconds."""
        return {name: spec[name] for name in ("within", "at_least") if name in spec}

    def requirement(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> str:
        """For instance "Within 90 s."."""
        shown = {name: number(spec[name], None) for name in ("within", "at_least") if name in spec}
        if len(shown) == 2:
            return say("At least %(at_least)s s, within %(within)s s.", **shown)
        if "within" in shown:
            return say("Within %(within)s s.", within=shown["within"])
        return say("At least %(at_least)s s.", at_least=shown["at_least"])

    def paper(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> list[str]:  # noqa: ARG002
        """Room for the seconds."""
        return [f"{say('Time:')} [__________] s"]


TIMER = Timer()
