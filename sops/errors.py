"""What procedures can refuse, each with a stable code for programs and a sentence for people that says what to do."""

from collections.abc import Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing wrong in one place of a document.

    pointer: a JSON pointer (RFC 6901) into the document, "" for the whole of it.
    code: stable, for programs; e.g. `min_above_max`.
    message: a sentence for the author, with what to do.
    line: in the file that was read, from 1; None where there was no file.
    """

    pointer: str
    code: str
    message: str
    line: int | None = None


class Refused(ValueError):
    """A refusal with a stable `code` and a `message` for a person. Subclasses say which fact it is.

    Without arguments a subclass speaks its own default sentence.
    """

    code: str = "refused"
    message: str = "That cannot be done."

    def __init__(self, message: str = "", *, code: str = "") -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        super().__init__(self.message)


class DocumentInvalid(ValueError):
    """A document that cannot be accepted. `problems` has everything that is wrong, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(f"{one.pointer or '/'}: {one.message}" for one in self.problems))


class AnswerUnreadable(ValueError):
    """An answer that is none of what its check can be answered with. Nothing is judged then."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class TextRefused(ValueError):
    """A text that no document, translation or answer can hold: `empty`, `too_long`, `control_character`, ..."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class FileRefused(Refused):
    """A file from outside that cannot be read as what it should be."""

    code = "file_refused"
    message = "The file cannot be read. Export it again and send it unchanged."


class DifferenceDoesNotFit(Refused):
    """A difference applied to another document than the one it was taken from."""

    code = "difference_does_not_fit"
    message = "The changes were made to another document. Take the difference again."


class IllegalMove(Refused):
    """A version cannot go from the state it is in to the one asked for."""

    code = "illegal_transition"
    message = "The version's state does not allow that. Load it again and see where it stands."


class SamePerson(Refused):
    """One human being would do two things of a version that two must do."""

    code = "same_person"
    message = "It must be another person."


class RoleMayNot(Refused):
    """A role does not hold the part of a version's life that it asks for."""

    code = "role_may_not"
    message = "Your role may not do that. Ask somebody who holds it."


class EffectiveInPast(Refused):
    """A version cannot be in force before it is published."""

    code = "effective_in_past"
    message = "A version comes into force now or later. Choose a later time, or none for now."


class LotQuantityNeeded(Refused):
    """A sampling rule that depends on how large the lot is."""

    code = "lot_quantity_needed"
    message = "This sampling rule depends on the lot's size. Say how many units the lot has."


class ReasonNeeded(Refused):
    """A version is given up without a word about why."""

    code = "reason_needed"
    message = "Write why, so that it can be understood later."


class TimeWithoutZone(Refused):
    """A moment that is another one in every time zone."""

    code = "time_without_zone"
    message = "This time has no time zone. Give it one, such as 2026-03-01T06:00+01:00."
