"""What the pages of procedures say of a version: its place, its state, who decided and signed what."""

from typing import Any

from flask import url_for

from qc_service.desk import paper
from qc_service.desk import procedure_words as texts
from qc_service.desk.pages import words
from qc_service.procedures import describing, finding
from qc_service.procedures.finding import Found
from sops.versions import State

Part = dict[str, Any]


def brief(found: Found) -> Part:
    """A version in a line: number, state, whom it is for, class, note, and from when until when."""
    say, told = words().say, describing.brief(found)
    change = told["change_class"] and _change(found, told["change_class"])
    return {
        "number": found.version.number, "state": found.state.value, "word": say(paper.STATES[found.state.value]),
        "variant": paper.variant(found, words()), "change": change,
        "change_word": say(texts.CHANGES[change]) if change else "", "note": found.draft.change_note or "",
        "effective_at": told["effective_at"], "withdrawn_at": told["withdrawn_at"],
        "created_at": found.version.created_at,
        "url": url_for("desk.procedure_version", code=found.procedure.code, number=found.version.number),
        "compare_url": url_for("desk.procedure_compare", code=found.procedure.code, number=found.version.number),
    }  # fmt: skip


def _change(found: Found, change: str) -> str:
    """How much it changes for those who work by it: the first that was ever published is new to everybody."""
    earlier = [one for one in finding.publications(found.procedure.id) if one.version < found.version.number]
    return change if earlier else texts.NEW


def decisions(found: Found, told: Part) -> list[Part]:
    """Everything that was decided about a version, as `describing.version` has it, in words; the newest last."""
    say = words().say
    changes = {one: _change(found, one) for one in {one["change_class"] for one in told["decisions"]} if one}
    return [
        {
            "at": one["at"], "name": one["name"] or say("The service"), "badge": one["by"],
            "text": say(texts.DECISIONS[one["kind"]]), "reason": one["reason"],
            "method": say(texts.METHODS[one["signature"]["method"]]) if one["signature"] else "",
            "change": changes.get(one["change_class"]),
            "change_word": say(texts.CHANGES[changes[one["change_class"]]]) if one["change_class"] else "",
            "effective_at": one["effective_at"],
        }
        for one in told["decisions"]
    ]  # fmt: skip


def hands(told: Part) -> list[Part]:
    """Who wrote, reviewed and approved it."""
    say = words().say
    return [
        {"role": say(texts.ROLES[one["role"]]), "name": one["name"], "badge": one["badge"]}
        for one in told["hands"]
        if one["voided_at"] is None
    ]


def document(found: Found) -> Part:
    """The version as the reader reads it."""
    return paper.Reading(found, words(), lambda sha256: url_for("desk.picture", sha256=sha256)).document()


def is_open(found: Found) -> bool:
    """Whether something is still to be decided about it."""
    return found.state in (State.DRAFT, State.IN_REVIEW, State.APPROVED)
