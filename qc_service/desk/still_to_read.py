"""Who has still to read a procedure, line by line, whose skill is missing or runs out, and confirming a skill."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service import clock
from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import Choice, choices, chosen, options
from qc_service.desk.pages import flash, from_local, local_input, page, words, zone
from qc_service.desk.reading import ALL_NEW, CLASSES, in_force, place_names, skill_row
from qc_service.desk.sign_here import by_field, signer
from qc_service.desk.tables import csv_file
from qc_service.errors import QCError, invalid
from qc_service.lines.models import Line
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.procedures import finding, pending, skills
from qc_service.procedures import reading as procedure_reading
from qc_service.procedures.models import Procedure
from qc_service.procedures.pending import Place
from qc_service.procedures.qualification import ledger, skill_of
from qc_service.texts import later

PENDING = "/procedures/<code>/pending"
COLUMNS = ("procedure", "version", "line", "badge", "name", "since", "knows_version", "change")
SKILL_WORDS = {
    "missing": later("not shown yet"),
    "expired": later("ran out on %(moment)s"),
    "soon": later("runs out on %(moment)s"),
}


@blp.get(PENDING, endpoint="still_to_read")
@allow("qualification.read")
def still_to_read(code: str) -> ResponseReturnValue:
    return _page(_procedure(code), {}, {"shown_at": local_input(clock.now(), zone())})


@blp.get("/procedures/<code>/pending.csv", endpoint="still_to_read_csv")
@allow("qualification.read")
def still_to_read_csv(code: str) -> Response:
    procedure, now = _procedure(code), db.obj.now()
    found = pending.pending(procedure, _places(procedure), now)
    rows = [
        (
            procedure.code, one.issue.number, name, one.person.code, one.person.name, clock.iso(one.since), one.before,
            one.change.value,
        )
        for one in found
        for name in place_names(one.places)
    ]  # fmt: skip
    return csv_file("still-to-read", COLUMNS, rows)


@blp.post("/procedures/<code>/skills", endpoint="confirm_skill")
@allow("skill.confirm")
def confirm_skill(code: str) -> ResponseReturnValue:
    procedure, values = _procedure(code), {name: text.strip() for name, text in request.form.items()}
    try:
        line, shown_at = _line(values.get("line", "")), _moment(values.get("shown_at", ""))
        badge = values.get("person", "")
        if not badge:
            raise invalid("/person", later("Choose who showed it."))
        made = skills.confirm(actor(), code, badge, signer(), line=line, shown_at=shown_at)
    except QCError as error:
        if error.code == "not_found":
            raise
        return _page(procedure, by_field(error), values, 422)
    name = Person.get_by_id(made.person_id).name
    flash("success", words().say(later("Signed: %(name)s has shown the skill.", name=name)))
    return redirect(url_for("desk.still_to_read", code=code), 303)


def _procedure(code: str) -> Procedure:
    return finding.procedure_at(actor(), "qualification.read", code)


def _line(code: str) -> Line | None:
    if not code:
        return None
    found = chosen(code, choices("skill.confirm"))
    if found is None:
        raise invalid("/line", later("Choose a line of the list."))
    line: Line = Line.get_by_id(found.line_id)
    return line


def _moment(text: str) -> datetime | None:
    try:
        return from_local(text, zone()) if text else None
    except ValueError as error:
        raise invalid("/shown_at", later("Write a date and a time.")) from error


def _places(procedure: Procedure) -> list[Place]:
    return pending.places_of(procedure, actor().sites_for("qualification.read"))


def _page(
    procedure: Procedure, errors: Mapping[str, str], values: Mapping[str, str], status: int = 200
) -> ResponseReturnValue:
    now, places = db.obj.now(), _places(procedure)
    current = finding.in_force(procedure, site_id=procedure.site_id)
    title = procedure.title
    if current is not None:
        title = procedure_reading.rendered(procedure.id, current.document, words().language).document["title"]
    may = actor().may("skill.confirm", procedure.site_id)
    lines = _asking(procedure, places, now) if may else []
    return page(
        "still_to_read.html", nav="procedures", status=status, errors=dict(errors), values=values,
        code=procedure.code, title=title, groups=_groups(procedure, places, now),
        skills=_skills(procedure, places, now), may_confirm=bool(lines), people=_people() if lines else [], lines=lines,
    )  # fmt: skip


def _groups(procedure: Procedure, places: list[Place], now: datetime) -> list[dict[str, Any]]:
    """Who waits, by line; whoever works on several stands with each."""
    found = pending.pending(procedure, places, now)
    groups = []
    for place, name in zip(places, place_names(places), strict=True):
        mine = [one for one in found if place in one.places]
        rows = [
            {
                "name": one.person.name, "badge": one.person.code, "since": one.since, "before": one.before,
                "number": one.issue.number, "change": words().say(CLASSES[one.change.value] if one.before else ALL_NEW),
                "safety": one.change.value == "safety",
            }
            for one in mine
        ]  # fmt: skip
        groups.append({"name": name, "rows": rows})
    return [*(group for group in groups if group["rows"]), *(group for group in groups if not group["rows"])]


def _skills(procedure: Procedure, places: list[Place], now: datetime) -> list[dict[str, Any]]:
    """Whose skill is missing, has run out or runs out soon; each person once."""
    readers = {one: staff.people_with_role(pending.READERS, one) for one in {place.site_id for place in places}}
    book = ledger(procedure.id, [person.id for found in readers.values() for person in found])
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for issue, there in in_force(book, places, now):
        if skill_of(issue.version_id) is None:
            continue
        for person in (person for place in there for person in readers[place.site_id]):
            if (person.id, issue.number) in rows:
                continue
            row = skill_row(procedure, book, issue, person.id, now)
            if row is not None:
                rows[person.id, issue.number] = {**row, "name": person.name, "badge": person.code, "said": _said(row)}
    order = {"missing": 1, "expired": 0, "soon": 2}
    return sorted(rows.values(), key=lambda row: (order[row["state"]], row["badge"]))


def _said(row: Mapping[str, Any]) -> str:
    moment = words().moment(row["until"]) if row["until"] else ""
    return words().say(SKILL_WORDS[row["state"]], moment=moment)


def _asking(procedure: Procedure, places: list[Place], now: datetime) -> list[dict[str, str]]:
    """The lines to choose from in the form; empty where no version asks for a skill."""
    book = ledger(procedure.id, [])
    issues = [issue for issue in book.issues if issue.publication.began and skill_of(issue.version_id) is not None]
    live = {issue.number for issue, _ in in_force(book, places, now)}
    if not any(issue.number in live or issue.publication.effective_at > now for issue in issues):
        return []
    used = {place.line_id for place in places}
    known: list[Choice] = [one for one in choices("skill.confirm") if not used - {None} or one.line_id in used]
    return [{"code": "", "name": words().say("any line: the version for everybody")}, *options(known)]


def _people() -> list[dict[str, str]]:
    """Everybody else who works in one's sites."""
    query = staff.people_in(actor().sites_for("skill.confirm")).where(Person.id != actor().id)
    return [{"code": one.code, "name": f"{one.name} · {one.code}"} for one in query.order_by(Person.name)]
