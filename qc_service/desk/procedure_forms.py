"""The forms of a procedure's items: what stands in their fields, and the item that was meant by what was typed.

The fields of a form are those of the item's schema; a step or a check has its kind's own besides. Whatever is typed
becomes an item as it stands, and the document's schema says what is wrong with it. Nothing here knows of requests.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields as ma
from marshmallow import missing

from sops import document_schema as schema
from sops.fields import DecimalText, OneOf, Text, Truth, Whole
from sops.numbers import DECIMAL
from sops.steps import KINDS

Item = Mapping[str, Any]
Values = dict[str, list[str]]  # what stands in the fields of a form, by their names
Typed = Mapping[str, Sequence[str]]
Show = Callable[[str], str]  # a decimal string as the reader's language writes it

HEAD = "head"
BASES: dict[str, Any] = {
    HEAD: schema.DocumentFields,
    "hazards": schema.HazardFields,
    "tools": schema.ToolFields,
    "defects": schema.DefectFields,
    "steps": schema.StepFields,
    "checks": schema.CheckFields,
}
HEAD_FIELDS = ("title", "purpose", "scope", "language", "skill", "sampling")
OWN = ""  # where the kind's own fields stand
ORDER: dict[str, tuple[str, ...]] = {
    HEAD: HEAD_FIELDS,
    "steps": ("text", "detail", "hazards", "tools", "photos", "type", OWN, "id"),
    "checks": (
        "text", "step", "type", OWN, "severity", "defect_codes", "photo_on_defect", "help", "photos", "show_if",
        "layout", "sampling", "id",
    ),
}  # fmt: skip
SPECIAL = {
    "id": "id", "code": "code", "type": "kind", "step": "reference", "gauge": "reference", "hazards": "ticks",
    "tools": "ticks", "defect_codes": "ticks", "photos": "photos", "choices": "choices", "show_if": "condition",
    "sampling": "sampling", "skill": "skill",
}  # fmt: skip
PHOTO_PARTS = ("id", "kind", "text")
CHOICE_PARTS = ("id", "text", "ok")
_SEPARATORS = re.compile(r"[\s,;]+")
_WHOLE_LONGEST = 15


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of an item and how it is asked for."""

    name: str
    widget: str  # a name in _WRITE and _READ, which say what stands in its fields and what it means
    required: bool = False
    longest: int = 0
    default: Any = None
    words: tuple[str, ...] = ()  # of a select


def slots(section: str, kind: str = "") -> list[Slot]:
    """The fields of a form, in the order in which they are asked."""
    declared = BASES[section]().fields
    own = KINDS[kind].schema().fields if kind in KINDS and "type" in declared else {}
    order = ORDER.get(section, (*(name for name in declared if name != "id"), *(["id"] if "id" in declared else [])))
    names = [one for name in order for one in (own if name == OWN else [name])]
    return [_slot(name, own.get(name) or declared[name]) for name in names]


def _slot(name: str, field: Any) -> Slot:
    default = None if field.load_default is missing else field.load_default
    widget = SPECIAL.get(name) or _widget(field)
    words = field.words if isinstance(field, OneOf) else ()
    return Slot(name, widget, field.required, getattr(field, "longest", 0), default, words)


def _widget(field: ma.Field[Any]) -> str:
    if isinstance(field, Text):
        return "text" if field.one_line else "area"
    for kind, widget in _WIDGETS:
        if isinstance(field, kind):
            return widget
    raise TypeError(f"no widget for {type(field).__name__}")


_WIDGETS: tuple[tuple[type[ma.Field[Any]], str], ...] = (
    (DecimalText, "number"),
    (Whole, "whole"),
    (Truth, "truth"),
    (OneOf, "select"),
)


# --- an item in a form ---


def written(item: Item, section: str, show: Show = str) -> Values:
    """What the fields of the form hold for an item in normal form."""
    found: Values = {}
    for slot in slots(section, str(item.get("type", ""))):
        found |= _WRITE[slot.widget](slot, item.get(slot.name), show)
    return found


def typed(values: Typed, section: str) -> dict[str, Any]:
    """The item that was meant. What cannot be one is left as it was typed, for the schema to refuse."""
    item: dict[str, Any] = {}
    for slot in slots(section, first(values, "type")):
        value = _READ[slot.widget](slot, values)
        if value not in (None, "", [], {}):
            item[slot.name] = value
    return item


def first(values: Typed, name: str) -> str:
    """The only value of a field, without blanks around it; "" where there is none."""
    found = values.get(name) or [""]
    return found[0].strip()


def decimal(text: str) -> str:
    """A typed number as documents hold it: a comma is a point, and nothing ever groups."""
    plain = text.strip().replace("\u2212", "-").replace(",", ".")
    return plain if DECIMAL.fullmatch(plain) else text.strip()


def whole(text: str) -> int | str:
    """A typed whole number; what is none stays what it is."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < _WHOLE_LONGEST else plain


def rows(values: Typed, prefix: str, parts: Iterable[str]) -> list[int]:
    """The numbers of a list's rows in which anything was written, in their order."""
    named = re.compile(rf"{prefix}_({'|'.join(parts)})_([0-9]{{1,3}})")
    hits = [(named.fullmatch(name), name) for name in values]
    found = {int(hit[2]) for hit, name in hits if hit and first(values, name)}
    return sorted(one for one in found if not first(values, f"{prefix}_remove_{one}"))


def _one(slot: Slot, value: Any, _show: Show) -> Values:
    return {
        slot.name: ["" if value is None and slot.default is None else str(slot.default if value is None else value)]
    }


def _number(slot: Slot, value: Any, show: Show) -> Values:
    return {slot.name: ["" if value is None else show(value)]}


def _truth(slot: Slot, value: Any, _show: Show) -> Values:
    return {slot.name: ["yes"] if value else []}


def _ticks(slot: Slot, value: Any, _show: Show) -> Values:
    return {slot.name: list(value or ())}


def _photos(_slot: Slot, value: Any, _show: Show) -> Values:
    found: Values = {}
    for place, photo in enumerate(value or (), start=1):
        found |= {f"photo_{part}_{place}": [photo[part]] for part in PHOTO_PARTS}
    return found


def _choices(_slot: Slot, value: Any, _show: Show) -> Values:
    found: Values = {}
    for place, choice in enumerate(value or (), start=1):
        found |= {f"choice_{part}_{place}": [choice[part]] for part in ("id", "text")}
        found[f"choice_ok_{place}"] = ["yes"] if choice["ok"] else []
    return found


def _condition(slot: Slot, value: Any, _show: Show) -> Values:
    return {slot.name: [f"{value['check']}={value['equals']}" if value else ""]}


def _sampling(slot: Slot, value: Any, show: Show) -> Values:
    rule = value or slot.default or {}
    return {
        "sampling_rule": [rule.get("rule", "")],
        "sampling_units": [str(rule.get("units", ""))],
        "sampling_quality": [show(rule["quality"]) if "quality" in rule else ""],
        "sampling_confidence": [show(rule["confidence"]) if "confidence" in rule else ""],
    }


def _skill(_slot: Slot, value: Any, _show: Show) -> Values:
    skill = value or {}
    return {"skill_text": [skill.get("text", "")], "skill_valid_for_days": [str(skill.get("valid_for_days", ""))]}


_WRITE: dict[str, Callable[[Slot, Any, Show], Values]] = {
    "id": _one, "code": _one, "kind": _one, "reference": _one, "text": _one, "area": _one, "select": _one,
    "whole": _one, "number": _number, "truth": _truth, "ticks": _ticks, "photos": _photos, "choices": _choices,
    "condition": _condition, "sampling": _sampling, "skill": _skill,
}  # fmt: skip


# --- a form as an item ---


def _read_photos(_slot: Slot, values: Typed) -> list[dict[str, str]]:
    return [
        {part: first(values, f"photo_{part}_{row}") for part in PHOTO_PARTS}
        for row in rows(values, "photo", ("id", "text"))
    ]


def _read_choices(_slot: Slot, values: Typed) -> list[dict[str, Any]]:
    return [
        {
            "id": first(values, f"choice_id_{row}"), "text": first(values, f"choice_text_{row}"),
            "ok": bool(first(values, f"choice_ok_{row}")),
        }
        for row in rows(values, "choice", ("id", "text"))
    ]  # fmt: skip


def _read_condition(slot: Slot, values: Typed) -> dict[str, str]:
    check, _, equals = first(values, slot.name).partition("=")
    return {"check": check, "equals": equals} if check else {}


def _read_sampling(_slot: Slot, values: Typed) -> dict[str, Any]:
    rule = first(values, "sampling_rule")
    if not rule:
        return {}
    own = schema.SAMPLING[rule]().fields if rule in schema.SAMPLING else {}
    parts = {"units": whole, "quality": decimal, "confidence": decimal}
    return {"rule": rule, **{name: parts[name](first(values, f"sampling_{name}")) for name in own if name in parts}}


def _read_skill(_slot: Slot, values: Typed) -> dict[str, Any]:
    skill = {"text": first(values, "skill_text"), "valid_for_days": whole(first(values, "skill_valid_for_days"))}
    return skill if any(skill.values()) else {}


def _read_ticks(slot: Slot, values: Typed) -> list[str]:
    found = [part for value in values.get(slot.name, ()) for part in _SEPARATORS.split(value) if part]
    return list(dict.fromkeys(found))


def _plain(slot: Slot, values: Typed) -> str:
    return first(values, slot.name)


_READ: dict[str, Callable[[Slot, Typed], Any]] = {
    "id": _plain, "code": _plain, "kind": _plain, "reference": _plain, "text": _plain, "area": _plain,
    "select": _plain, "photos": _read_photos, "choices": _read_choices, "condition": _read_condition,
    "sampling": _read_sampling, "skill": _read_skill, "ticks": _read_ticks,
    "whole": lambda slot, values: whole(first(values, slot.name)),
    "number": lambda slot, values: decimal(first(values, slot.name)),
    "truth": lambda slot, values: bool(first(values, slot.name)) or None,
}  # fmt: skip


# --- where a problem belongs ---


def field_of(way: Sequence[str], values: Typed, section: str) -> str:
    """The name of the form's field that a way within the item leads to; "" where it is the whole item."""
    if not way:
        return ""
    widget = next((slot.widget for slot in slots(section, first(values, "type")) if slot.name == way[0]), "")
    if widget in ("photos", "choices"):
        prefix = widget[:-1]
        used = rows(values, prefix, ("id", "text"))
        if len(way) < 3 or int(way[1]) >= len(used):
            return widget
        return f"{prefix}_{way[2]}_{used[int(way[1])]}"
    if widget in ("sampling", "skill"):
        default = "rule" if widget == "sampling" else "text"
        return f"{way[0]}_{way[1] if len(way) > 1 else default}"
    return way[0]
