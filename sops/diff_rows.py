"""Two versions next to each other: of a document item by item, of its translations path by path."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sops.diff_changes import Change, Path, by_key, difference, moved_items
from sops.translations import Translation
from sops.wording import word_difference

RowKind = Literal["same", "changed", "added", "removed"]
LISTS = ("hazards", "tools", "defects", "steps", "checks")
TEXTS = frozenset({"title", "purpose", "scope", "text", "detail", "help", "control", "meaning", "unit"})


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a document in both versions.

    kind: `same`, `changed`, `added` or `removed`. left, right: the item in the first and in the second document, as
    it stands there; None where it is not in one.
    words: for each of its texts that differ, by its path within the item, what `word_difference` says of them.
    path: where the item is, such as ("checks", "weight"); () for the head of the document, with all that is no list.
    moved: whether it stands elsewhere among the others.
    """

    kind: RowKind
    left: Mapping[str, Any] | None
    right: Mapping[str, Any] | None
    words: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)
    path: Path = ()
    moved: bool = False


def side_by_side(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Row]:
    """Both documents, in normal form, as rows: the head, then every list in the second one's order.

    What was taken out stands behind the item that it stood behind.
    """
    changes = difference(first, second)
    rows = [_row((), _head(first), _head(second), changes)]
    for name in LISTS:
        old, new = by_key(first.get(name)), by_key(second.get(name))
        rows += [_row((name, key), old.get(key), new.get(key), changes) for key in _woven(list(old), list(new))]
    return rows


def _row(path: Path, left: Any, right: Any, changes: Sequence[Change]) -> Row:
    if left is None or right is None:
        return Row("added" if left is None else "removed", left, right, path=path)
    inside = [one for one in changes if _inside(one.path, path)]
    words = {
        ".".join(one.path[len(path) :]): word_difference(one.old, one.new)
        for one in inside
        if one.op == "set" and one.path[-1] in TEXTS and isinstance(one.old, str) and isinstance(one.new, str)
    }
    return Row("changed" if inside else "same", left, right, words, path, _moved(path, changes))


def _inside(path: Path, item: Path) -> bool:
    if not item:
        return path[0] not in LISTS
    return len(path) > len(item) and path[: len(item)] == item


def _moved(path: Path, changes: Sequence[Change]) -> bool:
    order = next((one for one in changes if one.op == "order" and one.path == path[:-1]), None)
    return bool(path) and order is not None and path[-1] in moved_items(order.old, order.new)


def _head(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in LISTS}


def _woven(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The names of both, in the new order, each that is gone behind the one it stood behind."""
    here, behind = set(new), defaultdict[str | None, list[str]](list)
    last: str | None = None
    for name in old:
        if name in here:
            last = name
        else:
            behind[last].append(name)
    return [*behind[None], *(one for name in new for one in (name, *behind[name]))]


@dataclass(frozen=True, slots=True)
class TranslationChange:
    """A text whose translation into one language differs between two versions.

    path: of the text, as in `sops.translations.texts`. old, new: the translations that only the first and only the
    second version has; more than one where a draft stands beside what was reviewed, none where it was not
    translated.
    """

    path: str
    language: str
    old: tuple[Translation, ...]
    new: tuple[Translation, ...]


def translation_changes(first: Iterable[Translation], second: Iterable[Translation]) -> list[TranslationChange]:
    """What differs between two versions' translations, path by path and language by language, in that order.

    A translation differs if its text, its status or the source it was made from does.
    """
    before, after = frozenset(first), frozenset(second)
    places = sorted({(one.path, one.language) for one in before ^ after})
    return [
        TranslationChange(path, language, _at(path, language, before - after), _at(path, language, after - before))
        for path, language in places
    ]


def _at(path: str, language: str, translations: Iterable[Translation]) -> tuple[Translation, ...]:
    here = (one for one in translations if (one.path, one.language) == (path, language))
    return tuple(sorted(here, key=lambda one: (one.status, one.source_sha, one.text)))
