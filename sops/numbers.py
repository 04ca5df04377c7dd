"""Decimal numbers as people type and read them in six languages. Exact; never a binary fraction, never grouping.

Both "," and "." are read as the decimal sign whichever the language, since a shop floor has keyboards of every
kind. So neither can group thousands: "1.250" is one and a quarter, and where that has too many decimals it is
refused rather than guessed at.
"""

import re
from decimal import Context, Decimal

from sops.errors import AnswerUnreadable
from sops.languages import Number, Say, plain

DECIMAL_SIGN = {"en": ".", "ms": ".", "fil": ".", "id": ",", "ca": ",", "da": ","}
"""The decimal sign of each language in Unicode's CLDR."""

DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?")
"""A decimal string: how documents hold a number that answers are judged by. Match the whole of it."""

WHOLE_DIGITS = 12
"""Digits before the decimal sign that a number may have."""

EXACT = Context(prec=40)
"""For sums of numbers above: wide enough that nothing is ever rounded."""

_TYPED = re.compile(r"(-?)([0-9]+)(?:[.,]([0-9]+))?")
_LONGEST = 40  # characters of a typed number; what is longer is no number and is not looked at


def parse_number(text: str, decimals: int, say: Say = plain) -> Decimal:
    """The number a person typed, exactly.

    text: digits with at most one "," or "." as decimal sign, and perhaps a minus ("-" or U+2212) before them.
    Blanks around it are dropped. decimals: how many digits may follow the sign.

    Raises `AnswerUnreadable`: `empty`, `not_a_number`, `two_separators`, `too_many_decimals` or `too_large`.
    """
    typed = text.strip() if len(text) <= _LONGEST else text
    if not typed:
        raise AnswerUnreadable("empty", say("There is no number. Write one."))
    found = _TYPED.fullmatch(typed.replace("\u2212", "-")) if len(typed) <= _LONGEST else None
    if found is None:
        raise _no_number(typed, say)
    sign, whole, part = found[1], found[2].lstrip("0") or "0", found[3] or ""
    if len(part) > decimals:
        raise AnswerUnreadable("too_many_decimals", _too_many(typed, len(part), decimals, say))
    if len(whole) > WHOLE_DIGITS:
        text = say("%(text)s is too large: at most %(digits)s digits.", text=typed, digits=WHOLE_DIGITS)
        raise AnswerUnreadable("too_large", text)
    return Decimal(f"{sign}{whole}.{part}" if part else f"{sign}{whole}")


def format_number(value: Decimal | str, language: str, decimals: int | None = None) -> str:
    """A number as a language writes it: its own decimal sign, no grouping, a "-" before a negative one.

    value: a finite Decimal or a decimal string. decimals: zeros are added up to so many places; digits are never
    dropped, so that what is shown is the number itself. None: the places it has.

    Raises `ValueError` for what is no finite number, `KeyError` for another language.
    """
    if isinstance(value, str) and not DECIMAL.fullmatch(value):
        raise ValueError(f"{value[:_LONGEST]!r} is no decimal number such as 0.10.")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{number} cannot be written as a number.")
    whole, _, part = format(number, "f").partition(".")
    part = part.ljust(decimals or 0, "0")
    return f"{whole}{DECIMAL_SIGN[language]}{part}" if part else whole


def number_of(language: str) -> Number:
    """`format_number` for one language, as requirements and placeholders take it. Raises `KeyError`."""
    sign = DECIMAL_SIGN[language]

    def written(value: str, decimals: int | None = None, /) -> str:
        return format_number(value, "en", decimals).replace(".", sign)

    return written


def plain_number(value: str, decimals: int | None = None, /) -> str:
    """A number as documents hold it, with a point."""
    return format_number(value, "en", decimals)


def _no_number(typed: str, say: Say) -> AnswerUnreadable:
    shown = shortened(typed)
    if len(typed) <= _LONGEST and sum(typed.count(sign) for sign in ",.") > 1:
        text = say(
            "%(text)s has two separators. Write one, before the decimals, and none between thousands.", text=shown
        )
        return AnswerUnreadable("two_separators", text)
    return AnswerUnreadable(
        "not_a_number", say("%(text)s is no number. Write digits, such as 12.5 or 12,5.", text=shown)
    )


def _too_many(typed: str, given: int, taken: int, say: Say) -> str:
    if taken == 0:
        return say(
            "%(text)s has decimals; this check takes whole numbers, without a separator between thousands.", text=typed
        )
    if taken == 1:
        return say("%(text)s has %(given)s decimals; this check takes one.", text=typed, given=_in_words(given, say))
    return say(
        "%(text)s has %(given)s decimals; this check takes %(taken)s.",
        text=typed,
        given=_in_words(given, say),
        taken=_in_words(taken, say),
    )


def _in_words(number: int, say: Say) -> str:
    words = {2: say("two"), 3: say("three"), 4: say("four"), 5: say("five"), 6: say("six")}
    return words.get(number, str(number))


def shortened(value: object, longest: int = _LONGEST) -> str:
    """What somebody sent, for quoting in a sentence: one line of printable characters, cut to `longest`."""
    if isinstance(value, str):
        shown = "".join(char if char.isprintable() else "\ufffd" for char in value[: longest + 1])
        return shown if len(shown) <= longest else f"{shown[:longest]}…"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float) or (isinstance(value, int) and value.bit_length() < 100):
        return str(value)
    return {list: "[…]", dict: "{…}", int: "9…"}.get(type(value), "?")
