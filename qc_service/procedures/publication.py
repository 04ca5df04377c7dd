"""Putting a version in force from a moment on, and taking it out again. Both are signed."""

from datetime import datetime

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import write
from qc_service.errors import FieldProblem, QCError
from qc_service.people.staff import locked_human
from qc_service.procedures import decisions, finding, hands
from qc_service.procedures.finding import Found
from qc_service.procedures.models import ProcedureDecision, ProcedurePublication
from qc_service.procedures.refusing import refusals
from qc_service.procedures.rules import raised
from qc_service.procedures.translating_gate import refuse_gaps
from qc_service.signing import Proof, sign
from qc_service.texts import later
from sops import versions
from sops.diff import ChangeClass
from sops.versions import Move, State

GATED = (ChangeClass.CHECK_CHANGED, ChangeClass.SAFETY)  # these everybody must be able to read in their language


def publish(actor: Actor, code: str, number: int, proof: Proof, effective_at: datetime | None = None) -> Found:
    """In force from that moment, or from now; superseding what is in force there is left to time."""
    with write():
        human = locked_human(proof.person_id)
        found = finding.version_of(actor, "procedure.publish", code, number)
        decisions.may(found, Move.PUBLISH)
        with decisions.event(actor, found, "published") as change:
            with refusals():
                moment = versions.effective_from(effective_at, change.now)
            _refuse_moment(found, moment)
            decisions.refuse_type_conflicts(found)
            klass = _confirmed_class(found, moment)
            if klass in GATED:
                refuse_gaps(found)
            signature = sign(change, proof.of_human(human), "published", "procedure_version", found.version.id)
            hands.decide(
                change, found, "published", person_id=proof.person_id, human_id=human, change_class=klass.value,
                effective_at=moment, signature_id=signature.id,
            )  # fmt: skip
            put_in_force(change, found, moment, klass)
        return decisions.again(found)


def put_in_force(change: audit.Change, found: Found, moment: datetime, klass: ChangeClass) -> None:
    """The row that says from when on the version is in force."""
    change.insert(
        ProcedurePublication, version_id=found.version.id, procedure_id=found.procedure.id, scope=found.scope,
        effective_at=moment, change_class=klass.value, withdrawn_at=None, gives_way=None,
    )  # fmt: skip
    change.data |= {"effective_at": audit.image(ProcedurePublication, {"effective_at": moment})["effective_at"],
                    "change_class": klass.value}  # fmt: skip


def withdraw(
    actor: Actor, code: str, number: int, proof: Proof, reason: str, *, gives_way: bool = False, safety: bool = False
) -> Found:
    """Out of force from now on. With `gives_way` the wider variant applies again, else nothing does."""
    with write():
        human = locked_human(proof.person_id)
        found = finding.version_of(actor, "procedure.withdraw", code, number)
        decisions.may(found, Move.WITHDRAW)
        with decisions.event(actor, found, "withdrawn") as change:
            change.data |= {"reason": reason, "gives_way": gives_way, "safety": safety}
            signature = sign(change, proof.of_human(human), "withdrawn", "procedure_version", found.version.id)
            hands.decide(
                change, found, "withdrawn", person_id=proof.person_id, human_id=human, reason=reason,
                gives_way=gives_way, change_class=ChangeClass.SAFETY.value if safety else None,
                signature_id=signature.id,
            )  # fmt: skip
            change.update(found.publication, withdrawn_at=change.now, gives_way=gives_way)
        return decisions.again(found)


def _refuse_moment(found: Found, moment: datetime) -> None:
    """Two versions of one variant cannot come into force at the same moment."""
    for one in finding.publications(found.procedure.id):
        same = one.variant == versions.variant_of(found.version.site_id, found.version.line_id)
        if same and one.effective_at == moment and one.began:
            words = later("Version %(number)s comes into force at that very moment: give another.", number=one.version)
            raise QCError("already_exists", words, errors=[FieldProblem("/effective_at", "already_exists", words)])


def _confirmed_class(found: Found, moment: datetime) -> ChangeClass:
    """What was confirmed when it was submitted, unless it changes more than that against what it now follows."""
    now = decisions.change_class(found, moment)
    confirmed = confirmed_class(found)
    if confirmed is None or raised(confirmed, now.value, [one.value for one in ChangeClass]):
        words = later(
            "Against the version that it follows now it changes more (%(found)s) than was confirmed (%(confirmed)s): "
            "discard it, and submit a new version.", found=now.value, confirmed=confirmed or "-",
        )  # fmt: skip
        raise QCError("change_class_raised", words)
    return ChangeClass(confirmed)


def confirmed_class(found: Found) -> str | None:
    """The class of change that was confirmed when the version was last submitted."""
    submitted: list[ProcedureDecision] = [one for one in found.decisions if one.kind == "submitted"]
    return submitted[-1].change_class if submitted and found.state is not State.DRAFT else None
