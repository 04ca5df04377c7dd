"""Lots and who made them. It lives with the inspections, because it is here that something follows from it.

A maker is never refused and never taken back. Who inspected the lot before turns out to have checked their own work:
their inspections leave the numbers in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import db, write
from qc_service.errors import FieldProblem, Invalid, invalid
from qc_service.inspections import settling, standing
from qc_service.lines import service as lines
from qc_service.lots import service as lots
from qc_service.lots.models import Lot
from qc_service.people.models import Person
from qc_service.procedures import deviations
from qc_service.texts import later

ACTION = "lot.write"


@dataclass
class Named:
    """What became of a lot: whether it is new, and the inspections that are a maker's own now."""

    lot: Lot
    new: bool = False
    demoted: list[str] = field(default_factory=list)


def put_lot(actor: Actor, code: str, told: dict[str, Any]) -> Named:
    """Make the lot or add to what is known of it. `told` has passed `LotIn`."""
    line = lines.line_for(actor, ACTION, told["line"], told["site"])
    procedure = deviations.procedure_named(actor, "procedure.read", told["procedure"]) if told["procedure"] else None
    people = _people(told["makers"])
    with write():
        known = Lot.select(Lot.id).where((Lot.site_id == line.site_id) & (Lot.code == code)).scalar()
        tied = settling.together([known])
        makers = _held(people, tied)
        _product(actor, line, told["product"])
        audit.lock_streams([audit.stream_of(line.site_id, line.id), *settling.streams_of(tied)])
        data: dict[str, Any] = {"line_id": line.id, "lot": code}
        with audit.change(actor.author, "lot.changed", site_id=line.site_id, line_id=line.id, data=data) as change:
            lot = lots.enter(change, line, code, {**told, "procedure_id": procedure and procedure.id})
            named = Named(lot, change.type == "lot.created")
            _name(change, actor, lot, makers, named, {})
            if not change.rows:
                change.discard()
            changed = bool(change.rows) and not named.new
        if changed:  # with another quantity, others of its inspections may count
            named.demoted += settling.settle_all(actor.author, settling.together([lot.id])).demoted
        else:
            settling.recount(actor.author, tied or [lot])
    return named


def name_makers(actor: Actor, code: str, told: dict[str, Any]) -> Named:
    """Somebody says who made a lot, one unit of it or one step. `told` has passed `MakersIn`."""
    found = lots.find(actor, ACTION, code, told["site"])
    people = _people(told["makers"])
    what = {"unit": told["unit"], "step": told["step"], "made_at": told["made_at"]}
    with write():
        tied = settling.together([found.id])
        makers = _held(people, tied)
        audit.lock_streams(settling.streams_of(tied))
        data = {"line_id": found.line_id, "lot": code, "lot_id": found.id}
        named = Named(found)
        with audit.change(
            actor.author, "lot.makers.named", site_id=found.site_id, line_id=found.line_id, data=data
        ) as change:
            _name(change, actor, found, makers, named, what)
            if not change.rows:
                change.discard()
        named.demoted += settling.follow(actor.author, tied).demoted
    return named


def _name(
    change: audit.Change, actor: Actor, lot: Lot, makers: Sequence[tuple[str, str]], named: Named, what: dict[str, Any]
) -> None:
    source = "system" if actor.kind == "key" else "floor"
    claims = lots.claims_of(change, lot, makers, source=source, **what)
    change.data["lot_id"] = lot.id
    if claims:
        outcome = standing.settle(change, lot, claims)
        named.demoted = outcome.demoted
        change.data |= {"makers": [claim["person_id"] for claim in claims], "demoted": outcome.demoted}
        change.data["changed"] = outcome.changed


def _people(badges: Sequence[str]) -> list[Person]:
    """The people with these badges; every one that nobody has is named."""
    found = {person.code: person for person in Person.select().where(Person.code.in_(list(badges)))}
    unknown = [
        FieldProblem(f"/makers/{place}", "unknown_ref", later("Nobody has the badge %(code)s.", code=repr(badge)))
        for place, badge in enumerate(badges)
        if badge not in found
    ]
    if unknown:
        raise Invalid(*unknown, code="unknown_ref")
    return [found[badge] for badge in sorted(set(badges))]


def _held(people: Sequence[Person], tied: Sequence[Lot]) -> list[tuple[str, str]]:
    """Accounts with their human beings, who stay the same until commit, as do those who inspected these lots."""
    ids = sorted(person.id for person in people)
    humans = settling.hold(tied, *ids)
    return [(person_id, humans[person_id]) for person_id in ids]


def _product(actor: Actor, line: Any, code: str | None) -> None:
    if code is None:
        return
    if not line.site.creates and lines.unknown_products(line.site_id, [code]):
        text = later("No product %(code)s, and this site creates none by itself: create it first.", code=repr(code))
        raise invalid("/product", text, "unknown_ref")
    lines.ensure_products(actor.author, line.site_id, [code], db.obj.now())
