"""Steps that do not work as they are written: the list, reporting one from its page, and answering."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk.blueprint import blp
from qc_service.desk.choosing import Choice, choices, chosen, options
from qc_service.desk.pages import flash, page, words
from qc_service.desk.sign_here import by_field
from qc_service.desk.typed import loaded
from qc_service.errors import QCError
from qc_service.lines.models import Line, Site
from qc_service.media import service as media
from qc_service.procedures import drafts, finding, naming, reports
from qc_service.procedures import reading as procedure_reading
from qc_service.procedures import report_schemas as schemas
from qc_service.procedures.deviation_models import StepReport
from qc_service.procedures.finding import Found
from qc_service.procedures.qualification import document_of, humans
from qc_service.texts import Text, later

MOST = 200
TABS = ("waiting", "open", "answered", "mine")
OUTCOMES: dict[str, Text] = {
    "will_change": later("The procedure will be changed"),
    "explained": later("It is right, and here is how"),
    "not_a_fault": later("It is no fault"),
}
REPORT = "/procedures/<code>/versions/<int:number>/report"


# --- the list -----------------------------------------------------------------------------------------------------


@blp.get("/step-reports", endpoint="step_reports")
@allow("report.read")
def list_reports() -> ResponseReturnValue:
    can_answer = actor().may("report.answer")
    tabs = TABS if can_answer else TABS[1:]
    tab = request.args.get("tab", tabs[0])
    tab = tab if tab in tabs else tabs[0]
    order = StepReport.at if tab == "waiting" else StepReport.at.desc()
    return page(
        "step_reports.html", nav="procedures", tab=tab, tabs=tabs, counts={one: _in_tab(one).count() for one in tabs},
        rows=_rows(list(_in_tab(tab).order_by(order, StepReport.id).limit(MOST))),
    )  # fmt: skip


def _in_tab(tab: str) -> Any:
    query = StepReport.select().where(reports.seen(actor()))
    if tab == "waiting":
        return query.where(StepReport.id.in_([row.id for row in reports.reports_for(actor().id)]))
    if tab == "mine":
        return query.where(StepReport.person_id.in_(list(humans([actor().id]))))
    return query.where(StepReport.state == tab)


def _rows(found: Sequence[StepReport]) -> list[dict[str, Any]]:
    say = words().say
    people = naming.people(one for row in found for one in (row.person_id, row.answered_by))
    versions = naming.versions(row.version_id for row in found)
    lines = {line.id: line.name for line in Line.select().where(Line.id.in_([row.line_id for row in found]))}
    sites = {site.id: site.name for site in Site.select().where(Site.id.in_([row.site_id for row in found]))}
    return [
        {
            **naming.columns(row), "procedure": versions[row.version_id].procedure, "item_text": _item_text(row),
            "version": versions[row.version_id].number,
            "where": lines[row.line_id] if row.line_id else sites[row.site_id],
            "who": (people[row.person_id] or {}).get("name", ""),
            "answered_by": (people[row.answered_by] or {}).get("name", ""),
            "outcome_word": say(OUTCOMES[row.outcome]) if row.outcome else "",
            "url": url_for("desk.step_report", report_id=row.id),
        }
        for row in found
    ]  # fmt: skip


def _item_text(row: StepReport) -> str:
    shown = procedure_reading.rendered(row.procedure_id, document_of(row.version_id), words().language)
    items = shown.document.get(f"{row.item}s", ())
    return next((one["text"] for one in items if one["id"] == row.item_id), row.item_id)


# --- reporting ----------------------------------------------------------------------------------------------------


@blp.get(REPORT, endpoint="report_form")
@allow("report.write")
def report_form(code: str, number: int) -> ResponseReturnValue:
    found = finding.version_at(actor(), "report.write", code, number)
    kind = next((one for one in ("step", "check") if request.args.get(one)), "")
    item = f"{kind}:{request.args[kind]}" if kind else ""
    return _form(found, {"item": item, "line": request.args.get("line", "")}, {})


@blp.post(REPORT, endpoint="report_form_post")
@allow("report.write")
def report(code: str, number: int) -> ResponseReturnValue:
    found = finding.version_at(actor(), "report.write", code, number)
    values = {name: text.strip() for name, text in request.form.items() if name != "csrf"}
    errors: dict[str, str] = {}
    if not values.get("item"):
        errors["item"] = later("Choose the step or the check.")
    if not values.get("text"):
        errors["text"] = later("Say in a few words what does not work.")
    line = chosen(values.get("line", ""), _lines(found))
    if not errors:
        try:
            row = reports.report(actor(), code, number, loaded(schemas.ReportIn(), _body(values, line)))
        except QCError as error:
            errors = by_field(error, {"step": "item", "check": "item", "site": "line"})
        else:
            flash("success", words().say(later("Reported. You are told when it is answered.")))
            return redirect(url_for("desk.step_report", report_id=row.id), 303)
    return _form(found, values, errors, 422)


def _body(values: Mapping[str, str], line: Choice | None) -> dict[str, Any]:
    kind, _, item = values["item"].partition(":")
    place = {"line": line.line_code, "site": line.site_code} if line else {}
    return {"check" if kind == "check" else "step": item, "text": values["text"], **place}


def _form(found: Found, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> ResponseReturnValue:
    shown = procedure_reading.rendered(found.procedure.id, found.document, words().language).document
    say, items = words().say, []
    for kind, listed in (("step", shown["steps"]), ("check", shown.get("checks", ()))):
        for place, one in enumerate(listed, start=1):
            text = (
                say(later("Step %(number)s: %(text)s", number=place, text=one["text"]))
                if kind == "step"
                else say(later("Check %(number)s: %(text)s", number=place, text=one["text"]))
            )
            items.append({"code": f"{kind}:{one['id']}", "name": text})
    return page(
        "report_form.html", nav="procedures", status=status, values=values, errors=dict(errors), items=items,
        code=found.procedure.code, version=found.version.number, title=shown["title"], lines=options(_lines(found)),
    )  # fmt: skip


def _lines(found: Found) -> list[Choice]:
    """The lines that a report of this version can be about."""
    used = {row.line_id for row in drafts.lines_of(found.procedure)}
    version, site = found.version, found.site_id or found.procedure.site_id
    return [
        one
        for one in choices("report.write")
        if (not used or one.line_id in used) and site in (None, one.site_id)
        and version.line_id in (None, one.line_id)
    ]  # fmt: skip


# --- one of them --------------------------------------------------------------------------------------------------


@blp.get("/step-reports/<report_id>", endpoint="step_report")
@allow("report.read")
def step_report(report_id: str) -> ResponseReturnValue:
    return _one(reports.find(actor(), "report.read", report_id), {}, {})


@blp.post("/step-reports/<report_id>/answer", endpoint="step_report_answer")
@allow("report.answer")
def answer(report_id: str) -> ResponseReturnValue:
    found = reports.find(actor(), "report.answer", report_id)
    values = {name: text.strip() for name, text in request.form.items() if name != "csrf"}
    errors: dict[str, str] = {}
    if values.get("outcome") not in OUTCOMES:
        errors["outcome"] = later("Choose what becomes of it.")
    if not values.get("answer"):
        errors["answer"] = later("Write an answer for whoever reported it.")
    if not errors:
        try:
            body = loaded(schemas.AnswerIn(), {"outcome": values["outcome"], "answer": values["answer"]})
            reports.answer(actor(), report_id, body["outcome"], body["answer"])
        except QCError as error:
            errors = by_field(error)
        else:
            flash("success", words().say(later("Answered.")))
            return redirect(url_for("desk.step_report", report_id=report_id), 303)
    return _one(found, values, errors, 422)


def _one(
    found: StepReport, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> ResponseReturnValue:  # fmt: skip
    [row] = _rows([found])
    waits = found.state == "open"
    mine = waits and actor().may("report.answer", found.site_id) and _answers(found)
    owner = reports.owner_of(found) if waits else None
    return page(
        "step_report.html", nav="procedures", status=status, row=row, values=values, errors=dict(errors),
        can_answer=mine, owner=owner.name if owner else "", waits=waits,
        there=media.sizes(actor(), [found.photo]) if found.photo else (),
        outcomes=[{"code": code, "name": words().say(name)} for code, name in OUTCOMES.items()],
    )  # fmt: skip


def _answers(found: StepReport) -> bool:
    owner = reports.owner_of(found)
    return owner is None or actor().id in humans([owner.id])
