"""The list of gauges, what needs somebody first; and taking another one into use."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.db import db
from qc_service.desk import gauge_list
from qc_service.desk.blueprint import blp
from qc_service.desk.gauge_list import PAGE, Entry
from qc_service.desk.gauge_words import STATES, on
from qc_service.desk.leafing import leaf
from qc_service.desk.pages import flash, page, words, zone
from qc_service.desk.sign_here import by_field
from qc_service.desk.typed import day_typed, loaded, moment_typed
from qc_service.errors import QCError, status_of
from qc_service.lines.models import Site
from qc_service.lots import gauge_schemas as schemas
from qc_service.lots import gauges
from qc_service.texts import Text, later

LONGEST_SEARCH = 100
FIELDS = ("code", "name", "site", "unit", "calibrated_at", "due_on")
NEEDED: dict[str, Text] = {
    "code": later("Give it the code that stands on it."),
    "name": later("Give it the name that people use."),
    "site": later("Choose the site."),
    "unit": later("Name the unit in which it measures."),
    "calibrated_at": later("Say when it was calibrated."),
    "due_on": later("Say until which day it may be used."),
}


@blp.get("/gauges", endpoint="gauges")
@allow("gauge.read")
def list_gauges() -> ResponseReturnValue:
    sites = _sites()
    return _shown({"site": sites[0].code if len(sites) == 1 else ""}, {})


@blp.post("/gauges", endpoint="gauge_new")
@allow("gauge.calibrate")
def take_into_use() -> ResponseReturnValue:
    values = {name: request.form.get(name, "").strip() for name in FIELDS}
    errors: dict[str, str] = {name: text for name, text in NEEDED.items() if not values[name]}
    status = 422
    if not errors:
        try:
            made = gauges.take_into_use(actor(), _told(values))
        except QCError as error:
            errors = {"code": error.detail} if error.code == "already_exists" else by_field(error)
            status = status_of(error.code)
        else:
            flash("success", words().say(later("Gauge %(code)s is in use.", code=made.code)))
            return redirect(url_for("desk.gauge", code=made.code, site=values["site"]), 303)
    return _shown(values, errors, status)


def _told(values: Mapping[str, str]) -> dict[str, Any]:
    """What the API would take too."""
    site = next((one for one in _sites() if one.code == values["site"]), None)
    typed = {
        "calibrated_at": moment_typed("calibrated_at", values["calibrated_at"], site.time_zone if site else zone()),
        "due_on": day_typed("due_on", values["due_on"]),
    }
    return loaded(schemas.GaugeIn(), {**values, **typed})


def _sites() -> list[Site]:
    """Where whoever looks may take one into use."""
    sites = actor().sites_for(gauges.CALIBRATE)
    query = Site.select().order_by(Site.name)
    return list(query if sites is None else query.where(Site.id.in_(list(sites))))


def _shown(values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> ResponseReturnValue:
    """The list, and the form with what was typed."""
    say, every = words().say, gauge_list.entries(actor(), db.obj.now())
    text, state = request.args.get("q", "").strip()[:LONGEST_SEARCH], request.args.get("state", "")
    state = state if state in STATES else ""
    found = gauge_list.fitting(every, text, state)
    one_page = leaf(found, PAGE, "desk.gauges", ("q", "state"))
    counts = gauge_list.counts(every)
    return page(
        "gauges.html", nav="inspections", tab="gauges", status=status, total=len(found), filtered=bool(text or state),
        rows=[_row(one) for one in one_page.rows], leaf=one_page,
        values={"q": text, "state": state, **values}, errors=dict(errors),
        states=[{"code": one, "name": f"{say(STATES[one])} ({words().number(counts[one])})"} for one in STATES],
        sites=[{"code": one.code, "name": one.name} for one in _sites()], may_add=actor().may(gauges.CALIBRATE),
        several_sites=len({one.site for one in every}) > 1,
    )  # fmt: skip


def _row(one: Entry) -> dict[str, Any]:
    return {
        "code": one.code, "name": one.name, "unit": one.unit, "site": one.site, "state": one.state,
        "word": words().say(STATES[one.state]), "calibrated_at": one.calibrated_at,
        "due": on(one.due_on) if one.due_on else "", "url": url_for("desk.gauge", code=one.code, site=one.site),
    }  # fmt: skip
