"""Count: how many there are, against limits."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sops.errors import AnswerUnreadable, Problem
from sops.fields import Normal, Text, Whole
from sops.languages import Number, Say, plain
from sops.numbers import plain_number
from sops.steps.base import Judgement, Kind, Spec, several
from sops.steps.limits import blanks, judged, must_be, order_problems, range_in_words, sampling_problems
from sops.steps.measure import read_number


class CountFields(Normal):
    """A count's own fields. `unit` is what is counted, in words that are translated."""

    unit = Text(longest=40, one_line=True)
    min = Whole()
    max = Whole()
    samples = Whole(load_default=1, least=1, most=100)
    accept = Whole(load_default=0, most=100)


class Count(Kind[tuple[int, ...]]):
    """Answered with one whole number a sample, from 0 up; each must be within `min` and `max`."""

    name = "count"
    schema = CountFields
    judged = frozenset({"min", "max", "samples", "accept"})
    easy = True

    def problems(self, spec: Spec, where: str) -> Iterable[Problem]:
        """Limits that are missing or the wrong way round."""
        if "min" not in spec and "max" not in spec:
            yield Problem(where, "no_limit", "There is no limit, so every number would pass. Give min or max.")
        yield from order_problems(spec, where)
        yield from sampling_problems(spec, where)

    def read(self, value: Any, spec: Spec, say: Say = plain) -> tuple[int, ...]:
        """Whole numbers or their decimal strings; one that is not in a list counts as a list of one.

        Raises `AnswerUnreadable`: `sample_count`, `negative`, `not_text`, and what `parse_number` raises.
        """
        given = several(value, spec.get("samples", 1), say)
        return tuple(_whole(one, say) for one in given)

    def judge(self, value: tuple[int, ...], spec: Spec, say: Say = plain, number: Number = plain_number) -> Judgement:
        """A defect if more samples than `accept` are outside; a limit itself is within."""
        return judged([Decimal(one) for one in value], spec, say, lambda one: _with_unit(str(one), spec, number))

    def texts(self, spec: Spec) -> dict[str, str]:
        """What is counted."""
        return {"unit": spec["unit"]} if "unit" in spec else {}

    def placeholders(self, spec: Spec) -> dict[str, str]:
        """The limits it has, its unit, and how many samples."""
        found = {name: str(spec[name]) for name in ("min", "max", "unit") if name in spec}
        return {**found, "samples": str(spec.get("samples", 1))}

    def requirement(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> str:
        """For instance "Must be at least 12 slices."."""
        shown = {name: number(str(spec[name]), 0) for name in ("min", "max") if name in spec}
        limits = f"{range_in_words(shown.get('min'), shown.get('max'), say)} {spec.get('unit', '')}".rstrip()
        return must_be(limits, spec, say)

    def paper(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> list[str]:  # noqa: ARG002
        """A box for each sample, with what is counted."""
        return blanks(spec, say, spec.get("unit", ""))


def _whole(value: Any, say: Say) -> int:
    found = int(read_number(value, 0, say))
    if found < 0:
        raise AnswerUnreadable("negative", say("A count cannot be below zero. Write how many there are."))
    return found


def _with_unit(value: str, spec: Spec, number: Number) -> str:
    return f"{number(value, 0)} {spec.get('unit', '')}".rstrip()


COUNT = Count()
