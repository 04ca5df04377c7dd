"""A text that is said later: English for programs and for the log, and what another language needs to say it."""

from typing import Any


class Text(str):
    """An English text that remembers its pattern and its values, so that `Words.say` can say it in any language.

    It is a `str` and goes wherever one goes; a change of it, such as `+`, is English and nothing more.
    """

    __slots__ = ("pattern", "values")

    pattern: str
    values: dict[str, Any]


def later(pattern: str, /, **values: Any) -> Text:
    """The text of a table or of a refusal; `%(name)s` in it is filled from `values`.

    A value may be such a text itself, or a tuple of them, which is written with commas. The pattern is a literal
    where this is called: the catalogues are made from those.
    """
    plain = {name: ", ".join(value) if isinstance(value, tuple) else value for name, value in values.items()}
    made = Text(pattern % plain if values else pattern)
    made.pattern, made.values = pattern, values
    return made


def packed(text: str) -> dict[str, Any]:
    """The text as JSON, to be kept and said later in whatever language is asked for."""
    values = text.values if isinstance(text, Text) else {}
    pattern = text.pattern if isinstance(text, Text) else text
    return {"text": pattern, "values": {name: _packed(value) for name, value in values.items()}}


def unpacked(told: dict[str, Any]) -> Text:
    return later(told["text"], **{name: _unpacked(value) for name, value in told["values"].items()})


def _packed(value: Any) -> Any:
    if isinstance(value, Text):
        return packed(value)
    if isinstance(value, tuple):
        return [_packed(one) for one in value]
    return value if isinstance(value, str | int | float) else str(value)


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        return unpacked(value)
    return tuple(_unpacked(one) for one in value) if isinstance(value, list) else value
