"""Lots that are put on hold by themselves, or again where those who let them go turn out not to be the right ones.

Many lots are held a part at a time: what is left is one more row of the outbox.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qc_service import audit, queue
from qc_service.db import new_id
from qc_service.inspections import holding
from qc_service.lines.models import Line
from qc_service.lots import hold_replies, holds, measuring
from qc_service.lots.models import Lot, LotHold
from qc_service.people.staff import people_with_role
from qc_service.texts import later
from workers.tasks import news


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


def lot_changed(data: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001 - every reaction is given the time
    """Who made the lot may have let it go."""
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


def tell_of_hold(data: Mapping[str, Any], now: datetime) -> None:
    """A lot stays where it is: whoever leads there is told why, but for who said so.

    Of many lots that are held for one cause the first is told.
    """
    lot: Lot = Lot.get_by_id(data["lot_id"])
    same = (LotHold.lot_id == lot.id) & (LotHold.kind == data["kind"]) & (LotHold.cause == data["cause"])
    row: LotHold = LotHold.select().where(same).order_by(LotHold.number.desc()).get()
    like = (LotHold.site_id == lot.site_id) & (LotHold.kind == row.kind) & (LotHold.cause == row.cause)
    if row.kind != "said" and LotHold.select().where(like & (LotHold.id < row.id)).exists():
        return
    sentence = later("%(lot)s, line %(line)s: on hold.", lot=lot.code, line=Line.get_by_id(lot.line_id).code)
    why = later("You get this because you lead where the lot was made.")
    for person in people_with_role(["supervisor", "quality_manager"], lot.site_id):
        if person.id != row.person_id:
            news.tell([person], news.News(sentence, hold_replies.reason(row, person.language), why), lot.site_id, now)
