"""Lots that are put on hold by themselves, or again where those who let them go turn out not to be the right ones.

Many lots are held a part at a time: what is left is one more row of the outbox.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qc_service import audit, queue
from qc_service.db import new_id
from qc_service.flags import held
from qc_service.inspections import holding
from qc_service.lots import holds, measuring


def version_withdrawn(data: Mapping[str, Any], now: datetime) -> None:
    if holding.version_withdrawn(data["procedure"], data["version"]):
        _again("hold_withdrawn", data, now)


def version_superseded(data: Mapping[str, Any], now: datetime) -> None:
    """A version may be published for a moment to come: lots are held from then on."""
    more = holding.version_superseded(data["procedure"], data["version"], now)
    if isinstance(more, datetime):
        _again("hold_superseded", data, now, due_at=more)
    elif more:
        _again("hold_superseded", data, now)


def gauge_calibrated(data: Mapping[str, Any], now: datetime) -> None:
    """What a gauge measured since it was last good is held where it was found out of tolerance."""
    found = measuring.found_out(data["calibration_id"], holding.MOST) if data["result"] == "out_of_tolerance" else None
    if found is None:
        return
    lots, cause = found
    holds.hold_all(audit.SYSTEM, lots, cause)
    if len(lots) == holding.MOST:
        _again("hold_measured", data, now)


def inspected(data: Mapping[str, Any], now: datetime) -> None:
    holding.inspected(data["uuid"], now)
    lot_changed(data, now)


def lot_changed(data: Mapping[str, Any], now: datetime) -> None:
    """Inspections may stand again that gave no cause when they were judged; who made the lot may have let it go."""
    for uuid in data.get("changed", ()):
        holding.inspected(uuid, now)
    if data.get("lot_id"):
        holds.resettle(audit.SYSTEM, [data["lot_id"]])


def people_changed(data: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """Two who let a lot go may be one, or no longer."""
    holds.resettle(audit.SYSTEM, holds.signed_by(data["humans"]))


def _again(reaction: str, data: Mapping[str, Any], now: datetime, due_at: datetime | None = None) -> None:
    queue.add(
        event_id=new_id("nxt"), event_type="hold.more", reaction=reaction, site_id=None, data=dict(data), now=now,
        due_at=due_at,
    )  # fmt: skip


def weigh(data: Mapping[str, Any], now: datetime) -> None:
    """Lots were held or let go: the flag of each cause is brought to where its holds stand."""
    names = {name for told in ("holds", "reopened", "released") for name in data.get(told, ())}
    for matter in held.matters(names):
        held.weigh(matter, now)
