"""The checklist for plain paper: everything a person needs to work and to write the answers down, without a screen."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sops.document import Document
from sops.languages import Number, Say, plain
from sops.numbers import number_of
from sops.steps import KINDS
from sops.translations import render

Item = Mapping[str, Any]

WIDTH = 96  # characters of a line of A4 in a fixed pitch
LINE = "_" * 24


class _Reader(NamedTuple):
    """Who reads: their words and their numbers."""

    say: Say
    number: Number


def as_text(document: Document, language: str = "en", say: Say = plain, *, rendered: bool = False) -> str:
    """The procedure and its checklist as plain text, with a box for every sample and room for every signature.

    document: in normal form; or, with `rendered`, as `translations.render` gives it for a reader, its braces being
    no placeholders any more. language: whose numbers. say: whose words.
    Lines are at most 96 characters, unless one word is longer. Raises `KeyError` for an unknown language.
    """
    reader = _Reader(say, number_of(language))
    shown = document if rendered else render(document, language, ()).document
    steps: list[Item] = shown["steps"]
    checks: list[Item] = shown.get("checks", [])
    parts = [
        _head(shown, reader),
        *_lists(shown, reader),
        _section(say("Steps"), _numbered(_step(step, shown, reader) for step in steps)),
        _section(say("Checks by a second person"), _numbered(_checks(shown, reader))) if checks else "",
        _end(reader),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(document: Document, reader: _Reader) -> str:
    say = reader.say
    title = _wrapped(document["title"])
    rule = "=" * min(max(map(len, title)), WIDTH)
    words = [*title, rule, *_wrapped(say("Purpose: %(text)s", text=document["purpose"]))]
    if "scope" in document:
        words += _wrapped(say("Scope: %(text)s", text=document["scope"]))
    asked = ((say("Version:"), say("Line:"), say("Date, time:")), (say("Lot:"), say("Unit:")))
    rows = ["  ".join(f"{label} {'_' * 16}" for label in row) for row in asked]
    return "\n".join([*words, "", *rows])


def _lists(document: Document, reader: _Reader) -> Iterator[str]:
    say = reader.say
    hazards = [
        line
        for hazard in document.get("hazards", [])
        for line in (
            *_wrapped(f"! {hazard['text']}"),
            *_wrapped(say("Protection: %(control)s", control=hazard["control"]), indent="  "),
        )
    ]
    tools = [line for tool in document.get("tools", []) for line in _wrapped(f"- {tool['text']}")]
    if hazards:
        yield _section(say("Hazards"), hazards)
    if tools:
        yield _section(say("Tools"), tools)
    if "skill" in document:
        valid = say("Shown within the last %(days)s days.", days=document["skill"]["valid_for_days"])
        yield _section(say("Skill needed"), [*_wrapped(document["skill"]["text"]), *_wrapped(valid)])


def _step(step: Item, document: Document, reader: _Reader) -> list[str]:
    say = reader.say
    lines = _wrapped(step["text"])
    lines += _wrapped(step.get("detail", ""))
    for hazard in (one for one in document.get("hazards", []) if one["id"] in step.get("hazards", [])):
        lines += _wrapped(say("Hazard: %(text)s", text=hazard["text"]))
        lines += _wrapped(say("Protection: %(control)s", control=hazard["control"]))
    if tools := _named(document, "tools", step.get("tools", [])):
        lines += _wrapped(say("Tools: %(tools)s", tools="; ".join(tools)))
    lines += _photos(step, reader)
    return lines + (_answer(step, document, reader) if "type" in step else [])


def _checks(document: Document, reader: _Reader) -> Iterator[list[str]]:
    places = {step["id"]: place for place, step in enumerate(document["steps"], start=1)}
    checks = {check["id"]: check for check in document["checks"]}
    numbers = {name: place for place, name in enumerate(checks, start=1)}
    say = reader.say
    for check in checks.values():
        lines = _wrapped(f"{check['text']} ({severity_in_words(check['severity'], say)})")
        about = [say("Step %(step)s.", step=places[check["step"]]), sampling_in_words(check, document, reader)]
        lines += _wrapped(" ".join(about))
        if condition := check.get("show_if"):
            named, equals = checks[condition["check"]], condition["equals"]
            answer = _answer_in_words(named, equals, say)
            lines += _wrapped(
                say("Only if check %(number)s was answered: %(answer)s", number=numbers[named["id"]], answer=answer)
            )
        lines += _wrapped(check.get("help", ""))
        lines += _photos(check, reader)
        lines += _answer(check, document, reader)
        yield lines + _defects(check, document, reader)


def _answer(spec: Item, document: Document, reader: _Reader) -> list[str]:
    kind = KINDS[spec["type"]]
    lines = _wrapped(kind.requirement(spec, reader.say, reader.number))
    if gauge := _named(document, "tools", [spec["gauge"]] if "gauge" in spec else []):
        lines += _wrapped(reader.say("Measure with: %(tool)s", tool=gauge[0]))
    return lines + [line for row in kind.paper(spec, reader.say, reader.number) for line in _wrapped(row)]


def _defects(check: Item, document: Document, reader: _Reader) -> list[str]:
    say = reader.say
    words = {defect["code"]: defect["text"] for defect in document.get("defects", [])}
    lines = []
    if codes := check.get("defect_codes"):
        lines.append(say("If it is a defect:"))
        lines += [line for code in codes for line in _wrapped(f"[ ] {code} {words.get(code, '')}".rstrip(), "  ")]
    if check.get("photo_on_defect"):
        lines += _wrapped(f"[ ] {say('A defect needs a photo. Its number:')} {LINE}")
    aside = f"[ ] {say('Not applicable')}  [ ] {say('Cannot check')}  {say('because:')} {LINE}"
    return lines + _wrapped(aside)


def _photos(item: Item, reader: _Reader) -> list[str]:
    """The captions: what is good, what is bad and what is to be seen can be said without the picture."""
    say = reader.say
    words = {"good": say("Good:"), "bad": say("Bad:"), "shows": say("Picture:")}
    return [line for photo in item.get("photos", []) for line in _wrapped(f"{words[photo['kind']]} {photo['text']}")]


def _end(reader: _Reader) -> str:
    say = reader.say
    result = f"[ ] {say('Pass')}    [ ] {say('Fail')}    [ ] {say('Incomplete')}"
    lines = [result, f"{say('Remarks:')} {'_' * 60}"]
    for who in (say("Made by:"), say("Checked by, another person:")):
        lines += ["", who, f"  {say('Name:')} {LINE}  {say('Signature:')} {LINE}", f"  {say('Date, time:')} {LINE}"]
    return _section(say("Result"), lines)


def sampling_in_words(check: Item, document: Document, reader: _Reader) -> str:
    """On which units a check is made."""
    say, number = reader.say, reader.number
    rule = check.get("sampling") or document.get("sampling") or {"rule": "all"}
    match rule["rule"]:
        case "every" if rule["units"] > 1:
            return say("On the first unit and every %(units)s units after it.", units=rule["units"])
        case "per_shift" if rule["units"] == 1:
            return say("On one unit a shift.")
        case "per_shift":
            return say("On %(units)s units a shift.", units=rule["units"])
        case "accept_zero":
            return say(
                "On a sample of the lot; one defect in it fails the lot (quality %(quality)s %%, confidence %(sure)s).",
                quality=number(rule["quality"], None),
                sure=number(rule["confidence"], None),
            )
        case _:
            return say("On every unit.")


def severity_in_words(severity: str, say: Say) -> str:
    """A severity as people call it. Raises `KeyError` for another."""
    return {"critical": say("critical"), "major": say("major"), "minor": say("minor")}[severity]


def _answer_in_words(check: Item, answer: str, say: Say) -> str:
    texts = {choice["id"]: choice["text"] for choice in check.get("choices", [])}
    return str(texts[answer]) if texts else {"ok": say("OK"), "defect": say("Defect")}[answer]


def _named(document: Document, listed: str, ids: list[str]) -> list[str]:
    texts = {item["id"]: item["text"] for item in document.get(listed, [])}
    return [texts[name] for name in ids]


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([title.upper(), "-" * len(title), *lines])


def _numbered(items: Iterator[list[str]]) -> list[str]:
    lines: list[str] = []
    for place, item in enumerate(items, start=1):
        first, *rest = item
        lines += ["", f"{place:>3}. {first}", *(f"     {line}" for line in rest)]
    return lines[1:]


def _wrapped(text: str, indent: str = "") -> list[str]:
    """The text's own lines, each broken where it is too long for the paper."""
    return [
        line
        for own in text.split("\n")
        for line in textwrap.wrap(
            own,
            WIDTH - 6,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
