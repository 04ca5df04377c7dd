"""Inspections in lists: the newest first, and what waits for a decision. As many statements for a thousand as for one.

What an actor may not see is in no list: a record of no known site is seen by who acts in every site, and its sender.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee
from peewee import fn

from qc_service import clock, paging
from qc_service.auth import Actor
from qc_service.errors import invalid
from qc_service.inspections.models import CountedInspection, Inspection, InspectionAct, InspectionRecord
from qc_service.inspections.reading import envelope
from qc_service.lines.service import in_sites
from qc_service.lots.models import Lot, Participation
from qc_service.people.models import Person
from qc_service.texts import later

READ = "inspection.read"
OVER = ("superseded", "void")
MOST = 25  # of each kind of decision, beside how many there are


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for; "" or None: whatever it is."""

    state: str = ""
    reason: str = ""
    line_id: str = ""
    lot: str = ""
    procedure: str = ""
    inspector: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One record of a list. row: what it was judged to be; told: what it says itself, where nobody judged it yet."""

    uuid: str
    received_at: datetime
    row: Inspection | None
    counted: bool
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Some:
    """The first of those that wait, and how many there are."""

    rows: Sequence[Any]
    total: int


# --- the list -----------------------------------------------------------------------------------------------------


def newest(actor: Actor, asked: Asked, cursor: str | None, limit: int) -> tuple[list[Listed], str | None]:
    """A page of records, by when they arrived, and the cursor of the next one."""
    record = InspectionRecord
    query = (
        record.select(record.uuid, record.received_at)
        .left_outer_join(Inspection, on=(Inspection.uuid == record.uuid))
        .where(_seen(actor) & _fits(asked))
    )
    last = _last(cursor)
    if last is not None:
        moment, uuid = last
        query = query.where((record.received_at < moment) | ((record.received_at == moment) & (record.uuid < uuid)))
    order = (record.received_at.desc(), record.uuid.desc())
    rows = list(query.order_by(*order).limit(limit + 1))
    shown = rows[:limit]
    following = paging.encode([clock.fixed(shown[-1].received_at), shown[-1].uuid]) if len(rows) > limit else None
    return _listed(shown), following


def _last(cursor: str | None) -> tuple[datetime, str] | None:
    key = paging.decode(cursor, 2)
    if key is None:
        return None
    try:
        return clock.parse(key[0]), key[1]
    except (ValueError, OverflowError) as error:
        raise invalid("/cursor", later("Use next_cursor of the page before, unchanged.")) from error


def _listed(records: Sequence[InspectionRecord]) -> list[Listed]:
    uuids = [one.uuid for one in records]
    judged = {row.uuid: row for row in Inspection.select().where(Inspection.uuid.in_(uuids))}
    counted = counting(uuids)
    left = [uuid for uuid in uuids if uuid not in judged]
    bodies = InspectionRecord.select(InspectionRecord.uuid, InspectionRecord.body)
    told = (
        {row.uuid: envelope(bytes(row.body)) for row in bodies.where(InspectionRecord.uuid.in_(left))} if left else {}
    )
    return [
        Listed(one.uuid, one.received_at, judged.get(one.uuid), one.uuid in counted, told.get(one.uuid, {}))
        for one in records
    ]


def counting(uuids: Sequence[str]) -> set[str]:
    """Those of them that enter their line's numbers."""
    query = CountedInspection.select(CountedInspection.uuid).where(CountedInspection.uuid.in_(list(uuids)))
    return {row.uuid for row in query}


def _seen(actor: Actor) -> Any:
    """To be asked of records joined to inspections."""
    sites = actor.sites_for(READ)
    if sites is None:
        return InspectionRecord.uuid == InspectionRecord.uuid
    site = fn.COALESCE(Inspection.site_id, InspectionRecord.site_id)
    return site.in_(list(sites)) | (site.is_null() & (InspectionRecord.sender == actor.author.name))


def _fits(asked: Asked) -> Any:
    found = InspectionRecord.uuid == InspectionRecord.uuid
    if asked.state:
        found &= Inspection.uuid.is_null() if asked.state == "received" else Inspection.state == asked.state
    if asked.reason:
        found &= has(asked.reason)
    if asked.line_id:
        found &= Inspection.line_id == asked.line_id
    if asked.lot:
        found &= fn.LOWER(Inspection.lot).contains(asked.lot.lower())
    if asked.procedure:
        found &= Inspection.procedure_code == asked.procedure
    if asked.inspector:
        found &= (Inspection.inspector == asked.inspector) | Inspection.person_id.in_(_people(asked.inspector))
    if asked.since:
        found &= Inspection.happened_at >= asked.since
    if asked.until:
        found &= Inspection.happened_at < asked.until
    return found


def _people(text: str) -> Any:
    """Whose badge it is, and everybody with it in their name."""
    named = fn.LOWER(Person.name).contains(text.lower())
    return Person.select(Person.id).where((Person.code == text) | named)


def has(reason: str) -> Any:
    """The condition that this is among an inspection's reasons."""
    return Inspection.reasons.cast("TEXT").contains(f'"{reason}"')


# --- what waits for a decision ------------------------------------------------------------------------------------


def unconfirmed(actor: Actor) -> Some:
    """Inspections of known lots that wait for a person's word, or for somebody to send them anew."""
    return _some(_inspections(actor).where((Inspection.state == "unconfirmed") & ~Inspection.lot_id.is_null()))


def lot_unknown(actor: Actor) -> Some:
    """Inspections whose lot nobody has told of yet."""
    return _some(_inspections(actor).where((Inspection.state == "unconfirmed") & Inspection.lot_id.is_null()))


def to_void(actor: Actor) -> Some:
    """Inspections that somebody asked to void and that still stand."""
    asked = InspectionAct.select(InspectionAct.uuid).where(InspectionAct.kind == "void_asked")
    return _some(_inspections(actor).where(Inspection.uuid.in_(asked) & (Inspection.state != "void")))


def on_hold(actor: Actor) -> Some:
    """Inspections that count and of whose units some are on hold."""
    counted = CountedInspection.select(CountedInspection.uuid)
    return _some(_inspections(actor).where((Inspection.hold > 0) & Inspection.uuid.in_(counted)))


def _inspections(actor: Actor) -> Any:
    query = Inspection.select().join(InspectionRecord, on=(InspectionRecord.uuid == Inspection.uuid))
    return query.where(_seen(actor)).order_by(Inspection.received_at, Inspection.uuid)


def makers_unknown(actor: Actor) -> Some:
    """Lots that were inspected and of which nobody said who made them."""
    return _some(_inspected_lots(actor).where(~_exists(_maker())))


def second_person_needed(actor: Actor) -> Some:
    """Lots with known makers that were inspected, and of whose inspections none counts nor waits for a word."""
    counted = CountedInspection.select(peewee.SQL("1")).where(CountedInspection.lot_id == Lot.id)
    other = Inspection.alias()
    waits = other.select(peewee.SQL("1")).where((other.lot_id == Lot.id) & (other.state == "unconfirmed"))
    return _some(_inspected_lots(actor).where(_exists(_maker()) & ~_exists(counted) & ~_exists(waits)))


def _inspected_lots(actor: Actor) -> Any:
    """Each with how often it was inspected, `lot.inspections`; the one that waits longest first."""
    return (
        Lot.select(Lot, fn.COUNT(Inspection.uuid).alias("inspections"))
        .join(Inspection, on=(Inspection.lot_id == Lot.id))
        .where(in_sites(Lot, actor.sites_for(READ)) & Inspection.state.not_in(OVER))
        .group_by(Lot.id)
        .order_by(fn.MIN(Inspection.happened_at), Lot.id)
    )


def _maker() -> Any:
    made = (Participation.lot_id == Lot.id) & (Participation.role == "maker")
    return Participation.select(peewee.SQL("1")).where(made)


def _exists(query: Any) -> Any:
    return fn.EXISTS(query)


def _some(query: Any) -> Some:
    return Some(list(query.limit(MOST)), query.count())
