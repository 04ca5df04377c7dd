"""Every change between two documents as a sentence that a supervisor understands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sops.diff_changes import Change, Path, moved_items
from sops.diff_class import ChangeClass, class_of, own_fields, same_in_any_order
from sops.diff_names import (
    Side,
    Voice,
    excerpts,
    field_name,
    kind_in_words,
    language_in_words,
    sampling_in_words,
    sentence,
    value_in_words,
    with_unit,
)
from sops.languages import Number, Say, plain
from sops.numbers import plain_number
from sops.paper import severity_in_words
from sops.sampling import EVERY_UNIT
from sops.steps import KINDS

TEXT_FIELDS = frozenset({"text", "detail", "help", "control", "meaning"})
LIMITS = frozenset({"min", "max", "nominal", "tolerance"})
MOVES_NAMED = 3  # items that are named when a list was sorted anew; the others are counted


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence about one change, or about all changes below a path.

    path: of the change, or of the item whose type changed: then the sentence stands for all changes of its answer.
    sentence: for people. change_class: how much it matters, the highest of what it stands for.
    """

    path: Path
    sentence: str
    change_class: ChangeClass


def in_words(
    changes: Iterable[Change],
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    say: Say = plain,
    number: Number = plain_number,
    *,
    rendered: bool = False,
) -> list[Line]:
    """The changes between two documents as sentences, such as "Filled weight: upper limit 345 → 344 g.".

    changes: of `difference(first, second)`, in their order; none is left without a sentence. first, second: the two
    documents; or, with `rendered`, both as `translations.render` gives them for the reader, their braces being no
    placeholders any more. Names of items are taken from them, values from the changes.
    """
    voice, lines, whole = Voice(first, second, say, number, rendered), [], list(changes)
    retyped = {change.path[:2] for change in whole if _is_type(change)}
    answers = {item: _answers(item, voice) for item in retyped}
    top: dict[Path, ChangeClass] = {}
    for change in whole:
        item, found = change.path[:2], class_of(change, first, second)
        if _is_type(change):
            lines.append(Line(item, _tidy(_new_type(change, voice)), found))
        elif item not in retyped or len(change.path) < 3 or change.path[2] not in answers[item]:
            words = _SENTENCES.get(change.path[0], _other)(change, voice)
            lines.append(Line(change.path, _tidy(words), found))
            continue
        top[item] = max(top.get(item, found), found, key=lambda one: one.rank)
    return [replace(line, change_class=top.get(line.path, line.change_class)) for line in lines]


def _tidy(words: str) -> str:
    """Without the full stop behind a quotation that ends with its own."""
    return words[:-1] if words.endswith((".”.", "?”.", "!”.")) else words


# -- the head of a document ------------------------------------------------------------------------------


def _head(change: Change, voice: Voice) -> str:
    say, name = voice.say, change.path[0]
    words = {
        "title": say("Title"),
        "purpose": say("Purpose"),
        "scope": say("Scope"),
        "language": say("Source language"),
    }
    if name == "language":
        old, new = language_in_words(change.old), language_in_words(change.new)
    else:
        old, new = _texts(change, {}, {}, voice)
    return say("%(field)s: %(old)s → %(new)s.", field=words[name], old=old, new=new)


def _skill(change: Change, voice: Voice) -> str:
    say = voice.say
    if len(change.path) > 1 and change.path[1] == "valid_for_days":
        return say("Skill: valid for %(old)s → %(new)s days.", old=change.old, new=change.new)
    if len(change.path) > 1:
        old, new = _texts(change, {}, {}, voice)
        return say("Skill: wording %(old)s → %(new)s.", old=old, new=new)
    if change.op == "remove":
        return say("No skill needs to be shown any more. It was: %(skill)s", skill=sentence(change.old["text"]))
    return say(
        "A skill must be shown now, valid for %(days)s days: %(skill)s",
        days=change.new["valid_for_days"],
        skill=sentence(change.new["text"]),
    )


def _sampling(change: Change, voice: Voice) -> str:
    old, new = (sampling_in_words(rule or EVERY_UNIT, voice) for rule in (change.old, change.new))
    return voice.say("Units to look at: %(old)s → %(new)s.", old=old, new=new)


# -- lists -----------------------------------------------------------------------------------------------


def _hazards(change: Change, voice: Voice) -> str:
    say = voice.say
    if change.op == "order":
        return say("Hazards in another order: %(moves)s.", moves=_moves(change, voice))
    if len(change.path) > 2:
        return _text_of(say("Hazard “%(name)s”", name=voice.name(change.path[:2])), change, voice)
    hazard = change.old or change.new
    if change.op == "remove":
        return say("Hazard taken out: %(hazard)s", hazard=sentence(hazard["text"]))
    return say(
        "New hazard: %(hazard)s Protection: %(control)s",
        hazard=sentence(hazard["text"]),
        control=sentence(hazard["control"]),
    )


def _tools(change: Change, voice: Voice) -> str:
    say = voice.say
    if change.op == "order":
        return say("Tools in another order: %(moves)s.", moves=_moves(change, voice))
    if len(change.path) > 2:
        return _text_of(say("Tool “%(name)s”", name=voice.name(change.path[:2])), change, voice)
    tool = sentence((change.old or change.new)["text"])
    return say("Tool taken out: %(tool)s", tool=tool) if change.op == "remove" else say("New tool: %(tool)s", tool=tool)


def _defects(change: Change, voice: Voice) -> str:
    say = voice.say
    if change.op == "order":
        return say("Defects in another order: %(moves)s.", moves=_moves(change, voice))
    code = change.path[1]
    if len(change.path) > 2:
        return _text_of(say("Defect %(code)s", code=code), change, voice)
    words = sentence((change.old or change.new)["text"])
    if change.op == "remove":
        return say("Defect %(code)s taken out: %(words)s", code=code, words=words)
    return say("New defect %(code)s: %(words)s", code=code, words=words)


def _steps(change: Change, voice: Voice) -> str:
    say = voice.say
    if change.op == "order" and len(change.path) == 1:
        return say("Steps in another order: %(moves)s.", moves=_moves(change, voice))
    if len(change.path) > 2:
        return _field(say("Step “%(name)s”", name=voice.name(change.path[:2])), change, voice)
    step = change.old or change.new
    text = sentence(voice.filled(step["text"], step))
    if change.op == "remove":
        return say("Step taken out: %(step)s", step=text)
    parts = [say("New step, number %(place)s: %(step)s", place=(change.index or 0) + 1, step=text)]
    if "type" in step:
        parts += [say("It asks for %(kind)s.", kind=kind_in_words(step["type"], say)), _requirement(step, voice)]
    if "hazards" in step:
        side = Side(step["hazards"], step, voice.second)
        parts.append(say("Hazards: %(hazards)s.", hazards=value_in_words("hazards", side, voice)))
    return " ".join(part for part in parts if part)


def _checks(change: Change, voice: Voice) -> str:
    say = voice.say
    if change.op == "order" and len(change.path) == 1:
        return say("Checks in another order: %(moves)s.", moves=_moves(change, voice))
    if len(change.path) > 2:
        return _field(voice.name(change.path[:2]), change, voice)
    check = change.old or change.new
    text, severity = sentence(voice.filled(check["text"], check)), severity_in_words(check["severity"], say)
    if change.op == "remove":
        return say("Check taken out (%(severity)s): %(check)s", severity=severity, check=text)
    new = say("New check (%(severity)s): %(check)s", severity=severity, check=text)
    return f"{new} {_requirement(check, voice)}".rstrip()


def _other(change: Change, voice: Voice) -> str:
    """A field that has no words of its own yet."""
    return voice.say("%(field)s: %(old)s → %(new)s.", field=".".join(change.path), old=change.old, new=change.new)


_SENTENCES: Mapping[str, Callable[[Change, Voice], str]] = {
    "title": _head,
    "purpose": _head,
    "scope": _head,
    "language": _head,
    "hazards": _hazards,
    "tools": _tools,
    "defects": _defects,
    "skill": _skill,
    "sampling": _sampling,
    "steps": _steps,
    "checks": _checks,
}


# -- fields of steps and checks --------------------------------------------------------------------------


def _field(item: str, change: Change, voice: Voice) -> str:
    field = change.path[2]
    if field == "photos":
        return _photos(item, change, voice)
    if field == "choices":
        return _choices(item, change, voice)
    before = Side(change.old, voice.old(change.path[:2]), voice.first)
    after = Side(change.new, voice.new(change.path[:2]), voice.second)
    kind = str((after.spec if field in after.spec else before.spec).get("type", ""))
    name = field_name(field, kind, voice.say)
    if same_in_any_order(change):
        return voice.say("%(name)s: %(field)s in another order.", name=item, field=name)
    if field in TEXT_FIELDS:
        return _text_of(item, change, voice)
    old, new = value_in_words(field, before, voice), value_in_words(field, after, voice)
    if old == new:  # as the author wrote them: 0.1 and 0.10
        old, new = str(change.old), str(change.new)
    if field in LIMITS:
        old, new = with_unit(old, new, before, after)
    return voice.say("%(name)s: %(field)s %(old)s → %(new)s.", name=item, field=name, old=old, new=new)


def _text_of(item: str, change: Change, voice: Voice) -> str:
    """A text of an item that was added, taken out, or worded differently."""
    spec = change.path[:2]
    old, new = _texts(change, voice.old(spec) or {}, voice.new(spec) or {}, voice)
    name = field_name(change.path[-1], "", voice.say)
    return voice.say("%(name)s: %(field)s %(old)s → %(new)s.", name=item, field=name, old=old, new=new)


def _texts(change: Change, before: Mapping[str, Any], after: Mapping[str, Any], voice: Voice) -> tuple[str, str]:
    old, new = change.old or "", change.new or ""
    if voice.filled(old, before) != voice.filled(
        new, after
    ):  # else a number was put for a placeholder, or the other way round
        old, new = voice.filled(old, before), voice.filled(new, after)
    one, other = excerpts(old, new)
    none = voice.say("none")
    return one if change.old else none, other if change.new else none


def _photos(item: str, change: Change, voice: Voice) -> str:
    say = voice.say
    if change.op == "order":
        return say("%(name)s: photos in another order.", name=item)
    photo = change.path[:4]
    caption = voice.called(voice.new(photo) or voice.old(photo))
    if len(change.path) == 4 and change.op == "remove":
        return say("%(name)s: photo “%(caption)s” taken out.", name=item, caption=caption)
    if len(change.path) == 4:
        return say("%(name)s: new photo “%(caption)s”.", name=item, caption=caption)
    if change.path[4] == "text":
        old, new = excerpts(change.old, change.new)
        return say("%(name)s: caption of a photo %(old)s → %(new)s.", name=item, old=old, new=new)
    shown = {"good": say("a good one"), "bad": say("a bad one"), "shows": say("an example")}
    return say(
        "%(name)s: photo “%(caption)s” is shown as %(old)s → %(new)s.",
        name=item,
        caption=caption,
        old=shown.get(change.old, change.old),
        new=shown.get(change.new, change.new),
    )


def _choices(item: str, change: Change, voice: Voice) -> str:
    say = voice.say
    if change.op == "order":
        return say("%(name)s: answers in another order: %(moves)s.", name=item, moves=_moves(change, voice))
    choice = change.path[:4]
    answer = voice.called(voice.new(choice) or voice.old(choice))
    if len(change.path) == 4 and change.op == "remove":
        return say("%(name)s: answer “%(answer)s” taken out.", name=item, answer=answer)
    if len(change.path) == 4:
        judged = say("accepted") if change.new["ok"] else say("a defect")
        return say("%(name)s: new answer “%(answer)s”, %(judged)s.", name=item, answer=answer, judged=judged)
    if change.path[4] == "ok" and change.new:
        return say("%(name)s: answer “%(answer)s” was a defect, is accepted now.", name=item, answer=answer)
    if change.path[4] == "ok":
        return say("%(name)s: answer “%(answer)s” was accepted, is a defect now.", name=item, answer=answer)
    old, new = excerpts(change.old, change.new)
    return say("%(name)s: wording of an answer %(old)s → %(new)s.", name=item, old=old, new=new)


# -- another type ----------------------------------------------------------------------------------------


def _is_type(change: Change) -> bool:
    """Whether a change gives a step or check another type."""
    return len(change.path) == 3 and change.path[0] in ("steps", "checks") and change.path[2] == "type"


def _answers(item: Path, voice: Voice) -> frozenset[str]:
    """The fields that are about the answer to an item, with its old type or its new one."""
    kinds = [spec["type"] for spec in (voice.old(item), voice.new(item)) if spec.get("type") in KINDS]
    return frozenset().union(*(own_fields(kind) for kind in kinds))


def _new_type(change: Change, voice: Voice) -> str:
    say, spec = voice.say, voice.new(change.path[:2])
    name = voice.name(change.path[:2])
    item = say("Step “%(name)s”", name=name) if change.path[0] == "steps" else name
    old, new = (kind and kind_in_words(kind, say) for kind in (change.old, change.new))
    if new is None:
        return say("%(name)s: no longer asks for %(old)s.", name=item, old=old)
    if old is None:
        words = say("%(name)s: asks for %(new)s now.", name=item, new=new)
    else:
        words = say("%(name)s: asked for %(old)s, asks for %(new)s now.", name=item, old=old, new=new)
    return f"{words} {_requirement(spec, voice)}".rstrip()


def _requirement(spec: Mapping[str, Any], voice: Voice) -> str:
    return KINDS[spec["type"]].requirement(spec, voice.say, voice.number)


# -- another order ---------------------------------------------------------------------------------------


def _moves(change: Change, voice: Voice) -> str:
    """The items that were moved, as few as will do, each with the one it now follows."""
    say, new = voice.say, change.new
    moved, words = moved_items(change.old, new), []
    for name in moved[:MOVES_NAMED]:
        here, item = new.index(name), voice.name((*change.path, name))
        if here == 0:
            words.append(say("“%(item)s” comes first", item=item))
        else:
            before = voice.name((*change.path, new[here - 1]))
            words.append(say("“%(item)s” comes after “%(before)s”", item=item, before=before))
    if len(moved) > MOVES_NAMED:
        words.append(say("%(count)s more moved", count=len(moved) - MOVES_NAMED))
    return "; ".join(words)
