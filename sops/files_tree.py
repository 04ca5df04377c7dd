"""YAML as plain data that knows its lines. Only what a procedure needs: no anchors, aliases, tags or merges.

Read from the parser's events, one after the other, so that nothing recurses and nothing is built but lists, dicts,
texts, whole numbers, truth values and null. Of plain scalars only `null`, `true`, `false` and whole numbers are other
than text (close to YAML 1.2's core schema): 0.10 keeps its zero, 2026-11-22 stays as it is written, and no is a word.
"""

import re
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from sops.document import DEEPEST
from sops.errors import Problem
from sops.numbers import shortened
from sops.steps.base import pointer

PROBLEMS_MOST = 100
"""After so many problems the rest of a file is not read."""

_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}")

_ADVICE = {
    "anchor": "Anchors (&name) are not used here. Write the text out; a text that begins with & goes between quotes.",
    "alias": "Aliases (*name) are not used here. Write the text out; a text that begins with * goes between quotes.",
    "tag": "Tags (!name) are not used here. Take it away; a text that begins with ! goes between quotes.",
    "several_documents": "A file holds one procedure. Take out what follows this line, or the --- before it.",
    "key_not_a_text": "A field name must be a word. Write the name, a colon, a space and the value.",
    "too_deep": f"Lists and fields stand more than {DEEPEST} deep within each other. No procedure needs that.",
}


class Enough(Exception):
    """Nothing more of this file needs to be read."""


@dataclass(slots=True)
class _Open:
    """A list or a mapping that has not ended yet. key: in a mapping, the field whose value comes next."""

    value: list[Any] | dict[str, Any]
    pointer: str
    key: str | None = None


class Tree:
    """What the events of a file add up to.

    root: the data; of a field that is there twice the first value, null for what was refused. lines: the line of each
    field and item by its JSON pointer, from 1. at: the line read last. problems: what may not be in a file.
    """

    def __init__(self) -> None:
        self.root: Any = None
        self.lines: dict[str, int] = {"": 1}
        self.at = 1
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._documents = 0

    def line(self, where: str) -> int:
        """The line of what a pointer names, or of the nearest thing around it that is there."""
        while where not in self.lines:
            where = where.rpartition("/")[0]
        return self.lines[where]

    def take(self, event: yaml.Event) -> None:
        """The next event. Raises `Enough` where reading on is of no use."""
        self.at = line = (event.start_mark.line if event.start_mark else 0) + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop("", "several_documents", line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, line)

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        if self._open and isinstance(self._open[-1].value, dict) and self._open[-1].key is None:
            self._field(event, line)
            return
        where = self._next()
        self.lines.setdefault(where, line)
        self._complain(event, where, line)
        value = self._value(event)
        self._put(value)
        if isinstance(event, yaml.CollectionStartEvent):
            if len(self._open) == DEEPEST:
                self._stop(where, "too_deep", line)
            self._open.append(_Open(value, where))

    def _field(self, event: yaml.NodeEvent, line: int) -> None:
        """The name of a field. One that is there twice keeps its first value."""
        inside = self._open[-1]
        if not isinstance(event, yaml.ScalarEvent):
            self._stop(inside.pointer, "key_not_a_text", line)
        where = pointer(inside.pointer, event.value)
        self._complain(event, where, line)
        if event.value in inside.value:
            name, first = shortened(event.value), self.lines[where]
            self._problem(where, "duplicate_key", f"“{name}” is here twice, first in line {first}. Keep one.", line)
        inside.key = event.value
        self.lines.setdefault(where, line)

    def _next(self) -> str:
        """The pointer of the value that comes next."""
        if not self._open:
            return ""
        inside = self._open[-1]
        return pointer(inside.pointer, len(inside.value) if isinstance(inside.value, list) else inside.key or "")

    def _put(self, value: Any) -> None:
        if not self._open:
            self.root = value
            return
        inside = self._open[-1]
        if isinstance(inside.value, list):
            inside.value.append(value)
        else:
            inside.value.setdefault(inside.key or "", value)
            inside.key = None

    @staticmethod
    def _value(event: yaml.NodeEvent) -> Any:
        if isinstance(event, yaml.SequenceStartEvent):
            return []
        if isinstance(event, yaml.MappingStartEvent):
            return {}
        if not isinstance(event, yaml.ScalarEvent):
            return None
        text: str = event.value
        if not event.implicit[0]:  # it stood between quotes, or in a block of its own
            return text
        return int(text) if _WHOLE.fullmatch(text) else _WORDS.get(text, text)

    def _complain(self, event: yaml.NodeEvent, where: str, line: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._problem(where, "alias", _ADVICE["alias"], line)
        elif event.anchor is not None:
            self._problem(where, "anchor", _ADVICE["anchor"], line)
        if getattr(event, "tag", None) is not None:
            self._problem(where, "tag", _ADVICE["tag"], line)

    def _problem(self, where: str, code: str, text: str, line: int) -> None:
        self.problems.append(Problem(where, code, text, line))
        if len(self.problems) == PROBLEMS_MOST:
            raise Enough

    def _stop(self, where: str, code: str, line: int) -> NoReturn:
        self.problems.append(Problem(where, code, _ADVICE[code], line))
        raise Enough
