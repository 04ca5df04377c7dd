"""A procedure as a document: a plain dict that JSON can carry, its normal form, its canonical bytes and its digest.

The normal form is what is stored, compared and judged by: every field checked, texts tidied, what is empty or a
default left out, numbers that answers are judged by as the decimal strings their author wrote. `document_schema` has
the fields, `document_rules` what they say about each other, `sops.steps` the kinds of steps and checks.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any

from marshmallow import ValidationError

from sops import document_rules
from sops.document_draft import Draft
from sops.document_schema import SCHEMA, field_place, in_order, known_names
from sops.errors import DocumentInvalid, Problem
from sops.numbers import shortened
from sops.steps.base import pointer

Document = dict[str, Any]
"""A document in normal form."""

LARGEST = 2**20
"""Bytes that the canonical form of a document may have."""

DEEPEST = 16
"""Lists and objects within each other; the fields there are need six."""

PROBLEMS_MOST = 500
"""Problems that are told at once. A file with more is no procedure."""

_INTEGER_BITS = 53  # beyond these, computers read different numbers from the same JSON
_SUGGESTED = 50  # unknown fields for which the nearest known one is looked up


def normal(data: Mapping[str, Any]) -> Document:
    """The normal form of a document, its fields in the order in which people read them.

    data: anything that was read from JSON, YAML or a spreadsheet. `normal(normal(data)) == normal(data)`.

    Raises `DocumentInvalid` with everything that is wrong (at most 500 problems), in the document's order.
    """
    if refusal := _unreadable(data):
        raise DocumentInvalid([refusal])
    problems: list[Problem] = []
    try:
        loaded = SCHEMA.load(data)
    except ValidationError as error:
        loaded = error.valid_data
        problems = _told(data, _flat(error.messages, ""))
    draft = Draft(given=data, loaded=loaded, broken=_around(problems))
    problems.extend(islice(document_rules.problems(draft), PROBLEMS_MOST + 1))
    if problems:
        raise DocumentInvalid(_sorted(problems))
    document: Document = in_order(loaded)
    if len(canonical(document)) > LARGEST:
        raise DocumentInvalid([_too_large()])
    return document


def canonical(document: Document) -> bytes:
    """The canonical bytes of a document in normal form: JSON as RFC 8785 (JCS) has it.

    Field names are ASCII, and values are texts, whole numbers and truth values: so sorted names, no white space and
    no escapes but the necessary ones are all that the RFC asks for.
    """
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(document: Document) -> str:
    """The SHA-256 of the canonical bytes, 64 small hexadecimal digits: what names a document by its content."""
    return hashlib.sha256(canonical(document)).hexdigest()


def step_of(document: Document, id: str) -> dict[str, Any]:  # noqa: A002 - ids are called so in documents
    """The step of that id. Raises `KeyError`."""
    return _item(document, "steps", id)


def check_of(document: Document, id: str) -> dict[str, Any]:  # noqa: A002
    """The check of that id. Raises `KeyError`."""
    return _item(document, "checks", id)


def _item(document: Document, name: str, wanted: str) -> dict[str, Any]:
    items: list[dict[str, Any]] = document.get(name, [])
    for item in items:
        if item["id"] == wanted:
            return item
    raise KeyError(wanted)


# -- what is refused before it is looked at --------------------------------------------------------------


def _unreadable(data: Any) -> Problem | None:
    """Why a value cannot be a document, whatever its fields: its sheer size or depth, or what JSON cannot hold.

    It is walked without recursion, and no further than a document may be large.
    """
    if not isinstance(data, Mapping):
        return Problem(
            "", "not_an_object", "This is no procedure. Begin with a title, a purpose, a language and steps."
        )
    size = 0
    waiting: list[tuple[Any, int]] = [(data, 1)]
    while waiting:
        value, depth = waiting.pop()
        size += _size(value)
        if size > LARGEST:
            return _too_large()
        if depth > DEEPEST:
            text = f"Lists and fields stand more than {DEEPEST} deep within each other. No procedure needs that."
            return Problem("", "too_deep", text)
        if isinstance(value, int) and value.bit_length() > _INTEGER_BITS:
            return Problem("", "number_too_large", "A number in it has too many digits. At most 12 can be used.")
        if isinstance(value, Mapping | list):
            inner = value.values() if isinstance(value, Mapping) else value
            waiting.extend((one, depth + 1) for one in inner)
    return None


def _size(value: Any) -> int:
    """The least that a value, without what is in it, takes in JSON. Long lists are not walked for it."""
    if isinstance(value, Mapping):
        return 1 + 4 * len(value) + (sum(len(str(name)) for name in value) if len(value) < LARGEST else 0)
    if isinstance(value, str | bytes):
        return len(value) + 2
    return len(value) + 1 if isinstance(value, list) else 1


def _too_large() -> Problem:
    text = "This has more than 1 MiB. Split it into several procedures; photos are named by their id, not contained."
    return Problem("", "too_large", text)


# -- problems --------------------------------------------------------------------------------------------


def _flat(messages: Any, where: str) -> Iterator[Problem]:
    """marshmallow's nested messages as problems."""
    if not isinstance(messages, Mapping):
        for message in messages:
            yield Problem(where, getattr(message, "code", "invalid"), str(message))
        return
    for name, inner in messages.items():
        whole = name == "_schema" and [getattr(one, "code", "") for one in inner] == ["not_an_object"]
        yield from _flat(inner, where if whole else pointer(where, _written(name)))


def _written(name: object) -> str:
    """A field name as a pointer can have it: broken characters are told by their number."""
    return str(name).encode("utf-8", "backslashreplace").decode()


def _told(data: Mapping[str, Any], found: Iterable[Problem]) -> list[Problem]:
    """The same problems; those of unknown fields name the nearest known one."""
    problems: list[Problem] = []
    suggested = 0
    for problem in found:
        if len(problems) > PROBLEMS_MOST:
            break
        if problem.code == "unknown_field" and suggested < _SUGGESTED:
            suggested += 1
            problems.append(problem._replace(message=_unknown(data, problem.pointer)))
        else:
            problems.append(problem)
    return problems


def _unknown(data: Mapping[str, Any], where: str) -> str:
    *place, name = parts(where)
    known = known_names(data, place)
    near = get_close_matches(name[:60], known, n=1)
    advice = f"Did you mean “{near[0]}”?" if near else f"There are: {', '.join(sorted(known, key=field_place))}."
    return f"There is no field “{shortened(name)}” here. {advice}"


def parts(where: str) -> list[str]:
    """The parts of a JSON pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in where.split("/")[1:]]


def _around(problems: Iterable[Problem]) -> frozenset[str]:
    """The pointers of problems and of everything around them."""
    found: set[str] = set()
    for problem in problems:
        pieces = problem.pointer.split("/")
        found.update("/".join(pieces[:end]) for end in range(1, len(pieces) + 1))
    return frozenset(found)


def _sorted(problems: list[Problem]) -> list[Problem]:
    """In the document's order, each once. What is too much is cut, and said."""
    ordered = sorted(dict.fromkeys(problems), key=lambda one: [_place(part) for part in parts(one.pointer)])
    if len(ordered) <= PROBLEMS_MOST:
        return ordered
    text = f"There are more than {PROBLEMS_MOST} problems; these are the first. Correct them and try again."
    return [*ordered[:PROBLEMS_MOST], Problem("", "too_many_problems", text)]


def _place(part: str) -> tuple[int, int, str]:
    if part.isdecimal() and part.isascii():
        return (0, int(part[:9]), part)
    return (1, *field_place(part))
