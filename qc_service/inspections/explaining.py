"""Explaining numbers of a tablet that never arrived, once and with a signature, and those that arrived after all."""

from collections.abc import Mapping
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import new_id, write
from qc_service.errors import NotFound, QCError, invalid
from qc_service.inspections import gaps
from qc_service.inspections.gap_rules import standing
from qc_service.inspections.models import GapExplanation
from qc_service.people import staff
from qc_service.people.models import Device
from qc_service.signing import Proof, sign
from qc_service.texts import later

ACTION = "gap.explain"
MEANINGS = {"missing": "gap_explained", "late": "late_gap_explained"}


def explain(actor: Actor, device_id: str, told: Mapping[str, Any], proof: Proof) -> GapExplanation:
    """Say why numbers are missing, or what became of those that arrived late. `told` has passed `ExplainIn`."""
    first = told["first"]
    last = told["last"] or first
    if last < first:
        raise invalid("/last", later("The last number comes before the first."))
    with write():
        device, site_id = _place(actor, device_id, last)
        human = staff.locked_human(proof.person_id)
        audit.lock_streams([audit.stream_of(site_id)])
        kind = _kind(device, first, last)
        data = {"device": device.id, "name": device.name, "kind": kind, "first": first, "last": last}
        with audit.change(actor.author, "gap.explained", site_id=site_id, data=data) as change:
            name = new_id("gap")
            signature = sign(change, proof.of_human(human), MEANINGS[kind], "gap_explanation", name)
            row: GapExplanation = change.insert(
                GapExplanation, id=name, site_id=site_id, device_id=device.id, kind=kind, first=first, last=last,
                reason=told["reason"], person_id=proof.person_id, human_id=human, at=change.now,
                signature_id=signature.id,
            )  # fmt: skip
    return row


def _place(actor: Actor, device_id: str, last: int) -> tuple[Device, str | None]:
    """The tablet and the site whose loss it is; one that is used in every site lost what the next record tells."""
    device: Device | None = None if "\0" in device_id else Device.get_or_none(Device.id == device_id)
    if device is None:
        raise NotFound("tablet")
    site_id = device.site_id or gaps.site_behind(device.id, last)
    if site_id is not None:
        actor.need(ACTION, site_id, "tablet")
    elif actor.sites_for(ACTION) is not None:
        raise NotFound("tablet")
    return device, site_id


def _kind(device: Device, first: int, last: int) -> str:
    found = standing(first, last, gaps.known(device.id, first, last))
    if found == "ahead":
        raise invalid("/last", later("The tablet has not come to number %(number)s yet.", number=last), "unknown_ref")
    if found == "explained":
        raise QCError("already_exists", later("Somebody has explained that already."))
    if found == "arrived":
        raise QCError("illegal_transition", later("That did arrive, or a part of it: say which numbers are missing."))
    return found
