"""Letting a lot go: from what holds it, or without a second person who inspected it. Each takes two quality managers.

One asks and says why, another agrees, both sign, and neither made the lot. The database refuses anything else.
"""

from collections.abc import Collection
from typing import Any

from peewee import fn

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import new_id, write
from qc_service.errors import QCError
from qc_service.lots import agreement
from qc_service.lots import service as lots
from qc_service.lots.hold_models import LotAgreement, LotRequest, OpenHold, ReleasedHold
from qc_service.lots.models import Lot, Participation
from qc_service.people import staff
from qc_service.signing import Proof, sign
from qc_service.texts import later

ACTIONS = {"release": "lot.release", "override": "lot.override"}
EVENTS = {"release": ("lot.release.asked", "lot.released"), "override": ("lot.override.asked", "lot.overridden")}


def ask(actor: Actor, kind: str, code: str, told: dict[str, Any], proof: Proof) -> LotRequest:
    """Say why the lot may go. Asking again takes the place of what was asked before and nobody agreed to."""
    with write():
        lot = lots.find(actor, ACTIONS[kind], code, told["site"])
        human = staff.locked_human(proof.person_id)
        audit.lock_streams([audit.stream_of(lot.site_id, lot.line_id)])
        _need_no_maker(lot, human)
        holds = sorted(row.id for row in agreement.holding(lot.id))
        _need_sense(kind, lot, holds)
        with _event(actor, lot, EVENTS[kind][0]) as change:
            name = new_id("let")
            signature = sign(change, proof.of_human(human), f"lot_{kind}_asked", "lot_request", name)
            row: LotRequest = change.insert(
                LotRequest, id=name, site_id=lot.site_id, line_id=lot.line_id, lot_id=lot.id, kind=kind,
                number=_next(lot, kind), reason=told["reason"], person_id=proof.person_id, human_id=human,
                at=change.now, signature_id=signature.id,
            )  # fmt: skip
            if kind == "release":
                change.insert_many(ReleasedHold, [
                    {"request_id": name, "hold_id": one, "lot_id": lot.id, "kind": kind} for one in holds
                ])  # fmt: skip
            change.data["request"] = name
    return row


def agree(actor: Actor, kind: str, code: str, told: dict[str, Any], proof: Proof) -> LotRequest:
    """Agree, as another human being, to what was asked last: from now on it holds."""
    with write():
        lot = lots.find(actor, ACTIONS[kind], code, told["site"])
        request = _waiting(lot, kind)
        humans = {one: staff.locked_human(one) for one in sorted({proof.person_id, request.person_id})}
        audit.lock_streams([audit.stream_of(lot.site_id, lot.line_id)])
        if _waiting(lot, kind).id != request.id:
            raise QCError("revision_conflict", later("Somebody has asked anew meanwhile: read that first."))
        human = humans[proof.person_id]
        if human in (request.human_id, humans[request.person_id]):
            raise QCError("same_person", later("Who asked cannot agree: leave it to another quality manager."))
        _need_no_maker(lot, human, humans[request.person_id])
        with _event(actor, lot, EVENTS[kind][1]) as change:
            signature = sign(change, proof.of_human(human), f"lot_{kind}_agreed", "lot_request", request.id)
            change.insert(
                LotAgreement, request_id=request.id, lot_id=lot.id, kind=kind, asked_human=request.human_id,
                person_id=proof.person_id, human_id=human, at=change.now, signature_id=signature.id,
            )  # fmt: skip
            change.data |= {"request": request.id, "holds": _close(change, request)}
    return request


def unanswered(lot_ids: Collection[str] | None = None, sites: frozenset[str] | None = None) -> list[LotRequest]:
    """What quality managers asked for last and nobody agreed to yet: of these lots, or of all in these sites."""
    later_one = LotRequest.alias("later")
    same = (later_one.lot_id == LotRequest.lot_id) & (later_one.kind == LotRequest.kind)
    newer = later_one.select(later_one.id).where(same & (later_one.number > LotRequest.number))
    agreed = LotAgreement.select(LotAgreement.request_id).where(LotAgreement.request_id == LotRequest.id)
    query = LotRequest.select().where(~fn.EXISTS(newer) & ~fn.EXISTS(agreed))
    if lot_ids is not None:
        query = query.where(LotRequest.lot_id.in_(list(lot_ids)))
    if sites is not None:
        query = query.where(LotRequest.site_id.in_(list(sites)))
    return list(query.order_by(LotRequest.at, LotRequest.id))


def _close(change: audit.Change, request: LotRequest) -> list[str]:
    """The holds that the request speaks of are no longer open."""
    named = ReleasedHold.select(ReleasedHold.hold_id).where(ReleasedHold.request_id == request.id)
    found = [row.hold_id for row in OpenHold.select().where(OpenHold.hold_id.in_(named)).order_by(OpenHold.hold_id)]
    change.delete(OpenHold, [{"hold_id": name} for name in found])
    return found


def _need_no_maker(lot: Lot, *humans: str) -> None:
    made = (Participation.lot_id == lot.id) & Participation.human_id.in_(humans) & (Participation.role == "maker")
    if Participation.select().where(made).exists():
        raise QCError("same_person", later("Who made the lot cannot let it go: ask another quality manager."))


def _need_sense(kind: str, lot: Lot, holds: list[str]) -> None:
    if kind == "release" and not holds:
        raise QCError("illegal_transition", later("The lot is not on hold."))
    if kind == "override" and not lots.makers_known(lot.id):
        raise QCError("illegal_transition", later("Nobody said who made it: name the makers."))
    if kind == "override" and Lot.select().where((Lot.id == lot.id) & agreement.overridden(lot.id)).exists():
        raise QCError("illegal_transition", later("Two people have agreed to that already."))


def _waiting(lot: Lot, kind: str) -> LotRequest:
    """What was asked last, if nobody has agreed to it yet."""
    mine = (LotRequest.lot_id == lot.id) & (LotRequest.kind == kind)
    row: LotRequest | None = LotRequest.select().where(mine).order_by(LotRequest.number.desc()).first()
    if row is None or LotAgreement.get_or_none(LotAgreement.request_id == row.id) is not None:
        raise QCError("illegal_transition", later("Nobody has asked for it: say why first."))
    return row


def _next(lot: Lot, kind: str) -> int:
    mine = (LotRequest.lot_id == lot.id) & (LotRequest.kind == kind)
    return int(LotRequest.select(fn.MAX(LotRequest.number)).where(mine).scalar() or 0) + 1


def _event(actor: Actor, lot: Lot, name: str) -> Any:
    data = {"lot_id": lot.id, "lot": lot.code}
    return audit.change(actor.author, name, site_id=lot.site_id, line_id=lot.line_id, data=data)
