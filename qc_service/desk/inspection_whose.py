"""Whom the desk asks whether an inspection was theirs."""

from typing import Any

from qc_service.auth import Actor
from qc_service.desk.may import human
from qc_service.inspections.lists import MOST, Some
from qc_service.inspections.models import Inspection
from qc_service.inspections.whose import asked_of


def asked(actor: Actor, row: Inspection | None) -> bool:
    """Is this person asked whether the inspection was theirs?"""
    return row is not None and _asked(actor).where(Inspection.uuid == row.uuid).exists()


def waiting(actor: Actor) -> Some:
    """The inspections of which this person is asked that: what waits longest first."""
    query = _asked(actor)
    return Some(list(query.order_by(Inspection.received_at, Inspection.uuid).limit(MOST)), query.count())


def _asked(actor: Actor) -> Any:
    return asked_of(actor, human(actor))
