"""Who is still to read a version before they may go on, since when, and because of which change."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from qc_service.lines.models import Line, Site
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.procedures.models import Procedure, ProcedureLine, ProcedureVersion
from qc_service.procedures.qualification import NOT_ACKNOWLEDGED, Issue, Ledger, ledger
from sops.diff import ChangeClass
from sops.qualification import CARRIES, acknowledged

READERS = ("operator", "inspector", "supervisor", "quality_manager")  # all who may make or check


@dataclass(frozen=True, slots=True)
class Place:
    """Where a procedure is used: a line, or a whole site where no lines were named; None: by everybody's version."""

    site_id: str | None
    line: Line | None = None

    @property
    def line_id(self) -> str | None:
        return None if self.line is None else str(self.line.id)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who may not work by the version in force at these places until they have read it.

    since: the moment from which on they may not. before: the version that they know, None for none. change: the
    gravest change since then. until: the end of their period of grace, None without one.
    """

    person: Person
    issue: Issue
    places: tuple[Place, ...]
    since: datetime
    before: int | None
    change: ChangeClass
    until: datetime | None


def pending(procedure: Procedure, places: Collection[Place], at: datetime) -> list[Waiting]:
    """Everybody who works at these places and has not read the version in force there, by badge."""
    readers = {
        site_id: {person.id: person for person in staff.people_with_role(READERS, site_id)}
        for site_id in {place.site_id for place in places}
    }
    people = {person_id: person for found in readers.values() for person_id, person in found.items()}
    book = ledger(procedure.id, list(people))
    found: list[Waiting] = []
    for number, (issue, there) in _by_version(book, places, at).items():
        for person_id in {one for place in there for one in readers[place.site_id]}:
            verdict = book.judge_version(person_id, issue, at)
            if NOT_ACKNOWLEDGED in verdict.reasons or verdict.until is not None:
                mine = tuple(place for place in there if person_id in readers[place.site_id])
                known = _history(book, people[person_id], number, at)
                found.append(Waiting(people[person_id], issue, mine, *known, verdict.until))
    return sorted(found, key=lambda one: (one.person.code, one.issue.number))


def readers_of(version: ProcedureVersion) -> list[Person]:
    """Everybody who is asked to read a version: who works in its site, or wherever the procedure is used."""
    if version.site_id is not None:
        return staff.people_with_role(READERS, version.site_id)
    procedure: Procedure = Procedure.get_by_id(version.procedure_id)
    people = {
        person.id: person
        for site_id in {place.site_id for place in places_of(procedure, None)}
        for person in staff.people_with_role(READERS, site_id)
    }
    return sorted(people.values(), key=lambda person: person.code)


def places_of(procedure: Procedure, sites: frozenset[str] | None) -> list[Place]:
    """Where a procedure is used, inside these sites (None: all): its lines, or every site where none was named."""
    query = Line.select().join(ProcedureLine, on=(ProcedureLine.line_id == Line.id))
    lines = list(query.where(ProcedureLine.procedure_id == procedure.id).order_by(Line.code, Line.id))
    if lines:
        return [Place(line.site_id, line) for line in lines if sites is None or line.site_id in sites]
    own = Site.select().order_by(Site.code)
    known = [site.id for site in own if procedure.site_id in (None, site.id)]
    return [Place(site_id) for site_id in known if sites is None or site_id in sites]


def _by_version(book: Ledger, places: Collection[Place], at: datetime) -> dict[int, tuple[Issue, list[Place]]]:
    """The places by the version that is in force there."""
    found: dict[int, tuple[Issue, list[Place]]] = {}
    for place in places:
        issue = book.in_force(place.site_id, place.line_id, at)
        if issue is not None:
            found.setdefault(issue.number, (issue, []))[1].append(place)
    return found


def _history(book: Ledger, person: Person, number: int, at: datetime) -> tuple[datetime, int | None, ChangeClass]:
    """Back from a version to the one that the person knows: since when, which one, and the gravest change between."""
    read = [one.version for one in book.acknowledgements(person.id) if one.at <= at]
    links = {link.version: link for link in book.links}
    issues = {issue.number: issue for issue in book.issues}
    since, change, here = issues[number].publication.effective_at, ChangeClass.NONE, number
    while (known := acknowledged(here, read, book.links)) is None:
        link = links[here]
        change = max(change, link.change, key=lambda one: one.rank)
        if link.change not in CARRIES or link.previous is None:
            since = issues[here].publication.effective_at
        if link.previous is None:
            break
        here = link.previous
    began: datetime = person.created_at  # nobody waits for longer than they are here
    return max(since, began), known, change
