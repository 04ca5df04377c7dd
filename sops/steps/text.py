"""Text: words that are recorded and not judged."""

from typing import Any

from sops.errors import AnswerUnreadable, TextRefused
from sops.fields import LONG_TEXT, Normal, Whole, clean
from sops.languages import Number, Say, plain
from sops.numbers import plain_number
from sops.steps.base import Kind, Spec

DEFAULT_LENGTH = 200
LINE = "_" * 60
CHARACTERS_PER_LINE = 100  # of handwriting's room on paper, generously


class TextFields(Normal):
    """A text's own field: how many characters it may have."""

    max_length = Whole(load_default=DEFAULT_LENGTH, least=1, most=LONG_TEXT)


class TextKind(Kind[str]):
    """Answered with a text that is not blank."""

    name = "text"
    schema = TextFields
    judged = frozenset({"max_length"})

    def read(self, value: Any, spec: Spec, say: Say = plain) -> str:
        """The text in NFC without white space around it.

        Raises `AnswerUnreadable`: `not_text`, `empty`, `too_long` or `control_character`.
        """
        if not isinstance(value, str):
            raise AnswerUnreadable("not_text", say("This must be a text. Write it in words."))
        longest = spec.get("max_length", DEFAULT_LENGTH)
        try:
            text = clean(value, longest=longest)
        except TextRefused as error:
            raise AnswerUnreadable(error.code, _in_words(error.code, longest, say)) from error
        if not text:
            raise AnswerUnreadable("empty", say("There is no text. Write one."))
        return text

    def requirement(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> str:  # noqa: ARG002
        """How long it may be."""
        return say("At most %(most)s characters.", most=spec.get("max_length", DEFAULT_LENGTH))

    def paper(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> list[str]:  # noqa: ARG002
        """Lines to write on."""
        rows = min(-(-spec.get("max_length", DEFAULT_LENGTH) // CHARACTERS_PER_LINE), 10)
        return [LINE] * rows


def _in_words(code: str, longest: int, say: Say) -> str:
    if code == "too_long":
        return say("The text has more than %(longest)s characters. Shorten it.", longest=longest)
    return say("The text holds a character that cannot be kept, such as a tab. Write it anew.")


TEXT = TextKind()
