"""The texts that people read, as they stand in the code; run as a module, it brings the catalogues up to date.

`python -m tests.messages` adds what is new to every catalogue, untranslated, drops what is gone, and says what is
left to translate. A test refuses a text that any catalogue lacks.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from qc_service.words import CATALOGUES
from sops.languages import LANGUAGES

ROOT = Path(__file__).parents[1]
PACKAGES = ("qc_service", "sops", "workers")
CONSOLE = {"migrations", "commands", "supervise.py", "cli.py"}  # what operators read in a terminal is English
SINGLE = {"say", "_", "later", "text"}  # functions whose first argument is a text that people read
PLURAL = {"say_many", "many"}
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
# CLDR gives Catalan and Filipino odd cases; two forms are enough for what stands here
PLURALS = {
    "id": (1, "0"),
    "ms": (1, "0"),
    "ca": (2, "(n != 1)"),
    "fil": (2, "(n > 1)"),
    "da": (2, "(n != 1)"),
}

Message = str | tuple[str, str]


@dataclass
class Found:
    """Where each text stands, and the calls whose text is put together and so is in no catalogue."""

    places: dict[Message, list[str]] = field(default_factory=dict)
    composed: list[str] = field(default_factory=list)


def extract() -> Found:
    found = Found()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not set(path.relative_to(ROOT).parts) & CONSOLE:
                _python(path, found)
        for message, place in _templates(ROOT / package):
            found.places.setdefault(message, []).append(place)
    return found


def _python(path: Path, found: Found) -> None:
    where = str(path.relative_to(ROOT))
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
        if name not in SINGLE | PLURAL:
            continue
        given = node.args[: 2 if name in PLURAL else 1]
        if any(isinstance(one, ast.JoinedStr | ast.BinOp) for one in given):
            found.composed.append(f"{where}:{node.lineno}")
        texts = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if texts and len(texts) == len(given):
            message = texts[0] if name in SINGLE else (texts[0], texts[1])
            found.places.setdefault(message, []).append(where)


def _templates(folder: Path) -> Iterator[tuple[Message, str]]:
    method = [(f"**/templates/**.{ending}", "jinja2.ext:babel_extract") for ending in ("html", "svg")]
    options = {pattern: {"trim_blocks": "true", "lstrip_blocks": "true"} for pattern, _ in method}
    for name, _, message, _, _ in extract_from_dir(folder, method, options, {"_": None}):
        yield message, f"{folder.name}/{name}"


def key(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


def path_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def catalogue(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file, locale=language)


def entries(language: str) -> dict[str, Entry]:
    """The catalogue's texts by the English ones."""
    return {key(one.id): one for one in catalogue(language) if one.id}


def forms(entry: Entry) -> tuple[str, ...]:
    """What an entry says: one form, or one for each that the language has for numbers."""
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%(?:\(\w+\))?[a-z%]", text))


def brought_up_to_date(language: str, found: Found, known: dict[str, tuple[str, ...]]) -> Catalog:
    """A catalogue with every text of the code and no other, in the order of the code."""
    made = Catalog(locale=language, fuzzy=False)
    made._num_plurals, made._plural_expr = PLURALS[language]
    for message, places in sorted(found.places.items(), key=lambda item: (min(item[1]), key(item[0]))):
        said = known.get(key(message)) or ("",) * (1 if isinstance(message, str) else made.num_plurals)
        made.add(message, said[0] if isinstance(message, str) else said, [(place, None) for place in sorted({*places})])
    return made


def save(language: str, made: Catalog) -> None:
    header = (
        f'# The service\'s texts: {language}.\nmsgid ""\nmsgstr ""\n"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {made.plural_forms}\\n"\n\n'
    )
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    with path_of(language).open("wb") as file:
        file.write(header.encode())
        write_po(file, made, omit_header=True, include_lineno=False, width=110)


def main() -> None:
    found = extract()
    for language in TRANSLATED:
        known = {text: forms(one) for text, one in entries(language).items() if not one.fuzzy}
        made = brought_up_to_date(language, found, known)
        save(language, made)
        left = [key(one.id) for one in made if one.id and not all(forms(one))]
        sys.stdout.write(f"{language}: {len(found.places)} texts, {len(left)} to translate\n")
        sys.stdout.writelines(f"    {text!r}\n" for text in left)


if __name__ == "__main__":
    main()
