"""The values a document is made of, each brought into its normal form while it is validated.

Messages carry their code: each is a `Message`, a string with a `code`, so that a flat list of problems can be made
of marshmallow's nested ones.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Self

import marshmallow as ma
from marshmallow import fields, post_load

from sops.errors import TextRefused
from sops.numbers import DECIMAL, shortened

TITLE, TEXT, LONG_TEXT = 120, 500, 4000
"""Longest texts, in characters: a title, what is said in one go, and details, purpose, scope, help."""

LIST_MOST = 200
"""Items a list may have."""

MARKS_MOST = 30
"""Combining marks in a row, as the Stream-Safe Text Format has it (UAX #15)."""

ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,31}")
SHA256 = re.compile(r"[0-9a-f]{64}")

# Line and paragraph separators break lines where nobody expects it. The marks that turn the direction of writing make
# a text look other than it is, and no language here needs them. U+FFFE and U+FFFF cannot be written in XML.
_NEVER = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


class Message(str):
    """A sentence for the author with a `code` for programs. marshmallow formats its messages, which keeps the code."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, text: str) -> Self:
        made = super().__new__(cls, text)
        made.code = code
        return made

    def format(self, *args: object, **kwargs: object) -> "Message":
        return Message(self.code, super().format(*args, **kwargs))


def refuse(code: str, text: str) -> ma.ValidationError:
    """The error that a field or schema raises for a value: one message with its code."""
    return ma.ValidationError(Message(code, text))


def clean(text: str, *, longest: int, one_line: bool = False) -> str:
    r"""A text as documents, translations and answers hold it: NFC, `\r\n` as `\n`, no white space around it.

    longest: characters it may then have. one_line: no `\n` either. What is left may be empty.
    Raises `TextRefused`: `too_long`, `too_many_marks`, `control_character`, `several_lines`.
    """
    if len(text) > 4 * longest + 100:  # before any work is done
        raise TextRefused("too_long", f"This is longer than {longest} characters. Shorten it.")
    _check_marks(text)
    tidy = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    _check_marks(tidy)
    if found := _NEVER.search(tidy):
        sign = f"U+{ord(found[0]):04X}"
        raise TextRefused("control_character", f"This holds a control character ({sign}), perhaps a tab. Take it out.")
    if one_line and "\n" in tidy:
        raise TextRefused("several_lines", "This must be one line. Take the line breaks out.")
    if len(tidy) > longest:
        raise TextRefused("too_long", f"This has {len(tidy)} characters, {longest} are allowed. Shorten it.")
    return tidy


def _check_marks(text: str) -> None:
    """No more marks on a letter than any language has: sorting them takes a time that grows with their square."""
    run = 0
    for char in "" if text.isascii() else text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run > MARKS_MOST:
            raise TextRefused("too_many_marks", f"A letter has more than {MARKS_MOST} accents. Take them off.")


MESSAGES: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": Message("missing", "This is missing. Fill it in."),
    "null": Message("missing", "This is empty. Fill it in."),
    "validator_failed": Message("invalid", "This value cannot be accepted."),
}
"""What every field says of a value that is not there, in place of marshmallow's own words."""


class Normal(ma.Schema):
    """Loads into the normal form: unknown fields are refused, what is empty or a field's `load_default` is left out."""

    class Meta:
        unknown = ma.RAISE

    error_messages: dict[str, str] = {
        "unknown": Message("unknown_field", "There is no such field here."),
        "type": Message("not_an_object", "Write fields with their values here."),
    }

    @post_load
    def leave_out(self, data: Mapping[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Drop `None`, "", [], {} and defaults."""
        return {name: value for name, value in data.items() if not self._is_default(name, value)}

    def _is_default(self, name: str, value: Any) -> bool:
        if value is None or value in ("", [], {}):
            return True
        return name in self.fields and value == self.fields[name].load_default


class Text(fields.Field[str]):
    """A text for people, see `clean`. Blank is refused where the field is required, else it is left out."""

    default_error_messages = MESSAGES

    def __init__(self, *, longest: int = TEXT, one_line: bool = False, **kwargs: Any) -> None:
        super().__init__(**_optional(kwargs))
        self.longest, self.one_line = longest, one_line

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002
        if not isinstance(value, str):
            raise refuse("not_a_text", _no_text(value))
        try:
            text = clean(value, longest=self.longest, one_line=self.one_line)
        except TextRefused as error:
            raise refuse(error.code, error.message) from error
        return text or _nothing(self)


class Pattern(fields.Field[str]):
    """A string that programs compare: the whole of it fits a pattern. Blank is left out where it is not required."""

    default_error_messages = MESSAGES

    def __init__(self, pattern: re.Pattern[str], code: str, rule: str, **kwargs: Any) -> None:
        super().__init__(**_optional(kwargs))
        self.pattern, self.code, self.rule = pattern, code, rule

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002
        if not isinstance(value, str):
            raise refuse("not_a_text", _no_text(value))
        text = value.strip() if len(value) <= 200 else value
        if not text:
            return _nothing(self)
        if not self.pattern.fullmatch(text):
            raise refuse(self.code, f"“{shortened(value)}” {self.rule}")
        return text


class Id(Pattern):
    """The id of a step, check, hazard, tool or choice."""

    def __init__(self, **kwargs: Any) -> None:
        rule = "is no id. Write small letters, digits, - and _, at most 40, a letter first."
        super().__init__(ID, "not_an_id", rule, **kwargs)


class DefectCode(Pattern):
    """A defect code, such as LEAK."""

    def __init__(self, **kwargs: Any) -> None:
        rule = "is no defect code. Write capital letters, digits, - and _, at most 32."
        super().__init__(CODE, "not_a_code", rule, **kwargs)


class Sha256(Pattern):
    """What a photo is named by: the SHA-256 of its bytes, 64 small hexadecimal digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(SHA256, "not_a_hash", "is no photo's id. Upload the photo and use the id it gets.", **kwargs)


class OneOf(fields.Field[str]):
    """One of a few words."""

    default_error_messages = MESSAGES

    def __init__(self, words: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**_optional(kwargs))
        self.words = words

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002
        if value == "":
            return _nothing(self)
        if not isinstance(value, str) or value not in self.words:
            raise refuse("not_a_choice", f"“{shortened(value)}” is none of: {', '.join(self.words)}.")
        return value


class DecimalText(fields.Field[str]):
    """A number that answers are judged by: a decimal string as the author wrote it, "338" or "0.10".

    A whole number becomes its string. A binary fraction is refused, since nobody can tell what was written.
    negative: whether it may be below zero.
    """

    default_error_messages = MESSAGES

    def __init__(self, *, negative: bool = True, **kwargs: Any) -> None:
        super().__init__(**_optional(kwargs))
        self.negative = negative

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ARG002
        text = self._written(value)
        if not text:
            return _nothing(self)
        if not DECIMAL.fullmatch(text):
            hint = " with a point" if "," in text else ""
            raise refuse(
                "not_a_number",
                f"“{shortened(value)}” is no decimal number. Write it{hint} such as 338 or 0.10, "
                "at most 12 digits before the point and 6 after it.",
            )
        if text.startswith("-") and not self.negative:
            raise refuse("negative", f"{text} is below zero. Write zero or more.")
        return text

    @staticmethod
    def _written(value: Any) -> str:
        if isinstance(value, float):
            raise refuse("number_unquoted", f'{value} may have lost decimals. Write it between quotes: "0.10".')
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value) if abs(value) < 10**12 else "more than twelve digits"
        if not isinstance(value, str):
            raise refuse("not_a_number", 'This is no number. Write one between quotes: "0.10".')
        return value.strip() if len(value) <= 200 else value


class Whole(fields.Field[int]):
    """A whole number that counts something: a JSON integer from `least` to `most`."""

    default_error_messages = MESSAGES

    def __init__(self, *, least: int = 0, most: int = 10**12 - 1, **kwargs: Any) -> None:
        super().__init__(**_optional(kwargs))
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse("not_a_whole_number", "Write a whole number, without quotes and without a point.")
        if not self.least <= value <= self.most:
            raise refuse("out_of_range", f"Write a whole number from {self.least} to {self.most}.")
        return value


class Truth(fields.Field[bool]):
    """True or false, and nothing that a computer takes for one."""

    default_error_messages = MESSAGES

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_optional(kwargs))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise refuse("not_true_or_false", "Write true or false, without quotes.")
        return value


class Items(fields.List[Any]):
    """A list of at most `most` items and at least `least`."""

    default_error_messages = {**MESSAGES, "invalid": Message("not_a_list", "Write a list here.")}

    def __init__(self, item: fields.Field[Any], *, least: int = 0, most: int = LIST_MOST, **kwargs: Any) -> None:
        super().__init__(item, **_optional(kwargs))
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if not self.least <= len(value) <= self.most:
            raise refuse("wrong_length", f"This list has {len(value)} items, it may have {self.least} to {self.most}.")
        return super()._deserialize(value, attr, data, **kwargs)


def _optional(kwargs: dict[str, Any]) -> dict[str, Any]:
    """What need not be there may be null too."""
    return kwargs if kwargs.get("required") else {"allow_none": True, **kwargs}


def _nothing(field: fields.Field[str]) -> str:
    """A blank, which only a field that is not required may have."""
    if field.required:
        raise field.make_error("null")
    return ""


def _no_text(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return f"{shortened(value)} is no text here. Write it between quotes."
    return "This must be a text."
