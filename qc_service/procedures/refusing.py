"""What procedures refuse, as the service's own problems."""

from collections.abc import Iterator
from contextlib import contextmanager

from qc_service.errors import FieldProblem, Invalid, QCError, invalid
from qc_service.texts import later
from sops.errors import (
    DocumentInvalid,
    EffectiveInPast,
    FileRefused,
    IllegalMove,
    Problem,
    ReasonNeeded,
    SamePerson,
    TimeWithoutZone,
)


@contextmanager
def refusals() -> Iterator[None]:
    """A fact that `sops` raises becomes the problem that the API answers with."""
    try:
        yield
    except DocumentInvalid as error:
        raise document_invalid(error.problems) from error
    except (SamePerson, IllegalMove) as error:
        raise QCError(error.code, error.message) from error
    except (EffectiveInPast, TimeWithoutZone) as error:
        raise invalid("/effective_at", error.message, error.code) from error
    except ReasonNeeded as error:
        raise invalid("/reason", error.message, error.code) from error
    except FileRefused as error:
        raise QCError("file_refused", error.message) from error


def document_invalid(problems: tuple[Problem, ...], code: str = "validation_failed") -> Invalid:
    """Everything that is wrong with a document, by pointers into the request, and by lines where it was a file."""
    found = [FieldProblem(f"/document{one.pointer}", one.code, _sentence(one)) for one in problems]
    words = later("Things that are wrong in the document: %(count)s.", count=len(found))
    return Invalid(*found, detail=words if len(found) > 1 else "", code=code)


def _sentence(one: Problem) -> str:
    return later("Line %(line)s: %(message)s", line=one.line, message=one.message) if one.line else one.message
