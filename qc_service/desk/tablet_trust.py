"""How a tablet comes to trust the plant's own certificate: a code to scan, and what people compare."""

from flask import current_app
from flask.typing import ResponseReturnValue

from qc_service.auth import allow
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import page
from qc_service.desk.paper_pdf import qr_path
from qc_service.tls.folder import Standing, standing


@blp.get("/tablets/trust", endpoint="tablet_trust")
@allow("device.enrol")
def trust() -> ResponseReturnValue:
    found, address = authority(), current_app.config["QC"].trust_url
    if found is None:
        return page("tablet_trust.html", nav="inspections", tab="tablets", found=None)
    side, dark = qr_path(address)
    return page(
        "tablet_trust.html", nav="inspections", tab="tablets", found=found, address=address, side=side, dark=dark,
        names=found.names.all,
    )  # fmt: skip


def authority() -> Standing | None:
    """The plant's own authority, where the service runs with one; None where somebody else vouches for it."""
    settings = current_app.config["QC"]
    return standing(settings.data_dir) if settings.trust_url else None
