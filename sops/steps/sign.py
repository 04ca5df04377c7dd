"""Sign: somebody puts their name to something. Who that is and may be is the service's business."""

from typing import Any

from sops.errors import AnswerUnreadable
from sops.fields import TITLE, Normal, OneOf, Text
from sops.languages import Number, Say, plain
from sops.numbers import plain_number
from sops.steps.base import Kind, Spec, quoted

ROLES = ("operator", "inspector", "supervisor", "quality_manager", "auditor", "admin")
"""The roles a signature may be asked of, as the service names them."""


class SignFields(Normal):
    """A signature's own fields: what it means, and the role of who gives it."""

    role = OneOf(ROLES)
    meaning = Text(required=True, longest=TITLE, one_line=True)


class Sign(Kind[str]):
    """Answered `signed`. A signature says what it means (as 21 CFR 11.50 has it)."""

    name = "sign"
    schema = SignFields
    judged = frozenset({"role"})

    def read(self, value: Any, spec: Spec, say: Say = plain) -> str:  # noqa: ARG002
        """`signed`. Raises `AnswerUnreadable`: `not_signed`."""
        if not isinstance(value, str) or value != "signed":
            raise AnswerUnreadable("not_signed", say("%(value)s is no signature. Sign again.", value=quoted(value)))
        return value

    def texts(self, spec: Spec) -> dict[str, str]:
        """What the signature means."""
        return {"meaning": spec["meaning"]}

    def requirement(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> str:  # noqa: ARG002
        """Who signs, and what for."""
        if "role" not in spec:
            return say("Signature: %(meaning)s", meaning=spec["meaning"])
        return say("Signature of %(role)s: %(meaning)s", role=role_in_words(spec["role"], say), meaning=spec["meaning"])

    def paper(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> list[str]:  # noqa: ARG002
        """Room for name, signature and time."""
        line = "_" * 20
        return [f"{say('Name:')} {line}  {say('Signature:')} {line}  {say('Date, time:')} {line}"]


def role_in_words(role: str, say: Say) -> str:
    """A role as people call it. Raises `KeyError` for another."""
    words = {
        "operator": say("the operator"),
        "inspector": say("the inspector"),
        "supervisor": say("the supervisor"),
        "quality_manager": say("the quality manager"),
        "auditor": say("the auditor"),
        "admin": say("the administrator"),
    }
    return words[role]


SIGN = Sign()
