"""What people decide about a version on its way: submit it, review it, send it back, approve it, give it up."""

from contextlib import AbstractContextManager
from datetime import datetime

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import write
from qc_service.errors import QCError, invalid
from qc_service.people.staff import locked_human
from qc_service.procedures import finding, hands
from qc_service.procedures.finding import Found
from qc_service.procedures.models import ProcedureVersion
from qc_service.procedures.refusing import document_invalid, refusals
from qc_service.signing import Proof, sign
from qc_service.texts import later
from sops import diff, versions
from sops.diff import ChangeClass
from sops.versions import Move, State


def submit(actor: Actor, code: str, number: int, confirmed: str | None = None) -> Found:
    """Ask for review. What the version changes is found here, and may be confirmed as more than it looks."""
    with write():
        human = locked_human(actor.id)
        found = finding.version_of(actor, "procedure.submit", code, number)
        may(found, Move.SUBMIT)
        refuse_type_conflicts(found)
        computed = change_class(found)
        chosen = ChangeClass(confirmed) if confirmed else computed
        if chosen.rank < computed.rank:
            words = later("It changes more than that: %(found)s. Confirm that, or more.", found=computed.value)
            raise invalid("/change_class", words)
        with event(actor, found, "submitted") as change:
            change.data["change_class"] = chosen.value
            hands.decide(
                change, found, "submitted", person_id=actor.id, human_id=human, change_class=chosen.value,
                reason=None,
            )  # fmt: skip
        return again(found)


def review(actor: Actor, code: str, number: int, proof: Proof, note: str | None = None) -> Found:
    """Put one's name to having reviewed it; who wrote it cannot."""
    with write():
        human = locked_human(proof.person_id)
        found = finding.version_of(actor, "procedure.review", code, number)
        if found.state is not State.IN_REVIEW:
            raise QCError("illegal_transition", later("Only a version in review can be reviewed."))
        with event(actor, found, "reviewed") as change:
            hands.take_part(change, found, "reviewer", proof.person_id, human)
            signature = sign(change, proof.of_human(human), "reviewed", "procedure_version", found.version.id)
            hands.decide(
                change, found, "reviewed", person_id=proof.person_id, human_id=human, reason=note,
                signature_id=signature.id,
            )  # fmt: skip
        return again(found)


def send_back(actor: Actor, code: str, number: int, reason: str) -> Found:
    """Back to its authors, with what is to be changed."""
    return _unsigned(actor, "procedure.review", code, number, Move.RETURN, "returned", reason)


def discard(actor: Actor, code: str, number: int, reason: str) -> Found:
    """Give up a version that was never published; it stays to be read."""
    return _unsigned(actor, "procedure.draft", code, number, Move.DISCARD, "discarded", reason)


def _unsigned(actor: Actor, action: str, code: str, number: int, move: Move, kind: str, reason: str) -> Found:
    with write():
        human = locked_human(actor.id)
        found = finding.version_of(actor, action, code, number)
        may(found, move, reason=reason)
        with event(actor, found, kind) as change:
            change.data["reason"] = reason
            hands.decide(change, found, kind, person_id=actor.id, human_id=human, reason=reason)
        return again(found)


def approve(actor: Actor, code: str, number: int, proof: Proof) -> Found:
    """Approve it: by a human being who neither wrote nor reviewed it, whichever account they use."""
    with write():
        human = locked_human(proof.person_id)
        found = finding.version_of(actor, "procedure.approve", code, number)
        may(found, Move.APPROVE)
        with event(actor, found, "approved") as change:
            hand = hands.take_part(change, found, "approver", proof.person_id, human)
            signature = sign(change, proof.of_human(human), "approved", "procedure_version", found.version.id)
            hands.decide(
                change, found, "approved", person_id=proof.person_id, human_id=human, signature_id=signature.id,
                hand_id=hand.id, hand_role="approver",
            )  # fmt: skip
        return again(found)


# --- what a version changes ---


def change_class(found: Found, at: datetime | None = None) -> ChangeClass:
    """What it changes against the version that it takes over from."""
    before = predecessor(found, at)
    return diff.classify(before.document if before else None, found.document)


def predecessor(found: Found, at: datetime | None = None) -> Found | None:
    """The version in force in its own variant; else the one it was started from; else the wider one in force."""
    moment = at or found.at
    told = finding.publications(found.procedure.id)
    site, line = found.version.site_id, found.version.line_id
    others = [one for one in told if one.version != found.version.number]
    own = [one for one in others if one.variant == versions.variant_of(site, line)]
    in_own = versions.in_force(own, site=site, line=line, at=moment)
    if in_own is not None:
        return finding.load(found.procedure, in_own.version)
    if found.version.base_id:
        base = ProcedureVersion.get_by_id(found.version.base_id)
        if base.number in {one.version for one in others}:
            return finding.load(found.procedure, base.number)
    wider = versions.in_force(others, site=site, line=line, at=moment)
    return finding.load(found.procedure, wider.version) if wider else None


def refuse_type_conflicts(found: Found) -> None:
    """A check that was ever published stays of its kind under its id: its statistics go on."""
    numbers = {one.version for one in finding.publications(found.procedure.id)} - {found.version.number}
    conflicts = [
        problem
        for earlier in finding.load_all(found.procedure, numbers)
        for problem in diff.type_conflicts(earlier.document, found.document)
    ]
    if conflicts:
        by_place = {problem.pointer: problem for problem in conflicts}
        raise document_invalid(tuple(by_place.values()), "check_type_changed")


# --- shared ---


def may(found: Found, move: Move, *, reason: str = "") -> None:
    """Refuse a move that the version's state does not allow."""
    with refusals():
        versions.moved(found.state, move, reason=reason)


def event(actor: Actor, found: Found, kind: str) -> AbstractContextManager[audit.Change]:
    """The change of a version that its stream records."""
    data = {
        "procedure": found.procedure.code, "version": found.version.number, "digest": found.draft.digest,
        "revision": found.draft.revision,
    }  # fmt: skip
    return audit.change(actor.author, f"procedure.version.{kind}", **found.stream, data=data)


def again(found: Found) -> Found:
    """The version as it stands after the change."""
    return finding.load(found.procedure, found.version.number) or found
