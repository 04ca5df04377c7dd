"""Missing numbers and their explanations as every view shows them; each kind of row is read once for a whole page."""

from collections.abc import Sequence
from typing import Any

from qc_service.inspections.gaps import Gap
from qc_service.inspections.models import GapExplanation
from qc_service.people.models import Device
from qc_service.procedures import naming

Reply = dict[str, Any]


def gaps(found: Sequence[Gap]) -> list[Reply]:
    said = [gap.explained for gap in found if gap.explained is not None]
    shown = {one["id"]: one for one in explanations(said)}
    sites = naming.places([], (gap.site_id for gap in found))
    return [
        {
            "tablet": {"id": gap.device.id, "name": gap.device.name}, "site": sites[gap.site_id],
            "state": "arrived_late" if gap.explained else "missing", "first": gap.first, "last": gap.last,
            "seen_at": gap.seen_at, "explained": shown[gap.explained.id] if gap.explained else None,
            "inspection": gap.inspection,
        }
        for gap in found
    ]  # fmt: skip


def explanations(rows: Sequence[GapExplanation]) -> list[Reply]:
    tablets = {row.id: row for row in Device.select().where(Device.id.in_([one.device_id for one in rows]))}
    signed = naming.signatures(row.signature_id for row in rows)
    sites = naming.places([], (row.site_id for row in rows))
    return [
        {
            "id": row.id, "tablet": {"id": row.device_id, "name": tablets[row.device_id].name},
            "site": sites[row.site_id], "kind": row.kind, "first": row.first, "last": row.last, "reason": row.reason,
            "signature": signed[row.signature_id],
        }
        for row in rows
    ]  # fmt: skip
