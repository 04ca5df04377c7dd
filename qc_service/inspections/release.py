"""May a lot go on? One cheap question, answered from what is known now.

It costs two statements, however many inspections the lot has: their sums, and what people said of the lot.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import peewee
from peewee import fn

from qc_service import clock
from qc_service.db import db, is_postgres
from qc_service.inspections.models import CountedInspection, Inspection
from qc_service.lots import agreement
from qc_service.lots.models import Lot, Participation
from qc_service.texts import Text, later

# Why a lot may not go on, and what to do, in the order in which people are told.
SENTENCES: dict[str, Text] = {
    "scrapped": later("Nothing of the lot is left: every inspected unit is scrapped."),
    "held": later("The lot is on hold: two quality managers have to let it go."),
    "version_withdrawn": later("It was inspected by a version that was withdrawn: inspect it by the one in force."),
    "maker_unknown": later("Nobody said who made it: name the makers."),
    "no_second_person": later("Nobody but its makers has inspected it: ask another person."),
    "units_on_hold": later("Units are on hold: decide what becomes of them."),
    "units_in_rework": later("Units were sent to rework: inspect them again."),
    "inspection_unconfirmed": later("An inspection waits for a supervisor's word: confirm it or have it done again."),
    "checks_changed": later("Checks have changed since it was inspected: check those again."),
}

# What whoever lets it go should know all the same.
NOTES: dict[str, Text] = {
    "second_person_overridden": later("No second person inspected it: two quality managers agreed to let it go."),
}

_HERE = "the lot"  # stands in a statement's text for the lot's id


@dataclass(frozen=True, slots=True)
class Release:
    lot: str
    decision: str
    reasons: tuple[str, ...]
    as_of: datetime
    notes: list[dict[str, str]] = field(default_factory=list)

    @property
    def sentences(self) -> list[Text]:
        return [SENTENCES[one] for one in self.reasons]


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the lot's inspections add up to: those that count, and what the others wait for."""

    counting: int
    inspected: int
    again: int
    rework: int
    scrap: int
    hold: int
    withdrawn: int
    changed: int
    unconfirmed: int


@dataclass(frozen=True, slots=True)
class _Said:
    held: bool
    made: bool
    overridden: bool


def check(lot: Lot) -> Release:
    """allow, hold or reject, with every reason why not."""
    sums = _Sums(*(int(value) for value in _ask(_sums, lot)))
    said = _Said(*(bool(value) for value in _ask(_said, lot)))
    reasons = _of_units(sums) | _of_people(sums, said)
    notes = []
    if "no_second_person" in reasons and said.overridden:
        reasons.remove("no_second_person")
        notes = [{"code": "second_person_overridden", "sentence": NOTES["second_person_overridden"]}]
    decision = "allow" if not reasons else "reject" if "scrapped" in reasons else "hold"
    return Release(lot.code, decision, tuple(one for one in SENTENCES if one in reasons), clock.now(), notes)


def _sums(lot_id: str) -> Any:
    """The statement for `_Sums`."""
    counts = CountedInspection.uuid.is_null(False)  # noqa: FBT003 - Peewee's word for it
    quarantined = Inspection.state == "quarantined"
    return (
        Inspection.select(
            _total(1, counts),
            _total(Inspection.units_inspected, counts & (Inspection.round == 1)),
            _total(Inspection.units_inspected, counts & (Inspection.round > 1)),
            _total(Inspection.rework, counts),
            _total(Inspection.scrap, counts),
            _total(Inspection.hold, counts),
            _total(1, quarantined & _names("version_withdrawn")),
            _total(1, quarantined & _names("checks_changed")),
            _total(1, Inspection.state == "unconfirmed"),
        )
        .left_outer_join(CountedInspection, on=(CountedInspection.uuid == Inspection.uuid))
        .where(Inspection.lot_id == lot_id)
    )


def _total(value: Any, when: Any) -> Any:
    return fn.COALESCE(fn.SUM(peewee.Case(None, [(when, value)], 0)), 0)


def _names(reason: str) -> Any:
    """Whether the reason is among an inspection's; each is written with its quotes, and no other ends in it."""
    return Inspection.reasons.cast("TEXT").contains(f'"{reason}"')


def _said(lot_id: str) -> Any:
    """The statement for `_Said`."""
    made = (Participation.lot_id == lot_id) & (Participation.role == "maker")
    return Lot.select(
        agreement.held(lot_id), fn.EXISTS(Participation.select(Participation.human_id).where(made)),
        agreement.overridden(lot_id),
    ).where(Lot.id == lot_id)  # fmt: skip


def _ask(statement: Callable[[str], Any], lot: Lot) -> tuple[Any, ...]:
    """The one row that a statement about a lot gives."""
    text, values = _written(statement, is_postgres())
    row: tuple[Any, ...] = db.execute_sql(text, [lot.id if one == _HERE else one for one in values]).fetchone()
    return row


@cache
def _written(statement: Callable[[str], Any], postgres: bool) -> tuple[str, list[Any]]:  # noqa: ARG001, FBT001 - a key
    """The text of a statement, made once for an engine: making it costs more than asking it."""
    text, values = statement(_HERE).sql()
    return text, values


def _of_people(sums: _Sums, said: _Said) -> set[str]:
    """Who made it, who inspected it, and who holds it."""
    reasons = {"held"} if said.held else set()
    if not said.made:
        reasons.add("maker_unknown")
    if sums.counting:
        return reasons
    waiting = {
        "version_withdrawn": sums.withdrawn, "checks_changed": sums.changed,
        "inspection_unconfirmed": sums.unconfirmed,
    }  # fmt: skip
    return reasons | {"no_second_person"} | {reason for reason, count in waiting.items() if count}


def _of_units(sums: _Sums) -> set[str]:
    """What the counting inspections left undecided, taking off what was inspected again after rework."""
    reasons = set()
    if sums.hold:
        reasons.add("units_on_hold")
    if sums.rework > sums.again:
        reasons.add("units_in_rework")
    if sums.inspected and sums.scrap >= sums.inspected:
        reasons.add("scrapped")
    return reasons
