"""Taking a tablet into use: its name, and a code that the tablet itself reads, shown this once."""

from collections.abc import Mapping

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, page, words
from qc_service.desk.paper_pdf import qr_path
from qc_service.desk.procedure_print import own_address
from qc_service.desk.sign_here import by_field
from qc_service.desk.tablet_trust import authority
from qc_service.desk.typed import loaded
from qc_service.errors import QCError, status_of
from qc_service.lines.models import Site
from qc_service.people import access, scope
from qc_service.people.models import Device
from qc_service.people.schemas import DeviceIn
from qc_service.texts import later

ENROL = "device.enrol"
NEEDED = {
    "name": later("Give the tablet a name that people read on it."),
    "site": later("Choose the site in which it is used."),
}


@blp.get("/tablets/new", endpoint="tablet_new")
@allow(ENROL)
def form() -> ResponseReturnValue:
    sites = _sites()
    return _form({"site": sites[0].code if len(sites) == 1 else ""}, {})


@blp.post("/tablets/new", endpoint="tablet_new_post")
@allow(ENROL)
def enrol() -> ResponseReturnValue:
    """The code is in this one answer and nowhere else: whoever reloads the page enrols another tablet."""
    values = {name: request.form.get(name, "").strip() for name in NEEDED}
    errors: dict[str, str] = {name: text for name, text in NEEDED.items() if not values[name]}
    if errors:
        return _form(values, errors, 422)
    try:
        body = loaded(DeviceIn(), values)
        site_id = scope.site_for(actor(), ENROL, body["site"])
        device, token = access.enrol_device(actor().author, body["name"], site_id=site_id)
    except QCError as error:
        return _form(values, by_field(error), status_of(error.code))
    address = f"{own_address()}{url_for('floor.page')}#enrol={token}"
    side, dark = qr_path(address)
    return page(
        "tablet_code.html", nav="inspections", tab="tablets", name=device.name, address=address, token=token,
        side=side, dark=dark, secure=address.startswith("https:"), own_authority=authority() is not None,
    )  # fmt: skip


@blp.post("/tablets/<device_id>/revoke", endpoint="tablet_revoke")
@allow(ENROL)
def revoke(device_id: str) -> ResponseReturnValue:
    device = scope.ours(actor(), ENROL, Device, device_id)
    access.revoke_device(actor().author, device.id)
    flash("success", words().say(later("%(name)s is no longer in use: no PIN counts on it.", name=device.name)))
    return redirect(url_for("desk.tablets"), 303)


def _sites() -> list[Site]:
    sites = actor().sites_for(ENROL)
    query = Site.select().order_by(Site.name)
    return list(query if sites is None else query.where(Site.id.in_(list(sites))))


def _form(values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> ResponseReturnValue:
    sites = [{"code": site.code, "name": site.name} for site in _sites()]
    return page(
        "tablet_new.html", nav="inspections", tab="tablets", status=status, values=values, errors=dict(errors),
        sites=sites, own_authority=authority() is not None,
    )  # fmt: skip
