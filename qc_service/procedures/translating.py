"""Translations of a procedure: what stands, what a reader is shown, writing one, and reading it over.

A translation belongs to a source text by its hash and not to a version, so a text that a new version leaves alone
keeps its reviewed translation. What was reviewed stands until something newer is: a new draft replaces no wording that
people work by. Nobody reviews what they wrote themselves, by whichever of their accounts.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import new_id, write
from qc_service.errors import FieldProblem, Invalid, QCError, invalid
from qc_service.people.models import Person
from qc_service.people.staff import human_of, locked_human
from qc_service.procedures import finding
from qc_service.procedures.finding import Found
from qc_service.procedures.translation_models import ProcedureTranslation
from qc_service.texts import later
from sops import translations
from sops.languages import LANGUAGES
from sops.text_places import Place, text_places
from sops.translations import Rendered, Status, Translation, source_sha

Key = tuple[str, str, str]  # path, language, source_sha


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is for one source text in one language: the last that was reviewed, and the last that was written."""

    last: ProcedureTranslation
    reviewed: ProcedureTranslation | None

    @property
    def counts(self) -> ProcedureTranslation:
        """The one that readers are shown."""
        return self.reviewed or self.last

    @property
    def waits(self) -> ProcedureTranslation | None:
        """What waits to be reviewed."""
        return None if self.last.status == "reviewed" else self.last


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What came of a review: the texts that count now, and those that their writer may not review."""

    paths: list[str]
    own: list[str]


# --- what stands ---


def standing(procedure_id: str, language: str | None = None) -> dict[Key, Standing]:
    """Every translation of a procedure, the oldest first; of one language where it is named."""
    query = ProcedureTranslation.select().where(ProcedureTranslation.procedure_id == procedure_id)
    if language is not None:
        query = query.where(ProcedureTranslation.language == language)
    found: dict[Key, Standing] = {}
    for row in query.order_by(ProcedureTranslation.number, ProcedureTranslation.id):
        key = row.path, row.language, row.source_sha
        before = found.get(key)
        reviewed = before.reviewed if before is not None else None
        found[key] = Standing(row, row if row.status == "reviewed" else reviewed)
    return dict(sorted(found.items(), key=lambda item: (item[1].counts.at, item[1].counts.id)))


def translations_of(procedure_id: str, language: str | None = None) -> list[Translation]:
    """The translations that count, as `sops.translations` reads them."""
    return [plain(one.counts) for one in standing(procedure_id, language).values()]


def plain(row: ProcedureTranslation) -> Translation:
    return Translation(row.path, row.language, row.text, row.source_sha, cast("Status", row.status))


def rendered(found: Found, language: str, *, sister: str | None = None) -> Rendered:
    """The version for a reader of a language: never blank, and marked wherever it is not what they asked for."""
    wanted = None if sister else language
    return translations.render(found.document, language, translations_of(found.procedure.id, wanted), sister=sister)


def language_named(language: str, found: Found) -> str:
    """A language that the version can be translated into."""
    if language not in LANGUAGES:
        words = later(
            "There is no language %(code)s: name one of %(known)s.", code=repr(language[:20]), known=LANGUAGES
        )
        raise QCError("not_found", words)
    if language == found.document["language"]:
        raise invalid("/language", later("The procedure is written in that language: change its own text."))
    return language


# --- writing ---


def put(actor: Actor, code: str, number: int, language: str, texts: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Write translations; all of them or, if any cannot be taken, none. Returns the paths that changed.

    texts: by path, `text` and the `source_sha` of the source that was translated.
    """
    with write():
        human = locked_human(actor.id)
        found = finding.version_of(actor, "translation.write", code, number)
        language_named(language, found)
        places = {place.path: place for place in text_places(found.document)}
        source = found.document["language"]
        made = [
            Translation(path, language, tidy(one["text"]), one["source_sha"], "draft") for path, one in texts.items()
        ]
        wrong = [
            problem for one in made for problem in refused(places, source, one, f"/texts/{pointer_part(one.path)}")
        ]
        shared = not_theirs(actor, found, places, texts)
        wrong += [FieldProblem(f"/texts/{pointer_part(path)}", "scope_missing", words) for path, words in shared]
        if wrong:
            words = later("Texts that cannot be taken: %(count)s.", count=len(wrong))
            raise Invalid(*wrong, detail=words if len(wrong) > 1 else "")
        return store(actor, found, human, language, made, "typed")


def refused(
    places: Mapping[str, Place], source_language: str, made: Translation, pointer: str = ""
) -> list[FieldProblem]:
    """Why a text cannot be taken as a translation of the version's text as it is."""
    place = places.get(made.path)
    if place is not None and made.source_sha != source_sha(place.text):
        words = later("The source text is another by now: read it again, and translate what it says.")
        return [FieldProblem(f"{pointer}/source_sha", "source_changed", words)]
    found = translations.placed_problems(source_language, place, made)
    return [FieldProblem(pointer + ("/text" if place else ""), one.code, one.message) for one in found]


def tidy(text: str) -> str:
    """A text as documents have it; what they cannot hold is left in, for `refused` to name."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def pointer_part(path: str) -> str:
    return path.replace("~", "~0").replace("/", "~1")


def not_theirs(actor: Actor, found: Found, places: Mapping[str, Place], paths: Iterable[str]) -> list[tuple[str, str]]:
    """Texts that versions of other scope have too, with why: their words are not one site's to choose."""
    if found.site_id == found.procedure.site_id or actor.sites_for("translation.write") is None:
        return []
    others = [one for one in finding.load_all(found.procedure) if one.site_id != found.site_id]
    theirs = {(path, text) for one in others for path, text in translations.texts(one.document).items()}
    words = later("Other sites work by this text too: somebody with that role in every site may translate it.")
    return [(path, words) for path in paths if path in places and (path, places[path].text) in theirs]


def store(
    actor: Actor, found: Found, human: str | None, language: str, texts: Iterable[Translation], origin: str
) -> list[str]:
    """Keep what is new of these as drafts, in one event. The caller holds the procedure's lock and has checked them."""
    known = standing(found.procedure.id, language)
    keyed = [(one, known.get((one.path, language, one.source_sha))) for one in texts]
    new = [(one, last) for one, last in keyed if last is None or one.text != last.last.text]
    if not new:
        return []
    with audit.change(actor.author, "procedure.translated", **_event(found, language)) as change:
        change.data |= {"origin": origin, "paths": [one.path for one, _ in new]}
        for one, last in new:
            change.insert(
                ProcedureTranslation, id=new_id("trn"), procedure_id=found.procedure.id, path=one.path,
                language=language, source_sha=one.source_sha, number=last.last.number + 1 if last else 1,
                text=one.text, status="draft", origin=origin, person_id=actor.id if human else None, human_id=human,
                author=actor.author.name, at=change.now,
            )  # fmt: skip
    return [one.path for one, _ in new]


def _event(found: Found, language: str) -> dict[str, Any]:
    data = {"procedure": found.procedure.code, "version": found.version.number, "language": language}
    return {"site_id": found.procedure.site_id, "data": data}


# --- reviewing ---


def review(
    actor: Actor, code: str, number: int, language: str, paths: Iterable[str] | None, seen: str | None = None
) -> Reviewed:
    """Say of drafts that they are right. `paths` None: all that wait. `seen`: the mark of the list that was read."""
    with write():
        human = locked_human(actor.id)
        found = finding.version_of(actor, "translation.review", code, number)
        language_named(language, found)
        waiting = waiting_of(found, language)
        if seen is not None and seen != mark_of(waiting.values()):
            words = later("The texts changed after you read them: load them again, and read what is new.")
            raise QCError("revision_conflict", words)
        wanted = list(waiting) if paths is None else list(dict.fromkeys(paths))
        own = [path for path in wanted if path in waiting and _human_today(waiting[path]) == human]
        if paths is not None:
            _refuse_review(wanted, waiting, own)
        right = [path for path in wanted if path not in own]
        if right:
            _mark_reviewed(actor, found, human, language, [waiting[path] for path in right])
    return Reviewed(right, own)


def waiting_of(found: Found, language: str) -> dict[str, ProcedureTranslation]:
    """The drafts of the version's texts as they are, by path."""
    known = standing(found.procedure.id, language)
    texts = translations.texts(found.document)
    keyed = {path: known.get((path, language, source_sha(text))) for path, text in texts.items()}
    return {path: one.waits for path, one in keyed.items() if one is not None and one.waits is not None}


def mark_of(rows: Iterable[ProcedureTranslation]) -> str:
    """A short name of exactly these drafts, by which a review says what it has read."""
    return source_sha("\n".join(sorted(row.id for row in rows)))


def _human_today(row: ProcedureTranslation) -> str | None:
    """Whose text it is; accounts may have turned out to be one human being's since."""
    return human_of(Person.get_by_id(row.person_id)) if row.person_id else None


def _refuse_review(wanted: list[str], waiting: Mapping[str, ProcedureTranslation], own: list[str]) -> None:
    for place, path in enumerate(wanted):
        if path not in waiting:
            words = later("No draft of %(path)s waits to be reviewed.", path=repr(path))
            raise invalid(f"/paths/{place}", words, "nothing_to_review")
    if own:
        words = later("You wrote it yourself, so somebody else reviews it: %(paths)s.", paths=tuple(own))
        errors = [FieldProblem(f"/paths/{wanted.index(path)}", "same_person", words) for path in own]
        raise QCError("same_person", words, errors=errors)


def _mark_reviewed(actor: Actor, found: Found, human: str, language: str, rows: Iterable[ProcedureTranslation]) -> None:
    with audit.change(actor.author, "procedure.translation_reviewed", **_event(found, language)) as change:
        change.data["paths"] = [row.path for row in rows]
        for row in rows:
            change.insert(
                ProcedureTranslation, id=new_id("trn"), procedure_id=row.procedure_id, path=row.path,
                language=language, source_sha=row.source_sha, number=row.number + 1, text=row.text,
                status="reviewed", origin=row.origin, person_id=actor.id, human_id=human, author=actor.author.name,
                at=change.now,
            )  # fmt: skip
