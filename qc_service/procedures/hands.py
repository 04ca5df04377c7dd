"""Who has a hand in a version. One human being has one part, and the database says so too, whoever is first."""

from qc_service import audit
from qc_service.db import new_id
from qc_service.people.models import Person
from qc_service.people.staff import human_of
from qc_service.procedures import rules
from qc_service.procedures.finding import Found
from qc_service.procedures.models import ProcedureDecision, ProcedureDraft, ProcedureHand
from qc_service.procedures.refusing import refusals
from sops.versions import may_take_part


def live(version_id: str) -> list[ProcedureHand]:
    """The hands that count, those that fell away left out."""
    mine = (ProcedureHand.version_id == version_id) & ProcedureHand.voided_at.is_null()
    return list(ProcedureHand.select().where(mine).order_by(ProcedureHand.id))


def take_part(change: audit.Change, found: Found, role: str, person_id: str, human_id: str) -> ProcedureHand:
    """Make the person author, reviewer or approver; refused to a human being who has another part in the version."""
    standing = live(found.version.id)
    with refusals():
        may_take_part(role, human_id, rules.parts(_as_rules(standing)))
    for hand in standing:
        if hand.role == role and hand.human_id == human_id:
            return hand
    made: ProcedureHand = change.insert(
        ProcedureHand, id=new_id("hnd"), version_id=found.version.id, role=role, person_id=person_id,
        human_id=human_id, voided_at=None,
    )  # fmt: skip
    return made


def conflicts(version_id: str) -> list[ProcedureHand]:
    """Hands whose human being turned out to have another part in the version too, by what is known today."""
    standing = {hand.id: hand for hand in live(version_id)}
    return [standing[one.id] for one in rules.conflicts(_as_known_today(list(standing.values())))]


def resettle(author: audit.Author, found: Found) -> bool:
    """After accounts were joined or parted: the hands of a version that is not published, as they are known today.

    A review or an approval by one who wrote it falls away; without its approval the version is in review again,
    which is what True says.
    """
    before = live(found.version.id)
    today = _as_known_today(before)
    fallen = {one.id for one in rules.conflicts(today)}
    left = [one for one in today if one.id not in fallen]
    double = {one.id for one in rules.doubled(left)}
    approver = next((hand for hand in before if hand.id in fallen and hand.role == "approver"), None)
    data = {"procedure": found.procedure.code, "version": found.version.number}
    kind = "procedure.version.reopened" if approver else "procedure.version.hands_changed"
    with audit.change(author, kind, **found.stream, data=data) as change:
        for hand in before:
            if hand.id in fallen:
                change.update(hand, voided_at=change.now)
        change.delete(ProcedureHand, [{"id": name} for name in sorted(double)])
        humans = {one.id: one.human for one in today}
        for hand in before:
            if hand.id not in fallen | double and hand.human_id != humans[hand.id]:
                change.update(hand, human_id=humans[hand.id])
        _write_authors(change, found)
        if approver is not None:
            decide(change, found, "reopened", reason="The approver turned out to have another part in the version.")
        if not change.rows:
            change.discard()
    return approver is not None


def decide(change: audit.Change, found: Found, kind: str, **values: object) -> ProcedureDecision:
    """Write down what was decided about the version as it is now."""
    last = found.decisions[-1] if found.decisions else None
    turn = 1 + sum(one.kind == "reopened" for one in found.decisions)
    row = {
        "person_id": None, "human_id": None, "change_class": None, "effective_at": None, "gives_way": None,
        "reason": None, "signature_id": None, "hand_id": None, "hand_role": None, **values,
    }  # fmt: skip
    decision: ProcedureDecision = change.insert(
        ProcedureDecision, id=new_id("dcs"), version_id=found.version.id, number=last.number + 1 if last else 1,
        kind=kind, round=turn, revision=found.draft.revision, digest=found.draft.digest, author=change.author.name,
        at=change.now, **row,
    )  # fmt: skip
    return decision


def _write_authors(change: audit.Change, found: Found) -> None:
    """Whoever wrote any revision is an author: also one whose hand had been taken for another's."""
    standing = {hand.human_id for hand in live(found.version.id) if hand.role == "author"}
    query = ProcedureDraft.select(ProcedureDraft.written_by).where(ProcedureDraft.version_id == found.version.id)
    for person_id in sorted({row.written_by for row in query if row.written_by}):
        human = human_of(Person.get_by_id(person_id))
        if human not in standing:
            take_part(change, found, "author", person_id, human)
            standing.add(human)


def _as_rules(hands: list[ProcedureHand]) -> list[rules.Hand]:
    return [rules.Hand(hand.id, hand.role, hand.person_id, hand.human_id) for hand in hands]


def _as_known_today(hands: list[ProcedureHand]) -> list[rules.Hand]:
    query = Person.select().where(Person.id.in_([hand.person_id for hand in hands]))
    humans = {person.id: human_of(person) for person in query}
    return [rules.Hand(hand.id, hand.role, hand.person_id, humans[hand.person_id]) for hand in hands]
