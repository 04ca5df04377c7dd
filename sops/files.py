"""Procedures as YAML files that people write by hand, with errors that name the line."""

import codecs
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from sops.document import LARGEST, Document, canonical, normal
from sops.document_schema import in_order
from sops.errors import DocumentInvalid, Problem
from sops.files_tree import Enough, Tree

# libyaml where it is there, some twenty times as fast as the parser in Python. That one also refuses a ? without quotes
# between brackets; all else both read the same.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WIDTH = 110  # columns of a written file
_SIGNS_MOST = 20  # signs that cannot be read, told at once

_NEVER = re.compile("[^\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def read_yaml(text: str | bytes) -> Document:
    """The procedure in a YAML file, in normal form.

    text: what the file holds; bytes are UTF-8. At most 1 MiB is read. `0.10` without quotes keeps its zero.

    Raises `DocumentInvalid`; each problem has its line, also those of what is missing (the line of what it is
    missing from) and of fields that contradict each other.
    """
    source = _decoded(text)
    if problems := list(_signs(source)):
        raise DocumentInvalid(problems)
    tree = Tree()
    _parse(source, tree)
    try:
        document = normal(tree.root)
    except DocumentInvalid as error:
        found = [one._replace(line=tree.line(one.pointer)) for one in error.problems]
        found = [one for one in found if not _within(one, tree.problems)]
        raise DocumentInvalid(sorted([*tree.problems, *found], key=lambda one: one.line or 0)) from error
    if tree.problems:
        raise DocumentInvalid(tree.problems)
    return document


def write_yaml(document: Document) -> str:
    """A document in normal form as a file that people like to read, in a fixed order of fields.

    `read_yaml(write_yaml(document)) == document`. One so large that a readable file could not be read again, at more
    than 1 MiB, is written as JSON in one line.
    """
    dump: str = yaml.dump(in_order(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return dump if len(dump.encode()) <= LARGEST else canonical(document).decode().replace("\ufeff", "\\ufeff")


# -- before parsing ----------------------------------------------------------------------------------------


def _decoded(text: str | bytes) -> str:
    if len(text) > LARGEST or (isinstance(text, str) and len(text.encode("utf-8", "surrogatepass")) > LARGEST):
        size = f"{len(text) / 2**20:.1f} MiB"
        told = f"The file has {size}, at most 1 MiB is read. Split it into several procedures, without photos in it."
        raise _refused("too_large", told)
    if isinstance(text, bytes) and (text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in text[:4]):
        raise _refused("not_utf8", "The file is in UTF-16 or UTF-32. Save it as UTF-8.", 1)
    if isinstance(text, bytes):
        text = _from_utf8(text)
    if text.startswith("\ufeff"):
        raise _refused("byte_order_mark", "The file begins with a byte order mark. Save it as UTF-8 without one.", 1)
    if not text.strip():
        raise _refused("empty", "The file is empty. Begin with a title, a purpose, a language and steps.", 1)
    return text


def _from_utf8(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        told = "This line has a character that is not UTF-8. Save the file as UTF-8."
        raise _refused("not_utf8", told, line) from error


def _refused(code: str, text: str, line: int | None = None) -> DocumentInvalid:
    return DocumentInvalid([Problem("", code, text, line)])


def _signs(source: str) -> Iterator[Problem]:
    """Characters that no file may have, or that make it look other than it is read; the first of each line."""
    told = 0
    for number, line in enumerate(re.split(r"\r\n|\r|\n", source), start=1):
        found = _NEVER.search(line)
        if found and told < _SIGNS_MOST:
            told += 1
            sign = f"U+{ord(found[0]):04X}"
            text = f"There is a control character or half of one ({sign}) at column {found.start() + 1}. Take it out."
            if found[0] == "\t":
                text = f"There is a tab at column {found.start() + 1}. Indent and separate with spaces."
            yield Problem("", "tab" if found[0] == "\t" else "control_character", text, number)


# -- parsing -------------------------------------------------------------------------------------------------


def _parse(source: str, tree: Tree) -> None:
    """Fill the tree. Raises `DocumentInvalid` for what is no YAML."""
    try:
        for event in yaml.parse(source, Loader=_LOADER):
            tree.take(event)
    except Enough as error:
        raise DocumentInvalid(tree.problems) from error
    except yaml.MarkedYAMLError as error:
        raise DocumentInvalid([*tree.problems, _broken(error)]) from error
    except (yaml.YAMLError, ValueError) as error:  # numbers in escapes and directives that are none
        text = "There is an escape (\\) or a line with % that cannot be read. Put the text between single quotes."
        raise DocumentInvalid([*tree.problems, Problem("", "not_yaml", text, tree.at)]) from error


class _Fault(NamedTuple):
    """What the parsers say, as a pattern, and what to tell the author. opened: the line is where it was opened."""

    said: str
    text: str
    opened: bool = False


_FAULTS = (
    _Fault(
        "quoted scalar.*end of stream",
        "A quote is opened here and never closed. Close it.",
        opened=True,
    ),
    _Fault(
        "escape",
        "There is a \\ that cannot be read. Put the text between single quotes instead of double ones.",
    ),
    _Fault(
        "flow (sequence|mapping)",
        "A bracket is opened here and not closed, or a comma is missing. "
        "Put texts with brackets, commas or question marks in them between quotes.",
        opened=True,
    ),
    _Fault(
        "mapping values are not allowed",
        "There is a colon too many, or the line is indented too far. "
        "Put a text with a colon and a space in it between quotes.",
    ),
    _Fault(
        "sequence entries are not allowed",
        "A list begins in the wrong place. "
        "Put each - on a line of its own, and a text that begins with - between quotes.",
    ),
    _Fault(
        "could not find expected ':'",
        "There is a line without a colon. "
        "Write the name of a field, a colon, a space and the value; indent the second line of a text.",
    ),
    _Fault(
        "cannot start any token|scanning (an alias|an anchor|a tag|a directive)|parsing a tag",
        "A text begins with a sign that means something else to YAML, such as @ ` % * & or !. Put it between quotes.",
    ),
    _Fault(
        "block scalar",
        "Nothing but a + or - may follow | or > on its line. Begin the text on the next line.",
    ),
    _Fault(
        "block (mapping|collection)",
        "This line does not fit those before it. Indent the fields of one item equally, put a text with a quote "
        "in it between quotes of the other sort, and leave nothing after a closing quote.",
    ),
)


def _broken(error: yaml.MarkedYAMLError) -> Problem:
    said = f"{error.context or ''} {error.problem or ''}"
    fault = next((one for one in _FAULTS if re.search(one.said, said)), None)
    marks = [error.problem_mark, error.context_mark]
    if fault and fault.opened:
        marks.reverse()
    line = next((mark.line + 1 for mark in marks if mark), 1)
    text = (
        fault.text if fault else "This cannot be read as YAML. Look at the indentation, quotes and colons around here."
    )
    return Problem("", "not_yaml", text, line)


def _within(problem: Problem, others: list[Problem]) -> bool:
    """Whether another problem explains this one: nothing more is said about a value that was refused itself."""
    refused = [other.pointer for other in others if other.code != "duplicate_key"]
    return any(f"{problem.pointer}/".startswith(f"{where}/") for where in refused)


# -- writing -------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Lists are indented, lists of words stand in one line, texts of several lines in a block.

    What another reader of YAML (1.1 or 1.2) could take for a number, a date or a truth value is quoted.
    """

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    words = all(isinstance(item, str) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=words)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
