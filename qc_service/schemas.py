"""What may cross the wire: base schemas, fields, and a schema derived from a model by whitelist."""

import re
from datetime import datetime
from typing import Any

import marshmallow as ma
import peewee
from marshmallow import fields, validate

from qc_service import clock
from qc_service.db import Record, UtcField
from qc_service.texts import later

CODE = validate.Regexp(
    re.compile(r"^[^\s\x00-\x1f\x7f/](?:[^\x00-\x1f\x7f/]{0,62}[^\s\x00-\x1f\x7f/])?$"),
    error=later("1 to 64 characters without a slash, and no space at either end."),
)
MAX_QUANTITY = 10**12

# what marshmallow itself says of a form at the desk, named so that the catalogues have it
OF_MARSHMALLOW = (
    later("Missing data for required field."),
    later("Field may not be null."),
    later("Not a valid string."),
    later("Not a valid integer."),
    later("Not a valid number."),
    later("Not a valid boolean."),
    later("Invalid input type."),
    later("Unknown field."),
)


class Schema(ma.Schema):
    """Requests: what is not known is refused."""

    class Meta:
        unknown = ma.RAISE


class Reply(ma.Schema):
    """Replies: clients must expect fields that are added later."""

    class Meta:
        unknown = ma.EXCLUDE


class Moment(fields.Field[datetime]):
    """An ISO 8601 time with an offset; written as UTC with a Z."""

    default_error_messages = {
        "type": "Write a time as text, for example 2026-11-18T06:00:00Z.",
    }

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else clock.iso(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:  # noqa: ARG002
        if not isinstance(value, str):
            raise self.make_error("type")
        try:
            return clock.parse(value)
        except (ValueError, OverflowError) as error:
            raise ma.ValidationError(f"Not a time: {error}.") from error


class Text(fields.String):
    """Text without control characters, trimmed, of bounded length."""

    def __init__(self, *, longest: int = 200, shortest: int = 1, **kwargs: Any) -> None:
        limit = validate.Length(min=shortest, max=longest, error=_length(shortest, longest))
        self.longest = longest
        super().__init__(validate=[limit, _no_controls, *kwargs.pop("checks", ())], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > self.longest:  # as it was sent, which is what the API's description speaks of
            raise ma.ValidationError(later("Longer than maximum length %(count)s.", count=self.longest))
        return text.strip()


def _length(shortest: int, longest: int) -> str:
    if shortest == 1:
        return later("Length must be between 1 and %(longest)s.", longest=longest)
    return later("Length must be between %(shortest)s and %(longest)s.", shortest=shortest, longest=longest)


def _no_controls(text: str) -> None:
    if any(ord(char) < 32 and char not in "\n\t" for char in text) or "\x7f" in text:
        raise ma.ValidationError(later("Control characters are not allowed."))
    if any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise ma.ValidationError(later("The text is not valid Unicode."))


class Code(Text):
    """A short name that people and systems use: a line's, a product's, a badge."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=64, checks=(CODE, _printable), **kwargs)


def _printable(text: str) -> None:
    """A count names its line in printable characters: one with others could never be counted."""
    if not text.isprintable():
        raise ma.ValidationError(later("Use printable characters only."))


class Truth(fields.Boolean):
    """True or false, and nothing that a computer takes for one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise ma.ValidationError(later("Write true or false."))
        return value


class Rate(fields.Float):
    """A rate as a JSON number; NaN, infinity and booleans are none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_nan=False, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ma.ValidationError(later("Write a number, for example 0.015 for 1.5 %."))
        number: float = super()._deserialize(value, attr, data, **kwargs)
        return number


def from_model(model: type[Record], *names: str) -> dict[str, fields.Field[Any]]:
    """Reply fields for the named columns, derived from the model so that a field is described once."""
    return {name: _field(model._meta.fields[name]) for name in names}  # noqa: SLF001 - Peewee's introspection


def _field(column: peewee.Field) -> fields.Field[Any]:
    kinds: list[tuple[type[peewee.Field], type[fields.Field[Any]]]] = [
        (UtcField, Moment),
        (peewee.BooleanField, fields.Boolean),
        (peewee.IntegerField, fields.Integer),
        (peewee.DoubleField, fields.Float),
        (peewee.TextField, fields.String),
    ]
    for source, target in kinds:
        if isinstance(column, source):
            return target(allow_none=column.null)
    return fields.Raw(allow_none=column.null)


def reply_schema(name: str, model: type[Record], *names: str, **extra: fields.Field[Any]) -> type[Reply]:
    """A reply schema of a model's named columns and of what a service adds."""
    made: type[Reply] = type(name, (Reply,), {**from_model(model, *names), **extra})
    return made


def page_of(reply: type[Reply]) -> type[Reply]:
    """A page of a list."""
    made: type[Reply] = type(
        f"{reply.__name__}Page",
        (Reply,),
        {
            "data": fields.List(fields.Nested(reply), required=True),
            "has_more": fields.Boolean(required=True),
            "next_cursor": fields.String(allow_none=True, required=True),
        },
    )
    return made


class PageArgs(Schema):
    """Paging by an opaque cursor; there are no page numbers, because rows arrive meanwhile."""

    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=500))
    cursor = fields.String(load_default=None)
