"""The translator's list, made of plain values: what each text is called, which are shown, and what is wrong with one.

Nothing here asks the database or the request, and every sentence is said later, in the reader's language.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qc_service.texts import Text, later
from sops.text_places import Place
from sops.wording import braces, split

PAGE = 25
TERM_LONGEST = 40  # characters of a text that is likely to be a term: a tool, a unit, an answer
TERMS_MOST = 6  # terms that are named beside one text

Row = Mapping[str, Any]
Say = Callable[..., str]

SECTIONS: dict[str, Text] = {
    "head": later("Head"),
    "hazards": later("Hazards"),
    "tools": later("Tools"),
    "defects": later("Defects"),
    "steps": later("Steps"),
    "checks": later("Checks"),
}
SHOWS: dict[str, Text] = {
    "todo": later("To do"),
    "missing": later("Missing"),
    "outdated": later("Outdated"),
    "draft": later("To review"),
    "all": later("All"),
}
_SHOWN: dict[str, Callable[[Row], bool]] = {
    "todo": lambda row: row["state"] != "reviewed" or row["draft"] is not None,
    "missing": lambda row: bool(row["state"] == "missing"),
    "outdated": lambda row: bool(row["state"] == "outdated"),
    "draft": lambda row: row["draft"] is not None,
    "all": lambda row: True,  # noqa: ARG005
}
_HEAD: dict[str, Text] = {
    "title": later("Title"),
    "purpose": later("Purpose"),
    "scope": later("Scope"),
    "skill.text": later("Skill to be shown"),
}
_ITEMS: dict[str, Text] = {
    "hazards": later("Hazard %(number)s"),
    "tools": later("Tool %(number)s"),
    "defects": later("Defect %(number)s"),
    "steps": later("Step %(number)s"),
    "checks": later("Check %(number)s"),
}
_PARTS: dict[str, Text] = {
    "control": later("what protects from it"),
    "detail": later("details"),
    "help": later("help"),
    "unit": later("unit"),
    "meaning": later("what the signature means"),
}


# --- what a text is called -----------------------------------------------------------------------------------------


def section_of(path: str) -> str:
    first = path.partition(".")[0]
    return first if first in SECTIONS else "head"


def names_of(document: Mapping[str, Any], paths: Iterable[str], say: Say) -> dict[str, str]:
    """What people call each text: "Check 4, help". Items are counted as the page of the version counts them."""
    numbers = {
        (listed, item["code" if listed == "defects" else "id"]): item["code"] if listed == "defects" else place
        for listed in _ITEMS
        for place, item in enumerate(document.get(listed, ()), start=1)
    }
    return {path: _name(path, numbers, say) for path in paths}


def _name(path: str, numbers: Mapping[tuple[str, str], Any], say: Say) -> str:
    if path in _HEAD:
        return say(_HEAD[path])
    listed, key, *rest = path.split(".")
    item = say(_ITEMS[listed], number=numbers[listed, key])
    if rest[0] == "photos":
        return say("%(item)s, caption of photo %(number)s", item=item, number=int(rest[1]) + 1)
    if rest[0] == "choices":
        return say("%(item)s, answer “%(answer)s”", item=item, answer=rest[1])
    if rest[-1] in _PARTS:
        return say("%(item)s, %(part)s", item=item, part=say(_PARTS[rest[-1]]))
    return item


# --- which are shown -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """What of the list is looked at."""

    show: str = "todo"
    section: str = ""
    query: str = ""
    page: int = 1

    def fits(self, row: Row) -> bool:
        """Whether a text is among those that are shown."""
        sections = self.section in ("", section_of(row["path"]))
        return sections and _SHOWN[self.show](row) and self._named(row)

    def _named(self, row: Row) -> bool:
        words = self.query.casefold().split()
        found = "\n".join([row["path"], row["source"], text_of(row)]).casefold()
        return all(word in found for word in words)

    @property
    def asked(self) -> dict[str, str]:
        """As an address has it, without what is the usual."""
        return {"show": self.show, **self.sieve}

    @property
    def sieve(self) -> dict[str, str]:
        """The same but for the state, so that it is kept where another state is looked at."""
        told = {"section": self.section, "q": self.query}
        return {name: value for name, value in told.items() if value}


def view_of(args: Mapping[str, str]) -> View:
    """What an address asks for; what is none of ours is the usual."""
    show, section, page = args.get("show", ""), args.get("section", ""), args.get("page", "")
    return View(
        show if show in SHOWS else "todo",
        section if section in SECTIONS else "",
        args.get("q", "").strip()[:200],
        int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1,
    )


def counts_of(rows: Sequence[Row]) -> dict[str, int]:
    """How many texts each choice of what is shown has."""
    return {show: sum(fits(row) for row in rows) for show, fits in _SHOWN.items()}


def text_of(row: Row) -> str:
    """What stands in the field: the last that was written, of an earlier source where there is no other."""
    said = said_of(row)
    return "" if said is None else str(said["text"])


def said_of(row: Row) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = row["draft"] or row["translation"] or row["outdated"]
    return found


def seen_of(row: Row) -> str:
    """Names what stands in the field, so that saving can tell whether somebody else wrote something newer."""
    said = said_of(row)
    return "" if said is None else f"{said.get('source_sha', row['source_sha'])}:{said['number']}"


# --- beside a text -------------------------------------------------------------------------------------------------


def pieces(text: str) -> list[dict[str, str]]:
    """A text with its placeholders apart, so that they can be shown as what they are."""
    return [{"text": literal, "name": name} for literal, name in split(text)]


def lacking(row: Row) -> list[str]:
    """Placeholders of the source that the text in the field does not have."""
    text = text_of(row)
    return sorted(braces(row["source"]).names - braces(text).names) if text else []


def rows_of_field(longest: int, *texts: str) -> int:
    """How high a field is, so that what will stand in it is seen at once."""
    lines = max(sum(1 + len(line) // 52 for line in text.split("\n")) for text in ("", *texts))
    return min(max(lines + (longest > 500), 2), 14)


def terms_in(text: str, terms: Mapping[str, str]) -> list[dict[str, str]]:
    """Short texts of the procedure that stand within another one, with how they are translated."""
    plain, found = text.casefold(), []
    for source, target in terms.items():
        word = source.casefold()
        if word in plain and word != plain and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", plain):
            found.append({"source": source, "target": target})
    return sorted(found, key=lambda one: -len(one["source"]))[:TERMS_MOST]


def terms_of(rows: Iterable[Row]) -> dict[str, str]:
    """The short texts that are translated and up to date."""
    return {
        row["source"]: row["translation"]["text"]
        for row in rows
        if row["translation"] is not None and len(row["source"]) <= TERM_LONGEST and "{" not in row["source"]
    }


# --- what is wrong with a text -------------------------------------------------------------------------------------

_WRONG: dict[str, Text] = {
    "missing": later("A translation that was written cannot be taken away: write what it should say."),
    "brace_single": later("There is a single brace. Write it twice if it is meant to be read."),
    "several_lines": later("This must be one line: take the line breaks out."),
    "control_character": later("It holds a character that cannot be shown, perhaps a tab: take it out."),
    "too_many_marks": later("A letter has too many accents: take them off."),
    "source_changed": later("The source text was changed meanwhile: read it again, then save."),
    "path_unknown": later("This text is not in the version any more."),
}
_IN_FILES: dict[str, Text] = {
    "missing": later("The translation is empty."),
    "duplicate_unit": later(
        "The same text stands in the file twice, and the first one was taken. Take one of them out."
    ),
    "source_missing": later("It does not say what it translates. Put the source text back beside it."),
    "still_outdated": later(
        "It is still the translation of an earlier text. Bring it up to date, or mark it as translated."
    ),
    "outdated": later("The text was changed after the file was written. It is kept, and marked as outdated."),
    "source_altered": later("The source text in the file is not the one that was sent. It was taken: compare the two."),
    "path_unknown": later("There is no such text in this version. It may have been taken out."),
    "other_document": later(
        "Most texts of the file are not in this procedure: it may be another one's. Only texts that are here word for "
        "word were taken."
    ),
    "scope_missing": later(
        "Other sites work by this text too: somebody with that role in every site may translate it."
    ),
    "not_utf8": later("The file has characters that are not UTF-8. Save the table as “CSV UTF-8”."),
    "column_missing": later("The first row must name the columns path, source and target. Export the texts again."),
    "column_twice": later("Two columns have the same name. Take one of them out."),
    "row_unreadable": later("The quotes of its cells do not match. Write the row again."),
    "row_ragged": later(
        "It has another number of cells than the first row. Put a text with a separator between quotes."
    ),
    "too_large": later("The file is too large: send it as it was given out."),
}


def wrong_words(code: str, message: str, place: Place | None, text: str) -> str:
    """Why a text cannot be taken, in words that a translator understands; the rule's own where there are no others."""
    if place is not None and code == "too_long":
        return later("It has %(used)s characters, and there is room for %(room)s.", used=len(text), room=place.longest)
    if place is not None and code.startswith("placeholder_"):
        mine, theirs = braces(place.text).names, braces(text).names
        if code == "placeholder_missing":
            return later("Missing: %(names)s. Copy it as it stands in the source text.", names=_braced(mine - theirs))
        return later("Not in the source text: %(names)s. Take it out.", names=_braced(theirs - mine))
    return _WRONG.get(code, message)


def file_words(code: str, message: str, place: Place | None) -> str:
    """What is wrong with a row of a file."""
    if place is not None and code == "too_long":
        return later("It is too long: there is room for %(room)s characters.", room=place.longest)
    if place is not None and code.startswith("placeholder_"):
        names = _braced(braces(place.text).names) or later("none")
        return later("Its placeholders must be those of the source text: %(names)s.", names=names)
    return {**_WRONG, **_IN_FILES}.get(code, message)


def path_in(message: str) -> str:
    """What a file calls a text that is not there, as the problems of tables and of XLIFF begin."""
    found = re.match(r"Row \d+ \(([^()]{1,80})\): |Unit (\S{1,80}) \(line \d+\): ", message)
    return (found[1] or found[2]) if found else ""


def _braced(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{{{name[:40]}}}" for name in sorted(names))
