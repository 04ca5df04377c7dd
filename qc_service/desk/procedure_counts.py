"""What a row of the list counts: languages that are not reviewed, and people who have still to read.

Like the list itself it takes a fixed number of statements; `procedures.pending` says of one procedure who it is.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from qc_service.auth import Actor
from qc_service.desk.procedure_list import Entry, lines_of
from qc_service.lines.models import Site
from qc_service.people.models import Person, RoleGrant
from qc_service.procedures.models import Acknowledgement, ProcedureTranslation, ProcedureVersion
from qc_service.procedures.pending import READERS
from qc_service.procedures.qualification import Issue, chain
from qc_service.procedures.translating_gate import FLOOR
from sops import versions
from sops.languages import LANGUAGES
from sops.qualification import acknowledged
from sops.translations import source_sha, texts

Places = Mapping[str, list[tuple[str, str | None]]]  # by procedure: site and line


class Holder(NamedTuple):
    """A person with a role in a site, or everywhere (None)."""

    person_id: str
    human_id: str
    language: str
    site_id: str | None


def _holders(roles: Collection[str]) -> list[Holder]:
    query: Any = (
        RoleGrant.select(Person.id, Person.human_id, Person.language, RoleGrant.site_id)
        .join(Person, on=(Person.id == RoleGrant.person_id))
        .where(Person.active & RoleGrant.role.in_(list(roles)))
        .distinct()
    )
    return [Holder(one, human or one, language, site) for one, human, language, site in query.tuples()]


# --- languages ---


def languages_left(documents: Mapping[str, dict[str, Any]], shown: Collection[Entry]) -> dict[str, list[str]]:
    """The languages of the floor in which the version of each procedure is not reviewed throughout."""
    holders, lines = _holders(FLOOR), lines_of([one.procedure.id for one in shown])
    reviewed = _reviewed(list(documents))
    found = {}
    for entry in shown:
        document = documents.get(entry.procedure.id)
        if document is not None and entry.main is not None:
            own = entry.main.row.site_id or entry.procedure.site_id
            sites = {own} if own else {line.site_id for line in lines.get(entry.procedure.id, ())}
            spoken = {one.language for one in holders if not sites or one.site_id is None or one.site_id in sites}
            wanted = {(path, source_sha(text)) for path, text in texts(document).items()}
            known = reviewed.get(entry.procedure.id, {})
            found[entry.procedure.id] = [
                one
                for one in LANGUAGES
                if one in spoken - {document["language"]} and not wanted <= known.get(one, set())
            ]
    return found


def _reviewed(procedure_ids: Collection[str]) -> dict[str, dict[str, set[tuple[str, str]]]]:
    """What was ever reviewed, by procedure and language: a later draft does not take its place."""
    table = ProcedureTranslation
    query: Any = table.select(table.procedure_id, table.language, table.path, table.source_sha).where(
        table.procedure_id.in_(list(procedure_ids)) & (table.status == "reviewed")
    )
    found: dict[str, dict[str, set[tuple[str, str]]]] = defaultdict(lambda: defaultdict(set))
    for procedure_id, language, path, sha in query.tuples():
        found[procedure_id][language].add((path, sha))
    return found


# --- reading ---


def still_to_read(actor: Actor, shown: Collection[Entry], at: datetime) -> dict[str, int]:
    """How many people, of the sites that the actor sees, work by a version in force that they have not read."""
    sites = actor.sites_for("qualification.read")
    places = _places(shown, sites)
    holders, read = _holders(READERS), _read([one.procedure.id for one in shown])
    by_site: dict[str, set[Holder]] = defaultdict(set)
    for site_id in {site for places_of in places.values() for site, _ in places_of}:
        by_site[site_id] = {one for one in holders if one.site_id in (None, site_id)}
    return {
        one.procedure.id: _lacking(one, places[one.procedure.id], by_site, read.get(one.procedure.id, {}), at)
        for one in shown
    }


def _places(shown: Collection[Entry], sites: frozenset[str] | None) -> Places:
    lines = lines_of([one.procedure.id for one in shown])
    every = [row.id for row in Site.select(Site.id)]
    found: dict[str, list[tuple[str, str | None]]] = {}
    for entry in shown:
        own = entry.procedure.site_id
        named = [(line.site_id, line.id) for line in lines.get(entry.procedure.id, ())]
        wide: list[tuple[str, str | None]] = [(site, None) for site in every if own in (None, site)]
        found[entry.procedure.id] = [one for one in (named or wide) if sites is None or one[0] in sites]
    return found


def _read(procedure_ids: Collection[str]) -> dict[str, dict[str, set[int]]]:
    """The versions that each human being has read, by procedure."""
    table, version = Acknowledgement, ProcedureVersion
    query: Any = (
        table.select(version.procedure_id, version.number, table.human_id, table.person_id)
        .join(version, on=(version.id == table.version_id))
        .where(version.procedure_id.in_(list(procedure_ids)))
    )
    rows = list(query.tuples())
    people = Person.select(Person.id, Person.human_id).where(Person.id.in_(list({row[3] for row in rows})))
    today = {one.id: one.human_id or one.id for one in people}
    found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for procedure_id, number, human_id, person_id in rows:
        for human in {human_id, today.get(person_id, human_id)}:
            found[procedure_id][human].add(number)
    return found


def _lacking(
    entry: Entry, places: Collection[tuple[str, str | None]], by_site: Mapping[str, set[Holder]],
    read: Mapping[str, set[int]], at: datetime,
) -> int:  # fmt: skip
    issues = [Issue(one.row.id, one.publication, one.change) for one in entry.every if one.publication is not None]
    if not issues:
        return 0
    links, lacking = chain(issues), set()
    for site, line in places:
        one = versions.in_force([issue.publication for issue in issues], site=site, line=line, at=at)
        if one is not None:
            lacking |= {
                holder.person_id
                for holder in by_site[site]
                if acknowledged(one.version, read.get(holder.human_id, ()), links) is None
            }
    return len(lacking)
