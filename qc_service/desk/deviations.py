"""Deviations at a desk: the list by state, asking, deciding with a signature, and ending one early."""

from collections.abc import Mapping, Sequence
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
from qc_service.desk.procedure_titles import titles
from qc_service.desk.sign_here import by_field, signer
from qc_service.desk.tables import csv_file
from qc_service.desk.typed import loaded
from qc_service.errors import QCError
from qc_service.lines.models import Line
from qc_service.lines.service import in_sites
from qc_service.people.models import Person
from qc_service.people.staff import human_of
from qc_service.procedures import deviation_schemas as schemas
from qc_service.procedures import deviations, finding, naming
from qc_service.procedures import reading as procedure_reading
from qc_service.procedures.deviation_models import Deviation, DeviationUse
from qc_service.procedures.models import Procedure
from qc_service.procedures.qualification import document_of, ledger
from qc_service.texts import Text, later

MOST = 200
TABS: dict[str, tuple[str, ...]] = {
    "asked": ("asked",),
    "granted": ("granted",),
    "over": ("refused", "ended", "expired", "used_up"),
}
STATES: dict[str, Text] = {
    "asked": later("Asked for"),
    "granted": later("Granted"),
    "refused": later("Refused"),
    "ended": later("Ended early"),
    "expired": later("Expired"),
    "used_up": later("Used up"),
}
COLUMNS = (
    "id", "procedure", "version", "check", "line", "lot", "state", "reason", "asked_by", "asked_at", "asked_quantity",
    "asked_until", "quantity", "used", "until", "decided_by", "decided_at", "decision_note", "ended_at", "end_reason",
)  # fmt: skip
NEEDED = {
    "check": later("Choose the check."),
    "reason": later("Say why it cannot be kept to."),
    "quantity": later("Say for how many units."),
    "expires_at": later("Say until when."),
}


# --- the list -----------------------------------------------------------------------------------------------------


@blp.get("/deviations", endpoint="deviations")
@allow("deviation.read")
def list_deviations() -> ResponseReturnValue:
    tab = request.args.get("tab", "asked")
    tab = tab if tab in TABS else "asked"
    counts = {name: _in_tab(name).count() for name in TABS}
    order = Deviation.asked_at if tab == "asked" else Deviation.asked_at.desc()
    return page(
        "deviations.html", nav="procedures", tab=tab, counts=counts, may_ask=actor().may("deviation.ask"),
        rows=_rows(list(_in_tab(tab).order_by(order, Deviation.id).limit(MOST))), most=MOST,
    )  # fmt: skip


@blp.get("/deviations.csv", endpoint="deviations_csv")
@allow("deviation.read")
def deviations_csv() -> Response:
    rows = list(_mine().order_by(Deviation.asked_at, Deviation.id))
    return csv_file("deviations", COLUMNS, [[row[name] for name in COLUMNS] for row in map(_flat, _rows(rows))])


def _mine() -> Any:
    return Deviation.select().where(in_sites(Deviation, actor().sites_for("deviation.read")))


def _in_tab(tab: str) -> Any:
    now = db.obj.now()
    condition = deviations.in_state(TABS[tab][0], now)
    for state in TABS[tab][1:]:
        condition |= deviations.in_state(state, now)
    return _mine().where(condition)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    moments = {name: clock.iso(value) for name, value in row.items() if isinstance(value, datetime)}
    return {**row, "line": row["line_code"], "check": row["check_id"], **moments}


def _rows(found: Sequence[Deviation]) -> list[dict[str, Any]]:
    now = db.obj.now()
    people = naming.people(one for row in found for one in (row.asked_by, row.decided_by, row.ended_by))
    versions = naming.versions(row.version_id for row in found)
    lines = {line.id: line for line in Line.select().where(Line.id.in_([row.line_id for row in found]))}
    return [
        {
            **naming.columns(row), "procedure": versions[row.version_id].procedure, "line": lines[row.line_id].name,
            "line_code": lines[row.line_id].code, "version": versions[row.version_id].number,
            "check": _check_text(row), "state": deviations.standing(row, now),
            "state_word": words().say(STATES[deviations.standing(row, now)]),
            "until": row.expires_at or row.asked_until, "asked_by": _name(people[row.asked_by]),
            "decided_by": _name(people[row.decided_by]), "ended_by": _name(people[row.ended_by]),
            "url": url_for("desk.deviation", deviation_id=row.id),
        }
        for row in found
    ]  # fmt: skip


def _name(person: Mapping[str, str] | None) -> str:
    return person["name"] if person else ""


def _check_text(row: Deviation) -> str:
    checks = _checks(row.procedure_id, row.version_id)
    return next((check["text"] for check in checks if check["id"] == row.check_id), row.check_id)


def _checks(procedure_id: str, version_id: str) -> list[dict[str, Any]]:
    """The checks of a version in the reader's language."""
    shown = procedure_reading.rendered(procedure_id, document_of(version_id), words().language)
    checks: list[dict[str, Any]] = shown.document.get("checks", [])
    return checks


# --- asking -------------------------------------------------------------------------------------------------------


@blp.get("/deviations/new", endpoint="deviation_form")
@allow("deviation.ask")
def deviation_form() -> ResponseReturnValue:
    return _form({name: request.args.get(name, "") for name in ("procedure", "line", "check")}, {})


@blp.post("/deviations/new", endpoint="deviation_form_post")
@allow("deviation.ask")
def ask() -> ResponseReturnValue:
    values = {name: text.strip() for name, text in request.form.items() if name != "csrf"}
    line = chosen(values.get("line", ""), choices("deviation.ask"))
    if line is None:
        return _form(values, {"line": words().say(later("Choose a line."))}, 422)
    errors: dict[str, str] = {name: text for name, text in NEEDED.items() if not values.get(name)}
    if not errors:
        try:
            body = loaded(schemas.DeviationIn(), {**_asked(values, line), **_moment(values, line.time_zone)})
            row = deviations.ask(actor(), body)
        except QCError as error:
            errors = by_field(error)
        else:
            flash("success", words().say(later("Asked for. A quality manager decides.")))
            return redirect(url_for("desk.deviation", deviation_id=row.id), 303)
    return _form(values, errors, 422)


def _asked(values: Mapping[str, str], line: Choice) -> dict[str, Any]:
    return {
        "procedure": values.get("procedure", ""), "check": values["check"], "line": line.line_code,
        "site": line.site_code, "reason": values["reason"], "quantity": _whole(values["quantity"]),
        **({"lot": values["lot"]} if values.get("lot") else {}),
    }  # fmt: skip


def _whole(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text


def _moment(values: Mapping[str, str], tz: str) -> dict[str, str]:
    try:
        return {"expires_at": clock.iso(from_local(values["expires_at"], tz))}
    except ValueError:
        return {"expires_at": values["expires_at"]}


def _form(values: dict[str, str], errors: Mapping[str, str], status: int = 200) -> ResponseReturnValue:
    """First the procedure and the line; then the check, of the version that is in force there."""
    lines = choices("deviation.ask")
    line = chosen(values.get("line", ""), lines)
    procedure = _named(values.get("procedure", ""))
    issue = ledger(procedure.id, []).in_force(line.site_id, line.line_id, db.obj.now()) if procedure and line else None
    told = dict(errors)
    if procedure and line and issue is None:
        told.setdefault(
            "procedure", later("No version of it is in force on that line: there is nothing to depart from.")
        )
    checks = _checks(procedure.id, issue.version_id) if procedure and issue else []
    return page(
        "deviation_form.html", nav="procedures", status=status, values=values, errors=told, lines=options(lines),
        procedures=_procedures(), line=line, procedure=procedure, version=issue.number if issue else None,
        checks=[{"code": one["id"], "name": one["text"]} for one in checks], tz_name=line.time_zone if line else zone(),
    )  # fmt: skip


def _named(code: str) -> Procedure | None:
    if not code:
        return None
    try:
        return finding.procedure_at(actor(), "deviation.ask", code)
    except QCError:
        return None


def _procedures() -> list[dict[str, str]]:
    sites = actor().sites_for("deviation.ask")
    query = Procedure.select().order_by(Procedure.code)
    if sites is not None:
        query = query.where(Procedure.site_id.is_null() | Procedure.site_id.in_(list(sites)))
    found = list(query)
    named = titles(found, words().language)
    return [{"code": one.code, "name": f"{one.code} · {named[one.id]}"} for one in found]


# --- one of them --------------------------------------------------------------------------------------------------


@blp.get("/deviations/<deviation_id>", endpoint="deviation")
@allow("deviation.read")
def deviation(deviation_id: str) -> ResponseReturnValue:
    return _one(deviations.find(actor(), "deviation.read", deviation_id), {}, {})


@blp.post("/deviations/<deviation_id>/decide", endpoint="deviation_decide")
@allow("deviation.decide")
def decide(deviation_id: str) -> ResponseReturnValue:
    found = deviations.find(actor(), "deviation.decide", deviation_id)
    values = {name: text.strip() for name, text in request.form.items() if name not in ("csrf", "password")}
    grant = values.get("grant") == "yes"
    try:
        made = deviations.decide(actor(), deviation_id, loaded(schemas.DecideIn(), _terms(found, values)), signer())
    except QCError as error:
        return _one(found, values, by_field(error), 422)
    flash("success", words().say(later("Granted and signed.") if grant else later("Refused and signed.")))
    return redirect(url_for("desk.deviation", deviation_id=made.id), 303)


@blp.post("/deviations/<deviation_id>/end", endpoint="deviation_end")
@allow("deviation.decide")
def end(deviation_id: str) -> ResponseReturnValue:
    found = deviations.find(actor(), "deviation.decide", deviation_id)
    values = {"end_reason": request.form.get("end_reason", "").strip()}
    try:
        body = loaded(schemas.EndIn(), {"reason": values["end_reason"]})
        made = deviations.end(actor(), deviation_id, body["reason"])
    except QCError as error:
        return _one(found, values, by_field(error, {"reason": "end_reason"}), 422)
    flash("success", words().say(later("Ended. Nothing more goes out under it.")))
    return redirect(url_for("desk.deviation", deviation_id=made.id), 303)


def _terms(found: Deviation, values: Mapping[str, str]) -> dict[str, Any]:
    """What is decided; what was left as it was asked for is not said anew, to the second."""
    body: dict[str, Any] = {"grant": values.get("grant") == "yes", "note": values.get("note", ""), "password": "-"}
    body["more_than_asked"] = bool(values.get("more_than_asked"))
    if body["grant"]:
        if values.get("quantity"):
            body["quantity"] = _whole(values["quantity"])
        tz = _zone_of(found)
        if values.get("expires_at") and values["expires_at"] != local_input(found.asked_until, tz):
            body |= _moment(values, tz)
    return body


def _zone_of(found: Deviation) -> str:
    line = next((one for one in choices("deviation.read") if one.line_id == found.line_id), None)
    return line.time_zone if line else zone()


def _one(
    found: Deviation, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> ResponseReturnValue:  # fmt: skip
    [row] = _rows([found])
    may, tz = actor().may("deviation.decide", found.site_id), _zone_of(found)
    now_asked = row["state"] == "asked"
    own = now_asked and _own(found)
    typed = {"quantity": str(found.asked_quantity), "expires_at": local_input(found.asked_until, tz), **values}
    held = deviations.holding(found, db.obj.now()) if row["state"] in ("asked", "granted") else None
    uses = DeviationUse.select().where(DeviationUse.deviation_id == found.id).order_by(DeviationUse.number)
    signature = naming.signatures([found.signature_id])[found.signature_id]
    return page(
        "deviation.html", nav="procedures", status=status, row=row, values=typed, errors=dict(errors), tz_name=tz,
        can_decide=may and now_asked and not own, own=may and own, can_end=may and row["state"] == "granted",
        why_not=words().say(held.why) if held and held.why else "", signature=signature,
        uses=[{"quantity": one.quantity, "reference": one.reference, "at": one.at} for one in uses],
    )  # fmt: skip


def _own(found: Deviation) -> bool:
    """Did whoever looks ask for it, by whichever of their accounts?"""
    me, other = human_of(Person.get_by_id(actor().id)), human_of(Person.get_by_id(found.asked_by))
    return me in (other, found.asked_human)
