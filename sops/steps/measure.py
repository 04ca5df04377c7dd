"""Measure: numbers against limits, in exact decimal arithmetic."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sops.errors import AnswerUnreadable, Problem
from sops.fields import DecimalText, Id, Normal, Text, Whole
from sops.languages import Number, Say, plain
from sops.numbers import WHOLE_DIGITS, format_number, parse_number, plain_number
from sops.steps.base import Judgement, Kind, Spec, pointer, quoted, several
from sops.steps.limits import blanks, judged, limits_of, must_be, order_problems, range_in_words, sampling_problems

NUMBERS = ("min", "max", "nominal", "tolerance")


class MeasureFields(Normal):
    """A measure's own fields. All numbers are in `unit`."""

    unit = Text(required=True, longest=16, one_line=True)
    min = DecimalText()
    max = DecimalText()
    nominal = DecimalText()
    tolerance = DecimalText(negative=False)
    samples = Whole(load_default=1, least=1, most=100)
    decimals = Whole(load_default=0, most=6)
    accept = Whole(load_default=0, most=100)
    gauge = Id()


class Measure(Kind[tuple[Decimal, ...]]):
    """Answered with one decimal string a sample; each must be within `min` and `max`, or nominal ± tolerance."""

    name = "measure"
    schema = MeasureFields
    judged = frozenset({"unit", *NUMBERS, "samples", "decimals", "accept", "gauge"})

    def problems(self, spec: Spec, where: str) -> Iterable[Problem]:
        """Limits that are missing, doubled, the wrong way round, beside their nominal value or too exact."""
        yield from _form_problems(spec, where)
        yield from order_problems(spec, where)
        yield from _nominal_problems(spec, where)
        yield from _decimal_problems(spec, where)
        yield from sampling_problems(spec, where)

    def read(self, value: Any, spec: Spec, say: Say = plain) -> tuple[Decimal, ...]:
        """Decimal strings, or whole numbers; one that is not in a list counts as a list of one.

        Raises `AnswerUnreadable`: `sample_count`, `not_text`, and what `parse_number` raises.
        """
        given = several(value, spec.get("samples", 1), say)
        return tuple(read_number(one, spec.get("decimals", 0), say) for one in given)

    def judge(
        self, value: tuple[Decimal, ...], spec: Spec, say: Say = plain, number: Number = plain_number
    ) -> Judgement:
        """A defect if more samples than `accept` are outside; a limit itself is within."""
        return judged(value, spec, say, lambda one: f"{_shown(one, spec, number)} {spec['unit']}")

    def placeholders(self, spec: Spec) -> dict[str, str]:
        """The numbers it has, its unit, and how many samples."""
        decimals = spec.get("decimals", 0)
        numbers = {name: plain_number(spec[name], decimals) for name in NUMBERS if name in spec}
        return {**numbers, "unit": spec["unit"], "samples": str(spec.get("samples", 1))}

    def requirement(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> str:
        """For instance "Must be 338 to 345 g, 3 samples."."""
        shown = {name: number(spec[name], spec.get("decimals", 0)) for name in NUMBERS if name in spec}
        if "tolerance" in shown:
            limits = f"{shown['nominal']} ± {shown['tolerance']} {spec['unit']}"
        else:
            limits = f"{range_in_words(shown.get('min'), shown.get('max'), say)} {spec['unit']}"
            if "nominal" in shown:
                nominal = f"{shown['nominal']} {spec['unit']}"
                limits = say("%(limits)s, nominally %(nominal)s", limits=limits, nominal=nominal)
        return must_be(limits, spec, say)

    def paper(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> list[str]:  # noqa: ARG002
        """A box for each sample, with the unit."""
        return blanks(spec, say, spec["unit"])


def read_number(value: Any, decimals: int, say: Say) -> Decimal:
    """One number out of an answer: a string a person typed, or a whole number.

    Raises `AnswerUnreadable`: `not_text` for other JSON values, a binary fraction among them, and what
    `parse_number` raises.
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**WHOLE_DIGITS:
        return Decimal(value)
    if not isinstance(value, str):
        text = say("%(value)s is no number that can be read. Send it as text, such as “12.5”.", value=quoted(value))
        raise AnswerUnreadable("not_text", text)
    return parse_number(value, decimals, say)


def _shown(value: Decimal, spec: Spec, number: Number) -> str:
    return number(format_number(value, "en"), spec.get("decimals", 0))


def _form_problems(spec: Spec, where: str) -> Iterable[Problem]:
    sides = [name for name in ("min", "max") if name in spec]
    if "tolerance" in spec and sides:
        text = "A tolerance stands beside min or max, so there are two sets of limits. Keep one of the two."
        yield Problem(pointer(where, "tolerance"), "limits_twice", text)
    if "tolerance" in spec and "nominal" not in spec:
        text = "The tolerance has no nominal value to go with. Give one, or use min and max."
        yield Problem(pointer(where, "tolerance"), "nominal_missing", text)
    if "tolerance" not in spec and not sides:
        text = "There is no limit, so every number would pass. Give min, max, or nominal with tolerance."
        yield Problem(where, "no_limit", text)


def _nominal_problems(spec: Spec, where: str) -> Iterable[Problem]:
    if "nominal" not in spec or "tolerance" in spec:
        return
    limits, nominal = limits_of(spec), Decimal(spec["nominal"])
    at = pointer(where, "nominal")
    if limits.above(nominal):
        text = f"The upper limit {spec['max']} is below the nominal value {spec['nominal']}. Correct one of them."
        yield Problem(at, "nominal_outside", text)
    if limits.below(nominal):
        text = f"The lower limit {spec['min']} is above the nominal value {spec['nominal']}. Correct one of them."
        yield Problem(at, "nominal_outside", text)


def _decimal_problems(spec: Spec, where: str) -> Iterable[Problem]:
    decimals = spec.get("decimals", 0)
    for name in NUMBERS:
        places = len(spec.get(name, "").partition(".")[2])
        if places > decimals:
            text = (
                f"{name} {spec[name]} has more decimals than the answers, which have {decimals}. "
                f"Set decimals to {places}, or round {name}."
            )
            yield Problem(pointer(where, name), "too_many_decimals", text)


MEASURE = Measure()
