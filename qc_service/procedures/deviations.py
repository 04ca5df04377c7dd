"""Deviations: permission to depart from one check on one line, for so many units and until a moment.

Somebody asks; a quality manager who is another human being decides and signs. What was granted holds while the check
is as it was when it was asked for: a later version may change anything else.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import db, new_id, write
from qc_service.errors import FieldProblem, Invalid, NotFound, QCError, invalid
from qc_service.lines import service as lines
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.procedures import deviation_rules as rules
from qc_service.procedures import finding
from qc_service.procedures.deviation_models import Deviation, DeviationUse
from qc_service.procedures.deviation_rules import Terms
from qc_service.procedures.models import Procedure
from qc_service.procedures.qualification import Issue, Ledger, document_of, ledger
from qc_service.signing import Proof, sign
from qc_service.texts import Text, later
from sops.diff import changed_checks
from sops.versions import variant_of


@dataclass(frozen=True, slots=True)
class Holding:
    """Does a deviation's check still stand as it was asked for? `version` is the one in force there, `why` if not."""

    version: int | None
    why: Text | None = None


def ask(actor: Actor, body: dict[str, Any]) -> Deviation:
    """Ask to depart from a check of a version. `body` has passed `DeviationIn`."""
    with write():
        human = staff.locked_human(actor.id)
        line = lines.line_for(actor, "deviation.ask", body["line"], body.get("site"))
        procedure = procedure_named(actor, "deviation.ask", body["procedure"])
        terms, now = Terms(body["quantity"], body["expires_at"]), db.obj.now()
        _refuse(rules.asked_faults(terms, now))
        issue = _version(ledger(procedure.id, []), line, body.get("version"), now)
        _need_check(issue, body["check"])
        data = {"procedure": procedure.code, "version": issue.number, "check": body["check"], "line_id": line.id}
        with audit.change(
            actor.author, "deviation.requested", site_id=line.site_id, line_id=line.id, data=data
        ) as change:
            row: Deviation = change.insert(
                Deviation, id=new_id("dev"), procedure_id=procedure.id, version_id=issue.version_id,
                check_id=body["check"], site_id=line.site_id, line_id=line.id, lot=body.get("lot"),
                reason=body["reason"], asked_by=actor.id, asked_human=human, asked_at=change.now,
                asked_quantity=terms.quantity, asked_until=terms.expires_at, state="asked", used=0,
            )  # fmt: skip
            change.data["deviation_id"] = row.id
    return row


def decide(actor: Actor, deviation_id: str, body: dict[str, Any], proof: Proof) -> Deviation:
    """Grant or refuse what another human being asked for."""
    with write():
        found = find(actor, "deviation.decide", deviation_id)
        known = {one: staff.locked_human(one) for one in sorted({proof.person_id, found.asked_by})}
        row = _own(found)
        human = known[proof.person_id]
        if human in (row.asked_human, known[row.asked_by]):
            raise QCError("same_person", later("Who asked cannot decide: leave it to another quality manager."))
        if row.state != "asked":
            raise _wrong_state(row, later("It is decided already: ask for another if more is needed."))
        granted = _granted(row, body) if body["grant"] else None
        kind, data = ("granted" if granted else "refused"), {"deviation_id": row.id, "granted": bool(granted)}
        with _changing(actor.author, row, "decided", data) as change:
            signature = sign(change, proof.of_human(human), f"deviation_{kind}", "deviation", row.id)
            change.update(
                row, state=kind, quantity=granted and granted.quantity, expires_at=granted and granted.expires_at,
                decided_by=proof.person_id, decided_human=human, decided_at=change.now,
                decision_note=body.get("note"), signature_id=signature.id,
            )  # fmt: skip
    return row


def use(actor: Actor, deviation_id: str, quantity: int, reference: str) -> tuple[DeviationUse, bool]:
    """Let so many units go out under it, and whether that is new: the same reference again is the same use."""
    with write():
        row = _own(find(actor, "deviation.use", deviation_id))
        same = (DeviationUse.deviation_id == row.id) & (DeviationUse.reference == reference)
        earlier: DeviationUse | None = DeviationUse.get_or_none(same)
        if earlier is not None:
            if earlier.quantity != quantity:
                text = later("That reference was used for %(count)s: give another one.", count=earlier.quantity)
                raise QCError("revision_conflict", text)
            return earlier, False
        _need_usable(row, quantity, db.obj.now())
        return _use(actor.author, row, quantity, reference), True


def _use(author: audit.Author, row: Deviation, quantity: int, reference: str) -> DeviationUse:
    last = DeviationUse.select(fn.MAX(DeviationUse.number)).where(DeviationUse.deviation_id == row.id).scalar()
    data = {"deviation_id": row.id, "quantity": quantity, "reference": reference}
    with _changing(author, row, "used", data) as change:
        made: DeviationUse = change.insert(
            DeviationUse, deviation_id=row.id, number=(last or 0) + 1, site_id=row.site_id, quantity=quantity,
            used_by=author.name, reference=reference, at=change.now,
        )  # fmt: skip
        change.update(row, used=row.used + quantity)
    return made


def use_for(
    author: audit.Author, deviation_id: str, *, line_id: str | None, check_id: str, quantity: int, reference: str
) -> bool:
    """Let units of a check on a line go out under it, if it covers them; said in the running transaction."""
    row: Deviation | None = Deviation.get_or_none(Deviation.id == deviation_id)
    if row is None or (row.line_id, row.check_id) != (line_id, check_id):
        return False
    try:
        _need_usable(row, quantity, db.obj.now())
    except QCError:
        return False
    _use(author, row, quantity, reference)
    return True


def end(actor: Actor, deviation_id: str, reason: str) -> Deviation:
    """Take a granted deviation back before it is used up or expired."""
    with write():
        found = find(actor, "deviation.decide", deviation_id)
        staff.locked_human(actor.id)  # people before lines, as everywhere
        row = _own(found)
        if (row.state, row.ended_by, row.end_reason) == ("ended", actor.id, reason):
            return row
        if row.state != "granted":
            raise _wrong_state(row, later("Only what was granted can be ended: there is nothing to end."))
        with _changing(actor.author, row, "ended", {"deviation_id": row.id, "reason": reason}) as change:
            change.update(row, state="ended", ended_by=actor.id, ended_at=change.now, end_reason=reason)
    return row


def holding(row: Deviation, at: datetime, book: Ledger | None = None) -> Holding:
    """A deviation from a version that is superseded holds only while its check is unchanged in the one in force."""
    issue = (book or ledger(row.procedure_id, [])).in_force(row.site_id, row.line_id, at)
    if issue is None:
        return Holding(None, later("Nothing of the procedure is in force on the line: ask a supervisor."))
    if issue.version_id == row.version_id:
        return Holding(issue.number)
    asked, now = document_of(row.version_id), document_of(issue.version_id)
    gone = all(check["id"] != row.check_id for check in now.get("checks", ()))
    if not gone and row.check_id not in changed_checks(asked, now):
        return Holding(issue.number)
    text = later("Version %(version)s has another check %(check)s: ask for a deviation from that one.",
                 version=issue.number, check=row.check_id)  # fmt: skip
    return Holding(issue.number, text)


def find(actor: Actor, action: str, deviation_id: str) -> Deviation:
    row: Deviation | None = None if "\0" in deviation_id else Deviation.get_or_none(Deviation.id == deviation_id)
    if row is None:
        raise NotFound("deviation")
    actor.need(action, row.site_id, "deviation")
    return row


def procedure_named(actor: Actor, action: str, code: str) -> Procedure:
    """The procedure that a request's field names."""
    try:
        return finding.procedure_at(actor, action, code)
    except NotFound as error:
        raise invalid("/procedure", error.detail, "unknown_ref") from error


def terms_of(row: Deviation) -> Terms:
    """What is permitted; of what was not granted, what was asked for."""
    return Terms(row.quantity or row.asked_quantity, row.expires_at or row.asked_until)


def standing(row: Deviation, at: datetime) -> str:
    """asked, granted, refused, ended, expired or used_up."""
    return rules.standing(row.state, terms_of(row), row.used, at)


def in_state(state: str, at: datetime) -> Any:
    """The condition of the deviations that stand so at a moment."""
    granted = Deviation.state == "granted"
    over, up = Deviation.expires_at <= at, Deviation.used >= Deviation.quantity
    conditions = {"granted": granted & ~over & ~up, "expired": granted & over, "used_up": granted & ~over & up}
    return conditions.get(state, Deviation.state == state)


def _version(book: Ledger, line: Any, number: int | None, now: datetime) -> Issue:
    """The version that is in force on the line; or, where one is named, also one that is to come there."""
    current = book.in_force(line.site_id, line.id, now)
    if number is None or (current is not None and current.number == number):
        if current is not None:
            return current
        raise invalid(
            "/procedure", later("No version of it is in force on that line: there is nothing to depart from.")
        )
    there = {variant_of(line.site_id, line.id), variant_of(line.site_id, None), variant_of(None, None)}
    for issue in book.issues:
        published = issue.publication
        if issue.number == number and published.variant in there and published.effective_at > now and published.began:
            return issue
    text = later("Version %(version)s is not in force on that line: leave it out for the one that is.", version=number)
    raise invalid("/version", text, "unknown_ref")


def _need_check(issue: Issue, check_id: str) -> None:
    ids = [check["id"] for check in document_of(issue.version_id).get("checks", ())]
    if check_id not in ids:
        text = later("Version %(version)s has no check %(check)s. It has: %(known)s.",
                     version=issue.number, check=repr(check_id), known=tuple(ids))  # fmt: skip
        raise invalid("/check", text, "unknown_ref")


def _granted(row: Deviation, body: dict[str, Any]) -> Terms:
    asked = Terms(row.asked_quantity, row.asked_until)
    granted = Terms(body.get("quantity") or asked.quantity, body.get("expires_at") or asked.expires_at)
    now = db.obj.now()
    _refuse(rules.granted_faults(asked, granted, now, more=body["more_than_asked"]))
    held = holding(row, now)
    if held.why is not None:
        raise _wrong_state(row, held.why)
    return granted


def _need_usable(row: Deviation, quantity: int, now: datetime) -> None:
    why = rules.use_refused(row.state, terms_of(row), row.used, quantity, now)
    why = why or (holding(row, now).why if row.state == "granted" else None)
    if why is None and _human(row.asked_by) == _human(row.decided_by or ""):
        why = later("Who asked and who granted turned out to be one person: ask for another.")
    if why is not None:
        raise _wrong_state(row, why)


def _human(person_id: str) -> str:
    return staff.human_of(Person.get_by_id(person_id))


def _own(found: Deviation) -> Deviation:
    """The deviation as it stands once nobody else can change it: all its events are the line's."""
    audit.lock_streams([audit.stream_of(found.site_id, found.line_id)])
    row: Deviation = Deviation.get_by_id(found.id)
    return row


def _changing(
    author: audit.Author, row: Deviation, what: str, data: dict[str, Any]
) -> AbstractContextManager[audit.Change]:
    return audit.change(author, f"deviation.{what}", site_id=row.site_id, line_id=row.line_id, data=data)


def _wrong_state(row: Deviation, why: Text) -> QCError:
    now = standing(row, db.obj.now())
    return QCError("illegal_transition", why, state=now, left=max((row.quantity or 0) - row.used, 0))


def _refuse(faults: list[tuple[str, Text]]) -> None:
    if faults:
        raise Invalid(*(FieldProblem(f"/{name}", "invalid", text) for name, text in faults))
