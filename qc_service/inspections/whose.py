"""Inspections that stand under somebody's name without its being certain that it was them: who is asked about that.

Nobody else can say so, and they can once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from peewee import SQL, fn

from qc_service.auth import Actor
from qc_service.errors import QCError
from qc_service.inspections import acts
from qc_service.inspections.lists import OVER, has
from qc_service.inspections.models import Inspection, InspectionAct, InspectionRecord
from qc_service.inspections.schemas import MOST_OWN
from qc_service.people.models import Person
from qc_service.signing import Proof

ANSWERS = ("owned", "disowned")


def asked_of(actor: Actor, human_id: str) -> Any:
    """The inspections of which this human being is asked whether they were theirs."""
    accounts = Person.select(Person.id).where((Person.id == human_id) | (Person.human_id == human_id))
    said = InspectionAct.select(SQL("1")).where(
        (InspectionAct.uuid == Inspection.uuid) & InspectionAct.kind.in_(ANSWERS)
    )
    query = (
        Inspection.select()
        .join(InspectionRecord, on=(InspectionRecord.uuid == Inspection.uuid))
        .where(Inspection.person_id.in_(accounts) & has("identity_unconfirmed") & Inspection.state.not_in(OVER))
        .where(~fn.EXISTS(said))
    )
    sites = actor.sites_for("inspection.own")
    if sites is None:
        return query
    return query.where(fn.COALESCE(Inspection.site_id, InspectionRecord.site_id).in_(list(sites)))


def waiting(actor: Actor) -> list[Inspection]:
    """Those that wait for this person's word: what waits longest first."""
    query = asked_of(actor, actor.human_id).where(Inspection.state == "unconfirmed")
    return list(query.order_by(Inspection.received_at, Inspection.uuid).limit(MOST_OWN))


def say(actor: Actor, answers: Sequence[Mapping[str, Any]], proof: Proof) -> list[dict[str, Any]]:
    """Say of several whether they were one's own. Each is decided by itself: one that is refused stops no other."""
    return [_say(actor, one["uuid"], proof, mine=one["mine"]) for one in answers]


def _say(actor: Actor, uuid: str, proof: Proof, *, mine: bool) -> dict[str, Any]:
    try:
        row = acts.own(actor, uuid, proof, mine=mine)
    except QCError as error:
        return {"uuid": uuid, "taken": False, "state": None, "code": error.code, "detail": error.detail}
    return {"uuid": uuid, "taken": True, "state": row.state, "code": None, "detail": None}
