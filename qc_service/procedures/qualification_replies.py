"""What the API says of who has read and shown what: in sentences, and with names in place of ids."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from qc_service.people.models import Person
from qc_service.procedures import naming, pending, reading
from qc_service.procedures.acknowledging import Acknowledged
from qc_service.procedures.finding import last_drafts
from qc_service.procedures.models import Acknowledgement, Procedure, ProcedureLine, ProcedureVersion, SkillRecord
from qc_service.procedures.qualification import NOTHING_IN_FORCE, Verdict, humans, ledger
from qc_service.texts import Text, later
from qc_service.words import Words

Reply = dict[str, Any]

REASONS: dict[str, Text] = {
    NOTHING_IN_FORCE: later("No version of %(procedure)s is in force there."),
    "not_acknowledged": later("%(name)s has not read version %(version)s of %(procedure)s: read it and sign."),
    "skill_missing": later("%(name)s has not shown the skill that %(procedure)s asks for: show it to a supervisor."),
    "skill_expired": later("The skill that %(name)s showed for %(procedure)s has expired: show it again."),
}


_GRACE = later("%(name)s may go on until %(until)s without having read version %(version)s of %(procedure)s.")
_MAY = later("%(name)s may work by version %(version)s of %(procedure)s.")


def sentence(verdict: Verdict, name: str, procedure: str, words: Words) -> str:
    """May they, and if not, what to do."""
    values: dict[str, Any] = {"name": name, "procedure": procedure}
    values["version"] = verdict.issue.number if verdict.issue else ""
    if verdict.reasons:
        return " ".join(words.say(REASONS[reason], **values) for reason in verdict.reasons)
    if verdict.until is not None:
        return words.say(_GRACE, **values, until=words.moment(verdict.until))
    return words.say(_MAY, **values)


def verdict(procedure: Procedure, person: Person, place: pending.Place, at: datetime, words: Words) -> Reply:
    """How somebody stands at one place and moment."""
    found = ledger(procedure.id, [person.id]).judge(person.id, place.site_id, place.line_id, at)
    return {
        "procedure": procedure.code, "person": name_of(person), "line": place.line and place.line.code, "at": at,
        "version": found.issue.number if found.issue else None, "may": found.may, "reasons": list(found.reasons),
        "grace_until": found.until, "sentence": sentence(found, person.name, procedure.code, words),
    }  # fmt: skip


def acknowledged(made: Acknowledged, language: str) -> Reply:
    """An acknowledgement, with what was new to its reader in the language in which they read it."""
    [reply] = acknowledgements([made.row])
    new = reading.changes(made.found.procedure, made.before, made.found.version.number, made.row.language or language)
    return {**reply, "against": made.before, "changes": new}


def acknowledgements(rows: Sequence[Acknowledgement]) -> list[Reply]:
    people = naming.people(row.person_id for row in rows)
    signatures = naming.signatures(row.signature_id for row in rows)
    versions = naming.versions(row.version_id for row in rows)
    return [
        {
            **naming.columns(row), "procedure": versions[row.version_id].procedure, "person": people[row.person_id],
            "version": versions[row.version_id].number, "signature": signatures[row.signature_id],
        }
        for row in rows
    ]  # fmt: skip


def skills(rows: Sequence[SkillRecord]) -> list[Reply]:
    people = naming.people(one for row in rows for one in (row.person_id, row.confirmed_by))
    signatures = naming.signatures(row.signature_id for row in rows)
    versions = naming.versions(row.version_id for row in rows)
    return [
        {
            **naming.columns(row), "procedure": versions[row.version_id].procedure, "person": people[row.person_id],
            "version": versions[row.version_id].number, "confirmed_by": people[row.confirmed_by],
            "signature": signatures[row.signature_id],
        }
        for row in rows
    ]  # fmt: skip


def waiting(procedure: Procedure, found: Sequence[pending.Waiting], language: str) -> list[Reply]:
    """The list of who is still to read, each with what is new to them."""
    drafts = last_drafts([one.issue.version_id for one in found])
    codes = naming.places(
        (place.line_id for one in found for place in one.places),
        (place.site_id for one in found for place in one.places),
    )
    new = {
        (one.before, one.issue.number): reading.changes(procedure, one.before, one.issue.number, language)
        for one in {(one.before, one.issue.number): one for one in found}.values()
    }
    return [
        {
            **(name_of(one.person)), "version": one.issue.number, "since": one.since,
            "grace_until": one.until,
            "places": [{"site": codes[place.site_id], "line": codes[place.line_id]} for place in one.places],
            "change_class": one.change.value, "change_note": drafts[one.issue.version_id].change_note,
            "against": one.before, "changes": new[one.before, one.issue.number],
        }
        for one in found
    ]  # fmt: skip


def everything(person: Person, sites: frozenset[str] | None, at: datetime, words: Words) -> Reply:
    """All that a person has read and shown, and how they stand on the lines of these sites (None: all)."""
    accounts = list(humans([person.id]))
    read = _of_sites(Acknowledgement, sites).where(Acknowledgement.person_id.in_(accounts))
    shown = _of_sites(SkillRecord, sites).where(SkillRecord.person_id.in_(accounts))
    return {
        "person": name_of(person), "standing": _standing(person, sites, at, words),
        "acknowledgements": acknowledgements(list(read.order_by(Acknowledgement.at, Acknowledgement.id))),
        "skills": skills(list(shown.order_by(SkillRecord.shown_at, SkillRecord.id))),
    }  # fmt: skip


def _of_sites(model: Any, sites: frozenset[str] | None) -> Any:
    """The rows about versions that are for everybody or for one of these sites; None: all."""
    query = model.select().join(ProcedureVersion, on=(ProcedureVersion.id == model.version_id))
    query = query.join(Procedure, on=(Procedure.id == ProcedureVersion.procedure_id))
    for column in (ProcedureVersion.site_id, Procedure.site_id) if sites is not None else ():
        query = query.where(column.is_null() | column.in_(list(sites or ())))
    return query


def _standing(person: Person, sites: frozenset[str] | None, at: datetime, words: Words) -> list[Reply]:
    query = Procedure.select().where(Procedure.id.in_(ProcedureLine.select(ProcedureLine.procedure_id)))
    found: list[Reply] = []
    for procedure in query.order_by(Procedure.code):
        book, places = ledger(procedure.id, [person.id]), pending.places_of(procedure, sites)
        codes = naming.places((), [place.site_id for place in places])
        for place in places:
            one = book.judge(person.id, place.site_id, place.line_id, at)
            said = sentence(one, person.name, procedure.code, words)
            found.append({
                "procedure": procedure.code, "site": codes[place.site_id], "line": place.line and place.line.code,
                "version": one.issue.number if one.issue else None, "may": one.may, "reasons": list(one.reasons),
                "sentence": said,
            })  # fmt: skip
    return found


def name_of(person: Person) -> dict[str, str]:
    return {"badge": person.code, "name": person.name}
