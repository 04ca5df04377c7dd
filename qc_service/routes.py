"""Every address of the service, slice by slice, and the ones that anybody may call."""

import os
from typing import Any

from flask import Flask, Response, jsonify

from qc_service import auth, clock, health, observe
from qc_service.alerts.api import blp as alerts
from qc_service.alerts.api_calls import blp as calls
from qc_service.counts.api import blp as counts
from qc_service.counts.schemas import CountIn, CountResult, CountSummary
from qc_service.desk import (
    badges,
    board,
    gap_explain,
    gauge_page,
    inbox,
    inspection_decide,
    inspection_own,
    inspection_page,
    inspection_print,
    inspection_waiting,
    label,
    line_labels,
    lot_labels,
    lot_let_go,
    procedure_compare,
    procedure_decide,
    procedure_editor,
    procedure_item,
    procedure_new,
    procedure_page,
    procedure_preview,
    procedure_print,
    reading,
    record_fix,
    sign_in,
    still_to_read,
    tablet_copies,
    tablet_enrol,
    tablet_trust,
)
from qc_service.desk import checking as desk_checking
from qc_service.desk import counts as desk_counts
from qc_service.desk import deviations as desk_deviations
from qc_service.desk import fixes as desk_fixes
from qc_service.desk import gauges as desk_gauges
from qc_service.desk import holds as desk_holds
from qc_service.desk import inspections as desk_inspections
from qc_service.desk import lines as desk_lines
from qc_service.desk import lots as desk_lots
from qc_service.desk import procedures as desk_procedures
from qc_service.desk import sites as desk_sites
from qc_service.desk import step_reports as desk_step_reports
from qc_service.desk import tablets as desk_tablets
from qc_service.desk import translate as desk_translate
from qc_service.desk import translate_more as desk_translate_more
from qc_service.desk.blueprint import blp as desk
from qc_service.desk.pages import init_desk
from qc_service.desk.session import actor_of
from qc_service.errors import PROBLEMS, NotFound, QCError
from qc_service.fixes.api import blp as fixes
from qc_service.flags.api import blp as flags
from qc_service.flags.api_lines import blp as line_watches
from qc_service.flags.api_listing import blp as listings
from qc_service.floor import api_deeds
from qc_service.floor.api import blp as tablets
from qc_service.floor.api_copies import blp as copies
from qc_service.floor.api_deeds import blp as deeds
from qc_service.floor.blueprint import blp as floor
from qc_service.inspections.api import blp as inspections
from qc_service.inspections.api_checking import blp as checking
from qc_service.inspections.api_gaps import blp as gaps
from qc_service.inspections.api_lots import blp as lots
from qc_service.inspections.api_own import blp as own_inspections
from qc_service.inspections.api_people import blp as same_people
from qc_service.lines.api import blp as lines
from qc_service.lots.api_gauges import blp as gauges
from qc_service.lots.api_holds import blp as holds
from qc_service.media.api import blp as media
from qc_service.packs.api import blp as packs
from qc_service.people.api import blp as people
from qc_service.people.sessions import identify_bearer
from qc_service.policy import POLICY
from qc_service.problems import ProblemApi
from qc_service.procedures.api import blp as procedures
from qc_service.procedures.api_deviations import blp as deviations
from qc_service.procedures.api_qualification import blp as qualification
from qc_service.procedures.api_reports import blp as step_reports
from qc_service.procedures.api_translations import blp as translations
from qc_service.procedures.api_versions import blp as versions
from qc_service.procedures.schemas import VersionIn
from qc_service.web import init_web

DESK_VIEWS = (
    badges,
    board,
    desk_checking,
    desk_counts,
    desk_deviations,
    desk_fixes,
    desk_gauges,
    gap_explain,
    gauge_page,
    desk_inspections,
    desk_lines,
    desk_holds,
    desk_lots,
    lot_let_go,
    desk_procedures,
    desk_sites,
    desk_step_reports,
    desk_tablets,
    desk_translate,
    desk_translate_more,
    inbox,
    inspection_decide,
    inspection_own,
    inspection_page,
    inspection_print,
    inspection_waiting,
    label,
    line_labels,
    lot_labels,
    procedure_compare,
    procedure_decide,
    procedure_editor,
    procedure_item,
    procedure_new,
    procedure_page,
    procedure_preview,
    procedure_print,
    reading,
    record_fix,
    sign_in,
    still_to_read,
    tablet_copies,
    tablet_enrol,
    tablet_trust,
)  # importing them is what registers their views

# named where rows and bodies are described, and nowhere else
NAMED: tuple[Any, ...] = (CountIn, CountResult, CountSummary, VersionIn, *api_deeds.NAMED)

OPENAPI = {
    "API_TITLE": "QC service",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
}


def register(app: Flask) -> None:
    init_web(app)
    app.config.update(OPENAPI)
    api = ProblemApi(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"bearer": []}]
    for schema in NAMED:
        api.spec.components.schema(schema.__name__, schema=schema)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    description: Any = app.view_functions["api-docs.openapi_json"]
    app.view_functions["api-docs.openapi_json"] = auth.public(lambda: description())  # noqa: PLW0108 - a method takes no mark
    app.extensions["qc_identify"] = _identify
    app.register_blueprint(desk)
    app.register_blueprint(floor)
    init_desk(app)
    app.add_url_rule("/healthz", "healthz", auth.public(_healthz))
    app.add_url_rule("/readyz", "readyz", auth.public(_readyz))
    app.add_url_rule("/metrics", "metrics", auth.public(_metrics))
    app.add_url_rule("/v1/problems/<code>", "problem", auth.public(_problem))


BLUEPRINTS = (
    people,
    lines,
    media,
    counts,
    procedures,
    versions,
    translations,
    qualification,
    deviations,
    step_reports,
    fixes,
    lots,
    holds,
    gauges,
    inspections,
    checking,
    copies,
    gaps,
    own_inspections,
    same_people,
    packs,
    flags,
    line_watches,
    listings,
    alerts,
    calls,
    tablets,
    deeds,
)


def _identify(request: Any, view: Any) -> auth.Actor:
    """An API call shows a bearer token; a page of the desk comes with its session's cookie, and with nothing else."""
    if (request.endpoint or "").startswith("desk."):
        return actor_of(request)
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return auth.ANONYMOUS
    action = getattr(view, "qc_action", None)
    tablet = action is not None and POLICY[action].tablet
    found = identify_bearer(token.strip(), clock.now(), tablet=tablet)
    if found is None and action is not None:
        raise QCError("unauthenticated", "This key or session is unknown, expired or revoked.")
    return found or auth.ANONYMOUS


def _healthz() -> Response:
    return jsonify({"status": "ok"})


def _readyz() -> Response:
    findings = health.not_ready()
    response = jsonify({"status": "not ready" if findings else "ready", "findings": findings})
    response.status_code = 503 if findings else 200
    return response


def _metrics() -> Response:
    page = observe.exposition(health.gauges(), os.environ.get("PROMETHEUS_MULTIPROC_DIR"))
    return Response(page, content_type="text/plain; version=0.0.4; charset=utf-8")


def _problem(code: str) -> Response:
    if code not in PROBLEMS:
        raise NotFound("problem code", code)
    status, title = PROBLEMS[code]
    return jsonify({"code": code, "status": status, "title": title})
