"""Choose: one or several out of a list, some of them right."""

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from sops.errors import AnswerUnreadable, Problem
from sops.fields import MESSAGES, Id, Items, Normal, Text, Truth
from sops.languages import Number, Say, plain
from sops.numbers import plain_number
from sops.steps.base import OK, RESERVED, Judgement, Kind, Spec, pointer, quoted


class ChoiceFields(Normal):
    """One choice: its id, its text, and whether it is right."""

    id = Id(required=True)
    text = Text(required=True, one_line=True)
    ok = Truth(required=True)


class ChooseFields(Normal):
    """A choose's own fields: 2 to 12 choices, and whether several may be chosen."""

    choices = Items(
        fields.Nested(ChoiceFields, required=True, error_messages=MESSAGES), required=True, least=2, most=12
    )
    several = Truth(load_default=False)


class Choose(Kind[tuple[str, ...]]):
    """Answered with a choice's id, or with a list of ids where several may be chosen."""

    name = "choose"
    schema = ChooseFields
    judged = frozenset({"choices", "several"})
    easy = True

    def problems(self, spec: Spec, where: str) -> Iterable[Problem]:
        """Ids that are there twice or mean something else, and choices of which none is right."""
        seen: set[str] = set()
        for place, choice in enumerate(spec["choices"]):
            name, at = choice["id"], pointer(where, "choices", place, "id")
            if name in seen:
                yield Problem(at, "duplicate_id", f"Another choice has the id “{name}”. Give each its own.")
            if name in RESERVED:
                yield Problem(at, "reserved_id", f"“{name}” is what every check may be answered. Take another id.")
            seen.add(name)
        if not any(choice["ok"] for choice in spec["choices"]):
            text = "No choice is right, so every answer would be a defect. Mark at least one with ok: true."
            yield Problem(pointer(where, "choices"), "nothing_accepted", text)

    def read(self, value: Any, spec: Spec, say: Say = plain) -> tuple[str, ...]:
        """The chosen ids in the order of the choices.

        Raises `AnswerUnreadable`: `not_a_choice`, `empty`, `twice` or `too_many`.
        """
        given = value if spec.get("several") and isinstance(value, list) else [value]
        names = self.possible(spec)
        if len(given) > len(names):
            raise AnswerUnreadable("too_many", say("There are fewer choices than that. Choose again."))
        if not given:
            raise AnswerUnreadable("empty", say("Nothing is chosen. Choose at least one."))
        for one in given:
            if not isinstance(one, str) or one not in names:
                text = say("%(value)s is none of the choices. Choose again.", value=quoted(one))
                raise AnswerUnreadable("not_a_choice", text)
        if len(set(given)) < len(given):
            raise AnswerUnreadable("twice", say("A choice is there twice. Choose each once."))
        return tuple(name for name in names if name in given)

    def judge(
        self,
        value: tuple[str, ...],
        spec: Spec,
        say: Say = plain,
        number: Number = plain_number,  # noqa: ARG002
    ) -> Judgement:
        """A defect if anything was chosen that is not right."""
        wrong = [choice["text"] for choice in spec["choices"] if choice["id"] in value and not choice["ok"]]
        if not wrong:
            return OK
        return Judgement("defect", "wrong_choice", say("Not right: %(choices)s.", choices="; ".join(wrong)))

    def accepts(self, spec: Spec) -> dict[str, Any]:
        """Which ids there are and which of them are right; their order and texts are wording."""
        choices = {choice["id"]: choice["ok"] for choice in sorted(spec["choices"], key=lambda one: str(one["id"]))}
        return {"choices": choices, "several": spec.get("several", False)}

    def texts(self, spec: Spec) -> dict[str, str]:
        """Every choice's text."""
        return {f"choices.{choice['id']}.text": choice["text"] for choice in spec["choices"]}

    def possible(self, spec: Spec) -> tuple[str, ...]:
        """The ids of its choices."""
        return tuple(choice["id"] for choice in spec["choices"])

    def requirement(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> str:  # noqa: ARG002
        """The choices that are all right, where some are not; whether several may be chosen."""
        right = [choice["text"] for choice in spec["choices"] if choice["ok"]]
        parts = [say("Choose all that apply.")] if spec.get("several") else []
        if len(right) < len(spec["choices"]):
            parts.append(say("Accepted: %(choices)s.", choices="; ".join(right)))
        return " ".join(parts)

    def paper(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> list[str]:  # noqa: ARG002
        """A box for each choice."""
        return [f"[ ] {choice['text']}" for choice in spec["choices"]]


CHOOSE = Choose()
