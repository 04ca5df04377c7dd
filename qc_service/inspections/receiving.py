"""Storing a record as it was received, before anybody judges it. What is acknowledged here is never lost.

The address names the record: the same body again is the same record; another body is refused and kept beside it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import write
from qc_service.errors import NotFound, QCError
from qc_service.inspections.models import InspectionRecord, InspectionVariant
from qc_service.lots import service as lots
from qc_service.signing import Proof, sign
from qc_service.texts import later

ACTION = "inspection.sign"


@dataclass(frozen=True, slots=True)
class Receipt:
    uuid: str
    sha256: str
    new: bool


def receive(actor: Actor, uuid: str, body: bytes, told: Mapping[str, Any]) -> Receipt:
    """Store the record or, where its address is taken by another body, the variant."""
    digest = hashlib.sha256(body).hexdigest()
    with write():
        about: Any = InspectionRecord.select(InspectionRecord.sha256, InspectionRecord.site_id)
        kept = about.where(InspectionRecord.uuid == uuid).tuples().first()
        if kept is None:
            _store(actor, uuid, digest, body, told)
            return Receipt(uuid, digest, new=True)
        if kept[1] is not None and not actor.sees(kept[1]):
            raise NotFound("inspection", uuid)
        if kept[0] == digest:
            return Receipt(uuid, digest, new=False)
        _keep_variant(actor, uuid, digest, body, kept[1])
    detail = later("Another inspection has this address. Yours is kept for a supervisor to compare; send a correction "
                   "under an address of its own that names this one in amends.")  # fmt: skip
    raise QCError("revision_conflict", detail, receipt=uuid, sha256=digest, kept_as="variant")


def _store(actor: Actor, uuid: str, digest: str, body: bytes, told: Mapping[str, Any]) -> None:
    site_id, line_id = _place(actor, told)
    data = {"uuid": uuid}
    with audit.change(actor.author, "inspection.received", site_id=site_id, line_id=line_id, data=data) as change:
        change.insert_many(InspectionRecord, [{
            "uuid": uuid, "sha256": digest, "site_id": site_id, "sender": actor.author.name, "via": actor.via,
            "attestation": "external" if actor.kind == "key" else "session",
            "person_id": actor.id if actor.kind == "person" else None, "device_id": actor.device_id,
            "device_seq": told["device_seq"], "received_at": change.now, "body": body,
        }])  # fmt: skip
        if actor.kind == "person":
            sign(change, _signed_in(actor, change.now), "inspected", "inspection", uuid)


def _signed_in(actor: Actor, now: datetime) -> Proof:
    """Whoever sends it has proved who they are when they signed in, and not again since."""
    return Proof(actor.id, actor.human_id, actor.name, actor.badge, "session", actor.device_id, now)


def _keep_variant(actor: Actor, uuid: str, digest: str, body: bytes, site_id: str | None) -> None:
    same = (InspectionVariant.uuid == uuid) & (InspectionVariant.sha256 == digest)
    if InspectionVariant.select().where(same).exists():
        return
    data = {"uuid": uuid, "sha256": digest}
    with audit.change(actor.author, "inspection.variant.received", site_id=site_id, data=data) as change:
        change.insert(
            InspectionVariant, uuid=uuid, sha256=digest, sender=actor.author.name, via=actor.via,
            device_id=actor.device_id, received_at=change.now, body=body,
        )  # fmt: skip


def _place(actor: Actor, told: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The site and line whose record it is; of a lot that is not known yet, the sender's only site, if there is one."""
    sites = actor.sites_for(ACTION)
    found = lots.lots_named(told["lot"], sites, told["site"])
    if len(found) == 1:
        return found[0].site_id, found[0].line_id
    return (next(iter(sites)) if sites is not None and len(sites) == 1 else None), None
