"""Settling lots together: a correction may stand in another lot than what it corrects, and one follows the other.

Whoever changes something about a lot holds the people whose inspections it may concern, then locks the streams, each in
order, and then settles: so nobody waits for somebody who waits for them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from qc_service import audit
from qc_service.db import locked
from qc_service.inspections import counting, standing
from qc_service.inspections.models import Inspection
from qc_service.lots.models import Lot
from qc_service.people.models import Person
from qc_service.people.staff import human_of


@dataclass
class Settled:
    changed: list[str] = field(default_factory=list)
    demoted: list[str] = field(default_factory=list)


def together(ids: Iterable[str | None], *uuids: str | None) -> list[Lot]:
    """The lots with these ids, those of these inspections, and every lot that a correction ties to one of them."""
    known = {one for one in ids if one}
    named = [one for one in uuids if one]
    if named:
        known |= _lots_where(Inspection.uuid.in_(named))
    while True:
        mine = Inspection.select(Inspection.amends).where(Inspection.lot_id.in_(sorted(known)))
        theirs = Inspection.select(Inspection.uuid).where(Inspection.lot_id.in_(sorted(known)))
        more = known | _lots_where(Inspection.uuid.in_(mine.where(Inspection.amends.is_null(False))))  # noqa: FBT003
        more |= _lots_where(Inspection.amends.in_(theirs))
        if more == known:
            return list(Lot.select().where(Lot.id.in_(sorted(known))).order_by(Lot.id))
        known = more


def _lots_where(condition: Any) -> set[str]:
    found = Inspection.select(Inspection.lot_id).where(condition & Inspection.lot_id.is_null(False))  # noqa: FBT003
    return {str(row.lot_id) for row in found.distinct()}


def people_of(lots: Collection[Lot]) -> set[str]:
    """The accounts whose inspections of these lots may begin or end to count."""
    here = Inspection.lot_id.in_([lot.id for lot in lots]) & Inspection.person_id.is_null(False)  # noqa: FBT003
    return {str(row.person_id) for row in Inspection.select(Inspection.person_id).where(here).distinct()}


def hold(lots: Collection[Lot], *people: str | None) -> dict[str, str]:
    """Those people and these, each with the human being whose account it is, held until commit."""
    ids = sorted({one for one in people if one} | (people_of(lots) if lots else set()))
    rows = locked(Person.select().where(Person.id.in_(ids)).order_by(Person.id))
    return {person.id: human_of(person) for person in rows}


def streams_of(lots: Collection[Lot], *uuids: str | None) -> set[str]:
    """The streams of these lots, and of records of no known lot that one of theirs, or one of `uuids`, corrects."""
    waiting = {audit.stream_of(row.site_id, row.line_id) for row in _corrected_waiting(lots, *uuids)}
    return waiting | {audit.stream_of(lot.site_id, lot.line_id) for lot in lots}


def _corrected_waiting(lots: Collection[Lot], *uuids: str | None) -> list[Inspection]:
    """Records of no known lot that inspections of these lots correct, and those of `uuids` that are of none."""
    here = Inspection.lot_id.in_([lot.id for lot in lots])
    named = Inspection.select(Inspection.amends).where(here & Inspection.amends.is_null(False))  # noqa: FBT003
    which = Inspection.uuid.in_(named) | Inspection.uuid.in_([one for one in uuids if one])
    return list(Inspection.select().where(Inspection.lot_id.is_null() & which).order_by(Inspection.uuid))


def settle_all(author: audit.Author, lots: Collection[Lot]) -> Settled:
    """Settle each lot until none of them changes another, and bring their counts to what counts now."""
    found = Settled()
    for _ in range(len(lots) + 1):
        outcomes = [_settle(author, lot) for lot in lots]
        for outcome in outcomes:
            found.changed += outcome.changed
            found.demoted += outcome.demoted
        if not any(outcome.changed for outcome in outcomes):
            break
    _restate_waiting(author, lots)
    recount(author, lots)
    return found


def _restate_waiting(author: audit.Author, lots: Collection[Lot]) -> None:
    """What they correct may be of no known lot itself: it stands no more where its correction does."""
    for row in _corrected_waiting(lots):
        data = {"uuid": row.uuid}
        with audit.change(author, "inspection.restated", site_id=row.site_id, line_id=row.line_id, data=data) as change:
            standing.restate_waiting(change, row)
            if not change.rows:
                change.discard()


def recount(author: audit.Author, lots: Iterable[Lot]) -> None:
    for lot in lots:
        counting.recount(author, lot)


def follow(author: audit.Author, lots: Collection[Lot]) -> Settled:
    """What follows in the other lots, after one of them was settled in its own event."""
    if len(lots) > 1:
        return settle_all(author, lots)
    _restate_waiting(author, lots)
    recount(author, lots)
    return Settled()


def _settle(author: audit.Author, lot: Lot) -> standing.Outcome:
    data = {"lot_id": lot.id, "lot": lot.code}
    with audit.change(author, "lot.settled", site_id=lot.site_id, line_id=lot.line_id, data=data) as change:
        outcome = standing.settle(change, lot)
        change.data |= {"changed": outcome.changed, "demoted": outcome.demoted}
        if not change.rows:
            change.discard()
    return outcome
