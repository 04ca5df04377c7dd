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
