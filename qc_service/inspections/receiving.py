"""Storing a record as it was received, before anybody judges it. What is acknowledged here is never lost.

The address names the record: the same body again is the same record; another body is refused and kept beside it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import db, write
from qc_service.errors import NotFound, QCError
from qc_service.inspections import attesting
from qc_service.inspections.attesting import Signer
from qc_service.inspections.models import InspectionRecord, InspectionVariant
from qc_service.signing import sign
from qc_service.texts import later

ACTION = "inspection.sign"


_WITHOUT = {"key": "external", "device": "unproved"}  # how we know who inspected, where nobody signs


@dataclass(frozen=True, slots=True)
class Receipt:
    uuid: str
    sha256: str
    new: bool


# What the address holds, and which lots have that code: one question, because each costs a way to the engine and back.
_ASKED = """
    SELECT 1, sha256, site_id, NULL FROM inspection_record WHERE uuid = {mark} UNION ALL
    SELECT 2, site.code, lot.site_id, lot.line_id FROM lot JOIN site ON site.id = lot.site_id WHERE lot.code = {mark}"""


@dataclass(frozen=True, slots=True)
class _There:
    """What there is: the record's hash and site, and the site's code, the site and the line of each lot."""

    kept: tuple[str, str | None] | None
    lots: list[tuple[str, str, str]]


def _there(uuid: str, lot: str) -> _There:
    rows = db.execute_sql(_ASKED.format(mark=db.param), (uuid, lot)).fetchall()
    kept = next(((digest, site_id) for kind, digest, site_id, _ in rows if kind == 1), None)
    return _There(kept, [(code, site_id, line_id) for kind, code, site_id, line_id in rows if kind != 1])


def receive(actor: Actor, uuid: str, body: bytes, told: Mapping[str, Any], seal: str | None = None) -> Receipt:
    """Store the record or, where its address is taken by another body, the variant.

    `seal` is what a tablet that delivers for somebody sends beside it.
    """
    digest = hashlib.sha256(body).hexdigest()
    signer = _signer(actor, uuid, digest, told, seal)
    with write():
        there = _there(uuid, told["lot"])
        kept = there.kept
        if kept is None:
            _store(actor, uuid, digest, body, told, signer, _place(actor, told, there))
            return Receipt(uuid, digest, new=True)
        if kept[1] is not None and not actor.sees(kept[1]):
            raise NotFound("inspection", uuid)
        if kept[0] == digest:
            return Receipt(uuid, digest, new=False)
        _keep_variant(actor, uuid, digest, body, kept[1])
    detail = later("Another inspection has this address. Yours is kept for a supervisor to compare; send a correction "
                   "under an address of its own that names this one in amends.")  # fmt: skip
    raise QCError("revision_conflict", detail, receipt=uuid, sha256=digest, kept_as="variant")


def _store(
    actor: Actor, uuid: str, digest: str, body: bytes, told: Mapping[str, Any], signer: Signer | None,
    place: tuple[str | None, str | None],
) -> None:  # fmt: skip
    site_id, line_id = place
    data = {"uuid": uuid}
    with audit.change(actor.author, "inspection.received", site_id=site_id, line_id=line_id, data=data) as change:
        change.insert_many(InspectionRecord, [{
            "uuid": uuid, "sha256": digest, "site_id": site_id, "sender": actor.author.name, "via": actor.via,
            "attestation": signer.attestation if signer else _WITHOUT[actor.kind],
            "person_id": signer.proof.person_id if signer else None, "device_id": actor.device_id,
            "device_seq": told["device_seq"], "received_at": change.now, "body": body,
        }])  # fmt: skip
        if signer is not None:
            sign(change, signer.proof, "inspected", "inspection", uuid)


def _signer(actor: Actor, uuid: str, digest: str, told: Mapping[str, Any], seal: str | None) -> Signer | None:
    """Who signs it: whoever is signed in, or whose PIN or card a tablet sealed for this record; nobody for a system."""
    if actor.kind == "person":
        return attesting.session(actor)
    if actor.kind != "device" or _is_known(uuid):  # a secret is looked at once, however often its record is sent
        return None
    return attesting.sealed(actor, digest, told["inspector"], told, seal)


def _is_known(uuid: str) -> bool:
    return bool(InspectionRecord.select().where(InspectionRecord.uuid == uuid).exists())


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


def _place(actor: Actor, told: Mapping[str, Any], there: _There) -> tuple[str | None, str | None]:
    """The site and line whose record it is; of a lot that is not known yet, the sender's only site, if there is one."""
    sites = actor.sites_for(ACTION)
    found = [
        (site_id, line_id)
        for code, site_id, line_id in there.lots
        if (sites is None or site_id in sites) and told["site"] in (None, code)
    ]
    if len(found) == 1:
        return found[0]
    return (next(iter(sites)) if sites is not None and len(sites) == 1 else None), None
