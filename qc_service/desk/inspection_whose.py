"""Inspections that stand under somebody's name without its being certain that it was them: who is asked about that.

Nobody else can say so, and they can once.
"""

from typing import Any

from peewee import SQL, fn

from qc_service.auth import Actor
from qc_service.desk.may import human
from qc_service.inspections.lists import MOST, OVER, Some, has
from qc_service.inspections.models import Inspection, InspectionAct, InspectionRecord
from qc_service.people.models import Person

ANSWERS = ("owned", "disowned")


def asked(actor: Actor, row: Inspection | None) -> bool:
    """Is this person asked whether the inspection was theirs?"""
    return row is not None and _asked(actor).where(Inspection.uuid == row.uuid).exists()


def waiting(actor: Actor) -> Some:
    """The inspections of which this person is asked that: what waits longest first."""
    query = _asked(actor)
    return Some(list(query.order_by(Inspection.received_at, Inspection.uuid).limit(MOST)), query.count())


def _asked(actor: Actor) -> Any:
    me, sites = human(actor), actor.sites_for("inspection.own")
    accounts = Person.select(Person.id).where((Person.id == me) | (Person.human_id == me))
    said = InspectionAct.select(SQL("1")).where(
        (InspectionAct.uuid == Inspection.uuid) & InspectionAct.kind.in_(ANSWERS)
    )
    query = (
        Inspection.select()
        .join(InspectionRecord, on=(InspectionRecord.uuid == Inspection.uuid))
        .where(Inspection.person_id.in_(accounts) & has("identity_unconfirmed") & Inspection.state.not_in(OVER))
        .where(~fn.EXISTS(said))
    )
    if sites is None:
        return query
    return query.where(fn.COALESCE(Inspection.site_id, InspectionRecord.site_id).in_(list(sites)))
