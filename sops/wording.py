"""What texts are made of: placeholders that code fills from a check's own numbers, and words.

`{min}` in a text stands for a value of its step or check. A brace that is meant to be read is doubled: `{{`, `}}`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import NamedTuple

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_PAIRS_MOST = 25_000  # equal pairs of words that are compared; texts with more are told as one change


class Braces(NamedTuple):
    """What the braces of a text say. names: its placeholders. single: braces that are neither paired nor doubled."""

    names: frozenset[str]
    single: tuple[str, ...]


def braces(text: str) -> Braces:
    """The placeholders of a text, and the braces that are a mistake in it."""
    found = [hit for hit in _BRACES.finditer(text) if hit[0] not in ("{{", "}}")]
    names = frozenset(hit[1] for hit in found if hit[1] is not None)
    return Braces(names, tuple(hit[0] for hit in found if hit[1] is None))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text as people read it: placeholders replaced once, doubled braces single. Unknown placeholders stay."""
    return _BRACES.sub(lambda hit: _meant(hit, values), text)


def split(text: str) -> list[tuple[str, str]]:
    """The text in pieces: `(literal, "")` for what is written, `("", name)` for a placeholder."""
    pieces: list[tuple[str, str]] = []
    end = 0
    for hit in _BRACES.finditer(text):
        if hit[1]:
            pieces += [(text[end : hit.start()], ""), ("", hit[1])]
            end = hit.end()
    return [piece for piece in [*pieces, (text[end:], "")] if any(piece)]


def _meant(hit: re.Match[str], values: Mapping[str, str]) -> str:
    if hit[1] is not None:
        return values.get(hit[1], hit[0])
    return hit[0][0]


def word_difference(old: str, new: str) -> list[tuple[str, str]]:
    """What changed from one text to another, word by word: `same`, `removed` and `added` pieces in reading order.

    The pieces that are not `added`, joined, are the old text; those that are not `removed` the new one.
    """
    pieces: list[tuple[str, str]] = []
    for op, text in _pieces(_WORD.findall(old), _WORD.findall(new)):
        if text and pieces and pieces[-1][0] == op:
            pieces[-1] = (op, pieces[-1][1] + text)
        elif text:
            pieces.append((op, text))
    return pieces


def _pieces(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    least = min(len(old), len(new))
    start = next((place for place in range(least) if old[place] != new[place]), least)
    most = least - start
    end = next((back for back in range(most) if old[-1 - back] != new[-1 - back]), most)
    one, other = old[start : len(old) - end], new[start : len(new) - end]
    yield "same", "".join(old[:start])
    if _pairs(one, other) > _PAIRS_MOST:
        yield "removed", "".join(one)
        yield "added", "".join(other)
    else:
        for tag, i1, i2, j1, j2 in SequenceMatcher(str.isspace, one, other, autojunk=False).get_opcodes():
            if tag == "equal":
                yield "same", "".join(one[i1:i2])
            else:
                yield "removed", "".join(one[i1:i2])
                yield "added", "".join(other[j1:j2])
    yield "same", "".join(old[len(old) - end :])


def _pairs(one: list[str], other: list[str]) -> int:
    """What the comparison of two lists of words has to do: 4000 characters of prose are some 10 000 pairs."""
    here, there = Counter(one), Counter(other)
    return sum(times * there[word] for word, times in here.items() if not word.isspace())
