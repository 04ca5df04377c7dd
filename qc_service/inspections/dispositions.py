"""What becomes of units that do not conform: decided by the inspector at once, and perhaps anew by a supervisor.

Units move from one disposition to another and none is ever lost: accepted, reworked, scrapped and held units always
add up to those that were inspected.
"""

from collections.abc import Mapping
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import new_id, write
from qc_service.errors import NotFound, QCError, invalid
from qc_service.inspections import counting, describing, rules
from qc_service.inspections.models import Disposition, Inspection, Nonconformity
from qc_service.lots.models import Lot
from qc_service.people import staff
from qc_service.procedures import deviations
from qc_service.signing import Proof, sign
from qc_service.texts import later

ACTION = "inspection.dispose"


def decide(actor: Actor, nonconformity_id: str, told: Mapping[str, Any], proof: Proof) -> Inspection:
    """Decide anew what becomes of some units. `told` has passed `DispositionIn`."""
    found: Nonconformity | None = (
        None if "\0" in nonconformity_id else Nonconformity.get_or_none(Nonconformity.id == nonconformity_id)
    )
    if found is None:
        raise NotFound("nonconformity", nonconformity_id)
    try:
        describing.find(actor, ACTION, found.uuid)
    except NotFound as error:
        raise NotFound("nonconformity", nonconformity_id) from error
    with write():
        human = staff.locked_human(proof.person_id)
        row: Inspection = Inspection.get_by_id(found.uuid)
        audit.lock_streams([audit.stream_of(row.site_id, row.line_id)])
        row = Inspection.get_by_id(found.uuid)
        was, units = _moved(describing.split([found])[found.id], told)
        with audit.change(
            actor.author, "nonconformity.disposed", site_id=row.site_id, line_id=row.line_id,
            data={"uuid": row.uuid, "lot_id": row.lot_id, "was": was, "becomes": told["disposition"], "units": units},
        ) as change:  # fmt: skip
            name = new_id("dsp")
            deviation = _deviation(actor, row, found, told, units, name)
            signature = sign(change, proof.of_human(human), "units_disposed", "inspection", row.uuid)
            change.insert(
                Disposition, id=name, uuid=row.uuid, nonconformity_id=found.id, number=_next(found), was=was,
                becomes=told["disposition"], units=units, reason=told["reason"], deviation_id=deviation,
                decided_by=actor.author.name, person_id=proof.person_id, human_id=human, at=change.now,
                signature_id=signature.id,
            )  # fmt: skip
            _bring_up_to_date(change, row)
        if row.lot_id:
            counting.recount(actor.author, Lot.get_by_id(row.lot_id))
        now: Inspection = Inspection.get_by_id(row.uuid)
    return now


def _moved(now: Mapping[str, int], told: Mapping[str, Any]) -> tuple[str, int]:
    """From which disposition how many units go."""
    there = {what: count for what, count in now.items() if what != told["disposition"]}
    was = told["was"] or (next(iter(there)) if len(there) == 1 else None)
    if was is None:
        known = tuple(sorted(there))
        raise invalid("/was", later("Say which units are meant. There are: %(known)s.", known=known))
    if was not in there:
        raise invalid("/was", later("No units stand so now: look at it again."))
    units = told["units"] or there[was]
    if units > there[was]:
        raise invalid("/units", later("Only %(count)s units stand so.", count=there[was]))
    return was, units


def _deviation(
    actor: Actor, row: Inspection, found: Nonconformity, told: Mapping[str, Any], units: int, reference: str
) -> str | None:
    """Units are used as they are by a deviation or not at all."""
    if told["disposition"] != "use_as_is":
        return None
    name = told["deviation"]
    if name is None:
        raise invalid(
            "/deviation", later("Units are used as they are by a deviation only: name the one that was granted.")
        )
    if not deviations.use_for(
        actor.author, name, line_id=row.line_id, check_id=found.check_id, quantity=units, reference=reference
    ):
        raise QCError("illegal_transition", later("That deviation does not cover these units: ask for one that does."))
    return str(name)


def _next(found: Nonconformity) -> int:
    return int(Disposition.select().where(Disposition.nonconformity_id == found.id).count()) + 1


def _bring_up_to_date(change: audit.Change, row: Inspection) -> None:
    parts = describing.split(list(Nonconformity.select().where(Nonconformity.uuid == row.uuid)))
    said = [(what, count) for units in parts.values() for what, count in units.items()]
    units = rules.units_of(row.units_inspected, said)
    if units is not None:  # more than were inspected wait for a person's word, and stay as they are
        change.update(row, accepted=units.accepted, rework=units.rework, scrap=units.scrap, hold=units.hold)
