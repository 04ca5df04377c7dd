"""A version as somebody reads it, on paper or on a page: texts in their language with what is not sure about them,
numbers and rules in words. Plain values for the templates; `_paper.html` has their macros."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from babel import Locale

from qc_service.lines.models import Line, Site
from qc_service.procedures import finding, translating
from qc_service.procedures.finding import Found
from qc_service.texts import Text, later
from qc_service.words import NAMES, Words
from sops.languages import Number, Say
from sops.numbers import number_of
from sops.paper import sampling_in_words, severity_in_words
from sops.steps import KINDS
from sops.translations import Rendered, State

Item = Mapping[str, Any]
Part = dict[str, Any]

STATES: dict[str, Text] = {
    "draft": later("Draft"),
    "in_review": later("In review"),
    "approved": later("Approved, not published"),
    "scheduled": later("Published, not in force yet"),
    "in_force": later("In force"),
    "superseded": later("Superseded"),
    "withdrawn": later("Withdrawn"),
}
SHORT = ("confirm", "measure", "count", "timer")  # on paper one answer shares its row with the reasons for none
_PIECE = re.compile(r"\[ \]|\[_{3,}\]|_{3,}")
_UNITS = "mm|cm|m|km|µm|g|kg|mg|l|ml|s|min|h|%|°C|°F|Pa|kPa|MPa|bar|mbar|V|mV|kV|A|mA|W|kW|Hz|N|lx|RLU|pH"
_MEASURED = re.compile(rf"(?<=\d) (?=(?:{_UNITS})(?!\w))")
_APART = re.compile(r" {2,}")
_SAMPLES = re.compile(r"(.*?) (?=1: \[_)")  # the words before the box of the first sample


class Voice(NamedTuple):
    """Who reads: their words and their numbers."""

    say: Say
    number: Number


@dataclass(frozen=True, slots=True)
class Reading:
    """A version for one reader. picture: the address of a picture by its hash."""

    found: Found
    words: Words
    picture: Callable[[str], str]

    def document(self) -> Part:
        """Everything that stands in the document, in the reader's language."""
        return _Shown(translating.rendered(self.found, self.words.language), self).whole()


def head(found: Found, words: Words) -> Part:
    """What a version is: its code, number and state, whom it is for, and from when until when it is in force."""
    row = found.publication
    return {
        "code": found.procedure.code, "number": found.version.number, "state": found.state.value,
        "state_word": words.say(STATES[found.state.value]), "variant": variant(found, words),
        "effective_from": row and row.effective_at, "effective_until": until(found), "digest": found.draft.digest,
        "source": NAMES[found.document["language"]], "source_said": language_said(found.document["language"], words),
    }  # fmt: skip


def variant(found: Found, words: Words) -> str:
    """Whom a version is for."""
    version = found.version
    if version.line_id:
        return words.say("the line %(line)s", line=Line.get_by_id(version.line_id).name)
    if version.site_id:
        return words.say("the site %(site)s", site=Site.get_by_id(version.site_id).name)
    return words.say("the whole plant")


def language_said(language: str, words: Words) -> str:
    """A language as the reader calls it within a sentence; NAMES has what its own speakers call it."""
    said: str = Locale.parse(words.language).languages[language]
    return said


def until(found: Found) -> datetime | None:
    """When a published version ends or ended: withdrawn, or taken over by the next of its variant."""
    row = found.publication
    if row is None:
        return None
    every = finding.publications(found.procedure.id)
    own = next(one for one in every if one.version == found.version.number)
    later_ones = [
        one.effective_at
        for one in every
        if one.variant == own.variant and one.began
        and (one.effective_at, one.version) > (own.effective_at, own.version)
    ]  # fmt: skip
    return min([*later_ones, *([row.withdrawn_at] if row.withdrawn_at else [])], default=None)


def pieces(row: str) -> list[Part]:
    """A line with room for an answer, cut into its words, its boxes and its lines to write on."""
    found: list[Part] = []
    end = 0
    for hit in _PIECE.finditer(row):
        kind = "box" if hit[0] == "[ ]" else "cell" if hit[0].startswith("[") else "line"
        found += [{"kind": "text", "text": row[end : hit.start()].strip()}, {"kind": kind}]
        end = hit.end()
    found.append({"kind": "text", "text": row[end:].strip()})
    return [one for one in found if one["kind"] != "text" or one["text"]]


def together(part: Any) -> Any:
    """The same part with every number and its unit on one line."""
    if isinstance(part, str):
        return _MEASURED.sub("\N{NO-BREAK SPACE}", part)
    if isinstance(part, dict):
        return {key: together(one) for key, one in part.items()}
    return [together(one) for one in part] if isinstance(part, list) else part


def room(rows: Iterable[str]) -> Part:
    """Room for an answer: boxes with the words around them, what stands before several of them, and rows of lines."""
    parts = [_APART.split(row.strip()) for row in rows]
    label = _SAMPLES.match(parts[0][0]) if parts else None
    if label:
        parts[0][0] = parts[0][0][label.end() :]
    cut = [[pieces(one) for one in row] for row in parts]
    written = [row for row in cut if any(piece["kind"] == "line" for slot in row for piece in slot)]
    return {
        "label": label[1] if label else "",
        "slots": [slot for row in cut if row not in written for slot in row],
        "lines": written,
    }


class _Shown:
    """A rendered document as parts of a page."""

    def __init__(self, rendered: Rendered, reading: Reading) -> None:
        self._doc, self._marks = rendered.document, rendered.marks
        self._language, self._picture = reading.words.language, reading.picture
        self._voice = Voice(reading.words.say, number_of(self._language))
        self._numbers = {step["id"]: place for place, step in enumerate(self._doc["steps"], start=1)}

    def whole(self) -> Part:
        doc = self._doc
        hazards = {one["id"]: self._hazard(one) for one in doc.get("hazards", ())}
        tools = {one["id"]: self._text(one["text"], f"tools.{one['id']}.text") for one in doc.get("tools", ())}
        return {
            "title": self._text(doc["title"], "title"), "purpose": self._text(doc["purpose"], "purpose"),
            "scope": self._text(doc["scope"], "scope") if "scope" in doc else None,
            "skill": self._skill(), "hazards": list(hazards.values()), "tools": list(tools.values()),
            "steps": [self._step(step, hazards, tools) for step in doc["steps"]],
            "checks": [self._check(check) for check in doc.get("checks", ())],
            "language": NAMES[self._language], "lang": self._language, "counts": self._counts(),
        }  # fmt: skip

    def _counts(self) -> Part:
        """How many texts there are, and how many of them are drafts, outdated or missing."""
        found = Counter(mark.state for mark in self._marks.values())
        unsure = {state.value: found[state] for state in (State.DRAFT, State.OUTDATED, State.MISSING)}
        return {**unsure, "all": found.total(), "unsure": sum(unsure.values())}

    def _text(self, text: str, path: str) -> Part:
        mark = self._marks.get(path)
        state = mark.state.value if mark is not None and mark.state not in (State.SOURCE, State.REVIEWED) else ""
        lang = mark.language if mark is not None and mark.language != self._language else ""
        return {"text": text, "mark": state, "lang": lang}

    def _skill(self) -> Part | None:
        skill = self._doc.get("skill")
        if skill is None:
            return None
        days = skill.get("valid_for_days")
        valid = self._voice.say("Shown within the last %(days)s days.", days=days) if days else ""
        return {"text": self._text(skill["text"], "skill.text"), "valid": valid}

    def _hazard(self, one: Item) -> Part:
        where = f"hazards.{one['id']}"
        return {
            "text": self._text(one["text"], f"{where}.text"), "control": self._text(one["control"], f"{where}.control"),
        }  # fmt: skip

    def _photos(self, item: Item, where: str) -> list[Part]:
        say = self._voice.say
        kinds = {"good": say("Good:"), "bad": say("Bad:"), "shows": say("Picture:")}
        return [
            {
                "sha256": photo["id"], "url": self._picture(photo["id"]), "kind": photo["kind"],
                "word": kinds[photo["kind"]], "text": self._text(photo["text"], f"{where}.photos.{place}.text"),
            }
            for place, photo in enumerate(item.get("photos", ()))
        ]  # fmt: skip

    def _step(self, step: Item, hazards: Mapping[str, Part], tools: Mapping[str, Part]) -> Part:
        where = f"steps.{step['id']}"
        return {
            "id": step["id"], "number": self._numbers[step["id"]], "text": self._text(step["text"], f"{where}.text"),
            "detail": self._text(step["detail"], f"{where}.detail") if "detail" in step else None,
            "hazards": [hazards[one] for one in step.get("hazards", ())],
            "tools": [tools[one] for one in step.get("tools", ())],
            "photos": self._photos(step, where), **(self._answer(step, where) if "type" in step else {}),
        }  # fmt: skip

    def _check(self, check: Item) -> Part:
        where, say = f"checks.{check['id']}", self._voice.say
        numbers = {one["id"]: place for place, one in enumerate(self._doc["checks"], start=1)}
        words = {one["code"]: one["text"] for one in self._doc.get("defects", ())}
        return {
            "id": check["id"], "number": numbers[check["id"]], "text": self._text(check["text"], f"{where}.text"),
            "severity": check["severity"], "severity_word": severity_in_words(check["severity"], say),
            "step": self._numbers[check["step"]], "sampling": self._sampling(check),
            "condition": self._condition(check, numbers),
            "help": self._text(check["help"], f"{where}.help") if "help" in check else None,
            "defects": [
                {"code": code, "text": self._text(words[code], f"defects.{code}.text") if code in words else None}
                for code in check.get("defect_codes", ())
            ],
            "photo_on_defect": check.get("photo_on_defect", False), "photos": self._photos(check, where),
            **self._answer(check, where),
        }  # fmt: skip

    def _sampling(self, check: Item) -> str:
        reader: Any = self._voice
        return sampling_in_words(check, self._doc, reader)

    def _condition(self, check: Item, numbers: Mapping[str, int]) -> str:
        condition = check.get("show_if")
        if condition is None:
            return ""
        say = self._voice.say
        named = next(one for one in self._doc["checks"] if one["id"] == condition["check"])
        texts = {choice["id"]: choice["text"] for choice in named.get("choices", ())}
        answer = texts.get(condition["equals"]) or {"ok": say("OK"), "defect": say("Defect")}[condition["equals"]]
        number = numbers[named["id"]]
        return say("Only if check %(number)s was answered: %(answer)s", number=number, answer=answer)

    def _answer(self, spec: Item, where: str) -> Part:
        """What an answer must be, with what it is found out, and room to write it down."""
        kind, gauge = KINDS[spec["type"]], ""
        if "gauge" in spec:
            tool = next(one["text"] for one in self._doc["tools"] if one["id"] == spec["gauge"])
            gauge = self._voice.say("Measure with: %(tool)s", tool=tool)
        asked = room(kind.paper(spec, *self._voice))
        return {
            "type": spec["type"], "requirement": kind.requirement(spec, *self._voice), "gauge": gauge,
            "choices": [
                {"text": self._text(one["text"], f"{where}.choices.{one['id']}.text"), "ok": one["ok"]}
                for one in spec.get("choices", ())
            ],
            "room": asked, "short": spec["type"] in SHORT and not asked["label"],
        }  # fmt: skip


def pictures_of(document: Mapping[str, Any]) -> Iterable[str]:
    """The hashes of all pictures of a document, each once."""
    items = (*document["steps"], *document.get("checks", ()))
    return dict.fromkeys(photo["id"] for item in items for photo in item.get("photos", ()))
