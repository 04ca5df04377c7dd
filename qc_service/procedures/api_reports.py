"""Steps that do not work as they are written, over HTTP."""

from collections.abc import Sequence
from typing import Any

from qc_service import paging
from qc_service.auth import actor, allow
from qc_service.procedures import naming, reports
from qc_service.procedures import report_schemas as schemas
from qc_service.procedures.deviation_models import StepReport
from qc_service.procedures.finding import procedure_at
from qc_service.procedures.qualification import humans
from qc_service.web import Blueprint

blp = Blueprint("step-reports", __name__, url_prefix="/v1", description="Steps and checks that do not work as written")

Reply = dict[str, Any]


@blp.route("/procedures/<code>/versions/<int:number>/reports", methods=["POST"])
@allow("report.write")
@blp.arguments(schemas.ReportIn)
@blp.response(201, schemas.ReportOut)
def report_step(body: Reply, code: str, number: int) -> Reply:
    """Say that a step or a check does not work as it is written; the procedure's owner is told, and answers."""
    return _shown(reports.report(actor(), code, number, body))


@blp.route("/step-reports", methods=["GET"])
@allow("report.read")
@blp.arguments(schemas.ReportArgs, location="query")
@blp.response(200, schemas.ReportPage)
def list_reports(args: Reply) -> Reply:
    """The reports that you may see; oneself's own, or what waits for one's answer, where that is asked for."""
    query = StepReport.select().where(reports.seen(actor()))
    if args["state"]:
        query = query.where(StepReport.state == args["state"])
    if args["procedure"]:
        query = query.where(StepReport.procedure_id == procedure_at(actor(), "report.read", args["procedure"]).id)
    if args["mine"]:
        query = query.where(StepReport.person_id.in_(list(humans([actor().id]))))
    if args["waiting"]:
        query = query.where(StepReport.id.in_([row.id for row in reports.reports_for(actor().id)]))
    found = paging.page(query, StepReport, args, lambda row: row)
    return {**found, "data": _all(found["data"])}


@blp.route("/step-reports/<report_id>", methods=["GET"])
@allow("report.read")
@blp.response(200, schemas.ReportOut)
def get_report(report_id: str) -> Reply:
    """One report, with its answer once there is one."""
    return _shown(reports.find(actor(), "report.read", report_id))


@blp.route("/step-reports/<report_id>/answer", methods=["POST"])
@allow("report.answer")
@blp.arguments(schemas.AnswerIn)
@blp.response(200, schemas.ReportOut)
def answer_report(body: Reply, report_id: str) -> Reply:
    """Answer a report of your procedure; whoever made it is told."""
    return _shown(reports.answer(actor(), report_id, body["outcome"], body["answer"]))


def _shown(row: StepReport) -> Reply:
    return _all([row])[0]


def _all(rows: Sequence[StepReport]) -> list[Reply]:
    people = naming.people(one for row in rows for one in (row.person_id, row.answered_by))
    places = naming.places((row.line_id for row in rows), (row.site_id for row in rows))
    versions = naming.versions(row.version_id for row in rows)
    return [
        {
            **naming.columns(row), "procedure": versions[row.version_id].procedure,
            "version": versions[row.version_id].number, "site": places[row.site_id], "line": places[row.line_id],
            "step": row.item_id if row.item == "step" else None, "check": row.item_id if row.item == "check" else None,
            "reported_by": people[row.person_id], "answered_by": people[row.answered_by],
        }
        for row in rows
    ]  # fmt: skip
