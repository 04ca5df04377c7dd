"""The tablets: when each was last heard of, and what never arrived from it."""

from typing import Any

from flask.typing import ResponseReturnValue

from qc_service.auth import actor, allow
from qc_service.desk import tablet_deeds
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import page, words
from qc_service.floor import copy_file
from qc_service.inspections.tablets import Tablet, tablets
from qc_service.procedures import naming
from qc_service.texts import later

ENROL = "device.enrol"
NAMED = 5  # ranges of numbers that never arrived


@blp.get("/tablets", endpoint="tablets")
@allow("inspection.read")
def list_tablets() -> ResponseReturnValue:
    found = tablets(actor())
    sites = naming.places([], (one.device.site_id for one in found))
    return page(
        "tablets.html", nav="inspections", tab="tablets", rows=[_row(one) for one in found], sites=sites,
        several_sites=len({one.device.site_id for one in found}) > 1, lacking=sum(1 for one in found if one.missing),
        may_enrol=actor().may(ENROL), may_copy=actor().may(copy_file.ACTION),
        refused=tablet_deeds.refused(), noted=tablet_deeds.noted(),
    )  # fmt: skip


def _row(one: Tablet) -> dict[str, Any]:
    ranges = [f"{first}" if first == last else f"{first}–{last}" for first, last in one.missing]
    told = ", ".join(ranges[:NAMED])
    if len(ranges) > NAMED:
        more = words().number(len(ranges) - NAMED)
        told = words().say(later("%(numbers)s and %(count)s more", numbers=told, count=more))
    return {
        "id": one.device.id, "name": one.device.name, "site_id": one.device.site_id,
        "heard_at": one.heard_at, "records": one.records,
        "latest": one.latest, "missing": told, "revoked": one.device.revoked_at is not None,
    }  # fmt: skip
