"""What measures and counts share: values against limits, sample by sample, with so many allowed outside."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from sops.errors import Problem
from sops.languages import Say
from sops.numbers import EXACT
from sops.steps.base import Judgement, Spec, pointer

ROOM = 84  # characters of a line for boxes


class Limits(NamedTuple):
    """Two inclusive limits; None where a side is open."""

    low: Decimal | None
    high: Decimal | None

    def within(self, value: Decimal) -> bool:
        """Whether a value is inside, the limits themselves included. Exact."""
        return not self.below(value) and not self.above(value)

    def below(self, value: Decimal) -> bool:
        """Whether a value is under the lower limit."""
        return self.low is not None and value < self.low

    def above(self, value: Decimal) -> bool:
        """Whether a value is over the upper limit."""
        return self.high is not None and value > self.high


def limits_of(spec: Spec) -> Limits:
    """The limits a spec has, from `min` and `max` or from `nominal` and `tolerance`. Exact."""
    if "tolerance" in spec:
        nominal, tolerance = Decimal(spec["nominal"]), Decimal(spec["tolerance"])
        return Limits(EXACT.subtract(nominal, tolerance), EXACT.add(nominal, tolerance))
    low, high = spec.get("min"), spec.get("max")
    return Limits(None if low is None else Decimal(low), None if high is None else Decimal(high))


def judged(values: Sequence[Decimal], spec: Spec, say: Say, show: Callable[[Decimal], str]) -> Judgement:
    """Every value against the limits; a defect if more are outside than the spec accepts.

    show: writes a number, with its unit, for the sentence that says what is wrong.
    """
    limits = limits_of(spec)
    samples = tuple(limits.within(value) for value in values)
    outside, accept = samples.count(False), spec.get("accept", 0)
    if outside <= accept:
        return Judgement("ok", samples=samples)
    below, above = any(map(limits.below, values)), any(map(limits.above, values))
    reason = "outside" if below and above else "below_min" if below else "above_max"
    if len(values) == 1:
        return Judgement("defect", reason, _one_outside(values[0], limits, say, show), samples)
    text = say(
        "%(outside)s of %(samples)s samples are outside the limits; %(accept)s may be.",
        outside=outside,
        samples=len(values),
        accept=accept,
    )
    return Judgement("defect", reason, text, samples)


def _one_outside(value: Decimal, limits: Limits, say: Say, show: Callable[[Decimal], str]) -> str:
    if limits.low is not None and limits.below(value):
        return say("%(value)s is below the lower limit, %(limit)s.", value=show(value), limit=show(limits.low))
    limit = value if limits.high is None else limits.high
    return say("%(value)s is above the upper limit, %(limit)s.", value=show(value), limit=show(limit))


def sampling_problems(spec: Spec, where: str) -> Iterable[Problem]:
    """More samples allowed outside than makes sense."""
    samples, accept = spec.get("samples", 1), spec.get("accept", 0)
    if accept >= samples:
        text = (
            f"{accept} of {samples} samples may be outside, so nothing would be refused. "
            f"Accept at most {samples - 1}, or take more samples."
        )
        yield Problem(pointer(where, "accept"), "accept_too_many", text)


def order_problems(spec: Spec, where: str) -> Iterable[Problem]:
    """Limits the wrong way round."""
    if "min" in spec and "max" in spec and Decimal(spec["min"]) > Decimal(spec["max"]):
        text = f"The lower limit {spec['min']} is above the upper limit {spec['max']}. Swap them or correct one."
        yield Problem(pointer(where, "min"), "min_above_max", text)


def range_in_words(low: str | None, high: str | None, say: Say) -> str:
    """Limits as part of a sentence, already written in the reader's numbers."""
    if low is not None and high is not None:
        return low if low == high else say("%(min)s to %(max)s", min=low, max=high)
    if low is not None:
        return say("at least %(min)s", min=low)
    return say("at most %(max)s", max=high)


def must_be(limits: str, spec: Spec, say: Say) -> str:
    """The whole sentence: limits with their unit, how many samples, how many of them may be outside."""
    samples, accept = spec.get("samples", 1), spec.get("accept", 0)
    if samples == 1:
        return say("Must be %(limits)s.", limits=limits)
    if accept == 0:
        return say("Must be %(limits)s, %(samples)s samples.", limits=limits, samples=samples)
    return say(
        "Must be %(limits)s, %(samples)s samples, of which %(accept)s may be outside.",
        limits=limits,
        samples=samples,
        accept=accept,
    )


def blanks(spec: Spec, say: Say, unit: str) -> list[str]:
    """A box for each sample on plain paper."""
    samples = spec.get("samples", 1)
    box = f"[__________] {unit}".rstrip()
    if samples == 1:
        return [f"{say('Value:')} {box}"]
    room = [f"{place}: {box}" for place in range(1, samples + 1)]
    per_row = max(1, ROOM // (len(box) + 9))
    rows = ["   ".join(room[start : start + per_row]) for start in range(0, samples, per_row)]
    return [f"{say('Samples:')} {rows[0]}", *rows[1:]]
