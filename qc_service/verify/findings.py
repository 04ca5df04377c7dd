"""What a check of history finds, in words for the one who has to find out how it came about."""

import json
from dataclasses import dataclass
from typing import Any

_LONGEST = 80  # of a value that is shown


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is broken. `place` and `kind` are for programs; `text` says all of it, the place too.

    Kinds: of events `gap, order, hash, body, head`; of rows `changed, missing, unknown, twice`; of the database
    `engine, table, trigger, unreadable`; and `anchor`.
    """

    place: str
    kind: str
    text: str

    @classmethod
    def at(cls, place: str, kind: str, words: str) -> "Finding":
        """The words about a place; what could confuse a terminal is spelt out."""
        place = _printable(place)
        return cls(place, kind, f"{place} — {_printable(words)}")

    def __str__(self) -> str:
        return self.text


def event_name(stream: Any, seq: Any) -> str:
    return f"event {seq} of stream {stream}"


def shown(value: Any) -> str:
    """A value as it is written in a text; nothing is `empty`."""
    if value is None:
        return "empty"
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
