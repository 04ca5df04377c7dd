"""The tablets of a plant: when each was last heard of, what arrived from it, and which of its numbers did not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import fn

from qc_service.auth import Actor
from qc_service.inspections import gaps
from qc_service.inspections.gap_rules import Range
from qc_service.inspections.models import InspectionRecord
from qc_service.people.models import Device, Session

MOST = 500  # tablets, and ranges of missing numbers


@dataclass(slots=True)
class Tablet:
    """`heard_at`: when somebody last used it, or a record of it arrived; `latest`: the highest number that did."""

    device: Device
    heard_at: datetime | None = None
    records: int = 0
    latest: int = 0
    missing: list[Range] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return sum(last - first + 1 for first, last in self.missing)


def tablets(actor: Actor) -> list[Tablet]:
    """Those that are in use, and those of which something is missing: these first, then by name."""
    sites = actor.sites_for(gaps.READ)
    query = Device.select().order_by(Device.name, Device.id).limit(MOST)
    found = {row.id: Tablet(row) for row in (query if sites is None else query.where(Device.site_id.in_(list(sites))))}
    for device_id, records, latest, arrived in _arrived(found):
        one = found[device_id]
        one.records, one.latest, one.heard_at = records, latest or 0, InspectionRecord.received_at.python_value(arrived)
    for device_id, seen in _used(found):
        at: Any = Session.last_seen_at.python_value(seen)
        found[device_id].heard_at = max(filter(None, (found[device_id].heard_at, at)))
    for gap in gaps.missing(actor, MOST):
        if gap.device.id in found:
            found[gap.device.id].missing.insert(0, (gap.first, gap.last))
    shown = [one for one in found.values() if one.device.revoked_at is None or one.missing]
    return sorted(shown, key=lambda one: not one.missing)


def _arrived(ids: Iterable[str]) -> Any:
    record = InspectionRecord
    told = fn.COUNT(record.uuid), fn.MAX(record.device_seq), fn.MAX(record.received_at)
    return (
        record.select(record.device_id, *told)
        .where(record.device_id.in_(list(ids)))
        .group_by(record.device_id)
        .tuples()
    )


def _used(ids: Iterable[str]) -> Any:
    query: Any = Session.select(Session.device_id, fn.MAX(Session.last_seen_at))
    return query.where(Session.device_id.in_(list(ids))).group_by(Session.device_id).tuples()
