"""What a tablet fetches ahead, to work without a network: lines, people, lots, and which procedures it needs.

It holds no secret and nothing to check one against, and of people only what stands on their badge.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peewee import fn

from qc_service.auth import Actor
from qc_service.floor.packages import KEPT_BEFORE
from qc_service.lines import service as lines
from qc_service.lines.models import Line, Site
from qc_service.lots.models import Lot, LotMaker, LotUnit
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.policy import POLICY
from qc_service.procedures.models import Procedure, ProcedureLine
from qc_service.procedures.qualification import NOT_ACKNOWLEDGED, Issue, Ledger, Verdict, ledger, place_of
from sops.versions import variant_of

READ = "floor.read"
INSPECT, MAKE, ANSWER = "inspection.sign", "lot.write", "call.answer"
MOST_LOTS = 300
MOST_PROCEDURES = 200
MOST_UNITS = 200  # of a lot; whoever checks another one types its code


def station(line: Line, at: datetime) -> dict[str, Any]:
    """Everything about one line that its tablet shows or needs without a network."""
    people = _people(line.site_id)
    procedures = [_Used(one, line, ledger(one.id, list(people)), at) for one in _procedures(line)]
    return {
        "line": shown(line, Site.get_by_id(line.site_id).code),
        "people": [_person(one, line, procedures, at) for one in people.values()],
        "procedures": [version for one in procedures for version in one.versions()],
        "lots": _lots(line),
    }


def shown(line: Line, site: str) -> dict[str, Any]:
    return {"code": line.code, "name": line.name, "site": site, "phone": line.phone}


def lines_of(actor: Actor) -> list[Line]:
    """The lines that a tablet may stand at."""
    query = Line.select().where(lines.in_sites(Line, actor.sites_for(READ)))
    return list(query.order_by(Line.code))


# --- people ---


def _people(site_id: str) -> dict[str, Person]:
    """Who may make or inspect there, by id."""
    roles = sorted({*POLICY[INSPECT].roles, *POLICY[MAKE].roles})
    return {person.id: person for person in staff.people_with_role(roles, site_id)}


def _person(person: Person, line: Line, used: Iterable["_Used"], at: datetime) -> dict[str, Any]:
    roles = {grant.role for grant in staff.grants_of([person.id])[person.id] if grant.site_id in (None, line.site_id)}
    verdicts = [(one, one.ledger.judge(person.id, *place_of(line), at)) for one in used]
    return {
        "badge": person.code, "name": person.name, "language": person.language,
        "inspects": not roles.isdisjoint(POLICY[INSPECT].roles),
        "makes": not roles.isdisjoint(POLICY[MAKE].roles),
        "answers": not roles.isdisjoint(POLICY[ANSWER].roles),
        "qualified": [one.procedure.code for one, verdict in verdicts if verdict.may],
        "to_read": [
            {"procedure": one.procedure.code, "version": verdict.issue.number}
            for one, verdict in verdicts if verdict.issue is not None and _is_to_read(verdict)
        ],
    }  # fmt: skip


def _is_to_read(verdict: Verdict) -> bool:
    """Also while a period of grace lets them go on without."""
    return NOT_ACKNOWLEDGED in verdict.reasons or verdict.until is not None


# --- procedures ---


def _procedures(line: Line) -> list[Procedure]:
    """Those of the line, those that its lots name, and those for which nobody said on which lines they are used."""
    used = ProcedureLine.select(ProcedureLine.procedure_id)
    named = Lot.select(Lot.procedure_id).where((Lot.line_id == line.id) & Lot.shipped_at.is_null())
    everywhere = Procedure.id.not_in(used) & (Procedure.site_id.is_null() | (Procedure.site_id == line.site_id))
    here = Procedure.id.in_(used.where(ProcedureLine.line_id == line.id)) | Procedure.id.in_(named)
    return list(Procedure.select().where(here | everywhere).order_by(Procedure.code).limit(MOST_PROCEDURES))


class _Used:
    """A procedure as one line uses it."""

    def __init__(self, procedure: Procedure, line: Line, book: Ledger, at: datetime) -> None:
        self.procedure, self.line, self.ledger, self.at = procedure, line, book, at

    def versions(self) -> list[dict[str, Any]]:
        """The version in force, those that are scheduled, and the last ones before: drafts may still be open."""
        site_id, line_id = self.line.site_id, self.line.id
        current = self.ledger.in_force(site_id, line_id, self.at)
        variants = {variant_of(site_id, line_id), variant_of(site_id, None), variant_of(None, None)}
        fit = [one for one in self.ledger.issues if one.publication.variant in variants]
        coming = [
            one for one in fit if self.at < one.publication.effective_at and not one.publication.withdrawn(self.at)
        ]
        past = [one for one in fit if one not in coming and (current is None or one.number != current.number)]
        kept = [*past[-KEPT_BEFORE:], *([current] if current else []), *coming]
        return [self._version(one, in_force=one is current) for one in kept]

    def _version(self, issue: Issue, *, in_force: bool) -> dict[str, Any]:
        withdrawn = issue.publication.withdrawn_at
        return {
            "code": self.procedure.code, "title": self.procedure.title, "version": issue.number,
            "in_force": in_force, "effective_at": issue.publication.effective_at,
            "withdrawn_at": withdrawn, "change_class": issue.change.value,
        }  # fmt: skip


# --- lots ---


def _lots(line: Line) -> list[dict[str, Any]]:
    query = Lot.select().where((Lot.line_id == line.id) & Lot.shipped_at.is_null())
    rows = list(query.order_by(Lot.created_at.desc(), Lot.id).limit(MOST_LOTS))
    ids = [row.id for row in rows]
    makers, units, codes = _makers(ids), _units(ids), _codes(rows)
    return [
        {
            "code": row.code, "product": row.product, "quantity": row.quantity,
            "procedure": row.procedure_id and codes[row.procedure_id],
            "makers": makers.get(row.id, []), "units": units.get(row.id, []),
        }
        for row in rows
    ]  # fmt: skip


def _makers(lot_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """By lot: each maker with the unit that they made, or none for the whole of it."""
    query: Any = (
        LotMaker.select(LotMaker.lot_id, Person.code, LotMaker.unit)
        .join(Person, on=(Person.id == LotMaker.person_id))
        .where(LotMaker.lot_id.in_(lot_ids))
        .order_by(LotMaker.named_at, LotMaker.id)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for lot_id, badge, unit in query.tuples():
        told = {"badge": badge, "unit": unit}
        if told not in found.setdefault(lot_id, []):
            found[lot_id].append(told)
    return found


def _units(lot_ids: list[str]) -> dict[str, list[str]]:
    place = fn.ROW_NUMBER().over(partition_by=[LotUnit.lot_id], order_by=[LotUnit.code]).alias("place")
    ranked = LotUnit.select(LotUnit.lot_id, LotUnit.code, place).where(LotUnit.lot_id.in_(lot_ids)).alias("ranked")
    query: Any = (
        LotUnit.select(ranked.c.lot_id, ranked.c.code)
        .from_(ranked)
        .where(ranked.c.place <= MOST_UNITS)
        .order_by(ranked.c.lot_id, ranked.c.code)
    )
    found: dict[str, list[str]] = {}
    for lot_id, code in query.tuples():
        found.setdefault(lot_id, []).append(code)
    return found


def _codes(rows: Iterable[Lot]) -> dict[str, str]:
    ids = {row.procedure_id for row in rows if row.procedure_id}
    return {one.id: one.code for one in Procedure.select().where(Procedure.id.in_(list(ids)))} if ids else {}
