"""May a lot go on? One cheap question, answered from what is known now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qc_service.db import db
from qc_service.inspections.models import CountedInspection, Inspection
from qc_service.lots import service as lots
from qc_service.lots.models import Lot
from qc_service.texts import Text, later

# Why a lot may not go on, and what to do, in the order in which people are told.
SENTENCES: dict[str, Text] = {
    "scrapped": later("Nothing of the lot is left: every inspected unit is scrapped."),
    "version_withdrawn": later("It was inspected by a version that was withdrawn: inspect it by the one in force."),
    "maker_unknown": later("Nobody said who made it: name the makers."),
    "no_second_person": later("Nobody but its makers has inspected it: ask another person."),
    "units_on_hold": later("Units are on hold: decide what becomes of them."),
    "units_in_rework": later("Units were sent to rework: inspect them again."),
    "inspection_unconfirmed": later("An inspection waits for a supervisor's word: confirm it or have it done again."),
    "checks_changed": later("Checks have changed since it was inspected: check those again."),
}


@dataclass(frozen=True, slots=True)
class Release:
    lot: str
    decision: str
    reasons: tuple[str, ...]
    as_of: datetime

    @property
    def sentences(self) -> list[Text]:
        return [SENTENCES[one] for one in self.reasons]


def check(lot: Lot) -> Release:
    """allow, hold or reject, with every reason why not."""
    reasons = _reasons(lot)
    decision = "allow" if not reasons else "reject" if "scrapped" in reasons else "hold"
    return Release(lot.code, decision, tuple(one for one in SENTENCES if one in reasons), db.obj.now())


def _reasons(lot: Lot) -> set[str]:
    rows: list[Any] = list(
        Inspection.select(
            Inspection.state, Inspection.reasons, Inspection.unit, Inspection.round, Inspection.reinspects,
            Inspection.units_inspected, Inspection.rework, Inspection.scrap, Inspection.hold,
            CountedInspection.uuid.alias("counting"),
        )
        .left_outer_join(CountedInspection, on=(CountedInspection.uuid == Inspection.uuid))
        .where(Inspection.lot_id == lot.id)
        .objects()
    )  # fmt: skip
    reasons = set()
    counting: list[Any] = [row for row in rows if row.counting]
    if not lots.makers_known(lot.id):
        reasons.add("maker_unknown")
    if not counting:
        reasons.add("no_second_person")
    reasons |= _of_units(counting)
    for row in rows:
        if row.state == "quarantined" and not counting:
            reasons |= {"version_withdrawn", "checks_changed"} & set(row.reasons)
        if row.state == "unconfirmed" and not counting:
            reasons.add("inspection_unconfirmed")
    return reasons


def _of_units(counting: list[Any]) -> set[str]:
    """What the counting inspections left undecided, taking off what was inspected again after rework."""
    reasons = set()
    inspected = sum(row.units_inspected for row in counting if row.round == 1)
    again = sum(row.units_inspected for row in counting if row.round > 1)
    if sum(row.hold for row in counting):
        reasons.add("units_on_hold")
    if sum(row.rework for row in counting) > again:
        reasons.add("units_in_rework")
    if inspected and sum(row.scrap for row in counting) >= inspected:
        reasons.add("scrapped")
    return reasons
