"""Finding procedures and versions. What an actor may not see is not there for them.

A procedure without a site is the plant's: everybody reads it, and who acts on its plant-wide versions must hold the
role everywhere. A version for one site or line, and all of a procedure that belongs to a site, is that site's.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from qc_service.auth import Actor
from qc_service.db import db, locked
from qc_service.errors import NotFound, QCError
from qc_service.procedures.models import (
    Procedure,
    ProcedureDecision,
    ProcedureDraft,
    ProcedurePublication,
    ProcedureVersion,
)
from qc_service.texts import later
from sops import versions
from sops.versions import Facts, Publication, State

OPEN_TO_ALL = (State.SCHEDULED, State.IN_FORCE)  # what everybody reads; drafts and old versions need a role


@dataclass(frozen=True)
class Found:
    """A version with all that was decided about it, at a moment."""

    procedure: Procedure
    version: ProcedureVersion
    draft: ProcedureDraft  # its last revision
    decisions: Sequence[ProcedureDecision]
    publication: ProcedurePublication | None
    state: State
    at: datetime

    @cached_property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.draft.document)
        return document

    @property
    def site_id(self) -> str | None:
        """Whose it is: None for everybody's."""
        site: str | None = self.version.site_id
        return site

    @property
    def stream(self) -> dict[str, Any]:
        """Where its events stand, as `audit.change` takes it: ids of a site and a line."""
        return {"site_id": self.version.site_id, "line_id": self.version.line_id}

    @property
    def scope(self) -> str:
        """Its variant, as a publication names it."""
        return scope_of(self.version)


def scope_of(version: ProcedureVersion) -> str:
    return str(version.line_id or version.site_id or "")


# --- what an actor may ---


def need(actor: Actor, action: str, site_id: str | None, what: str) -> None:
    """Refuse who may not act on what belongs to this site or, without one, to the whole plant."""
    if site_id is not None:
        actor.need(action, site_id, what)
    elif actor.sites_for(action) is not None:
        raise QCError("scope_missing", later("It is the whole plant's: somebody with that role in every site may."))


def procedure_at(actor: Actor, action: str, code: str) -> Procedure:
    """The procedure with this code, if the actor sees it."""
    procedure: Procedure | None = Procedure.get_or_none(Procedure.code == code)
    if procedure is None:
        raise NotFound("procedure", code)
    if procedure.site_id is not None:
        if not actor.sees(procedure.site_id):
            raise NotFound("procedure", code)
        actor.need(action, procedure.site_id, "procedure")
    return procedure


def procedure_of(actor: Actor, action: str, code: str) -> Procedure:
    """The same for whoever is about to change it."""
    procedure = procedure_at(actor, action, code)
    need(actor, action, procedure.site_id, "procedure")
    return procedure


def version_at(actor: Actor, action: str, code: str, number: int, *, at: datetime | None = None) -> Found:
    """A version that the actor may read; drafts and old versions only with the role for them."""
    found = load(procedure_at(actor, action, code), number, at)
    if found is None or (found.site_id is not None and not actor.sees(found.site_id)):
        raise NotFound("version")
    if found.site_id is not None:
        actor.need(action, found.site_id, "version")
    if found.state not in OPEN_TO_ALL and not actor.may("procedure.read_drafts", found.site_id):
        raise NotFound("version")
    return found


def version_of(actor: Actor, action: str, code: str, number: int) -> Found:
    """A version that the actor may act on: plant-wide ones only with the role everywhere.

    Inside a transaction the procedure is locked first, so that what is found here stays so until commit.
    """
    procedure = procedure_at(actor, action, code)
    if db.in_transaction():
        lock(procedure)
    found = load(procedure, number)
    if found is None or (found.site_id is not None and not actor.sees(found.site_id)):
        raise NotFound("version")
    need(actor, action, found.site_id, "version")
    return found


def lock(procedure: Procedure) -> None:
    """One writer of a procedure at a time, until commit."""
    locked(Procedure.select(Procedure.id).where(Procedure.id == procedure.id)).get()


# --- loading ---


def load(procedure: Procedure, number: int, at: datetime | None = None) -> Found | None:
    """A version by its number, whoever asks."""
    if not 1 <= number < 2**31:
        return None
    found = load_all(procedure, [number], at)
    return found[0] if found else None


def load_all(procedure: Procedure, numbers: Iterable[int] | None = None, at: datetime | None = None) -> list[Found]:
    """Versions of a procedure in their order, whoever asks; all of them, or those with these numbers."""
    moment = at or db.obj.now()
    query = ProcedureVersion.select().where(ProcedureVersion.procedure_id == procedure.id)
    rows = {row.id: row for row in query.order_by(ProcedureVersion.number)}
    published = {row.version_id: row for row in _publications_of(procedure.id)}
    told = [as_publication(rows[one.version_id], one) for one in published.values() if one.version_id in rows]
    wanted = [row for row in rows.values() if numbers is None or row.number in set(numbers)]
    ids = [row.id for row in wanted]
    decisions = _decisions_of(ids)
    drafts = last_drafts(ids)
    return [
        Found(
            procedure, row, drafts[row.id], decisions[row.id], published.get(row.id),
            versions.state(Facts(row.number, stage_of(decisions[row.id])), told, moment), moment,
        )
        for row in wanted
    ]  # fmt: skip


def stage_of(decisions: Iterable[ProcedureDecision]) -> State:
    """Where a version stands by what people decided; what time adds is `sops.versions.state`."""
    stage = State.DRAFT
    for decision in decisions:
        stage = _LEADS_TO.get(decision.kind, stage)
    return stage


_LEADS_TO = {
    "submitted": State.IN_REVIEW,
    "returned": State.DRAFT,
    "approved": State.APPROVED,
    "reopened": State.IN_REVIEW,
    "discarded": State.WITHDRAWN,
}


def publications(procedure_id: str) -> list[Publication]:
    """What was ever published of a procedure, as `sops.versions` reads it."""
    rows = list(_publications_of(procedure_id))
    query = ProcedureVersion.select().where(ProcedureVersion.id.in_([row.version_id for row in rows]))
    known = {row.id: row for row in query}
    return [as_publication(known[row.version_id], row) for row in rows]


def as_publication(version: ProcedureVersion, row: ProcedurePublication) -> Publication:
    return Publication(
        version=version.number, site=version.site_id, line=version.line_id, effective_at=row.effective_at,
        withdrawn_at=row.withdrawn_at, gives_way=bool(row.gives_way),
    )  # fmt: skip


def in_force(
    procedure: Procedure, *, site_id: str | None = None, line_id: str | None = None, at: datetime | None = None
) -> Found | None:
    """The version in force at a place and a moment; None where there is none."""
    moment = at or db.obj.now()
    one = versions.in_force(publications(procedure.id), site=site_id, line=line_id, at=moment)
    return None if one is None else load(procedure, one.version, moment)


def last_drafts(version_ids: Sequence[str]) -> dict[str, ProcedureDraft]:
    """The text of each version: its last revision."""
    query = ProcedureDraft.select().where(ProcedureDraft.version_id.in_(list(version_ids)))
    return {row.version_id: row for row in query.order_by(ProcedureDraft.version_id, ProcedureDraft.revision)}


def _decisions_of(version_ids: Sequence[str]) -> dict[str, list[ProcedureDecision]]:
    found: dict[str, list[ProcedureDecision]] = {one: [] for one in version_ids}
    query = ProcedureDecision.select().where(ProcedureDecision.version_id.in_(list(version_ids)))
    for row in query.order_by(ProcedureDecision.version_id, ProcedureDecision.number):
        found[row.version_id].append(row)
    return found


def _publications_of(procedure_id: str) -> Any:
    return ProcedurePublication.select().where(ProcedurePublication.procedure_id == procedure_id)
