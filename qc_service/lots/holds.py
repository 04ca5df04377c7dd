"""Putting lots on hold: by a person, by a system, and by what follows from a withdrawn version or a bad gauge.

What happens by itself holds a lot for one cause once, however often it is looked at; after two people let the lot go
from it, it stays let go.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from peewee import fn

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import new_id, write
from qc_service.lots import agreement
from qc_service.lots import service as lots
from qc_service.lots.hold_models import LotAgreement, LotHold, LotRequest, OpenHold
from qc_service.lots.models import Lot

ACTION = "lot.hold"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a lot is held by itself: the kind, what exactly, and what its sentence names."""

    kind: str
    name: str
    details: dict[str, Any]

    @property
    def unheld(self) -> Any:
        """The condition of the lots that were never held for it."""
        same = (LotHold.lot_id == Lot.id) & (LotHold.kind == self.kind) & (LotHold.cause == self.name)
        return ~fn.EXISTS(LotHold.select(LotHold.id).where(same))


def hold(actor: Actor, code: str, told: dict[str, Any]) -> tuple[LotHold, bool]:
    """Put a lot on hold, and whether that is new: the same words again are the hold that is there.

    `told` has passed `HoldIn`.
    """
    found = lots.find(actor, ACTION, code, told["site"])
    name = hashlib.sha256(told["reason"].encode()).hexdigest()
    with write():
        lock([found])
        _resettle(audit.SYSTEM, found)  # the words may be those of a hold that came back, or that has just gone
        said = (LotHold.lot_id == found.id) & (LotHold.kind == "said") & (LotHold.cause == name)
        earlier = list(LotHold.select().where(said).order_by(LotHold.number))
        is_open = OpenHold.get_or_none(OpenHold.hold_id.in_([row.id for row in earlier]))
        if is_open is not None:
            return next(row for row in earlier if row.id == is_open.hold_id), False
        row = _held(actor.author, found, Cause("said", name, {}), number=len(earlier) + 1, reason=told["reason"],
                    person_id=actor.id if actor.kind == "person" else None)  # fmt: skip
    return row, True


def hold_all(author: audit.Author, found: Iterable[Lot], cause: Cause) -> list[str]:
    """Put lots on hold for what happened by itself; gives the ids of those that it is new to."""
    with write():
        wanted = {lot.id: lot for lot in found}
        lock(wanted.values())
        still = Lot.select(Lot.id).where(Lot.id.in_(list(wanted)) & cause.unheld).order_by(Lot.id)
        new = [lot.id for lot in still]
        last = {wanted[lot_id].site_id: lot_id for lot_id in new}  # what follows looks at all of a site at once
        for lot_id in new:
            _held(author, wanted[lot_id], cause, follow=lot_id in last.values())
    return new


def lock(found: Iterable[Lot]) -> None:
    """Nobody else changes what stands about these lots before commit."""
    audit.lock_streams(audit.stream_of(lot.site_id, lot.line_id) for lot in found)


def _held(
    author: audit.Author, lot: Lot, cause: Cause, *, number: int = 1, follow: bool = True, **more: Any
) -> LotHold:
    name = new_id("hld")
    data = {"lot_id": lot.id, "lot": lot.code, "kind": cause.kind, "cause": cause.name, "holds": [name]}
    where = {"site_id": lot.site_id, "line_id": lot.line_id}
    with audit.change(author, "lot.held", **where, data=data, follow=follow) as change:
        row: LotHold = change.insert(
            LotHold, id=name, site_id=lot.site_id, line_id=lot.line_id, lot_id=lot.id, kind=cause.kind,
            cause=cause.name, number=number, details=cause.details, held_by=author.name, at=change.now, **more,
        )  # fmt: skip
        _open(change, row)
    return row


def _open(change: audit.Change, row: LotHold) -> None:
    change.insert(OpenHold, hold_id=row.id, lot_id=row.lot_id, kind=row.kind, cause=row.cause)


# --- what is learnt later of those who let a lot go ---


def resettle(author: audit.Author, lot_ids: Collection[str]) -> None:
    """Open again what was released by people who turn out not to be two, or to have made the lot; and the reverse."""
    with write():
        found = list(Lot.select().where(Lot.id.in_(sorted(lot_ids))).order_by(Lot.id))
        lock(found)
        for lot in found:
            _resettle(author, lot)


def _resettle(author: audit.Author, lot: Lot) -> None:
    holding = {row.id for row in agreement.holding(lot.id)}
    is_open = {row.hold_id for row in OpenHold.select().where(OpenHold.lot_id == lot.id)}
    if holding == is_open:
        return
    data = {"lot_id": lot.id, "reopened": sorted(holding - is_open), "released": sorted(is_open - holding)}
    with audit.change(author, "lot.holds.settled", site_id=lot.site_id, line_id=lot.line_id, data=data) as change:
        change.delete(OpenHold, [{"hold_id": name} for name in sorted(is_open - holding)])
        for row in _not_open_twice(lot, holding - is_open):
            _open(change, row)
        if not change.rows:
            change.discard()


def _not_open_twice(lot: Lot, names: Collection[str]) -> list[LotHold]:
    """Where somebody said the same again meanwhile, one hold stands for both."""
    taken = {(row.kind, row.cause) for row in OpenHold.select().where(OpenHold.lot_id == lot.id)}
    rows = LotHold.select().where(LotHold.id.in_(sorted(names))).order_by(LotHold.number)
    last = {(row.kind, row.cause): row for row in rows}
    return [row for key, row in last.items() if key not in taken]


def signed_by(accounts: Collection[str]) -> list[str]:
    """The lots that one of these accounts asked or agreed to let go."""
    mine = sorted(accounts)
    found: set[str] = set()
    for model in (LotRequest, LotAgreement):
        query = model.select(model.lot_id).where(model.person_id.in_(mine) | model.human_id.in_(mine))
        found |= {row.lot_id for row in query}
    return sorted(found)
