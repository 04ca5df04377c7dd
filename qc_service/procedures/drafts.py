"""Writing procedures: the procedure itself, the lines that work by it, and the drafts of its versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import db, new_id, write
from qc_service.errors import NotFound, QCError, invalid
from qc_service.lines import service as lines
from qc_service.lines.models import Line
from qc_service.people import scope
from qc_service.people.staff import locked_human, person_with
from qc_service.procedures import finding, hands, workbooks
from qc_service.procedures.finding import Found
from qc_service.procedures.models import Procedure, ProcedureDraft, ProcedureLine, ProcedureVersion
from qc_service.procedures.refusing import refusals
from qc_service.procedures.workbooks import Told
from qc_service.texts import later
from sops import document as documents
from sops.versions import State

ACTION = "procedure.draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote: a document in normal form, and what they say of the change."""

    document: dict[str, Any]
    change_note: str | None = None
    translations: Sequence[Told] = ()  # what came with it in other languages

    @property
    def row(self) -> dict[str, Any]:
        return {
            "document": documents.canonical(self.document).decode(), "digest": documents.digest(self.document),
            "change_note": self.change_note,
        }  # fmt: skip


def normal(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document in normal form, or everything that is wrong with it."""
    with refusals():
        return documents.normal(document)


# --- the procedure ---


def create_procedure(actor: Actor, code: str, title: str, *, owner: str | None, site: str | None) -> Procedure:
    """A procedure of the plant or of one site, still without a version."""
    site_id = scope.site_for(actor, ACTION, site)
    owner_id = _owner(owner)
    with audit.change(actor.author, "procedure.created", site_id=site_id, data={"code": code}) as change:
        if Procedure.get_or_none(Procedure.code == code) is not None:
            words = later("There is a procedure %(code)s: choose another code.", code=repr(code))
            raise QCError("already_exists", words)
        procedure: Procedure = change.insert(
            Procedure, id=new_id("prc"), code=code, title=title, site_id=site_id, owner_id=owner_id,
            created_at=change.now, updated_at=change.now,
        )  # fmt: skip
    return procedure


def change_procedure(actor: Actor, code: str, values: dict[str, Any]) -> Procedure:
    """Another title or owner; what is in force says its own title."""
    procedure = finding.procedure_of(actor, ACTION, code)
    if "owner" in values:
        values["owner_id"] = _owner(values.pop("owner"))
    before = {name: getattr(procedure, name) for name in values}
    data = {"code": code, "before": before, "after": values}
    with audit.change(actor.author, "procedure.changed", site_id=procedure.site_id, data=data) as change:
        if before == values:
            change.discard()
        else:
            change.update(procedure, **values, updated_at=change.now)
    return procedure


def set_lines(actor: Actor, code: str, names: Sequence[dict[str, Any]]) -> Procedure:
    """The lines that work by the procedure, among those that the actor may say it of; each line's own event says so."""
    with write():
        procedure = finding.procedure_at(actor, ACTION, code)
        finding.lock(procedure)
        wanted = {row.id: row for row in (_line(actor, place, one) for place, one in enumerate(names))}
        for row in wanted.values():
            if procedure.site_id not in (None, row.site_id):
                words = later("The procedure belongs to another site than line %(line)s.", line=row.code)
                raise invalid("/lines", words)
        standing = {row.line_id: row for row in lines_of(procedure) if actor.may(ACTION, row.site_id)}
        changed = sorted(wanted.keys() ^ standing.keys())
        audit.lock_streams(audit.stream_of((wanted.get(one) or standing[one]).site_id, one) for one in changed)
        for line_id in changed:
            _set_line(actor, procedure, line_id, wanted.get(line_id), standing.get(line_id))
    return procedure


def _line(actor: Actor, place: int, name: dict[str, Any]) -> Line:
    try:
        found: Line = lines.line_for(actor, ACTION, name["line"], name.get("site"))
    except QCError as error:
        raise invalid(f"/lines/{place}", error.detail, error.code) from error
    return found


def _set_line(
    actor: Actor, procedure: Procedure, line_id: str, wanted: Line | None, standing: ProcedureLine | None
) -> None:
    site_id = wanted.site_id if wanted is not None else standing.site_id  # type: ignore[union-attr]  # one of them is
    kind = "procedure.line_added" if standing is None else "procedure.line_removed"
    data = {"procedure": procedure.code, "line_id": line_id}
    with audit.change(actor.author, kind, site_id=site_id, line_id=line_id, data=data) as change:
        key = {"procedure_id": procedure.id, "line_id": line_id}
        if standing is None:
            change.insert(ProcedureLine, **key, site_id=site_id)
        else:
            change.delete(ProcedureLine, [key])


def lines_of(procedure: Procedure) -> list[ProcedureLine]:
    """The lines that work by it, of all sites."""
    query = ProcedureLine.select().where(ProcedureLine.procedure_id == procedure.id)
    return list(query.order_by(ProcedureLine.site_id, ProcedureLine.line_id))


def _owner(badge: str | None) -> str | None:
    if badge is None:
        return None
    person = person_with(badge)
    if person is None:
        raise invalid("/owner", later("Nobody has the badge %(badge)s.", badge=repr(badge)), "unknown_ref")
    return str(person.id)


# --- drafts of versions ---


def start_version(
    actor: Actor, code: str, draft: Draft, *, site: str | None = None, line: str | None = None, base: int | None = None
) -> Found:
    """A new version as a draft, for everybody, for a site or for a line; whoever starts it is its author."""
    with write():
        human = locked_human(actor.id)
        procedure = finding.procedure_at(actor, ACTION, code)
        finding.lock(procedure)
        site_id, line_id = _variant(actor, procedure, site, line)
        finding.need(actor, ACTION, site_id, "site")
        base_id = _base(actor, procedure, base)
        data = {"procedure": procedure.code}
        with audit.change(
            actor.author, "procedure.version.started", site_id=site_id, line_id=line_id, data=data
        ) as change:
            version = insert_version(
                change, procedure, draft, site_id=site_id, line_id=line_id, base_id=base_id, person=(actor.id, human)
            )
            found = _found(procedure, version.number)
            hands.take_part(change, found, "author", actor.id, human)
        workbooks.keep(actor, found, human, draft.translations)
    return found


def insert_version(
    change: audit.Change, procedure: Procedure, draft: Draft, *, site_id: str | None = None,
    line_id: str | None = None, base_id: str | None = None, person: tuple[str | None, str | None] = (None, None),
) -> ProcedureVersion:  # fmt: skip
    """The rows of a new version and its first revision; the procedure is locked. `person`: account and human."""
    numbers = ProcedureVersion.select().where(ProcedureVersion.procedure_id == procedure.id)
    last = numbers.order_by(ProcedureVersion.number.desc()).first()
    number = last.number + 1 if last else 1
    version: ProcedureVersion = change.insert(
        ProcedureVersion, id=new_id("prv"), procedure_id=procedure.id, number=number, site_id=site_id, line_id=line_id,
        base_id=base_id, author_id=person[0], author=change.author.name, created_at=change.now,
    )  # fmt: skip
    change.insert(
        ProcedureDraft, version_id=version.id, revision=1, **draft.row, written_by=person[0], human_id=person[1],
        written_at=change.now,
    )  # fmt: skip
    change.data |= {"version": number, "digest": draft.row["digest"]}
    return version


def write_draft(actor: Actor, code: str, number: int, draft: Draft, revision: int) -> Found:
    """Another revision of a draft, by whoever has read the last one; they are its author from now on."""
    with write():
        human = locked_human(actor.id)
        found = finding.version_of(actor, ACTION, code, number)
        _need_draft(found)
        if revision != found.draft.revision:
            words = later(
                "The draft is at revision %(now)s, you have read %(read)s: load it again.",
                now=found.draft.revision,
                read=revision,
            )
            raise QCError("revision_conflict", words, revision=found.draft.revision)
        data = {"procedure": code, "version": number, "revision": revision + 1, "digest": draft.row["digest"]}
        with audit.change(actor.author, "procedure.version.written", **found.stream, data=data) as change:
            hands.take_part(change, found, "author", actor.id, human)
            row = draft.row
            if not change.rows and all(getattr(found.draft, name) == row[name] for name in ("digest", "change_note")):
                change.discard()
            else:
                change.insert(
                    ProcedureDraft, version_id=found.version.id, revision=revision + 1, **row, written_by=actor.id,
                    human_id=human, written_at=change.now,
                )  # fmt: skip
        return _found(found.procedure, number)


def _need_draft(found: Found) -> None:
    if found.state is State.IN_REVIEW:
        raise QCError("illegal_transition", later("The version is in review: return it first, then change it."))
    if found.state is not State.DRAFT:
        words = later("Version %(number)s is %(state)s: draft a new version.", number=found.version.number,
                      state=found.state.value.replace("_", " "))  # fmt: skip
        raise QCError("immutable_version", words)


def _variant(actor: Actor, procedure: Procedure, site: str | None, line: str | None) -> tuple[str | None, str | None]:
    """Ids of the site and the line that the version is for. A site's procedure has no wider version than the site's."""
    if line is not None:
        row = lines.line_for(actor, ACTION, line, site)
        found: tuple[str | None, str | None] = (row.site_id, row.id)
    elif site is not None:
        found = (scope.site_for(actor, ACTION, site), None)
    else:
        found = (procedure.site_id, None)
    if procedure.site_id not in (None, found[0]):
        raise invalid("/site", later("The procedure belongs to another site."), "unknown_ref")
    return found


def _base(actor: Actor, procedure: Procedure, number: int | None) -> str | None:
    if number is None:
        return None
    try:
        found = finding.version_at(actor, "procedure.read", procedure.code, number)
    except NotFound as error:
        raise invalid("/base", later("There is no version %(number)s.", number=number), "unknown_ref") from error
    return str(found.version.id)


def _found(procedure: Procedure, number: int) -> Found:
    found = finding.load(procedure, number, db.obj.now())
    if found is None:
        raise NotFound("version")
    return found
