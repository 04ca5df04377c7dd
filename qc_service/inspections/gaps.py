"""Numbers that a tablet gave to its records and that never arrived: so a loss is seen, and by whom.

What somebody explained is asked for no more, unless it arrives after all.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from peewee import fn

from qc_service.auth import Actor
from qc_service.inspections import gap_rules as rules
from qc_service.inspections.gap_rules import Known, Range
from qc_service.inspections.models import GapExplanation, InspectionRecord, InspectionVariant
from qc_service.people.models import Device

READ = "inspection.read"


@dataclass(frozen=True, slots=True)
class Gap:
    """A tablet's numbers; seen_at: when the next one arrived, and so the gap was seen, or when they arrived late."""

    device: Device
    site_id: str | None
    first: int
    last: int
    seen_at: datetime
    explained: GapExplanation | None = None  # of what arrived late
    inspection: str | None = None


def missing(actor: Actor, most: int) -> list[Gap]:
    """What never arrived and nobody explained, the latest first."""
    return list(islice(_missing(actor), most))


def _missing(actor: Actor) -> Iterator[Gap]:
    explained = _explained("missing")
    tablets: dict[str, tuple[Device, set[int]]] = {}
    for row in _behind_gaps(actor):
        if row.device_id not in tablets:
            tablets[row.device_id] = Device.get_by_id(row.device_id), _refused(row.device_id)
        device, refused = tablets[row.device_id]
        here = list(rules.without((row.before or 0) + 1, row.device_seq - 1, refused))
        for first, last in rules.left_of(here, explained.get(row.device_id, ())):
            yield Gap(device, device.site_id or row.site_id, first, last, row.received_at)


def _behind_gaps(actor: Actor) -> Any:
    """Each tablet's records whose number does not follow the one before, which is `row.before`."""
    record, other = InspectionRecord, InspectionRecord.alias()
    before = fn.LAG(other.device_seq).over(partition_by=[other.device_id], order_by=[other.device_seq])
    numbered = other.select(other.uuid, before.alias("before")).where(
        ~other.device_id.is_null() & ~other.device_seq.is_null()
    )
    query = (
        record.select(
            record.device_id, record.device_seq, record.received_at, record.site_id, numbered.c.before.alias("before")
        )
        .join(numbered, on=(numbered.c.uuid == record.uuid), attr="joined")
        .join(Device, on=(Device.id == record.device_id))
        .where(record.device_seq - fn.COALESCE(numbered.c.before, 0) > 1)
        .order_by(record.received_at.desc(), record.device_seq.desc(), record.uuid)
    )
    sites = actor.sites_for(READ)
    if sites is not None:
        query = query.where(fn.COALESCE(Device.site_id, record.site_id).in_(list(sites)))
    return query.objects()


def late(actor: Actor, most: int) -> list[Gap]:
    """What arrived after somebody had explained that it never did, and nobody said what became of it."""
    answered = _explained("late")
    found = [*_late_records(actor), *_late_variants(actor)]
    left = [gap for gap in found if rules.left_of([(gap.first, gap.last)], answered.get(gap.device.id, ()))]
    return sorted(left, key=lambda gap: (gap.seen_at, gap.first), reverse=True)[:most]


def _late_records(actor: Actor) -> Iterator[Gap]:
    record, said = InspectionRecord, GapExplanation
    inside = (record.device_id == said.device_id) & record.device_seq.between(said.first, said.last)
    query = _seen(
        actor, said.select(said, Device, record).join(Device, on=(Device.id == said.device_id), attr="tablet")
    )
    for row in query.switch(said).join(record, on=inside, attr="record"):
        yield Gap(
            row.tablet, row.site_id, row.record.device_seq, row.record.device_seq, row.record.received_at, row,
            row.record.uuid,
        )  # fmt: skip


def _late_variants(actor: Actor) -> Iterator[Gap]:
    """The number arrived under an address that was taken: the record is kept beside the other one."""
    other, said = InspectionVariant, GapExplanation
    since = (other.device_id == said.device_id) & (other.received_at > said.at)
    query = _seen(actor, said.select(said, Device, other).join(Device, on=(Device.id == said.device_id), attr="tablet"))
    for row in query.switch(said).join(other, on=since, attr="record"):
        number = _number(row.record)
        if number is not None and row.first <= number <= row.last:
            yield Gap(row.tablet, row.site_id, number, number, row.record.received_at, row, row.record.uuid)


def _seen(actor: Actor, query: Any) -> Any:
    sites = actor.sites_for(READ)
    query = query.where(GapExplanation.kind == "missing")
    return query if sites is None else query.where(GapExplanation.site_id.in_(list(sites)))


def explanations(actor: Actor) -> Any:
    """Everything that was explained, as a query."""
    query, sites = GapExplanation.select(), actor.sites_for(READ)
    return query if sites is None else query.where(GapExplanation.site_id.in_(list(sites)))


def known(device_id: str, first: int, last: int) -> Known:
    """What is known of some numbers of a tablet."""
    mine = InspectionRecord.device_id == device_id
    numbers = InspectionRecord.select(InspectionRecord.device_seq).where(
        mine & InspectionRecord.device_seq.between(first, last)
    )
    arrived = {int(row.device_seq or 0) for row in numbers}
    arrived |= {one for one in _refused(device_id) if first <= one <= last}
    latest = InspectionRecord.select(fn.MAX(InspectionRecord.device_seq)).where(mine).scalar() or 0
    said = {kind: tuple(_explained(kind).get(device_id, ())) for kind in ("missing", "late")}
    return Known(latest, frozenset(arrived), said["missing"], said["late"])


def site_behind(device_id: str, last: int) -> str | None:
    """The site of the record that shows the gap: of a tablet that belongs to no site in particular."""
    behind = (InspectionRecord.device_id == device_id) & (InspectionRecord.device_seq > last)
    row = InspectionRecord.select().where(behind).order_by(InspectionRecord.device_seq).first()
    return row.site_id if row is not None else None


def _explained(kind: str) -> dict[str, list[Range]]:
    found: dict[str, list[Range]] = {}
    for row in GapExplanation.select().where(GapExplanation.kind == kind):
        found.setdefault(row.device_id, []).append((row.first, row.last))
    return found


def _refused(device_id: str) -> set[int]:
    """Numbers that did arrive, under an address that was taken: the record is kept beside the other one."""
    rows = InspectionVariant.select().where(InspectionVariant.device_id == device_id)
    return {number for row in rows if (number := _number(row)) is not None}


def _number(row: InspectionVariant) -> int | None:
    number: int | None = json.loads(bytes(row.body)).get("device_seq")
    return number
