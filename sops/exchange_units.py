"""What every file of translations is made of, whatever its format, and what may be taken from one."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sops.document import PROBLEMS_MOST, Document
from sops.document_draft import LISTS
from sops.errors import Problem, TextRefused
from sops.fields import clean
from sops.text_places import Place, text_places
from sops.translations import State, Translation, best_of, placed_problems, source_sha

LARGEST = 2**24
"""Bytes that a file from outside may have: the largest document, twice, with all its markup."""

UNITS_MOST = 50_000
"""Units that are read of a file. The largest document has a fifth as many texts."""

TOO_MANY = f"The file has more than {UNITS_MOST} rows or units; what comes after them was not read. Take them out."

_SHA = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Offered:
    """A text that is sent out. target: what there is of it in the language, "" if nothing."""

    place: Place
    target: str
    state: State

    @property
    def sha(self) -> str:
        """The `source_sha` of the text as it is sent."""
        return source_sha(self.place.text)


@dataclass(frozen=True, slots=True)
class Unit:
    """A text that came back.

    where: how people find it in the file, such as "Row 12"; line: the same for programs, from 1. path: as the file
    has it. source, target: as the file has them. sha: the `source_sha` it was sent out with, "" if that is lost.
    outdated: the file still says that the target belongs to an earlier source.
    """

    where: str
    line: int
    path: str
    source: str
    target: str
    sha: str
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """What a file holds.

    translations: drafts that can be taken, in the file's order; also those of an earlier source, which a problem
    names. problems: one for every unit that is not what it should be; each names the unit or row and has its line.
    Those that are about the whole file have the pointer "". unchanged: units that are here already, as they are.
    untranslated: units without a target.
    """

    translations: tuple[Translation, ...] = ()
    problems: tuple[Problem, ...] = ()
    unchanged: int = 0
    untranslated: int = 0


def refused(code: str, text: str, line: int | None = None) -> Received:
    """A file of which nothing can be taken."""
    return Received(problems=(Problem("", code, text, line),))


def too_large(data: bytes) -> Received | None:
    """The refusal of a file that is not even looked at."""
    if len(data) <= LARGEST:
        return None
    sizes = f"{len(data) / 2**20:.0f} MiB, at most {LARGEST // 2**20} MiB are read"
    return refused("too_large", f"The file has {sizes}. Send the file that was exported, without anything added.")


def offered(document: Document, language: str, translations: Iterable[Translation]) -> list[Offered]:
    """Every text of a document with what there is in a language. Raises `ValueError` for the document's own."""
    if language == document["language"]:
        raise ValueError(f"The procedure is written in {language}; it is not translated into it.")
    best = best_of(document, language, translations)
    return [Offered(one, best[one.path].text or "", best[one.path].state) for one in text_places(document)]


# -- taking what came back -------------------------------------------------------------------------------


def received(
    units: Sequence[Unit],
    document: Document,
    language: str,
    translations: Iterable[Translation],
    problems: Iterable[Problem] = (),
) -> Received:
    """What can be taken of units.

    translations: those that are here already. problems: what is wrong with the file itself.
    """
    take = _Take(document, language, frozenset(one for one in translations if one.language == language))
    take.problems.extend(problems)
    items = [unit for unit in units if unit.path.split(".")[0] in LISTS]
    foreign = 2 * sum(unit.path in take.places for unit in items) < len(items)
    if foreign:
        text = (
            "Most texts of the file are not in this procedure: it may be another procedure's, or a very old version's. "
            "Only translations of texts that are here word for word were taken. Look at the title."
        )
        take.problems.append(Problem("", "other_document", text))
    for unit in units:
        if len(take.problems) > PROBLEMS_MOST:
            break
        if not foreign or take.fits(unit):
            take.unit(unit)
    return Received(tuple(take.good), _cut(take.problems), take.counts["unchanged"], take.counts["untranslated"])


def _cut(problems: list[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= PROBLEMS_MOST:
        return tuple(problems)
    text = f"There are more than {PROBLEMS_MOST} problems; these are the first. Correct them and try again."
    return (*problems[:PROBLEMS_MOST], Problem("", "too_many_problems", text))


@dataclass(slots=True)
class _Take:
    """Units are taken one by one."""

    document: Document
    language: str
    known: frozenset[Translation]
    places: dict[str, Place] = field(init=False)
    good: list[Translation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seen: dict[str, str] = field(default_factory=dict)
    here: frozenset[tuple[str, str, str]] = field(init=False)
    earlier: frozenset[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.places = {place.path: place for place in text_places(self.document)}
        self.here = frozenset((one.path, one.text, one.source_sha) for one in self.known)
        self.earlier = frozenset((one.path, one.text) for one in self.known)

    def fits(self, unit: Unit) -> bool:
        """Whether it is about a text as it stands now."""
        place = self.places.get(unit.path)
        return place is not None and _sent(unit, place) == source_sha(place.text)

    def unit(self, unit: Unit) -> None:
        """Take it, or say why not."""
        place = self.places.get(unit.path)
        if not unit.target.strip():
            self.counts["untranslated"] += 1
        elif place is None:
            text = f"There is no text “{unit.path[:80]}” in this procedure. It may have been taken out."
            self._tell(unit, "", "path_unknown", text)
        elif unit.path in self.seen:
            text = f"{self.seen[unit.path]} is about the same text and was taken. Take one of them out."
            self._tell(unit, place.pointer, "duplicate_unit", text)
        elif not (sent := _sent(unit, place)):
            text = "It does not say which text it is a translation of. Put the source text back beside it."
            self._tell(unit, place.pointer, "source_missing", text)
        else:
            self.seen[unit.path] = unit.where
            self._known(unit, place, sent)

    def _known(self, unit: Unit, place: Place, sent: str) -> None:
        current = source_sha(place.text)
        translation = Translation(unit.path, self.language, _tidy(place, unit.target), sent, "draft")
        source = place if sent == current or not unit.source else replace(place, text=unit.source)
        if found := placed_problems(self.document["language"], source, translation):
            for one in found:
                self._tell(unit, one.pointer, one.code, one.message)
        elif sent == current and unit.outdated and self._untouched(translation):
            text = "This is still the translation of an earlier text. Bring it up to date, or mark it as translated."
            self._tell(unit, place.pointer, "still_outdated", text)
        elif (translation.path, translation.text, sent) in self.here:
            self.counts["unchanged"] += 1
        else:
            self.good.append(translation)
            self._warn(unit, place, outdated=sent != current)

    def _untouched(self, translation: Translation) -> bool:
        return not self.known or (translation.path, translation.text) in self.earlier

    def _warn(self, unit: Unit, place: Place, *, outdated: bool) -> None:
        """What should be known of a unit that was taken."""
        if outdated:
            text = "The text was changed after the file was written. The translation is kept, and marked as outdated."
            self._tell(unit, place.pointer, "outdated", text)
        elif unit.source.split() != place.text.split():
            text = "The source text in the file is not the one that was sent. Compare the translation with the text."
            self._tell(unit, place.pointer, "source_altered", text)

    def _tell(self, unit: Unit, pointer: str, code: str, text: str) -> None:
        self.problems.append(Problem(pointer, code, f"{unit.where}: {text}", unit.line))


def _sent(unit: Unit, place: Place) -> str:
    """The `source_sha` of the text that the translator saw; "" if nothing tells it.

    Spreadsheets change what looks like a number, and tools lose what they do not know: the source text itself counts
    too.
    """
    current, source = source_sha(place.text), unit.source.replace("\r\n", "\n").strip()
    read = source_sha(source) if source else ""
    if current in (unit.sha, read):
        return current
    return unit.sha if _SHA.fullmatch(unit.sha) else read


def _tidy(place: Place, text: str) -> str:
    """The text as translations hold it; as it came if it cannot be held, for a problem to say so."""
    try:
        return clean(text, longest=place.longest, one_line=place.one_line)
    except TextRefused:
        return text
