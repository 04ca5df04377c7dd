"""A demonstrated skill: a supervisor or quality manager saw somebody do the work, and signs that they did."""

from datetime import datetime

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import db, new_id, write
from qc_service.errors import QCError, invalid
from qc_service.lines.models import Line
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.procedures import finding
from qc_service.procedures.models import Procedure
from qc_service.procedures.qualification import Issue, Ledger, ledger, skill_of
from qc_service.procedures.qualification_models import SkillRecord
from qc_service.signing import Proof, sign
from qc_service.texts import later
from sops import qualification as rule
from sops.versions import variant_of


def confirm(
    actor: Actor, code: str, badge: str, proof: Proof, *, line: Line | None = None, shown_at: datetime | None = None
) -> SkillRecord:
    """Somebody showed the skill that the version in force on the line, or the next one, asks for."""
    with write():
        procedure = finding.procedure_at(actor, "skill.confirm", code)
        person = person_named(actor, "skill.confirm", badge)
        known = {one: staff.locked_human(one) for one in sorted({proof.person_id, person.id})}
        by, human = known[proof.person_id], known[person.id]
        if human == by:
            raise QCError("same_person", later("Nobody confirms their own skill: show it to somebody else."))
        finding.lock(procedure)
        issue, now = _asking(ledger(procedure.id, []), procedure, line)
        shown = shown_at or now
        until = _until(issue, shown, now)
        data = {"procedure": procedure.code, "version": issue.number, "person": person.id}
        with audit.change(actor.author, "skill.confirmed", site_id=procedure.site_id, data=data) as change:
            row_id = new_id("skl")
            signature = sign(change, proof.of_human(by), "skill_shown", "skill_record", row_id)
            row: SkillRecord = change.insert(
                SkillRecord, id=row_id, procedure_id=procedure.id, version_id=issue.version_id, person_id=person.id,
                human_id=human, shown_at=shown, expires_at=until, confirmed_by=proof.person_id, confirmed_human=by,
                confirmed_at=change.now, signature_id=signature.id,
            )  # fmt: skip
    return row


def person_named(actor: Actor, action: str, badge: str) -> Person:
    """The person with this badge, if they hold a role where the actor may do that."""
    query = staff.people_in(actor.sites_for(action)).where(Person.code == badge)
    person: Person | None = query.first()
    if person is None:
        raise invalid("/person", later("No person %(badge)s that you may name.", badge=repr(badge)), "unknown_ref")
    return person


def _asking(book: Ledger, procedure: Procedure, line: Line | None) -> tuple[Issue, datetime]:
    """The version that asks for the skill: the one in force, or else the next one to come."""
    now = db.obj.now()
    site_id, line_id = (line.site_id, line.id) if line else (procedure.site_id, None)
    current = book.in_force(site_id, line_id, now)
    there = {variant_of(site_id, line_id), variant_of(site_id, None), variant_of(None, None)}
    coming = [
        issue
        for issue in sorted(book.issues, key=lambda issue: issue.publication.effective_at)
        if issue.publication.began and issue.publication.effective_at > now and issue.publication.variant in there
    ]
    for issue in ([current] if current else []) + coming:
        if skill_of(issue.version_id) is not None:
            return issue, now
    raise QCError(
        "illegal_transition",
        later("No version there asks for a demonstrated skill: name the line whose version does, or confirm nothing."),
    )


def _until(issue: Issue, shown: datetime, now: datetime) -> datetime | None:
    """The moment from which it counts no more."""
    if shown > now:
        raise invalid("/shown_at", later("That time is still to come: confirm what you have seen."))
    until = rule.skill_until(skill_of(issue.version_id) or {}, shown)
    if until is not None and until <= now:
        raise invalid("/shown_at", later("That is so long ago that it counts no more: have it shown again."))
    return until
