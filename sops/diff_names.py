"""What the sentences about changes are made of: the names of items and fields, and values as people read them.

Everything that people read goes through `say` as a literal, and numbers through `number`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import missing

from sops.diff_changes import Path, by_key
from sops.languages import NAMES, Number, Say
from sops.paper import severity_in_words
from sops.sampling import EVERY_UNIT
from sops.steps import KINDS
from sops.steps.base import Spec
from sops.text_places import placeholder_values
from sops.wording import filled

NAME_LONGEST = 80  # characters of a text when it is only to say which item is meant
EXCERPT_LONGEST = 160  # characters of a text when what changed in it is quoted
AROUND_PIECES = 6  # words, and the white space between them, quoted before and after what changed
AROUND_CHARACTERS = 20  # the same where one word is too long to be quoted


@dataclass(frozen=True, slots=True)
class Voice:
    """Both documents, and the language of the reader. rendered: the braces of the documents are no placeholders."""

    first: Mapping[str, Any]
    second: Mapping[str, Any]
    say: Say
    number: Number
    rendered: bool = False

    def old(self, path: Path) -> Any:
        """What the first document has at a path; None if there is nothing."""
        return found(self.first, path)

    def new(self, path: Path) -> Any:
        """What the second document has at a path; None if there is nothing."""
        return found(self.second, path)

    def name(self, path: Path) -> str:
        """What an item is called, as the second document has it, else the first."""
        return self.called(self.new(path) or self.old(path) or {})

    def called(self, item: Spec) -> str:
        """The beginning of an item's text, to say which one is meant, without what ends a sentence."""
        written = item.get("text", "")
        text = " ".join((written if self.rendered else self.filled(written, item)).split())
        short = shortened(text, NAME_LONGEST)
        return short.rstrip(".:;!? ") or short

    def filled(self, text: str, spec: Spec) -> str:
        """A text with its placeholders filled from its own step or check."""
        return filled(text, placeholder_values(spec, self.number))


@dataclass(frozen=True, slots=True)
class Side:
    """A value in one of the two documents. spec: the item that has it."""

    value: Any
    spec: Spec
    document: Mapping[str, Any]


def found(document: Mapping[str, Any], path: Path) -> Any:
    """What a document has at a path of a change; None if there is nothing."""
    here: Any = document
    for name in path:
        inside = by_key(here) if isinstance(here, list) else here
        here = inside.get(name) if isinstance(inside, Mapping) else None
    return here


def shortened(text: str, longest: int) -> str:
    """A text of at most so many characters, with "…" for what was left out at its end."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def sentence(text: str) -> str:
    """A text on one line with a full stop, unless it ends as a sentence does."""
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!", "…", "。")) else f"{text}."


def excerpts(old: str, new: str) -> tuple[str, str]:
    """Where two texts differ, with a little before and after it, each as long as a sentence can bear.

    A line break is written ¶. Texts that differ are told apart by what is quoted of them.
    """
    one, other = _excerpts(re.split(r"(\s+)", old), re.split(r"(\s+)", new), AROUND_PIECES)
    return (one, other) if one != other else _excerpts(list(old), list(new), AROUND_CHARACTERS)


def _excerpts(old: Sequence[str], new: Sequence[str], around: int) -> tuple[str, str]:
    least = min(len(old), len(new))
    start = next((place for place in range(least) if old[place] != new[place]), least)
    end = next((back for back in range(least - start) if old[-1 - back] != new[-1 - back]), least - start)
    first, last = max(start - around, 0), max(end - around, 0)
    return _quoted(old, first, last), _quoted(new, first, last)


def _quoted(pieces: Sequence[str], first: int, last: int) -> str:
    part = "".join(pieces[first : len(pieces) - last]).replace("\n", " ¶ ")
    if len(part) > EXCERPT_LONGEST:
        part = f"{part[: EXCERPT_LONGEST // 2]} … {part[-EXCERPT_LONGEST // 2 :]}"
    return f"“{'…' if first else ''}{part}{'…' if last else ''}”"


# -- fields ----------------------------------------------------------------------------------------------


def field_name(name: str, kind: str, say: Say) -> str:
    """A field as people call it within a sentence; its own name if it has no other."""
    if name == "at_least":
        return say("fewest photos") if kind == "photo" else say("shortest time")
    words = {
        "text": say("wording"),
        "detail": say("details"),
        "help": say("help"),
        "control": say("protection"),
        "step": say("belongs to the step"),
        "severity": say("severity"),
        "defect_codes": say("defect codes"),
        "show_if": say("is asked"),
        "sampling": say("is looked at on"),
        "layout": say("place on the screen"),
        "photo_on_defect": say("photo of every defect"),
        "hazards": say("hazards"),
        "tools": say("tools"),
        "unit": say("unit"),
        "min": say("lower limit"),
        "max": say("upper limit"),
        "nominal": say("nominal value"),
        "tolerance": say("tolerance"),
        "samples": say("samples"),
        "decimals": say("decimals"),
        "accept": say("samples that may be outside"),
        "gauge": say("to be measured with"),
        "several": say("several answers at once"),
        "max_length": say("most characters"),
        "within": say("longest time"),
        "role": say("to be signed by"),
        "meaning": say("meaning of the signature"),
    }
    return words.get(name, name)


def kind_in_words(kind: str, say: Say) -> str:
    """What a kind asks for; its own name if it has no other."""
    words = {
        "confirm": say("a question to confirm"),
        "measure": say("a measurement"),
        "count": say("a count"),
        "choose": say("a choice"),
        "text": say("words to write"),
        "photo": say("photos"),
        "timer": say("a time"),
        "sign": say("a signature"),
    }
    return words.get(kind, kind)


# -- values ----------------------------------------------------------------------------------------------


def value_in_words(field: str, side: Side, voice: Voice) -> str:
    """The value of a step's or check's field, as part of a sentence. A default that is not written counts too."""
    value = _default(field, side) if side.value is None else side.value
    if field in _VALUES:
        return _VALUES[field](value, side, voice)
    if value is None:
        return voice.say("none")
    if isinstance(value, bool):
        return voice.say("yes") if value else voice.say("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def with_unit(old: str, new: str, before: Side, after: Side) -> tuple[str, str]:
    """Two limits with their units, said once if it is the same."""
    units = [side.spec.get("unit", "") for side in (before, after)]
    if before.value is None:
        return old, f"{new} {units[1]}".rstrip()
    if after.value is not None and units[0] == units[1]:
        return old, f"{new} {units[1]}".rstrip()
    return f"{old} {units[0]}".rstrip(), new if after.value is None else f"{new} {units[1]}".rstrip()


def sampling_in_words(rule: Mapping[str, Any], voice: Voice) -> str:
    """The units that a rule asks for, as part of a sentence."""
    say = voice.say
    match rule["rule"]:
        case "all":
            return say("every unit")
        case "every":
            return say("the first unit and every %(units)s units after it", units=rule["units"])
        case "per_shift" if rule["units"] == 1:
            return say("one unit a shift")
        case "per_shift":
            return say("%(units)s units a shift", units=rule["units"])
        case "accept_zero":
            return say(
                "a sample of the lot (quality %(quality)s %%, confidence %(confidence)s)",
                quality=voice.number(rule["quality"], None),
                confidence=voice.number(rule["confidence"], None),
            )
        case other:
            return str(other)


def language_in_words(code: str) -> str:
    """A language by its own name."""
    return NAMES.get(code, code)


def _number(value: Any, side: Side, voice: Voice) -> str:
    if value is None:
        return voice.say("none")
    return voice.number(str(value), side.spec.get("decimals", 0) if isinstance(value, str) else 0)


def _seconds(value: Any, _side: Side, voice: Voice) -> str:
    if value is None:
        return voice.say("none")
    return voice.say("%(seconds)s s", seconds=voice.number(value, None)) if isinstance(value, str) else str(value)


def _severity(value: Any, _side: Side, voice: Voice) -> str:
    return severity_in_words(value, voice.say)


def _role(value: Any, _side: Side, voice: Voice) -> str:
    say = voice.say
    words = {
        None: say("anybody"),
        "operator": say("an operator"),
        "inspector": say("an inspector"),
        "supervisor": say("a supervisor"),
        "quality_manager": say("a quality manager"),
        "auditor": say("an auditor"),
        "admin": say("an administrator"),
    }
    return words.get(value, str(value))


def _layout(value: Any, _side: Side, voice: Voice) -> str:
    return voice.say("with its neighbours") if value == "group" else voice.say("by itself")


def _step(value: Any, side: Side, voice: Voice) -> str:
    return f"“{voice.called(found(side.document, ('steps', value)) or {'text': value})}”"


def _tool(value: Any, side: Side, voice: Voice) -> str:
    return _named("tools", [] if value is None else [value], side, voice)


def _tools(value: Any, side: Side, voice: Voice) -> str:
    return _named("tools", value or [], side, voice)


def _hazards(value: Any, side: Side, voice: Voice) -> str:
    return _named("hazards", value or [], side, voice)


def _named(listed: str, names: Sequence[str], side: Side, voice: Voice) -> str:
    items = [found(side.document, (listed, name)) or {"text": name} for name in names]
    return ", ".join(f"“{voice.called(item)}”" for item in items) or voice.say("none")


def _sampling(value: Any, side: Side, voice: Voice) -> str:
    if value is not None:
        return sampling_in_words(value, voice)
    rule = side.document.get("sampling", EVERY_UNIT)
    return voice.say("%(units)s as in the whole procedure", units=sampling_in_words(rule, voice))


def _condition(value: Any, side: Side, voice: Voice) -> str:
    say = voice.say
    if value is None:
        return say("always")
    asked = found(side.document, ("checks", value["check"])) or {}
    texts = {choice["id"]: choice["text"] for choice in asked.get("choices", ())}
    answer = texts.get(value["equals"]) or {"ok": say("OK"), "defect": say("Defect")}.get(value["equals"])
    return say(
        "only if “%(check)s” is answered “%(answer)s”",
        check=voice.called(asked) or value["check"],
        answer=answer or value["equals"],
    )


_VALUES: Mapping[str, Callable[[Any, Side, Voice], str]] = {
    "min": _number,
    "max": _number,
    "nominal": _number,
    "tolerance": _number,
    "within": _seconds,
    "at_least": _seconds,
    "severity": _severity,
    "role": _role,
    "layout": _layout,
    "step": _step,
    "gauge": _tool,
    "tools": _tools,
    "hazards": _hazards,
    "sampling": _sampling,
    "show_if": _condition,
}


def _default(field: str, side: Side) -> Any:
    """What a field means that is not written: the default of its kind, or of every check."""
    kind = side.spec.get("type")
    return {"photo_on_defect": False, **(own_defaults(kind) if kind in KINDS else {})}.get(field)


@cache
def own_defaults(kind: str) -> Mapping[str, Any]:
    """The defaults of a kind's own fields."""
    fields = KINDS[kind].schema().fields
    return {name: field.load_default for name, field in fields.items() if field.load_default is not missing}
