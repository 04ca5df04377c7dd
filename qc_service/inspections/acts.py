"""What people decide about an inspection that was judged, with their signature: their word for it, or that it is void.

Nobody confirms their own inspection, and nobody voids one alone.
"""

from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import new_id, write
from qc_service.errors import QCError
from qc_service.inspections import describing, rules, settling, standing
from qc_service.inspections.models import Inspection, InspectionAct
from qc_service.lots.models import Lot, Participation
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.signing import Proof, sign
from qc_service.texts import later

OVER = ("superseded", "void")  # nobody asks any more whether it stands
CONFIRM, VOID, OWN = "inspection.confirm", "inspection.void", "inspection.own"


def confirm(actor: Actor, uuid: str, note: str | None, proof: Proof) -> Inspection:
    """Give one's word for what made the record doubtful: it then stands as if that had not been found."""
    with write():
        row, human = _held(actor, CONFIRM, uuid, proof)
        if human == _inspector(row):
            raise QCError("same_person", later("Nobody confirms their own inspection: ask another person."))
        if row.state in OVER or not set(row.reasons) & rules.CONFIRMABLE:
            raise QCError("illegal_transition", later("Nothing about it waits for a person's word."), state=row.state)
        if row.amends:
            _need_fit_for_correction(row, human)
        return _act(actor, row, "confirmed", note, proof.of_human(human))


def _need_fit_for_correction(row: Inspection, human: str) -> None:
    """A correction takes the place of one record, once, and only by the word of somebody who did not make the lot."""
    made = (Participation.lot_id == row.lot_id) & (Participation.human_id == human) & (Participation.role == "maker")
    if Participation.select().where(made).exists():
        raise QCError("same_person", later("Who made the lot cannot confirm a correction: ask another person."))
    other = (Inspection.amends == row.amends) & Inspection.state.in_(standing.STANDS)
    if Inspection.select().where(other).exists():
        raise QCError(
            "illegal_transition",
            later("That inspection was corrected already: correct the correction."),
            state=row.state,
        )


def own(actor: Actor, uuid: str, proof: Proof, *, mine: bool) -> Inspection:
    """Whoever the record names says whether it was theirs, where nobody could prove that."""
    with write():
        row, human = _held(actor, OWN, uuid, proof)
        if row.person_id is None or human != _human(row.person_id):
            raise QCError("scope_missing", later("The inspection names another person."))
        if "identity_unconfirmed" not in row.findings or _act_of(uuid, "owned") or _act_of(uuid, "disowned"):
            raise QCError("illegal_transition", later("Nobody asks whose it was."), state=row.state)
        return _act(actor, row, "owned" if mine else "disowned", None, proof.of_human(human))


def ask_to_void(actor: Actor, uuid: str, reason: str, proof: Proof) -> Inspection:
    """Say why the record should not stand. It does until somebody else agrees."""
    with write():
        row, human = _held(actor, VOID, uuid, proof)
        _need_role(actor, row)
        if row.state == "void" or _act_of(uuid, "void_asked") is not None:
            raise QCError("illegal_transition", later("Somebody has asked for that already."), state=row.state)
        return _act(actor, row, "void_asked", reason, proof.of_human(human))


def agree_to_void(actor: Actor, uuid: str, proof: Proof) -> Inspection:
    """Agree that the record is void. It stays to be read."""
    with write():
        row, human = _held(actor, CONFIRM, uuid, proof)
        asked = _act_of(uuid, "void_asked")
        if asked is None:
            raise QCError("illegal_transition", later("Nobody has asked to void it: say why first."), state=row.state)
        if human in (asked.human_id, _human(asked.person_id)):
            raise QCError("same_person", later("Who asked cannot agree: leave it to another person."))
        if row.state == "void":
            raise QCError("illegal_transition", later("It is void already."), state=row.state)
        return _act(actor, row, "voided", None, proof.of_human(human))


def _held(actor: Actor, action: str, uuid: str, proof: Proof) -> tuple[Inspection, str]:
    """The inspection as it stands once nobody else can change it, and the human being who signs."""
    record = describing.find(actor, action, uuid)
    row: Inspection | None = Inspection.get_or_none(Inspection.uuid == record.uuid)
    if row is None:
        raise QCError("illegal_transition", later("It is not judged yet: try again in a moment."), state="received")
    tied = _tied(row)
    humans = settling.hold(tied, proof.person_id, row.person_id)
    audit.lock_streams([audit.stream_of(row.site_id, row.line_id), *settling.streams_of(tied, row.amends)])
    again: Inspection = Inspection.get_by_id(row.uuid)
    return again, humans[proof.person_id]


def _tied(row: Inspection) -> list[Lot]:
    """The lots that a decision about the record touches."""
    return settling.together([row.lot_id], row.amends)


def _inspector(row: Inspection) -> str | None:
    return _human(row.person_id) if row.person_id else None


def _human(person_id: str) -> str:
    return staff.human_of(Person.get_by_id(person_id))


def _need_role(actor: Actor, row: Inspection) -> None:
    """An inspector acts on their own inspections only."""
    leads = actor.may(CONFIRM, row.site_id)
    if not leads and row.person_id != actor.id:
        raise QCError("scope_missing", later("That is another person's inspection: ask a supervisor."))


def _act_of(uuid: str, kind: str) -> InspectionAct | None:
    found: InspectionAct | None = InspectionAct.get_or_none((InspectionAct.uuid == uuid) & (InspectionAct.kind == kind))
    return found


def _act(actor: Actor, row: Inspection, kind: str, reason: str | None, proof: Proof) -> Inspection:
    data: dict[str, Any] = {"uuid": row.uuid, "lot_id": row.lot_id}
    with audit.change(
        actor.author, f"inspection.{kind}", site_id=row.site_id, line_id=row.line_id, data=data
    ) as change:
        signature = sign(change, proof, f"inspection_{kind}", "inspection", row.uuid)
        change.insert(
            InspectionAct, id=new_id("act"), uuid=row.uuid, kind=kind, person_id=proof.person_id,
            human_id=proof.human_id, reason=reason, at=change.now, signature_id=signature.id,
        )  # fmt: skip
        if row.lot_id is None:
            standing.restate_waiting(change, row)
        else:
            change.data["changed"] = standing.settle(change, Lot.get_by_id(row.lot_id)).changed
    settling.follow(actor.author, _tied(row))
    found: Inspection = Inspection.get_by_id(row.uuid)
    return found
