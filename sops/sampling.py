"""How many units of a lot are looked at, which ones, and how many may be bad.

A sampling rule stands in a document, for all its checks (`sampling`) or for one check (its own `sampling`, which
goes first); without any, every unit is looked at. Four rules are known, see `RULES`:

- `{rule: all}`: every unit.
- `{rule: every, units: n}`: unit 1 and every n-th after it: 1, n + 1, 2n + 1 … The first is among them, so a lot
  shorter than n is looked at too.
- `{rule: per_shift, units: n}`: n units of each shift, spread evenly over it.
- `{rule: accept_zero, quality: "1.0", confidence: "0.95"}`: a plan with acceptance number zero, see `accept_zero`.

Units are numbered from 1 in the order in which they are made. No rule lets a bad unit in the sample pass.

The tables of ISO 2859-1 are not here. Its sample sizes and acceptance numbers are agreed, not computed, so they can
only be copied; they may come in once every cell has been compared with two authoritative prints.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from math import comb
from typing import Any

from sops.errors import LotQuantityNeeded

LOT_LARGEST = 10**7  # units; up to here the exact count takes well under a second

Rule = Mapping[str, Any]
EVERY_UNIT: Rule = {"rule": "all"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule means for one lot.

    sample: units to look at, 1 to the lot's quantity. accept: bad units in the sample with which the lot still
    passes; 0 with every rule there is.
    """

    sample: int
    accept: int = 0


def rule_of(document: Mapping[str, Any], check: Mapping[str, Any]) -> Rule:
    """The sampling rule of a check: its own, else the document's, else every unit."""
    rule: Rule = check.get("sampling") or document.get("sampling") or EVERY_UNIT
    return rule


def plan(rule: Rule, quantity: int | None, *, shifts: int = 1) -> Plan:
    """The sample that a rule asks of a lot.

    quantity: units in the lot, at least 1; None while nobody has said it, which only `per_shift` can do with.
    shifts: how many shifts the lot is made in, at least 1; only `per_shift` looks at it.

    Raises `LotQuantityNeeded` where the quantity is needed and not there, and `ValueError` for one that cannot be.
    """
    if quantity is not None and quantity < 1:
        raise ValueError(f"A lot of {quantity} units: give at least 1.")
    if shifts < 1:
        raise ValueError(f"{shifts} shifts: a lot is made in at least 1.")
    return RULES[rule["rule"]].plan(rule, quantity, shifts)


def units_of(rule: Rule, quantity: int | None, *, key: str = "") -> Collection[int]:
    """The numbers of the units to look at, from 1: the same every time for the same arguments.

    quantity: units in the lot; for `per_shift` the units expected of the shift.
    key: what draws this lot's own sample with `accept_zero`, such as the lot's id. Let it be one that nobody at the
    line can choose. With the same key the sample of a laxer rule is part of the sample of a stricter one, so one
    set of units serves several checks.

    Raises as `plan` does; here every rule needs the quantity.
    """
    return RULES[rule["rule"]].units(rule, _known(quantity), key)


def due(rule: Rule, unit: int, quantity: int | None = None, *, key: str = "") -> bool:
    """Whether unit number `unit` (from 1) is one to look at.

    `all` and `every` answer without a quantity, while the lot is still being made; the others raise
    `LotQuantityNeeded`.
    """
    if rule["rule"] == "all":
        return True
    if rule["rule"] == "every":
        return bool((unit - 1) % rule["units"] == 0)
    return unit in units_of(rule, quantity, key=key)


def checks_due(
    document: Mapping[str, Any], unit: int, quantity: int | None = None, *, key: str = ""
) -> tuple[str, ...]:
    """The ids of the checks that unit number `unit` is to be asked, in the document's order. Raises as `due`."""
    return tuple(
        check["id"] for check in document.get("checks", ()) if due(rule_of(document, check), unit, quantity, key=key)
    )


def accept_zero(quantity: int, quality: str, confidence: str) -> int:
    """The smallest sample that finds a lot at the limiting quality with the wanted confidence.

    quantity: N, units in the lot, 1 to 10 million. quality: the limiting quality in per cent nonconforming, a
    decimal string above 0 and at most 100. confidence: a decimal string between 0 and 1.

    A lot is at the limiting quality or worse if at least D = ceil(N · quality / 100) of its units are bad. A random
    sample of n, drawn without replacement, has none of the D with the hypergeometric probability
    C(N - D, n) / C(N, n). The smallest n for which that is at most 1 - confidence is found by bisection over whole
    numbers, so nothing is rounded. In a lot that is worse the chance is smaller still. For large lots n comes near
    log(1 - confidence) / log(1 - quality / 100), the binomial answer, from below.

    The plan with acceptance number zero is treated in Schilling and Neubauer, Acceptance Sampling in Quality
    Control. Raises `ValueError` for numbers out of range.
    """
    if not 1 <= quantity <= LOT_LARGEST:
        raise ValueError(f"A lot of {quantity} units: this rule takes 1 to {LOT_LARGEST}. Split a larger lot.")
    level, sure = Fraction(Decimal(quality)), Fraction(Decimal(confidence))
    if not (0 < level <= 100 and 0 < sure < 1):
        raise ValueError(
            f"Quality {quality} % must be above 0 and at most 100, confidence {confidence} within 0 and 1."
        )
    return _smallest_sample(quantity, _ceil(quantity * level / 100), 1 - sure)


@lru_cache(maxsize=1024)
def _smallest_sample(quantity: int, bad: int, risk: Fraction) -> int:
    def enough(sample: int) -> bool:
        # C(N - D, n) / C(N, n) is C(N - n, D) / C(N, D) too: the smaller of the two keeps the numbers short.
        few, many = min(sample, bad), max(sample, bad)
        return comb(quantity - many, few) * risk.denominator <= comb(quantity, few) * risk.numerator

    high = 1
    while not enough(high):
        high = min(2 * high, quantity)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


# -- the rules -------------------------------------------------------------------------------------------


def _all_plan(_rule: Rule, quantity: int | None, _shifts: int) -> Plan:
    return Plan(_known(quantity))


def _all_units(_rule: Rule, quantity: int, _key: str) -> Collection[int]:
    return range(1, quantity + 1)


def _every_plan(rule: Rule, quantity: int | None, _shifts: int) -> Plan:
    return Plan(len(_every_units(rule, _known(quantity), "")))


def _every_units(rule: Rule, quantity: int, _key: str) -> Collection[int]:
    return range(1, quantity + 1, rule["units"])


def _shift_plan(rule: Rule, quantity: int | None, shifts: int) -> Plan:
    wanted = rule["units"] * shifts
    return Plan(wanted if quantity is None else min(wanted, quantity))


def _shift_units(rule: Rule, quantity: int, _key: str) -> Collection[int]:
    wanted = min(rule["units"], quantity)
    return tuple(1 + place * quantity // wanted for place in range(wanted))


def _zero_plan(rule: Rule, quantity: int | None, _shifts: int) -> Plan:
    return Plan(accept_zero(_known(quantity), rule["quality"], rule["confidence"]))


def _zero_units(rule: Rule, quantity: int, key: str) -> Collection[int]:
    return drawn(quantity, accept_zero(quantity, rule["quality"], rule["confidence"]), key)


@lru_cache(maxsize=64)
def drawn(quantity: int, sample: int, key: str) -> frozenset[int]:
    """`sample` of the numbers 1 to `quantity`, every set as likely as any other, decided by `key` alone.

    The first steps of a shuffle (Fisher and Yates; Knuth's algorithm P) that takes its numbers from SHA-256, so
    that it comes out the same on every machine and with every version of Python. A larger sample of the same lot
    contains a smaller one.
    """
    moved: dict[int, int] = {}
    taken: list[int] = []
    for place in range(sample):
        number = int.from_bytes(sha256(f"{key}\n{quantity}\n{place}".encode()).digest())
        other = place + number % (quantity - place)
        taken.append(moved.get(other, other) + 1)
        moved[other] = moved.get(place, place)
    return frozenset(taken)


@dataclass(frozen=True, slots=True)
class _Way:
    plan: Callable[[Rule, int | None, int], Plan]
    units: Callable[[Rule, int, str], Collection[int]]


RULES: Mapping[str, _Way] = {
    "all": _Way(_all_plan, _all_units),
    "every": _Way(_every_plan, _every_units),
    "per_shift": _Way(_shift_plan, _shift_units),
    "accept_zero": _Way(_zero_plan, _zero_units),
}


def _known(quantity: int | None) -> int:
    if quantity is None:
        raise LotQuantityNeeded
    if quantity < 1:
        raise ValueError(f"A lot of {quantity} units: give at least 1.")
    return quantity


def _ceil(number: Fraction) -> int:
    return -(-number.numerator // number.denominator)
