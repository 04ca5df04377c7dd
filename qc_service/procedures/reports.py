"""A step does not work as it is written: somebody on the floor says so, and the procedure's owner answers."""

from functools import cache
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import new_id, write
from qc_service.errors import NotFound, QCError, invalid
from qc_service.lines import service as lines
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.policy import POLICY
from qc_service.procedures import finding
from qc_service.procedures.deviation_models import StepReport
from qc_service.procedures.finding import Found
from qc_service.procedures.models import Procedure
from qc_service.procedures.qualification import humans
from qc_service.texts import later
from sops.versions import State

OUTCOMES = ("will_change", "explained", "not_a_fault")
ANSWERING = POLICY["report.answer"].roles


def report(actor: Actor, code: str, number: int, body: dict[str, Any]) -> StepReport:
    """Say that a step or a check of a version in force does not work as it is written."""
    with write():
        found = finding.version_at(actor, "report.write", code, number)
        if found.state is not State.IN_FORCE:
            text = later("Version %(version)s is not in force: report a step of the one that is.", version=number)
            raise QCError("illegal_transition", text, state=found.state.value)
        item, item_id = _item(found, body)
        site_id, line_id = _place(actor, found, body)
        data = {"procedure": found.procedure.code, "version": number, "item": item, "item_id": item_id}
        with audit.change(
            actor.author, "procedure.step.reported", site_id=site_id, line_id=line_id, data=data
        ) as change:
            row: StepReport = change.insert(
                StepReport, id=new_id("rep"), procedure_id=found.procedure.id, version_id=found.version.id, item=item,
                item_id=item_id, site_id=site_id, line_id=line_id, text=body["text"], photo=body.get("photo"),
                person_id=actor.id, at=change.now, state="open",
            )  # fmt: skip
            change.data["report_id"] = row.id
    return row


def answer(actor: Actor, report_id: str, outcome: str, text: str) -> StepReport:
    """The owner answers; where there is none who could, a supervisor or quality manager of the site."""
    with write():
        found = find(actor, "report.answer", report_id)
        staff.locked_human(actor.id)  # people before lines, as everywhere
        audit.lock_streams([audit.stream_of(found.site_id, found.line_id)])
        row: StepReport = StepReport.get_by_id(found.id)
        if (row.state, row.answered_by, row.outcome, row.answer) == ("answered", actor.id, outcome, text):
            return row
        owner = owner_of(row)
        if owner is not None and actor.id not in humans([owner.id]):
            raise QCError("scope_missing", later("The procedure's owner answers: %(name)s.", name=owner.name))
        if row.state != "open":
            raise QCError(
                "illegal_transition", later("It is answered already: have a new report made."), state=row.state
            )
        data = {"report_id": row.id, "outcome": outcome}
        with audit.change(
            actor.author, "procedure.step.answered", site_id=row.site_id, line_id=row.line_id, data=data
        ) as change:
            change.update(
                row, state="answered", outcome=outcome, answer=text, answered_by=actor.id, answered_at=change.now
            )
    return row


def find(actor: Actor, action: str, report_id: str) -> StepReport:
    row: StepReport | None = None if "\0" in report_id else StepReport.get_or_none(StepReport.id == report_id)
    if row is None:
        raise NotFound("report")
    actor.need(action, row.site_id, "report")
    return row


def owner_of(row: StepReport) -> Person | None:
    """Who alone answers it: the procedure's owner, while they work here and have a role that answers in the site."""
    return _owner(row.procedure_id, row.site_id)


def _owner(procedure_id: str, site_id: str) -> Person | None:
    procedure: Procedure = Procedure.get_by_id(procedure_id)
    if procedure.owner_id is None:
        return None
    accounts = humans([procedure.owner_id])
    able = [one for one in staff.people_with_role(ANSWERING, site_id) if one.id in accounts]
    return next((one for one in able if one.id == procedure.owner_id), able[0] if able else None)


def answerers(row: StepReport) -> list[Person]:
    """Who can answer it: its procedure's owner or, where there is none who could, every supervisor of the site."""
    owner = owner_of(row)
    return [owner] if owner is not None else staff.people_with_role(("supervisor",), row.site_id)


def reports_for(person_id: str) -> list[StepReport]:
    """What waits for this person's answer, oldest first: an owner's inbox, or a supervisor's."""
    accounts = humans([person_id])
    grants = [grant for found in staff.grants_of(list(accounts)).values() for grant in found if grant.role in ANSWERING]
    if not grants:
        return []
    query = StepReport.select().where(StepReport.state == "open").order_by(StepReport.at, StepReport.id)
    if all(grant.site_id is not None for grant in grants):
        query = query.where(StepReport.site_id.in_([grant.site_id for grant in grants]))
    owner_at = cache(_owner)  # many reports are of one procedure
    owners = [(row, owner_at(row.procedure_id, row.site_id)) for row in query]
    return [row for row, owner in owners if owner is None or owner.id in accounts]


def seen(actor: Actor) -> Any:
    """The condition of the reports that the actor may see."""
    return lines.in_sites(StepReport, actor.sites_for("report.read"))


def _item(found: Found, body: dict[str, Any]) -> tuple[str, str]:
    item = "step" if body.get("step") else "check"
    wanted: str = body[item]
    known = [one["id"] for one in found.document.get(f"{item}s", ())]
    if wanted not in known:
        text = later("Version %(version)s has no such item. It has: %(known)s.",
                     version=found.version.number, known=tuple(known))  # fmt: skip
        raise invalid(f"/{item}", text, "unknown_ref")
    return item, wanted


def _place(actor: Actor, found: Found, body: dict[str, Any]) -> tuple[str, str | None]:
    """Where it was found: on the line that is named or that the version is for, or else in a site."""
    if body.get("line"):
        line = lines.line_for(actor, "report.write", body["line"], body.get("site"))
        if found.version.site_id not in (None, line.site_id) or found.version.line_id not in (None, line.id):
            raise invalid("/line", later("The version is not for that line."), "unknown_ref")
        return line.site_id, line.id
    own = found.version.site_id or found.procedure.site_id
    if own is not None:
        return own, found.version.line_id
    sites = actor.sites_for("report.write")
    if body.get("site"):
        site = lines.site_named(body["site"])
        if site is None or not actor.may("report.write", site.id):
            raise invalid("/site", later("No site %(code)s that you may use.", code=repr(body["site"])), "unknown_ref")
        return site.id, None
    if sites is None or len(sites) != 1:
        raise invalid("/line", later("Say on which line, or in which site."))
    return next(iter(sites)), None
