"""Rows and events read back as JSON: what a table holds and what the trail says of it, to be compared."""

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any

import peewee

from qc_service import audit
from qc_service.db import JsonField, LongBlobField, Record, UtcField

_EXACT = 2**53  # whole numbers below it are written the same with and without a fraction

Convert = Callable[[Any], Any]
Said = tuple[str, str, str | None]  # table, key, and the row's content as text, none where it is gone


def _number(value: float) -> int | float:
    """RFC 8785 writes 1.0 as 1, so the two are one number here."""
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


parse: Callable[[str], Any] = json.JSONDecoder(parse_float=lambda text: _number(float(text))).decode

# Nearly always what RFC 8785 asks for, five times as quick. Where it is not (a few numbers, some rare names),
# two equal things may look different, never two different ones equal: `same` looks again at a difference.
write: Callable[[Any], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False, check_circular=False
).encode


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def canonical(value: Any) -> bytes | None:
    """The canonical form; none for what has none, and so cannot have been written by the service."""
    try:
        return audit.canonical(_as_written(value))
    except (ValueError, OverflowError, RecursionError):
        return None


def _as_written(value: Any) -> Any:
    """RFC 8785 writes 2.0**60 as a whole number, and takes none so large: read back, it has to be made a float."""
    if isinstance(value, dict):
        return {name: _as_written(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_written(one) for one in value]
    return float(value) if isinstance(value, int) and abs(value) >= _EXACT else value


def same(one: Any, other: Any) -> bool:
    if write(one) == write(other):
        return True
    form = canonical(one)
    return form is not None and form == canonical(other)


def read_body(raw: Any) -> tuple[list[Said], bool]:
    """The rows that a body speaks of, and whether it is in canonical form; `ValueError` if it is no body."""
    if not isinstance(raw, bytes):
        raise ValueError("it is not binary")  # noqa: TRY004 - as everything else that is wrong with it
    text = raw.decode()
    value = parse(text)
    if not isinstance(value, dict) or value.keys() != {"data", "rows"} or not isinstance(value["rows"], list):
        raise ValueError("it is not made of data and rows")
    said = [_said(entry) for entry in value["rows"]]
    rows = ",".join([f'["{table}","{key}",{content or "null"}]' for table, key, content in said])
    plain = f'{{"data":{write(value["data"])},"rows":[{rows}]}}' == text
    return said, plain or canonical(value) == raw


def _said(entry: Any) -> Said:
    if isinstance(entry, list) and len(entry) == len(("table", "key", "content")):
        table, key, content = entry
        if isinstance(table, str) and isinstance(key, str) and (content is None or isinstance(content, dict)):
            return table, key, None if content is None else write(content)
    raise ValueError("it names a row in a form that is not known")


class Reader:
    """The rows of a table in the form in which events carry them, from the values that the engine stores."""

    def __init__(self, model: type[Record]) -> None:
        meta = model._meta  # noqa: SLF001
        self.model = model
        self.table: str = meta.table_name
        self.columns: list[str] = [field.column_name for field in meta.sorted_fields]
        self._rules = [_rule(field) for field in meta.sorted_fields]
        self._known: dict[tuple[type, ...], list[tuple[str, Convert]]] = {}
        self._keys = [field.column_name for field in audit.key_columns(model)]
        self.long = any(isinstance(field, LongBlobField) for field in meta.sorted_fields)
        self.statement = f'SELECT {", ".join(map(_quoted, self.columns))} FROM "{self.table}"'  # noqa: S608

    def image(self, row: Sequence[Any]) -> dict[str, Any]:
        image = {name: value for name, value in zip(self.columns, row, strict=True) if value is not None}
        for name, read in self._conversions(tuple(map(type, row))):
            image[name] = read(image[name])
        return image

    def _conversions(self, kinds: tuple[type, ...]) -> list[tuple[str, Convert]]:
        """The columns that are not JSON as they are; worked out once for rows with values of the same types."""
        found = self._known.get(kinds)
        if found is None:
            columns = zip(self.columns, self._rules, kinds, strict=True)
            found = [(name, read) for name, (plain, read), kind in columns if kind not in (plain, NoneType)]
            self._known[kinds] = found
        return found

    def key(self, image: dict[str, Any]) -> str:
        return ":".join([str(image.get(name)) for name in self._keys])

    def content(self, image: dict[str, Any]) -> str:
        """As `audit.content`, but quick."""
        text = write(image)
        return text if self.model.trail == "image" else f'{{"sha256":"{digest(text).hex()}"}}'


def _quoted(name: str) -> str:
    return f'"{name}"'


def _rule(field: peewee.Field) -> tuple[type | None, Convert]:
    """The type of stored value that is JSON as it is, and how any other value becomes JSON.

    What no adapter would have written becomes something that no event says.
    """
    if isinstance(field, JsonField):
        return None, lambda value: _json(field, value)
    if isinstance(field, peewee.BooleanField):
        return bool, _yes_or_no
    if isinstance(field, peewee.BlobField):
        written = _hashed if isinstance(field, LongBlobField) else bytes.hex
        return None, lambda value: written(value) if isinstance(value, bytes) else _odd(value)
    if isinstance(field, peewee.FloatField):
        return None, lambda value: _number(value) if type(value) is float and math.isfinite(value) else _odd(value)
    if isinstance(field, peewee.IntegerField):
        return int, _odd
    if isinstance(field, UtcField | peewee.TextField | peewee.CharField):
        return str, _odd
    raise TypeError(f"{field.model.__name__}.{field.name}: no form in the trail is known for its type")


def _hashed(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


def _yes_or_no(value: Any) -> Any:
    return value == 1 if type(value) is int and value in (0, 1) else _odd(value)


def _json(field: JsonField, value: Any) -> Any:
    """The value of a JSON text, if the text is the one that the service writes for it."""
    if not isinstance(value, str):
        return _odd(value)
    try:
        plain = parse(value)
        if plain is not None and (write(plain) == value or field.db_value(json.loads(value)) == value):
            return plain
    except (ValueError, RecursionError):
        pass
    return _odd(value)


def _odd(value: Any) -> dict[str, str]:
    return {"\0stored": repr(value)}
