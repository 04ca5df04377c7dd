"""Two accounts turn out to be one human being's. What follows for versions follows in the same transaction.

It lives with the procedures, and not with the people, because it is here that something follows from it. What
follows elsewhere, in a part that knows this one, is handed in.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import db, locked, write
from qc_service.errors import NotFound, QCError, invalid
from qc_service.people import scope
from qc_service.people.models import Person
from qc_service.people.staff import human_of, person_with
from qc_service.procedures import finding, hands
from qc_service.procedures.finding import Found
from qc_service.procedures.models import Procedure, ProcedureDraft, ProcedureHand, ProcedureVersion
from qc_service.procedures.rules import joined
from qc_service.texts import later
from sops.versions import State

ACTION = "person.same_as"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What follows in other parts for these accounts: whom else and which streams it needs held, and doing it."""

    people: Callable[[Collection[str]], Iterable[str]]
    streams: Callable[[Collection[str]], Iterable[str]]
    settle: Callable[[audit.Author, Collection[str]], None]


@dataclass
class Outcome:
    """What came of it: the accounts of the human being, and the versions that it touched."""

    person: Person
    accounts: list[str] = field(default_factory=list)
    reopened: list[Found] = field(default_factory=list)
    conflicts: list[Found] = field(default_factory=list)


def same_as(actor: Actor, code: str, badge: str, elsewhere: Elsewhere | None = None) -> Outcome:
    """Say that the account `code` belongs to the human being of `badge`; its own badge takes that back."""
    first, second = _person(actor, code), _other(actor, badge)
    with write():
        humans = _held({first.id, second.id}, elsewhere.people if elsewhere else lambda _: ())
        if actor.id in humans:
            raise QCError("same_person", later("Nobody decides about their own accounts: ask another administrator."))
        moved = joined(humans, first.id, second.id)
        touched = _touched(set(humans)) if moved else {}
        _lock(touched, elsewhere.streams(set(humans)) if elsewhere and moved else ())
        _write(actor.author, first, second, moved)
        outcome = Outcome(Person.get_by_id(first.id))
        _settle(actor.author, touched, outcome)
        if elsewhere and moved:
            elsewhere.settle(actor.author, set(humans))
        human = human_of(outcome.person)
        mine = Person.select().where((Person.id == human) | (Person.human_id == human))
        outcome.accounts = [person.code for person in mine.order_by(Person.code)]
    return outcome


def _person(actor: Actor, code: str) -> Person:
    person = person_with(code)
    if person is None:
        raise NotFound("person", code)
    try:
        return scope.ours(actor, ACTION, Person, person.id)
    except NotFound as error:
        raise NotFound("person", code) from error


def _other(actor: Actor, badge: str) -> Person:
    try:
        return _person(actor, badge)
    except NotFound as error:
        raise invalid("/badge", error.detail, "unknown_ref") from error


def _held(accounts: set[str], others: Callable[[Collection[str]], Iterable[str]]) -> dict[str, str]:
    """Every account of the human beings of these, with its human being, held until commit.

    They are taken in the order of their ids. Where a merge that was under way has added one, all are taken again.
    """
    known = _with_all_accounts(accounts)
    while True:
        ids = sorted(known | set(others(known)))
        rows = locked(Person.select().where(Person.id.in_(ids)).order_by(Person.id))
        humans = {person.id: human_of(person) for person in rows if person.id in known}
        more = _with_all_accounts(set(humans))
        if more <= set(humans):
            return humans
        known = more


def _with_all_accounts(accounts: set[str]) -> set[str]:
    roots = {human_of(person) for person in Person.select().where(Person.id.in_(sorted(accounts)))}
    mine = Person.id.in_(sorted(roots)) | Person.human_id.in_(sorted(roots))
    return accounts | {person.id for person in Person.select().where(mine)}


def _write(author: audit.Author, first: Person, second: Person, moved: dict[str, str]) -> None:
    kind = "person.parted" if first.id == second.id else "person.merged"
    data = {"person": first.id, "code": first.code, "same_as": second.code, "humans": dict(sorted(moved.items()))}
    with audit.change(author, kind, data=data) as change:
        for account in sorted(moved):
            human = moved[account] if moved[account] != account else None
            change.update(Person.get_by_id(account), human_id=human, updated_at=change.now)
        if not moved:
            change.discard()


def _touched(accounts: set[str]) -> dict[str, list[ProcedureVersion]]:
    """The versions in which one of the accounts has a hand, by procedure."""
    holds = ProcedureHand.select(ProcedureHand.version_id).where(ProcedureHand.person_id.in_(sorted(accounts)))
    wrote = ProcedureDraft.select(ProcedureDraft.version_id).where(ProcedureDraft.written_by.in_(sorted(accounts)))
    mine = ProcedureVersion.id.in_(holds) | ProcedureVersion.id.in_(wrote)
    found: dict[str, list[ProcedureVersion]] = {}
    for version in ProcedureVersion.select().where(mine).order_by(ProcedureVersion.procedure_id):
        found.setdefault(version.procedure_id, []).append(version)
    return found


def _lock(touched: dict[str, list[ProcedureVersion]], more: Iterable[str]) -> None:
    """First the procedures, then the streams, each in order, as everybody else does."""
    for procedure_id in sorted(touched):
        finding.lock(Procedure.get_by_id(procedure_id))
    rows = [version for versions in touched.values() for version in versions]
    mine = (audit.stream_of(version.site_id, version.line_id) for version in rows)
    audit.lock_streams([audit.PLANT, *mine, *more])


def _settle(author: audit.Author, touched: dict[str, list[ProcedureVersion]], outcome: Outcome) -> None:
    """What was reviewed or approved by one who may not falls away; what is published is named."""
    for procedure_id in sorted(touched):
        numbers = [version.number for version in touched[procedure_id]]
        for found in finding.load_all(Procedure.get_by_id(procedure_id), numbers, db.obj.now()):
            if found.publication is not None:
                if hands.conflicts(found.version.id):
                    outcome.conflicts.append(found)
            elif found.state is not State.WITHDRAWN and hands.resettle(author, found):
                outcome.reopened.append(found)
