"""The fields of the editor's forms as a template shows them: their words, their help, and what may be chosen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qc_service.desk import procedure_forms as forms
from qc_service.desk import procedure_items as items
from qc_service.desk import procedure_words as texts
from qc_service.words import LANGUAGES, NAMES, Words
from sops.steps import KINDS

Part = dict[str, Any]
Option = dict[str, str]
NONE: Option = {"code": "", "name": "–"}
Document = Mapping[str, Any]
PHOTOS_MOST = 6
CHOICES_MOST = 12
SPARE = 2  # empty rows below those that are filled
SHORTENED = 90
MAY_BE_EMPTY = ("text", "area", "number", "select", "reference", "skill", "id")
ROW_MOST = 4


def fields(section: str, kind: str, document: Document, values: forms.Typed, words: Words) -> list[Part]:
    """Every field of a form, ready to be shown; neighbouring numbers share a row."""
    found: list[Part] = []
    for slot in forms.slots(section, kind):
        made = _field(slot, section, kind, document, values, words)
        if slot.widget not in ("number", "whole"):
            found.append(made)
        elif found and found[-1]["widget"] == "row" and len(found[-1]["fields"]) < ROW_MOST:
            found[-1]["fields"].append(made)
        else:
            found.append({"name": "", "widget": "row", "label": "", "fields": [made]})
    return found


def labels(found: list[Part]) -> dict[str, str]:
    """What each field is called."""
    return {one["name"]: one["label"] for field in found for one in field.get("fields", [field])}


def _field(slot: forms.Slot, section: str, kind: str, document: Document, values: forms.Typed, words: Words) -> Part:
    label = texts.FEWEST_PHOTOS if slot.name == "at_least" and kind == "photo" else texts.LABELS[slot.name]
    advice = texts.STEP_KIND_HELP if section == "steps" and slot.widget == "kind" else texts.HELPS.get(slot.name)
    return {
        "name": slot.name, "widget": slot.widget, "label": words.say(label),
        "help": words.say(advice) if advice else "",
        "optional": not slot.required and slot.widget in MAY_BE_EMPTY and slot.default is None,
        "options": _options(_Asked(slot, section, document, values, words)), "rows": _rows(slot, values),
        "lines": 5 if slot.longest > 500 else 2,
    }  # fmt: skip


def _rows(slot: forms.Slot, values: forms.Typed) -> list[int]:
    """The rows of a list that the form shows: those with something in them, and a few empty ones."""
    if slot.widget not in ("photos", "choices"):
        return []
    prefix, most = ("photo", PHOTOS_MOST) if slot.widget == "photos" else ("choice", CHOICES_MOST)
    used = forms.rows(values, prefix, ("id", "text"))
    spare = 1 if prefix == "photo" else max(SPARE, 4 - len(used))
    wanted = spare + (SPARE if forms.first(values, "show") == prefix else 0)
    last = max(used, default=0)
    return [*used, *range(last + 1, last + 1 + min(wanted, most - len(used)))]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A field of a form, and all that its choices depend on."""

    slot: forms.Slot
    section: str
    document: Document
    values: forms.Typed
    words: Words


def _options(asked: _Asked) -> list[Option]:
    make = _OPTIONS.get(asked.slot.widget)
    return make(asked) if make else []


def _kinds(asked: _Asked) -> list[Option]:
    blank = [NONE] if asked.section == "steps" else []
    return [*blank, *({"code": name, "name": asked.words.say(texts.KINDS[name])} for name in KINDS)]


def _samplings(asked: _Asked) -> list[Option]:
    blank = [] if asked.section == forms.HEAD else [{"code": "", "name": asked.words.say(texts.AS_THE_PROCEDURE)}]
    return [*blank, *_said(texts.WORDS["sampling_rule"], asked.words)]


def _select(asked: _Asked) -> list[Option]:
    slot = asked.slot
    if slot.name == "language":
        return [{"code": one, "name": NAMES[one]} for one in LANGUAGES]
    said = _said(texts.WORDS[slot.name], asked.words)
    return said if slot.required or slot.default else [NONE, *said]


def _said(table: Mapping[str, str], words: Words) -> list[Option]:
    return [{"code": code, "name": words.say(name)} for code, name in table.items()]


def short(text: str, most: int = SHORTENED) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _named(document: Document, section: str) -> list[Option]:
    return [
        {
            "code": items.key_of(section, one),
            "name": short(f"{place}. {one['text']}" if section == "steps" else one["text"]),
        }
        for place, one in enumerate(document.get(section, ()), start=1)
    ]


def _ticks(slot: forms.Slot, document: Document, values: forms.Typed) -> list[Option]:
    """What may be ticked, what is ticked first and in its own order. Codes without words have none to be ticked."""
    section = {"defect_codes": "defects"}.get(slot.name, slot.name)
    known = {one["code"]: one for one in _named(document, section)}
    if section == "defects":
        known = {code: {"code": code, "name": f"{code} · {one['name']}"} for code, one in known.items()}
    ticked = [one for value in values.get(slot.name, ()) for one in value.replace(",", " ").split()]
    if not known:
        return []
    return [known.get(one, {"code": one, "name": one}) for one in dict.fromkeys([*ticked, *known])]


def _conditions(document: Document, own: str, words: Words) -> list[Option]:
    """Always, or an answer to an earlier check that is itself always asked."""
    found = [{"code": "", "name": words.say("always")}]
    for check in document.get("checks", ()):
        if check["id"] == own:
            break
        if "show_if" not in check:
            found += [
                {
                    "code": f"{check['id']}={answer}",
                    "name": words.say(
                        "only if “%(check)s” is answered “%(answer)s”", check=short(check["text"], 50),
                        answer=_answer(check, answer, words),
                    ),
                }
                for answer in KINDS[check["type"]].possible(check)
            ]  # fmt: skip
    return found


def _answer(check: Mapping[str, Any], answer: str, words: Words) -> str:
    texts_of = {choice["id"]: choice["text"] for choice in check.get("choices", ())}
    if answer in texts_of:
        return short(texts_of[answer], 30)
    return words.say(texts.WORDS["ok"][answer]) if answer in texts.WORDS["ok"] else answer


_OPTIONS: dict[str, Callable[[_Asked], list[Option]]] = {
    "kind": _kinds,
    "reference": lambda asked: _named(asked.document, {"step": "steps", "gauge": "tools"}[asked.slot.name]),
    "ticks": lambda asked: _ticks(asked.slot, asked.document, asked.values),
    "condition": lambda asked: _conditions(asked.document, forms.first(asked.values, "id"), asked.words),
    "sampling": _samplings,
    "select": _select,
    "photos": lambda asked: _said(texts.WORDS["photo_kind"], asked.words),
}


def said(problem: items.Placed, words: Words) -> str:
    """A problem in the reader's language, where there are words for it."""
    known = texts.PROBLEMS.get(problem.code)
    return problem.message if known is None or words.language == "en" else words.say(known)


def with_ids(item: dict[str, Any], section: str, document: Document) -> dict[str, Any]:
    """The item with ids where none were given: its own, and those of its choices."""
    made = dict(item)
    if section != "defects" and not made.get("id"):
        taken = {items.key_of(section, one) for one in document.get(section, ())}
        made["id"] = items.new_id(str(made.get("text", "")), taken)
    if "choices" in made:
        taken = {one["id"] for one in made["choices"] if one["id"]} | {"not_applicable", "cannot_check"}
        for choice in made["choices"]:
            if not choice["id"]:
                choice["id"] = items.new_id(choice["text"], taken)
                taken = taken | {choice["id"]}
    return made
