"""Numbers that a tablet gave to its records and that never arrived: so a loss is seen, and by whom."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from qc_service.auth import Actor
from qc_service.inspections.models import InspectionRecord, InspectionVariant
from qc_service.people.models import Device

MOST = 25


@dataclass(frozen=True, slots=True)
class Gap:
    """A tablet's numbers from first to last; seen_at: when the next one arrived, and so the gap was seen."""

    device: str
    first: int
    last: int
    seen_at: datetime


def gaps(actor: Actor) -> list[Gap]:
    """The latest first. A tablet begins to count at 1."""
    rows = list(_behind_gaps(actor).limit(MOST))
    refused = _refused({row.device_id for row in rows})
    names = {row.id: row.name for row in Device.select().where(Device.id.in_([row.device_id for row in rows]))}
    return [
        Gap(names[row.device_id], first, last, row.received_at)
        for row in rows
        for first, last in without((row.before or 0) + 1, row.device_seq - 1, refused.get(row.device_id, set()))
    ]


def without(first: int, last: int, arrived: Collection[int]) -> Iterator[tuple[int, int]]:
    """What is left of a range of numbers, as ranges."""
    for number in sorted(one for one in arrived if first <= one <= last):
        if first < number:
            yield first, number - 1
        first = number + 1
    if first <= last:
        yield first, last


def _behind_gaps(actor: Actor) -> Any:
    """Each tablet's records whose number does not follow the one before, which is `row.before`."""
    record, other = InspectionRecord, InspectionRecord.alias()
    before = fn.LAG(other.device_seq).over(partition_by=[other.device_id], order_by=[other.device_seq])
    numbered = other.select(other.uuid, before.alias("before")).where(
        ~other.device_id.is_null() & ~other.device_seq.is_null()
    )
    query = (
        record.select(record.device_id, record.device_seq, record.received_at, numbered.c.before.alias("before"))
        .join(numbered, on=(numbered.c.uuid == record.uuid), attr="joined")
        .join(Device, on=(Device.id == record.device_id))
        .where(record.device_seq - fn.COALESCE(numbered.c.before, 0) > 1)
        .order_by(record.received_at.desc(), record.device_seq.desc(), record.uuid)
    )
    sites = actor.sites_for("inspection.read")
    if sites is not None:
        query = query.where(fn.COALESCE(Device.site_id, record.site_id).in_(list(sites)))
    return query.objects()


def _refused(device_ids: Collection[str]) -> dict[str, set[int]]:
    """Numbers that did arrive, under an address that was taken: the record is kept beside the other one."""
    found: dict[str, set[int]] = {}
    for row in InspectionVariant.select().where(InspectionVariant.device_id.in_(sorted(device_ids))):
        number = json.loads(bytes(row.body)).get("device_seq")
        if number is not None:
            found.setdefault(str(row.device_id), set()).add(number)
    return found
