"""Calls as every view shows them; each kind of row is read once for a whole page."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from qc_service.calls.models import CallAnswer, CallEnd, LineCall
from qc_service.people.models import Device
from qc_service.procedures import naming


def calls(rows: Sequence[LineCall]) -> list[dict[str, Any]]:
    names = [row.uuid for row in rows]
    answers: dict[str, list[CallAnswer]] = defaultdict(list)
    for one in CallAnswer.select().where(CallAnswer.uuid.in_(names)).order_by(CallAnswer.at, CallAnswer.person_id):
        answers[one.uuid].append(one)
    ends = {one.uuid: one for one in CallEnd.select().where(CallEnd.uuid.in_(names))}
    said = [one.person_id for found in answers.values() for one in found]
    people = naming.people([*(row.person_id for row in rows), *(end.person_id for end in ends.values()), *said])
    places = naming.places((row.line_id for row in rows), (row.site_id for row in rows))
    tablets = tablet_names(rows)
    return [
        {
            "uuid": row.uuid, "kind": row.kind, "state": _state(row, answers[row.uuid], ends.get(row.uuid)),
            "site": places[row.site_id], "line": places[row.line_id], "lot": row.lot, "procedure": row.procedure,
            "check": row.check_id, "who": _caller(row, people), "tablet": tablets.get(row.device_id),
            "pressed_at": row.pressed_at, "received_at": row.received_at, "late": row.late,
            "answers": [{**(people[one.person_id] or {}), "at": one.at} for one in answers[row.uuid]],
            "ended": _ended(ends.get(row.uuid), people),
        }
        for row in rows
    ]  # fmt: skip


def tablet_names(rows: Sequence[LineCall]) -> dict[str | None, str]:
    ids = {row.device_id for row in rows if row.device_id}
    return {one.id: one.name for one in Device.select().where(Device.id.in_(list(ids)))} if ids else {}


def _state(row: LineCall, answers: Sequence[CallAnswer], end: CallEnd | None) -> str:
    if row.late:
        return "late"
    if end is not None:
        return "ended"
    return "answered" if answers else "open"


def _caller(row: LineCall, people: dict[str | None, Any]) -> dict[str, Any] | None:
    if row.badge is None:
        return None
    known = people[row.person_id]
    return {"badge": row.badge, "name": known and known["name"]}


def _ended(end: CallEnd | None, people: dict[str | None, Any]) -> dict[str, Any] | None:
    return None if end is None else {**(people[end.person_id] or {}), "at": end.at, "reason": end.reason}
