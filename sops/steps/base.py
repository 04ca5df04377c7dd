"""What every kind of step and check can do, and what judging an answer gives."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

from sops.errors import AnswerUnreadable, Problem
from sops.fields import SHA256, Normal
from sops.languages import Number, Say, plain
from sops.numbers import plain_number, shortened

Spec = Mapping[str, Any]
"""A check, or a step with a type, as the document has it: in normal form, with the own fields of its kind."""

Value = TypeVar("Value")
Outcome = Literal["ok", "defect", "recorded", "not_applicable", "cannot_check", "missing", "unreadable"]

RESERVED = ("not_applicable", "cannot_check")
"""Values that every kind takes, with a reason, and that no choice may have as its id."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one answer.

    outcome: `ok` and `defect` are judged, `recorded` is kept as it is; the others say that nothing was judged.
    reason: a stable code, such as `above_max`; empty where there is nothing to say.
    detail: the same as a sentence for people. samples: for each sample whether it is within its limits.
    """

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    samples: tuple[bool, ...] = ()


OK = Judgement("ok")
RECORDED = Judgement("recorded")


class Kind(ABC, Generic[Value]):
    """One kind of step or check: its own fields, what an answer to it may be, and how that is judged.

    name: as a document's `type` has it.
    schema: marshmallow schema of its own fields only; loads into their normal form.
    judged: own fields that change which answers are accepted. Wording is none of them, see `accepts`.
    easy: it is answered with a tap or two, so it may share a screen with others.
    """

    name: ClassVar[str]
    schema: ClassVar[type[Normal]]
    judged: ClassVar[frozenset[str]] = frozenset()
    easy: ClassVar[bool] = False

    def problems(self, spec: Spec, where: str) -> Iterable[Problem]:  # noqa: ARG002
        """What is wrong between its own fields. where: JSON pointer of the spec, the beginning of each problem's."""
        return ()

    @abstractmethod
    def read(self, value: Any, spec: Spec, say: Say = plain) -> Value:
        """The answer's `value`, whatever was sent, as what `judge` takes. Raises `AnswerUnreadable`."""

    def judge(self, value: Value, spec: Spec, say: Say = plain, number: Number = plain_number) -> Judgement:  # noqa: ARG002
        """What a value that was read is worth: `ok`, `defect` or `recorded`."""
        return RECORDED

    def accepts(self, spec: Spec) -> dict[str, Any]:
        """The judged part of a spec without its wording: two specs with equal parts accept the same answers."""
        return {name: spec[name] for name in sorted(self.judged) if name in spec}

    def texts(self, spec: Spec) -> dict[str, str]:  # noqa: ARG002
        """Its own translatable texts by path within the spec, e.g. `choices.yes.text`."""
        return {}

    def placeholders(self, spec: Spec) -> dict[str, str]:  # noqa: ARG002
        """What `{name}` in the spec's texts stands for. Numbers are decimal strings with all decimals to be shown."""
        return {}

    def possible(self, spec: Spec) -> tuple[str, ...]:  # noqa: ARG002
        """What a condition (`show_if`) may wait for; empty where no condition can name a check of this kind."""
        return ()

    def requirement(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> str:  # noqa: ARG002
        """What an answer must be, as a sentence; "" where the text of the check says it all."""
        return ""

    @abstractmethod
    def paper(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> list[str]:
        """Lines with room for the answer on plain paper."""


def several(value: Any, asked: int, say: Say) -> list[Any]:
    """The samples of an answer; one that is not in a list counts as a list of one.

    Raises `AnswerUnreadable`: `sample_count` unless there are as many as asked for.
    """
    given = value if isinstance(value, list) else [value]
    if len(given) == asked:
        return given
    if asked == 1:
        text = say("One sample is asked for, %(given)s were given.", given=len(given))
    else:
        text = say("%(asked)s samples are asked for; there are %(given)s.", asked=asked, given=len(given))
    raise AnswerUnreadable("sample_count", text)


def hashes(value: Any, say: Say) -> tuple[str, ...]:
    """Photos by the SHA-256 of their bytes, each once. One that is not in a list counts as a list of one.

    Raises `AnswerUnreadable`: `not_a_photo`, `too_many` or `twice`.
    """
    given = value if isinstance(value, list) else [value]
    if len(given) > PHOTOS_MOST:
        raise AnswerUnreadable(
            "too_many", say("These are more than %(most)s photos. Leave some out.", most=PHOTOS_MOST)
        )
    for one in given:
        if not isinstance(one, str) or len(one) != 64 or not SHA256.fullmatch(one):
            raise AnswerUnreadable("not_a_photo", say("A photo is missing or was not stored. Take it again."))
    if len(set(given)) < len(given):
        raise AnswerUnreadable("twice", say("The same photo is there twice. Take another."))
    return tuple(given)


PHOTOS_MOST = 20
"""Photos that one answer may have."""


def quoted(value: Any) -> str:
    """What was sent, for a sentence: one short line."""
    return f"“{shortened(value)}”" if isinstance(value, str) else shortened(value)


def pointer(where: str, *steps: str | int) -> str:
    """A JSON pointer further down."""
    return where + "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
