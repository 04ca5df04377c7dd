"""Judging a record that was stored: what it is worth, and what follows from it for the lot and the line's numbers.

It may be done as often as anybody likes. A record whose lot is not known waits, and is judged again when it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from qc_service import audit
from qc_service.clock import parse
from qc_service.db import new_id, write
from qc_service.inspections import describing, reading, rules, settling, standing
from qc_service.inspections.models import Inspection, InspectionAnswer, InspectionRecord, Nonconformity
from qc_service.inspections.reading import Read
from qc_service.inspections.rules import Units
from qc_service.lots import measuring
from qc_service.lots import service as lots
from qc_service.lots.models import GaugeUse, Lot
from qc_service.people import staff
from qc_service.procedures import deviations

TOO_LONG = 2000


def judge(uuid: str) -> Inspection:
    """Judge the record, unless it is judged already and waits for nothing that is here now."""
    with write():
        kept: Inspection | None = Inspection.get_or_none(Inspection.uuid == uuid)
        if kept is not None and kept.lot_id is not None and kept.awaits is None:
            return kept
        found = reading.read(InspectionRecord.get_by_id(uuid))
        awaits = _awaited(found)
        if kept is not None and (found.lot is None or (kept.lot_id is not None and awaits is not None)):
            return kept
        tied = settling.together([found.lot.id] if found.lot else [], found.told["amends"])
        makers = _makers(found)
        humans = settling.hold(tied, *people_of(found))
        place, before = _place(found), (kept.site_id, kept.line_id) if kept is not None else None
        streams = settling.streams_of(tied, found.told["amends"])
        audit.lock_streams([*streams, audit.stream_of(*place), audit.stream_of(*(before or place))])
        if kept is not None and before is not None and before != place:
            _leave(kept, before)
        with audit.change(
            audit.SYSTEM, "inspection.judged", site_id=place[0], line_id=place[1], data={"uuid": uuid}
        ) as change:
            _write(change, found, kept, awaits)
            if found.lot is not None:
                claims = lots.claims_of(change, found.lot, [(one, humans[one]) for one in makers], source="import")
                outcome = standing.settle(change, found.lot, claims)
                change.data |= {"changed": outcome.changed, "lot_id": found.lot.id}
        settling.follow(audit.SYSTEM, tied)
        judged: Inspection = Inspection.get_by_id(uuid)
    return judged


def judge_all(uuids: Sequence[str]) -> None:
    """Judge several records at once. Whoever each of them concerns is held before the first is judged, as for one."""
    if not uuids:
        return
    with write():
        read = [reading.read(InspectionRecord.get_by_id(uuid)) for uuid in uuids]
        tied = settling.together([one.lot.id for one in read if one.lot], *(one.told["amends"] for one in read))
        settling.hold(tied, *(person for one in read for person in people_of(one)))
        before = Inspection.select().where(Inspection.uuid.in_(list(uuids)))
        places = {*map(_place, read), *((row.site_id, row.line_id) for row in before)}
        streams = settling.streams_of(tied, *(one.told["amends"] for one in read))
        audit.lock_streams([*streams, *(audit.stream_of(*place) for place in places)])
        for uuid in uuids:
            judge(uuid)


def _leave(row: Inspection, place: tuple[str | None, str | None]) -> None:
    """A record that waited is another line's, or a line's at all, from now on."""
    data = {"uuid": row.uuid}
    with audit.change(
        audit.SYSTEM, "inspection.moved", site_id=place[0], line_id=place[1], data=data, follow=False
    ) as change:
        change.release(Inspection, {"uuid": row.uuid})


def awaiting(uuid: str) -> list[str]:
    """Records that name this one, and came before it; and this one, if it waits itself.

    What it waits for may have come while it was judged, when nobody could see yet that it waits.
    """
    waits = Inspection.lot_id.is_null() | Inspection.awaits.is_null(False)  # noqa: FBT003 - Peewee's word for it
    query = Inspection.select(Inspection.uuid).where((Inspection.awaits == uuid) | ((Inspection.uuid == uuid) & waits))
    return [row.uuid for row in query.order_by(Inspection.received_at, Inspection.uuid)]


def waiting_for(lot_id: str) -> list[str]:
    """Records that name the lot and could not be matched when they were judged."""
    lot: Lot = Lot.get_by_id(lot_id)
    here = Inspection.site_id.is_null() | (Inspection.site_id == lot.site_id)
    query = Inspection.select(Inspection.uuid).where(Inspection.lot_id.is_null() & (Inspection.lot == lot.code) & here)
    return [row.uuid for row in query.order_by(Inspection.received_at, Inspection.uuid)]


def people_of(found: Read) -> list[str]:
    """The accounts that judging it concerns: its inspector, and the makers whom an imported record names."""
    return [*([found.person.id] if found.person else []), *_makers(found)]


def _makers(found: Read) -> list[str]:
    """The accounts that an imported record names as makers, those that are known."""
    named = [staff.person_with(badge) for badge in found.told["makers"]] if found.attestation == "external" else []
    return [one.id for one in named if one is not None]


def _awaited(found: Read) -> str | None:
    """The record that this one names and that is not here yet, or not known yet to be of the same lot."""
    amends, reinspects = found.told["amends"], found.told["reinspects"]
    if amends and InspectionRecord.get_or_none(InspectionRecord.uuid == amends) is None:
        return str(amends)
    before: Inspection | None = Inspection.get_or_none(Inspection.uuid == reinspects) if reinspects else None
    if reinspects and (before is None or _still_waits(before, found)):
        return str(reinspects)
    return None


def _still_waits(before: Inspection, found: Read) -> bool:
    """Both name a lot that has just become known, and the earlier record is judged by it in a moment."""
    return found.lot is not None and before.lot_id is None and before.lot == found.lot.code


def _place(found: Read) -> tuple[str | None, str | None]:
    return (found.record.site_id, None) if found.line is None else (found.line.site_id, found.line.id)


def _write(change: audit.Change, found: Read, kept: Inspection | None, awaits: str | None) -> Inspection:
    """The record as it was judged, with its answers and what does not conform; where it counts follows."""
    decided = list(Nonconformity.select().where(Nonconformity.uuid == found.record.uuid))
    told = [] if decided else _decided_at_once(found)
    implied = _implied(found)
    said = [(one["disposition"], one["units"]) for one in (*told, *implied)]
    if decided:  # it was judged before, and people may have decided since
        said = [(what, count) for parts in describing.split(decided).values() for what, count in parts.items()]
    if awaits is not None:
        found.findings.add("unmatched")
    inspected = found.told["units_inspected"]
    units = rules.units_of(inspected, said)
    if units is None:
        found.findings.add("too_many_units")
    values = _values(change, found, units or Units(inspected, inspected, hold=inspected), awaits)
    matched_now = found.lot is not None and (kept is None or kept.lot_id is None)
    if kept is not None:
        change.update(kept, **{name: value for name, value in values.items() if name != "uuid"})
        row = kept
    else:
        row = change.insert(Inspection, **values)
    if found.result is not None and not InspectionAnswer.select().where(InspectionAnswer.uuid == row.uuid).exists():
        change.insert_many(InspectionAnswer, _answers(found))
    if matched_now and found.lot is not None:
        change.insert_many(Nonconformity, _nonconformities(found, told, implied))
        change.insert_many(GaugeUse, measuring.rows_of(found.gauges, row.uuid, found.lot, found.happened_at))
    return row


def _values(change: audit.Change, found: Read, units: Units, awaits: str | None) -> dict[str, Any]:
    told, record, line = found.told, found.record, found.line
    before = Inspection.get_or_none(Inspection.uuid == told["reinspects"]) if told["reinspects"] else None
    if told["amends"]:
        found.findings.add("correction_unconfirmed")
    amends = told["amends"] if _of_this_site(found, told["amends"]) and told["amends"] != awaits else None
    if before is not None and before.lot_id != (found.lot.id if found.lot else None):
        before = None
    if awaits is None and ((told["amends"] and amends is None) or (told["reinspects"] and before is None)):
        found.findings.add("unmatched")
    first = rules.stand(found.findings, rules.Circumstances(None))
    return {
        "uuid": record.uuid, "site_id": line.site_id if line else record.site_id, "line_id": line.id if line else None,
        "lot_id": found.lot.id if found.lot else None, "lot": found.lot.code if found.lot else told["lot"],
        "unit": told["unit"],
        "procedure_id": found.procedure.id if found.procedure else None, "procedure_code": told["procedure"],
        "version_id": found.issue.version_id if found.issue else None, "version": told["version"],
        "person_id": found.person.id if found.person else None,
        "human_id": staff.human_of(found.person) if found.person else None, "inspector": told["inspector"],
        "attestation": found.attestation, "round": 1 if before is None else before.round + 1,
        "amends": amends,
        "reinspects": told["reinspects"] if before else None, "awaits": awaits,
        "findings": sorted(found.findings), "missing": list(found.missing), "state": first.state,
        "reasons": list(first.reasons), "result": _result(found, units), "units_inspected": units.inspected,
        "units_defective": units.defective, "accepted": units.accepted, "rework": units.rework, "scrap": units.scrap,
        "hold": units.hold, "observed_at": told["observed_at"], "happened_at": found.happened_at,
        "received_at": record.received_at, "judged_at": change.now,
    }  # fmt: skip


def _of_this_site(found: Read, uuid: str | None) -> bool:
    """Nobody corrects another site's record."""
    if uuid is None:
        return False
    site_id = found.line.site_id if found.line else found.record.site_id
    judged = Inspection.select(Inspection.site_id).where(Inspection.uuid == uuid).scalar()
    received = InspectionRecord.select(InspectionRecord.site_id).where(InspectionRecord.uuid == uuid).scalar()
    return (judged or received) in (None, site_id)


def _result(found: Read, units: Units) -> str | None:
    if found.result is None:
        return None
    return "fail" if units.defective else found.result.result


def _implied(found: Read) -> list[dict[str, Any]]:
    """A defect for which nobody said how many units have it and what becomes of them: one unit, on hold."""
    if found.result is None:
        return []
    told = {one["check"] for one in found.told["nonconformities"]}
    codes = {check["id"]: check.get("defect_codes") or [None] for check in found.document.get("checks", ())}
    return [
        {"check": name, "defect_code": codes[name][0], "units": 1, "asked": "hold", "disposition": "hold",
         "deviation": None, "photo": None}
        for name, judgement in found.result.judgements.items()
        if judgement.outcome == "defect" and name not in told
    ]  # fmt: skip


def _decided_at_once(found: Read) -> list[dict[str, Any]]:
    """The nonconformities with what becomes of them: units are used as they are by a deviation, or else held."""
    told = []
    for number, one in enumerate(found.told["nonconformities"], start=1):
        covered = one["disposition"] != "use_as_is" or (
            found.line is not None and one["deviation"] is not None
            and deviations.use_for(
                audit.SYSTEM, one["deviation"], line_id=found.line.id, check_id=one["check"], quantity=one["units"],
                reference=f"{found.record.uuid}:{number}",
            )
        )  # fmt: skip
        told.append({**one, "asked": one["disposition"], "disposition": one["disposition"] if covered else "hold"})
        if not covered:
            found.findings.add("deviation_missing")
    return told


def _nonconformities(
    found: Read, said: Sequence[Mapping[str, Any]], implied: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    severity = {check["id"]: check.get("severity") for check in found.document.get("checks", ())}
    told = [(one, False) for one in said] + [(one, True) for one in implied]
    return [
        {
            "id": new_id("ncr"), "uuid": found.record.uuid, "number": number, "check_id": one["check"],
            "defect_code": one["defect_code"], "severity": severity.get(one["check"]), "units": one["units"],
            "asked": one["asked"], "disposition": one["disposition"], "deviation": one["deviation"],
            "photo": one["photo"], "implied": by_rule,
        }
        for number, (one, by_rule) in enumerate(told, start=1)
    ]  # fmt: skip


def _answers(found: Read) -> list[dict[str, Any]]:
    """Each answer as it was given, beside the check as it stood and what the answer was worth."""
    assert found.result is not None  # noqa: S101 - asked before
    specs = {check["id"]: check for check in found.document.get("checks", ())}
    rows = []
    for number, (name, judgement) in enumerate(found.result.judgements.items(), start=1):
        answer = found.told["answers"].get(name) or {}
        rows.append({
            "uuid": found.record.uuid, "number": number, "check_id": name, "spec": specs[name],
            "value": answer.get("value"), "reason": _text(answer.get("reason")),
            "shown_at": _moment(answer, "shown_at"), "answered_at": _moment(answer, "at"),
            "outcome": judgement.outcome, "code": judgement.reason,
            "detail": str(judgement.detail), "samples": list(judgement.samples),
        })  # fmt: skip
    return rows


def _text(value: Any) -> str | None:
    return value[:TOO_LONG] if isinstance(value, str) else None


def _moment(answer: Mapping[str, Any], name: str) -> datetime | None:
    """A time that can be read; one that cannot stays in the record as it was received, and nowhere else."""
    value = answer.get(name)
    try:
        return parse(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
