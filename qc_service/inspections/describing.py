"""An inspection as every view shows it."""

from collections.abc import Iterable, Mapping
from typing import Any

from qc_service.auth import Actor
from qc_service.errors import NotFound
from qc_service.inspections import filling, rules
from qc_service.inspections.models import (
    CountedInspection,
    Disposition,
    Inspection,
    InspectionAnswer,
    InspectionMatch,
    InspectionRecord,
    Nonconformity,
)
from qc_service.inspections.reading import envelope
from qc_service.inspections.telling import Standing
from qc_service.lines.models import Line, Site
from qc_service.signing import Signature, shown

READ = "inspection.read"


def find(actor: Actor, action: str, uuid: str) -> InspectionRecord:
    """The record, if the actor may see it; one of no known site is seen by who acts in every site, and its sender."""
    record: InspectionRecord | None = InspectionRecord.get_or_none(InspectionRecord.uuid == uuid)
    if record is None:
        raise NotFound("inspection", uuid)
    site_id = Inspection.select(Inspection.site_id).where(Inspection.uuid == uuid).scalar() or record.site_id
    if site_id is not None:
        if not actor.sees(site_id):
            raise NotFound("inspection", uuid)
        actor.need(action, site_id, "inspection")
    elif actor.sites_for(action) is not None and record.sender != actor.author.name:
        raise NotFound("inspection", uuid)
    return record


def whole(record: InspectionRecord) -> dict[str, Any]:
    """One inspection with all its answers."""
    found: Inspection | None = Inspection.get_or_none(Inspection.uuid == record.uuid)
    if found is None:
        return _received(record)
    counted = CountedInspection.select().where(CountedInspection.uuid == record.uuid).exists()
    answers = InspectionAnswer.select().where(InspectionAnswer.uuid == record.uuid).order_by(InspectionAnswer.number)
    units = list(Nonconformity.select().where(Nonconformity.uuid == record.uuid).order_by(Nonconformity.number))
    now, told = split(units), envelope(bytes(record.body))
    return {
        **summary(found, record.sha256, counted=counted, places=places([found])),
        "lot_sent": sent([found]).get(record.uuid),
        "answers": [{**_answer(row), **_filled(told, row.check_id)} for row in answers],
        "events": filling.events(told),
        "nonconformities": [{**row.__data__, "check": row.check_id, "now": now[row.id]} for row in units],
        "signatures": signatures(record.uuid),
    }


def _received(record: InspectionRecord) -> dict[str, Any]:
    """What can be said of one that nobody has judged yet: what it says itself."""
    told = envelope(bytes(record.body))
    return {
        "uuid": record.uuid, "sha256": record.sha256, "state": "received", "reasons": [], "missing": [],
        "sentence": Standing("received").sentence, "notes": [], "result": None,
        "counted": None, "second_person": None, "attestation": None, "site": None, "line": None,
        "lot": told["lot"], "lot_sent": None, "unit": told["unit"],
        "procedure": told["procedure"], "version": told["version"],
        "inspector": told["inspector"], "round": None, "amends": told["amends"], "reinspects": told["reinspects"],
        "units": None, "answers": [], "events": filling.events(told), "nonconformities": [],
        "signatures": signatures(record.uuid),
        "observed_at": told["observed_at"], "happened_at": None, "received_at": record.received_at,
    }  # fmt: skip


def signatures(uuid: str) -> list[dict[str, object]]:
    """Who signed what of it, in the order in which they did."""
    here = (Signature.record_type == "inspection") & (Signature.record_id == uuid)
    return [shown(row) for row in Signature.select().where(here).order_by(Signature.signed_at, Signature.id)]


def summary(row: Inspection, sha256: str, *, counted: bool, places: dict[str | None, str]) -> dict[str, Any]:
    """One inspection without its answers."""
    told = Standing(row.state, tuple(row.reasons), row.lot_id is not None, counted)
    return {
        "uuid": row.uuid, "sha256": sha256, "state": row.state, "reasons": row.reasons, "missing": row.missing,
        "sentence": told.sentence, "notes": told.notes,
        "result": row.result,
        "counted": counted, "second_person": rules.second_person(row.state, row.reasons),
        "attestation": row.attestation, "site": places.get(row.site_id), "line": places.get(row.line_id),
        "lot": row.lot, "unit": row.unit, "procedure": row.procedure_code, "version": row.version,
        "inspector": row.inspector, "round": row.round, "amends": row.amends, "reinspects": row.reinspects,
        "units": {"inspected": row.units_inspected, "defective": row.units_defective, "accepted": row.accepted,
                  "rework": row.rework, "scrap": row.scrap, "hold": row.hold},
        "observed_at": row.observed_at, "happened_at": row.happened_at, "received_at": row.received_at,
    }  # fmt: skip


def sent(rows: Iterable[Inspection]) -> dict[str, str]:
    """The lots that these inspections name, of those of which somebody said that it was another."""
    uuids = [row.uuid for row in rows]
    return {one.uuid: one.sent for one in InspectionMatch.select().where(InspectionMatch.uuid.in_(uuids))}


def places(rows: Iterable[Inspection]) -> dict[str | None, str]:
    """The codes of the sites and lines that these inspections name, by their ids."""
    ids = {one for row in rows for one in (row.site_id, row.line_id) if one}
    found: dict[str | None, str] = {}
    for model in (Site, Line):
        found |= {row.id: row.code for row in model.select(model.id, model.code).where(model.id.in_(sorted(ids)))}
    return found


def split(rows: Iterable[Nonconformity]) -> dict[str, dict[str, int]]:
    """Of each nonconformity the units by what becomes of them now."""
    found = {row.id: {row.disposition: row.units} for row in rows}
    moves = Disposition.select().where(Disposition.nonconformity_id.in_(list(found)))
    for move in moves.order_by(Disposition.nonconformity_id, Disposition.number):
        units = found[move.nonconformity_id]
        units[move.was] -= move.units
        units[move.becomes] = units.get(move.becomes, 0) + move.units
    return {name: {what: count for what, count in units.items() if count} for name, units in found.items()}


def _filled(told: Mapping[str, Any], check: str) -> dict[str, Any]:
    return {"language": filling.language(told, check), "changes": filling.changes(told, check)}


def _answer(row: InspectionAnswer) -> dict[str, Any]:
    return {
        "check": row.check_id, "type": row.spec["type"], "text": row.spec["text"], "value": row.value,
        "reason": row.reason, "outcome": row.outcome, "code": row.code, "detail": row.detail, "samples": row.samples,
        "shown_at": row.shown_at, "at": row.answered_at,
    }  # fmt: skip
