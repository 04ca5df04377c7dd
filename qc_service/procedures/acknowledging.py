"""Read and understood: somebody signs that they have read a version, and is shown what it changes for them.

A human being acknowledges a version once; to do it again changes nothing. A version can be read and acknowledged as
soon as it is published, also before it is in force.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import UtcField, new_id, write
from qc_service.errors import NotFound, QCError
from qc_service.people import staff
from qc_service.procedures import finding
from qc_service.procedures.finding import Found
from qc_service.procedures.models import Procedure, ProcedureDecision
from qc_service.procedures.qualification import humans, issued, ledger
from qc_service.procedures.qualification_models import Acknowledgement
from qc_service.signing import Proof, sign
from qc_service.texts import Text, later
from sops import versions
from sops.versions import State


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An acknowledgement, the version it is of, and the version that its reader had acknowledged last before."""

    row: Acknowledgement
    found: Found
    before: int | None
    new: bool


def acknowledge(
    actor: Actor, code: str, number: int, proof: Proof, language: str | None = None, read_at: datetime | None = None
) -> Acknowledged:
    """Sign that one has read and understood a version. `language` is the one in which it was shown.

    `read_at`: when, where that was before it could be sent; whoever worked by it since had read it.
    """
    with write():
        human = staff.locked_human(proof.person_id)
        procedure = finding.procedure_at(actor, "procedure.acknowledge", code)
        finding.lock(procedure)
        found = to_read(actor, procedure, number)
        before = acknowledged_last(procedure.id, proof.person_id, number)
        standing = standing_of(found.version.id, proof.person_id)
        if standing is not None:
            return Acknowledged(standing, found, before, new=False)
        read_in = language or actor.language or found.document["language"]
        data = {
            "procedure": procedure.code, "version": number, "version_id": found.version.id,
            "person": proof.person_id, "language": read_in,
        }  # fmt: skip
        with _changing(actor, found, data) as change:
            row_id = new_id("ack")
            signature = sign(change, proof.of_human(human), "read_and_understood", "acknowledgement", row_id)
            row: Acknowledgement = change.insert(
                Acknowledgement, id=row_id, version_id=found.version.id, person_id=proof.person_id, human_id=human,
                at=_read(found, read_at, change.now), language=read_in, signature_id=signature.id,
            )  # fmt: skip
    return Acknowledged(row, found, before, new=True)


def _read(found: Found, read_at: datetime | None, now: datetime) -> datetime:
    """Nobody has read it before it was published, whatever their clock says, or later than now."""
    if read_at is None:
        return now
    same = (ProcedureDecision.version_id == found.version.id) & (ProcedureDecision.kind == "published")
    published: Any = ProcedureDecision.select(fn.MAX(ProcedureDecision.at)).where(same).scalar()
    return min(now, max(read_at, UtcField().python_value(published) or now))


def to_read(actor: Actor, procedure: Procedure, number: int) -> Found:
    """The version, if it is one to be read now: published, and not superseded or withdrawn."""
    found = finding.load(procedure, number)
    if found is None or (found.site_id is not None and not actor.sees(found.site_id)):
        raise NotFound("version")
    if found.site_id is not None:
        actor.need("procedure.acknowledge", found.site_id, "version")
    if found.state not in finding.OPEN_TO_ALL:
        now = _instead(found)
        raise QCError("illegal_transition", _why_not(found.state, number, now), state=found.state.value, in_force=now)
    return found


def standing_of(version_id: str, person_id: str) -> Acknowledgement | None:
    """The human being's acknowledgement of a version, by whichever of their accounts."""
    accounts = list(humans([person_id]))
    mine = Acknowledgement.person_id.in_(accounts) | Acknowledgement.human_id.in_(accounts)
    query = Acknowledgement.select().where((Acknowledgement.version_id == version_id) & mine)
    found: Acknowledgement | None = query.order_by(Acknowledgement.at, Acknowledgement.id).first()
    return found


def acknowledged_last(procedure_id: str, person_id: str, number: int) -> int | None:
    """The version that the person acknowledged last, this one left out."""
    return ledger(procedure_id, [person_id]).known(person_id, number)


def _changing(actor: Actor, found: Found, data: dict[str, Any]) -> AbstractContextManager[audit.Change]:
    """The event of an acknowledgement stands where those of the version do."""
    site_id, line_id = found.version.site_id, found.version.line_id
    return audit.change(actor.author, "procedure.version.acknowledged", site_id=site_id, line_id=line_id, data=data)


def _instead(found: Found) -> int | None:
    """The version that is in force where this one is for."""
    every = [issue.publication for issue in issued(found.procedure.id)]
    site, line = found.version.site_id, found.version.line_id
    one = versions.in_force(every, site=site, line=line, at=found.at)
    return None if one is None else one.version


def _why_not(state: State, number: int, now: int | None) -> Text:
    if state in (State.DRAFT, State.IN_REVIEW, State.APPROVED):
        return later("Version %(version)s is not published yet: read it once it is.", version=number)
    if now is None:
        return later("Version %(version)s is withdrawn and nothing took its place: ask a supervisor.", version=number)
    if state is State.SUPERSEDED:
        return later("Version %(version)s is superseded: read version %(now)s instead.", version=number, now=now)
    return later("Version %(version)s is withdrawn: read version %(now)s instead.", version=number, now=now)
