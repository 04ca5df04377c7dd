"""Confirm: one question that is all right or a defect."""

from typing import Any

from sops.errors import AnswerUnreadable
from sops.fields import Normal
from sops.languages import Number, Say, plain
from sops.numbers import plain_number
from sops.steps.base import OK, Judgement, Kind, Spec, quoted

VALUES = ("ok", "defect")


class ConfirmFields(Normal):
    """A confirm has no fields of its own."""


class Confirm(Kind[str]):
    """Answered `ok` or `defect`."""

    name = "confirm"
    schema = ConfirmFields
    easy = True

    def read(self, value: Any, spec: Spec, say: Say = plain) -> str:  # noqa: ARG002
        """`ok` or `defect`. Raises `AnswerUnreadable`: `not_a_choice`."""
        if not isinstance(value, str) or value not in VALUES:
            text = say("%(value)s is neither ok nor defect. Choose one of the two.", value=quoted(value))
            raise AnswerUnreadable("not_a_choice", text)
        return value

    def judge(self, value: str, spec: Spec, say: Say = plain, number: Number = plain_number) -> Judgement:  # noqa: ARG002
        """The answer is the judgement."""
        return OK if value == "ok" else Judgement("defect", "defect", say("Marked as a defect."))

    def possible(self, spec: Spec) -> tuple[str, ...]:  # noqa: ARG002
        """Both answers."""
        return VALUES

    def paper(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> list[str]:  # noqa: ARG002
        """Two boxes."""
        return [f"[ ] {say('OK')}    [ ] {say('Defect')}"]


CONFIRM = Confirm()
