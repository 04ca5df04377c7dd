"""Photo: pictures that are recorded and not judged."""

from typing import Any

from sops.errors import AnswerUnreadable
from sops.fields import Normal, Whole
from sops.languages import Number, Say, plain
from sops.numbers import plain_number
from sops.steps.base import Kind, Spec, hashes


class PhotoFields(Normal):
    """A photo's own field: how many are asked for."""

    at_least = Whole(load_default=1, least=1, most=6)


class Photo(Kind[tuple[str, ...]]):
    """Answered with the ids of stored photos: the SHA-256 of each."""

    name = "photo"
    schema = PhotoFields
    judged = frozenset({"at_least"})

    def read(self, value: Any, spec: Spec, say: Say = plain) -> tuple[str, ...]:
        """The photos' ids. Raises `AnswerUnreadable`: `too_few`, and what `hashes` raises."""
        found = hashes(value, say)
        asked = spec.get("at_least", 1)
        if len(found) < asked:
            text = say("Photos asked for: %(asked)s; there: %(given)s. Take more.", asked=asked, given=len(found))
            raise AnswerUnreadable("too_few", text)
        return found

    def placeholders(self, spec: Spec) -> dict[str, str]:
        """How many are asked for."""
        return {"at_least": str(spec.get("at_least", 1))}

    def requirement(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> str:  # noqa: ARG002
        """How many photos."""
        asked = spec.get("at_least", 1)
        return say("At least one photo.") if asked == 1 else say("At least %(asked)s photos.", asked=asked)

    def paper(self, spec: Spec, say: Say = plain, number: Number = plain_number) -> list[str]:  # noqa: ARG002
        """A box for each photo and its number in the camera."""
        return [f"[ ] {say('Photo taken, number:')} __________"] * int(spec.get("at_least", 1))


PHOTO = Photo()
