"""Adding a line, which is what a plant without an ERP begins with; and changing its name and telephone."""

from collections.abc import Mapping

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from qc_service.auth import actor, allow
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, page, words
from qc_service.errors import QCError, from_validation
from qc_service.lines import service
from qc_service.lines.models import Site
from qc_service.lines.schemas import LineIn, LinePatch
from qc_service.texts import later

FIELDS = ("name", "code", "site", "phone")
NEEDED = {
    "name": later("Give the line the name that people use."),
    "code": later("Give it a short code."),
    "site": later("Name the site it stands in."),
}


@blp.get("/lines/new", endpoint="line_form")
@allow("line.write")
def line_form() -> ResponseReturnValue:
    sites = _sites()
    return _form({"site": sites[0].code if len(sites) == 1 else ""}, {})


@blp.post("/lines/new", endpoint="line_form_post")
@allow("line.write")
def line_form_post() -> ResponseReturnValue:
    values = {name: request.form.get(name, "").strip() for name in FIELDS}
    errors = {name: words().say(text) for name, text in NEEDED.items() if not values[name]}
    if not errors:
        try:
            body = LineIn().load({**values, "phone": values["phone"] or None})
            site = service.site_for_recording(actor(), "line.write", body["site"])
            line = service.create_line(actor().author, site, body["code"], body["name"], body["phone"])
        except ValidationError as error:
            errors = _by_field(from_validation(error))
        except QCError as error:
            errors = _by_field(error)
        else:
            flash("success", words().say("The line %(name)s is added.", name=line.name))
            return redirect(url_for("desk.counts_form", line=line.code), 303)
    return _form(values, errors, 422)


# --- changing one ---


@blp.get("/lines/<code>/edit", endpoint="line_change")
@allow("line.write")
def line_change(code: str) -> ResponseReturnValue:
    line = service.line_at(actor(), "line.write", code, request.args.get("site"))
    return _change_form(code, {"name": line.name, "phone": line.phone or ""}, {})


@blp.post("/lines/<code>/edit", endpoint="line_change_post")
@allow("line.write")
def line_change_post(code: str) -> ResponseReturnValue:
    line = service.line_at(actor(), "line.write", code, request.args.get("site"))
    values = {name: request.form.get(name, "").strip() for name in ("name", "phone")}
    errors = {} if values["name"] else {"name": words().say(NEEDED["name"])}
    if not errors:
        try:
            body = LinePatch().load({**values, "phone": values["phone"] or None})
            service.change_record(actor(), "line.changed", line, line.site_id, body)
        except ValidationError as error:
            errors = _by_field(from_validation(error))
        else:
            flash("success", words().say("Saved."))
            return redirect(url_for("desk.line_labels"), 303)
    return _change_form(code, values, errors, 422)


def _change_form(
    code: str, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> ResponseReturnValue:
    target = url_for("desk.line_change_post", code=code, site=request.args.get("site"))
    return page("line_change.html", nav="lines", status=status, code=code, values=values, errors=errors, target=target)


# --- what both need ---


def _sites() -> list[Site]:
    sites = actor().sites_for("line.write")
    query = Site.select().order_by(Site.name)
    return list(query if sites is None else query.where(Site.id.in_(list(sites))))


def _by_field(error: QCError) -> dict[str, str]:
    if error.code == "already_exists":
        return {"code": error.detail}
    return {one.pointer.strip("/"): one.detail for one in error.errors} or {"": error.detail}


def _form(values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> ResponseReturnValue:
    everywhere = actor().sites_for("line.write") is None
    sites = [{"code": site.code, "name": site.name} for site in _sites()]
    return page(
        "line_form.html", nav="lines", status=status, values=values, errors=errors, sites=sites, may_add_site=everywhere
    )
