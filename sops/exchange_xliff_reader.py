"""Reads XLIFF 2.0 and 2.1 with expat, in one pass, without ever following an entity or holding a tree."""

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from sops.errors import Problem
from sops.exchange_units import TOO_MANY, UNITS_MOST, Unit

CORE = "urn:oasis:names:tc:xliff:document:2.0"
"""The namespace of the core of XLIFF 2.0 and 2.1 alike."""

OURS = "urn:x-qc-service:exchange"
"""The namespace of the attributes that we add."""

OUTDATED = "sops:outdated"
"""The `subState` of a segment whose target belongs to an earlier source."""

DEEPEST = 32
"""Elements within each other; the core needs eight, and marks within marks a few more."""

_ANCIENT = "urn:oasis:names:tc:xliff:document:1"
_INLINE = frozenset({"ph", "cp", "mrk", "sm", "em"})


class Stop(Exception):
    """Reading ends here. whole: nothing of the file may be taken, also of what was read already."""

    def __init__(self, code: str, text: str, line: int, *, whole: bool = True) -> None:
        super().__init__(text)
        self.code, self.text, self.line, self.whole = code, text, line, whole


@dataclass(slots=True)
class _Part:
    """A segment, or an ignorable: white space between segments that need not be translated."""

    ignorable: bool
    source: str = ""
    target: str | None = None
    order: str = ""


@dataclass(slots=True)
class _Open:
    """A unit that is being read."""

    id: str
    sha: str
    line: int
    parts: list[_Part] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)
    outdated: bool = False
    problem: tuple[str, str] | None = None


class Reader:
    """One file. `units` are what was read, in its order; `problems` what could not be."""

    def __init__(self, *, source: str, target: str) -> None:
        self.units: list[Unit] = []
        self.problems: list[Problem] = []
        self._languages = {"srcLang": source, "trgLang": target}
        self._stack: list[str] = []
        self._unit: _Open | None = None
        self._buffer: list[str] | None = None
        self._data = ""
        self._parser: Any = None

    def read(self, data: bytes) -> None:
        """Read a whole file. Raises `Stop`."""
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(data, True)  # noqa: FBT003
        except (expat.ExpatError, LookupError, ValueError) as error:
            line = getattr(error, "lineno", parser.CurrentLineNumber)
            text = f"From line {line} on this is no XML, so nothing after it was read. Export the file again."
            raise Stop("not_xml", text, line, whole=False) from error

    def tell(self, code: str, text: str, line: int) -> None:
        """Add a problem."""
        self.problems.append(Problem("", code, text, line))

    # -- what expat tells --------------------------------------------------------------------------------

    def _doctype(self, *_declared: object) -> None:
        text = "The file has a document type (<!DOCTYPE …>), which XLIFF has not. Export it again without one."
        raise Stop("document_type", text, self._line)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if not self._stack:
            self._root(space, local, attributes)
        self._stack.append(local if space == CORE else name)
        if len(self._stack) > DEEPEST:
            raise Stop("too_deep", "Elements stand too deep within each other. Export the file again.", self._line)
        if space == CORE:
            self._core(local, attributes)
        elif self._buffer is not None:
            self._spoil("inline_unknown", f"Its text has an element <{local[:40]}> that is not of the core.")

    def _end(self, _name: str) -> None:
        match self._stack.pop():
            case "unit":
                self._close()
            case "source":
                self._set_source()
            case "target":
                self._set_target()
            case "data" if self._unit and self._buffer is not None:
                self._unit.data[self._data] = self._taken()

    def _characters(self, text: str) -> None:
        if self._buffer is not None:
            self._buffer.append(text)

    # -- the core ------------------------------------------------------------------------------------------

    def _root(self, space: str, local: str, attributes: dict[str, str]) -> None:
        if local != "xliff" or not space.startswith("urn:oasis:names:tc:xliff:document:"):
            text = f"This is no XLIFF: it begins with <{local[:40]}>. Send the XLIFF 2.1 file of your translation tool."
            raise Stop("not_xliff", text, self._line)
        if space != CORE or attributes.get("version") not in ("2.0", "2.1"):
            version = "1.2" if space.startswith(_ANCIENT) else attributes.get("version", "")[:20]
            raise Stop("version_unknown", f"This is XLIFF {version}. Save it as XLIFF 2.1 or 2.0.", self._line)
        for name, wanted in self._languages.items():
            given = attributes.get(name, "")
            if given.lower().split("-")[0] != wanted:
                which = "is written in" if name == "srcLang" else "translates into"
                text = f"The file {which} “{given[:20]}” ({name}), not “{wanted}”. Choose the language that it is for."
                raise Stop("wrong_language", text, self._line)

    def _core(self, local: str, attributes: dict[str, str]) -> None:
        parent = self._stack[-2] if len(self._stack) > 1 else ""
        if local == "unit":
            self._unit = _Open(attributes.get("id", ""), attributes.get(f"{OURS} sourceSha", ""), self._line)
        elif self._unit is None:
            return
        elif local in ("segment", "ignorable") and parent == "unit":
            self._unit.parts.append(_Part(local == "ignorable"))
            marked = attributes.get("state", "initial") == "initial" and attributes.get("subState") == OUTDATED
            self._unit.outdated = self._unit.outdated or marked
        elif local in ("source", "target") and parent in ("segment", "ignorable"):
            self._buffer = []
            if local == "target":
                self._unit.parts[-1].order = attributes.get("order", "")
        elif local == "data" and parent == "originalData":
            self._buffer, self._data = [], attributes.get("id", "")
        elif self._buffer is not None:
            self._inline(self._unit, local, attributes)

    def _inline(self, unit: _Open, local: str, attributes: dict[str, str]) -> None:
        if local == "ph":
            original = unit.data.get(attributes.get("dataRef", ""), attributes.get("equiv", ""))
            self._characters(original)
        elif local == "cp":
            self._characters(_character(attributes.get("hex", "")))
        elif local not in _INLINE:
            self._spoil("inline_unknown", f"Its text has the markup <{local}>. Only plain text can be taken.")

    def _spoil(self, code: str, text: str) -> None:
        if self._unit and self._unit.problem is None:
            self._unit.problem = (code, text)

    def _set_source(self) -> None:
        if self._unit and self._unit.parts and self._buffer is not None:
            self._unit.parts[-1].source = self._taken()

    def _set_target(self) -> None:
        if self._unit and self._unit.parts and self._buffer is not None:
            self._unit.parts[-1].target = self._taken()

    def _taken(self) -> str:
        text, self._buffer = "".join(self._buffer or ()), None
        return text

    def _close(self) -> None:
        unit, self._unit, self._buffer = self._unit, None, None
        if unit is None:
            return
        if len(self.units) + len(self.problems) >= UNITS_MOST:
            raise Stop("too_many_units", TOO_MANY, unit.line, whole=False)
        where = f"Unit {unit.id[:80]} (line {unit.line})"
        segments = [part for part in unit.parts if not part.ignorable]
        translated = [part for part in segments if (part.target or "").strip()]
        if unit.problem is None and translated and len(translated) < len(segments):
            unit.problem = ("segment_missing", "Only some of its segments are translated. Translate all of them.")
        if unit.problem:
            self.tell(unit.problem[0], f"{where}: {unit.problem[1]}", unit.line)
            return
        source = "".join(part.source for part in unit.parts)
        target = "".join(_target(part) for part in _ordered(unit.parts)) if translated else ""
        self.units.append(Unit(where, unit.line, unit.id, source, target, unit.sha, unit.outdated))

    @property
    def _line(self) -> int:
        return int(self._parser.CurrentLineNumber)


def _ordered(parts: list[_Part]) -> list[_Part]:
    """The parts as their targets are read: `order` is a target's place among all of them, from 1.

    Orders that cannot be are none at all.
    """
    told = [part for part in parts if part.order]
    if not all(part.order.isascii() and part.order.isdecimal() and len(part.order) < 6 for part in told):
        return parts
    places = {int(part.order) - 1: part for part in told}
    if not told or len(places) < len(told) or not set(places) <= set(range(len(parts))):
        return parts
    rest = iter([part for part in parts if not part.order])
    return [places[place] if place in places else next(rest) for place in range(len(parts))]


def _target(part: _Part) -> str:
    return part.source if part.target is None else part.target


def _character(code: str) -> str:
    """The character of a `cp` element: one that XML cannot hold. Nothing of ours has any; the text is then refused."""
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return "\x00"
