"""Saying which lot a record was meant for, where nobody knows the one that it names: it is judged by that lot then.

What the record says stays as it was sent. Whoever inspected, or made that lot, leaves it to another person.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import new_id, write
from qc_service.errors import QCError, invalid
from qc_service.inspections import describing, judging, reading, settling
from qc_service.inspections.models import Inspection, InspectionMatch, InspectionRecord
from qc_service.lines.models import Site
from qc_service.lines.service import in_sites
from qc_service.lots import service as lots
from qc_service.lots.models import Lot, Participation
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.signing import Proof, sign
from qc_service.texts import later

ACTION = "inspection.confirm"
OFFERED, AMONG = 3, 500


def match(actor: Actor, uuid: str, told: Mapping[str, Any], proof: Proof) -> Inspection:
    """Say that the record was of this lot. `told` has passed `MatchIn`."""
    record = describing.find(actor, ACTION, uuid)
    lot = lots.find(actor, ACTION, told["lot"], told["site"] or _site_of(record))
    with write():
        read = reading.read(record)
        tied = settling.together([lot.id], read.told["amends"])
        humans = settling.hold(tied, proof.person_id, *judging.people_of(read))
        place = audit.stream_of(record.site_id)
        audit.lock_streams(
            [place, audit.stream_of(lot.site_id, lot.line_id), *settling.streams_of(tied, read.told["amends"])]
        )
        row = _waiting(uuid, lot)
        _need_another(row, lot, humans[proof.person_id])
        data = {"uuid": uuid, "lot_id": lot.id, "sent": row.lot}
        with audit.change(
            actor.author, "inspection.matched", site_id=lot.site_id, line_id=lot.line_id, data=data
        ) as change:
            signature = sign(change, proof.of_human(humans[proof.person_id]), "inspection_matched", "inspection", uuid)
            change.insert(
                InspectionMatch, id=new_id("mat"), uuid=uuid, lot_id=lot.id, sent=row.lot, person_id=proof.person_id,
                human_id=humans[proof.person_id], note=told["note"], at=change.now, signature_id=signature.id,
            )  # fmt: skip
        return judging.judge(uuid)


def _site_of(record: InspectionRecord) -> str | None:
    return str(Site.get_by_id(record.site_id).code) if record.site_id else None


def _waiting(uuid: str, lot: Lot) -> Inspection:
    row: Inspection | None = Inspection.get_or_none(Inspection.uuid == uuid)
    if row is None:
        raise QCError("illegal_transition", later("It is not judged yet: try again in a moment."), state="received")
    if row.lot_id is not None:
        raise QCError("illegal_transition", later("Its lot is known: nothing is missing."), state=row.state)
    if row.site_id not in (None, lot.site_id):
        raise invalid("/lot", later("Name a lot of the site of the inspection."), "unknown_ref")
    return row


def _need_another(row: Inspection, lot: Lot, human: str) -> None:
    if row.person_id and human == staff.human_of(Person.get_by_id(row.person_id)):
        raise QCError("same_person", later("Who inspected it leaves it to another person to say which lot it was."))
    made = (Participation.lot_id == lot.id) & (Participation.human_id == human) & (Participation.role == "maker")
    if Participation.select().where(made).exists():
        raise QCError("same_person", later("Who made the lot leaves it to another person to say that it was this one."))


def offered(actor: Actor, rows: Sequence[Inspection]) -> dict[str, list[str]]:
    """For each of these records the codes of lots that look like the one that it names, the likeliest first."""
    sites = actor.sites_for(ACTION)
    query = Lot.select(Lot.code, Lot.site_id).where(in_sites(Lot, sites)).order_by(Lot.id.desc()).limit(AMONG)
    known = [(lot.code, lot.site_id) for lot in query] if rows else []
    return {row.uuid: _like(row, known) for row in rows}


def _like(row: Inspection, known: Sequence[tuple[str, str]]) -> list[str]:
    here = {code.casefold(): code for code, site_id in reversed(known) if row.site_id in (None, site_id)}
    return [here[one] for one in get_close_matches(row.lot.casefold(), list(here), OFFERED)]
