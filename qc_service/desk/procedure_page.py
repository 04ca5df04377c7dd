"""One procedure: what is in force as a person reads it, its variants, lines and history (A1); and one version."""

from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.desk import paper, procedure_told
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import choices, chosen
from qc_service.desk.may import allowed
from qc_service.desk.pages import flash, page, words
from qc_service.desk.procedure_list import open_reports
from qc_service.desk.procedure_may import owners, people
from qc_service.desk.procedure_titles import title_of
from qc_service.desk.sign_here import by_field
from qc_service.errors import QCError
from qc_service.people.models import Person
from qc_service.procedures import describing, documents, drafts, finding, pending
from qc_service.procedures.finding import Found
from qc_service.procedures.models import Procedure
from qc_service.procedures.translating_gate import publish_gaps
from qc_service.texts import later
from sops.versions import State

ONE = "/procedures/<code>/versions/<int:number>"
TITLE_LONGEST = 120


@blp.get("/procedures/<code>", endpoint="procedure")
@allow("procedure.read")
def procedure(code: str) -> ResponseReturnValue:
    return _shown(finding.procedure_at(actor(), "procedure.read", code))


def _shown(
    one: Procedure, errors: dict[str, str] | None = None, values: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    seen = describing.visible(one, actor())
    in_force = sorted((found for found in seen if found.state is State.IN_FORCE), key=_breadth)
    main = _wanted(in_force)
    told = describing.version(main) if main else None
    may_write = actor().may("procedure.draft", one.site_id)
    owner = Person.get_or_none(Person.id == one.owner_id) if one.owner_id else None
    typed = {"details-title": one.title, "details-owner": owner.code if owner else ""}
    return page(
        "procedure.html", nav="procedures", status=status, code=one.code,
        title=title_of(one, words().language),
        owner=owner.name if owner else "", main=procedure_told.brief(main) if main else None,
        head=paper.head(main, words()) if main else None, doc=procedure_told.document(main) if main else None,
        log=procedure_told.decisions(main, told) if main and told else [],
        variants=[procedure_told.brief(found) for found in in_force],
        history=[procedure_told.brief(found) for found in reversed(seen)], lines=_lines(one),
        errors=errors or {}, values={**typed, **(values or {})}, people=people(owners(one)),
        may_write=may_write, may_write_plant=allowed(actor(), "procedure.draft", one.site_id),
        may_withdraw=main is not None and allowed(actor(), "procedure.withdraw", main.site_id),
        to_read=_to_read(one), reports=open_reports(actor(), [one.id]).get(one.id, 0),
        conflict=bool(told and told["hands_conflict"]), override=told["override"] if told else None,
    )  # fmt: skip


def _breadth(found: Found) -> tuple[bool, bool, int]:
    return bool(found.version.line_id), bool(found.version.site_id), found.version.number


def _wanted(in_force: list[Found]) -> Found | None:
    """The variant that is asked for by its version, else the widest."""
    asked = request.args.get("version", "")
    return next((one for one in in_force if str(one.version.number) == asked), in_force[0] if in_force else None)


def _to_read(one: Procedure) -> int:
    """How many people are still to read what is in force where they work."""
    sites = actor().sites_for("qualification.read")
    found = pending.pending(one, pending.places_of(one, sites), db.obj.now())
    return len({waiting.person.id for waiting in found})


# --- its lines, title and owner ---


def _lines(one: Procedure) -> dict[str, Any]:
    """The lines that work by it, and those that could."""
    readable = {line.line_id: line for line in choices("procedure.read")}
    mine = {line.line_id: line for line in choices("procedure.draft") if one.site_id in (None, line.site_id)}
    used = [row.line_id for row in drafts.lines_of(one)]
    return {
        "used": [
            {"code": readable[name].code, "name": readable[name].name, "mine": name in mine}
            for name in used
            if name in readable
        ],
        "free": [{"code": line.code, "name": line.name} for name, line in mine.items() if name not in used],
    }


@blp.post("/procedures/<code>/lines", endpoint="procedure_lines")
@allow("procedure.draft")
def set_lines(code: str) -> ResponseReturnValue:
    """One line more, or one less, of those that the person may say it of."""
    one = finding.procedure_at(actor(), "procedure.draft", code)
    every = choices("procedure.draft")
    used = {row.line_id for row in drafts.lines_of(one)}
    wanted = {line.line_id for line in every} & used
    more, less = (chosen(request.form.get(name, ""), every) for name in ("add", "remove"))
    if more is None and less is None:
        return _shown(one, {"add": words().say("Choose a line.")}, status=422)
    wanted = (wanted | ({more.line_id} if more else set())) - ({less.line_id} if less else set())
    names = [{"line": line.line_code, "site": line.site_code} for line in every if line.line_id in wanted]
    try:
        drafts.set_lines(actor(), code, names)
    except QCError as error:
        return _shown(one, {"add": next(iter(by_field(error).values()))}, status=422)
    flash("success", words().say("Saved."))
    return redirect(url_for("desk.procedure", code=code, _anchor="lines"), 303)


@blp.post("/procedures/<code>/details", endpoint="procedure_details")
@allow("procedure.draft")
def set_details(code: str) -> ResponseReturnValue:
    one = finding.procedure_of(actor(), "procedure.draft", code)
    values = {f"details-{name}": request.form.get(name, "").strip() for name in ("title", "owner")}
    title = values["details-title"]
    if not title or len(title) > TITLE_LONGEST or not title.isprintable():
        text = later("Give it a title of at most %(most)s characters.", most=TITLE_LONGEST)
        return _shown(one, {"details-title": text}, values, 422)
    try:
        drafts.change_procedure(actor(), code, {"title": title, "owner": values["details-owner"] or None})
    except QCError as error:
        return _shown(one, {f"details-{name}": text for name, text in by_field(error).items()}, values, 422)
    flash("success", words().say("Saved."))
    return redirect(url_for("desk.procedure", code=code), 303)


# --- a version ---


@blp.get(ONE, endpoint="procedure_version")
@allow("procedure.read")
def version(code: str, number: int) -> ResponseReturnValue:
    found = finding.version_at(actor(), "procedure.read", code, number)
    told = describing.version(found)
    return page(
        "procedure_version.html", nav="procedures", code=code, version=number, one=procedure_told.brief(found),
        title=found.document["title"], head=paper.head(found, words()), doc=procedure_told.document(found),
        log=procedure_told.decisions(found, told), hands=procedure_told.hands(told), conflict=told["hands_conflict"],
        override=told["override"], base=told["base"],
        gaps=len(publish_gaps(found)) if procedure_told.is_open(found) else 0,
        is_open=procedure_told.is_open(found),
        may_edit=found.state is State.DRAFT and allowed(actor(), "procedure.draft", found.site_id),
        may_draft=actor().may("procedure.draft"),
        digest=found.draft.digest,
    )  # fmt: skip


@blp.get(f"{ONE}.yaml", endpoint="procedure_yaml")
@allow("procedure.read")
def as_yaml(code: str, number: int) -> Response:
    return documents.as_yaml(finding.version_at(actor(), "procedure.read", code, number))


@blp.get(f"{ONE}.xlsx", endpoint="procedure_xlsx")
@allow("procedure.read")
def as_workbook(code: str, number: int) -> Response:
    return documents.as_workbook(finding.version_at(actor(), "procedure.read", code, number))
