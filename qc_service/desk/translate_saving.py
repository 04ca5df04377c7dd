"""Keeping what a translator typed and ticked: what is right is kept, and all else comes back with why it was not.

One transaction holds the procedure, so that nobody writes between looking and keeping.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qc_service.auth import Actor
from qc_service.db import write
from qc_service.desk.translate_rows import wrong_words
from qc_service.people.models import Person
from qc_service.people.staff import human_of, locked_human
from qc_service.procedures import finding, translating
from qc_service.procedures.finding import Found
from qc_service.procedures.translating import Key, Standing
from qc_service.procedures.translation_models import ProcedureTranslation
from qc_service.texts import later
from sops.text_places import Place, text_places
from sops.translations import Translation, source_sha


@dataclass(frozen=True, slots=True)
class Typed:
    """One text as the form sent it. seen: what stood in the field; same: the old translation still fits;
    right: it was read and is right."""

    path: str
    text: str
    sha: str
    seen: str
    same: bool = False
    right: bool = False


@dataclass(slots=True)
class Outcome:
    """What was kept, and by path why the rest was not; `ticks` are errors of the tick rather than of the text."""

    saved: list[str] = field(default_factory=list)
    reviewed: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    ticks: dict[str, str] = field(default_factory=dict)


def typed_of(form: Mapping[str, str]) -> list[Typed]:
    """The texts of a form, in its order; each has its own number there."""
    numbers = [name.removeprefix("path-") for name in form if name.startswith("path-")]
    return [
        Typed(
            form[f"path-{one}"], form.get(f"text-{one}", ""), form.get(f"sha-{one}", ""), form.get(f"seen-{one}", ""),
            f"same-{one}" in form, f"right-{one}" in form,
        )
        for one in numbers
    ]  # fmt: skip


def save(actor: Actor, code: str, number: int, language: str, typed: Sequence[Typed]) -> Outcome:
    """Write and review what the form says, as far as it can be."""
    outcome = Outcome()
    with write():
        human = locked_human(actor.id)
        found = finding.version_of(actor, "translation.write", code, number)
        translating.language_named(language, found)
        desk = _Desk(actor, found, language, human, typed)
        texts = {one.path: desk.made(one) for one in typed if desk.written(one, outcome)}
        right = [one.path for one in typed if one.path not in texts and desk.right(one, outcome)]
        if texts:
            sent = {path: {"text": made.text, "source_sha": made.source_sha} for path, made in texts.items()}
            outcome.saved = translating.put(actor, code, number, language, sent)
        if right:
            outcome.reviewed = translating.review(actor, code, number, language, right).paths
    return outcome


class _Desk:
    """What there is while the form is looked through."""

    def __init__(self, actor: Actor, found: Found, language: str, human: str, typed: Sequence[Typed]) -> None:
        self.language = language
        self.human = human
        self.source: str = found.document["language"]
        self.places: dict[str, Place] = {place.path: place for place in text_places(found.document)}
        self.known: dict[Key, Standing] = translating.standing(found.procedure.id, language)
        self.shown = _shown(found.procedure.id, language, [one.path for one in typed])
        self.shared = dict(translating.not_theirs(actor, found, self.places, [one.path for one in typed]))

    def made(self, one: Typed) -> Translation:
        return Translation(one.path, self.language, translating.tidy(one.text), one.sha, "draft")

    def changed(self, one: Typed) -> bool:
        """Whether something else stands in the field than what was put there."""
        return translating.tidy(one.text) != self.shown.get((one.path, one.seen), "")

    def standing(self, one: Typed) -> Standing | None:
        return self.known.get((one.path, self.language, one.sha))

    def written(self, one: Typed, outcome: Outcome) -> bool:
        """Whether it is to be kept; an error says why something that was typed is not."""
        of_old = not one.seen.startswith(f"{one.sha}:")
        if not self.changed(one) and not (one.same and of_old):
            return False
        wrong = self._wrong(one, of_old=of_old)
        if wrong:
            outcome.errors[one.path] = wrong
        elif one.right:
            outcome.ticks[one.path] = later(
                "You changed it, so somebody else reviews it: take the tick away, and save."
            )
        return not wrong and not one.right

    def _wrong(self, one: Typed, *, of_old: bool) -> str:
        place = self.places.get(one.path)
        made = self.made(one)
        if place is not None and one.sha == source_sha(place.text):
            if one.path in self.shared:
                return self.shared[one.path]
            now = self.standing(one)
            if now is not None and now.last.text != made.text and (of_old or one.seen != _seen(now.last)):
                who = Person.get_by_id(now.last.person_id).name if now.last.person_id else later("a command")
                return later(
                    "%(who)s wrote this meanwhile: “%(text)s”. Yours was not saved: save again if it is better.",
                    who=who, text=now.last.text,
                )  # fmt: skip
        for problem in translating.refused(self.places, self.source, made):
            return wrong_words(problem.code, problem.detail, place, made.text)
        return ""

    def right(self, one: Typed, outcome: Outcome) -> bool:
        """Whether it is to be reviewed; an error of the tick says why not."""
        if not one.right or one.path in outcome.errors or one.path in outcome.ticks:
            return False
        place, now = self.places.get(one.path), self.standing(one)
        waits = now.waits if now is not None else None
        if place is None or one.sha != source_sha(place.text) or waits is None or _seen(waits) != one.seen:
            outcome.ticks[one.path] = later("It is not what you read any more: read it again, then tick it.")
        elif waits.person_id and human_of(Person.get_by_id(waits.person_id)) == self.human:
            outcome.ticks[one.path] = later("You wrote it yourself, so somebody else reviews it.")
        return one.path not in outcome.ticks


def _seen(row: ProcedureTranslation) -> str:
    return f"{row.source_sha}:{row.number}"


def _shown(procedure_id: str, language: str, paths: Sequence[str]) -> dict[tuple[str, str], str]:
    """Every text that could have stood in one of the fields, by its path and what names it."""
    query = ProcedureTranslation.select().where(
        (ProcedureTranslation.procedure_id == procedure_id)
        & (ProcedureTranslation.language == language)
        & ProcedureTranslation.path.in_(list(paths))
    )
    return {(row.path, _seen(row)): row.text for row in query}
