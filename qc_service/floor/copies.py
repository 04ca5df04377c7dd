"""Bringing in what a tablet saved as a file, when it cannot send it: each record as if the tablet had sent it itself.

The sender is the tablet, and the way is `copy`; who carried the file is told by an event. A tablet that was withdrawn
can send nothing, and its copy is taken all the same: what it proves is that the tablet made it, not that it may send.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import marshmallow as ma

from qc_service import audit
from qc_service.auth import Actor
from qc_service.errors import NotFound, QCError, from_validation
from qc_service.floor import copy_file, deed_reading, deeds
from qc_service.inspections import reading, receiving
from qc_service.inspections.schemas import InspectionIn
from qc_service.media import service as media
from qc_service.people.models import Device
from qc_service.texts import later, unpacked
from qc_service.web import read_json

MOST_RECORD = 5 * 1024 * 1024  # as one that is sent
DAMAGED = later("Its bytes are not those that the tablet kept. Save the copy on the tablet again; it was not stored.")
UNREADABLE = later("The body is no JSON object: it was not stored.")
TOO_LARGE = later("A record has at most 5 MB: it was not stored.")
_IN = InspectionIn()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record or picture, and what to do about it, if anything."""

    status: str  # stored · here · variant · damaged · refused
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    device: Device
    made_at: str
    records: list[dict[str, Any]]
    deeds: list[dict[str, Any]]
    pictures: list[dict[str, Any]]


def take(actor: Actor, data: bytes, *, daily_mb: int) -> Taken:
    """Store what the file holds, each record and picture by itself; refuse a file that its tablet did not make so."""
    device, told = copy_file.read(actor, data)
    tablet = Actor("device", device.id, device.name, key_site=device.site_id, device_id=device.id, via="copy")
    read, other = _deeds(told["deeds"])
    done = [_deed(tablet, one) for one in read]  # before the records: who inspected by a version had read it
    records = [_record(tablet, one) for one in sorted(told["records"], key=lambda one: (one["seq"], one["uuid"]))]
    done += [_deed(tablet, one) for one in other]
    pictures = [_picture(tablet, one, daily_mb) for one in told["pictures"]]
    taken = Taken(device, told["made_at"], records, done, pictures)
    _tell(actor, told, taken)
    return taken


# --- records ---


def _record(tablet: Actor, one: Mapping[str, Any]) -> dict[str, Any]:
    body = one["body"].encode("utf-8", "surrogatepass")
    whole = hashlib.sha256(body).hexdigest() == one["sha256"]
    about: Mapping[str, Any] = {}
    outcome = Outcome("damaged", DAMAGED)
    if whole:
        about, outcome = _stored(tablet, one, body)
    held = outcome.status in ("stored", "here")
    return {
        "uuid": one["uuid"], "seq": one["seq"], "sha256": one["sha256"], "receipt": one["uuid"] if held else None,
        **{name: about.get(name) for name in ("lot", "unit", "inspector")},
        "status": outcome.status, "detail": outcome.detail,
    }  # fmt: skip


def _stored(tablet: Actor, one: Mapping[str, Any], body: bytes) -> tuple[Mapping[str, Any], Outcome]:
    """What a readable record says of itself, and what came of it."""
    try:
        told = _read(body)
    except QCError as error:
        return {}, Outcome("refused", error.detail)
    return told, _outcome(lambda: receiving.receive(tablet, one["uuid"], body, told, one["seal"]).new)


def _read(body: bytes) -> dict[str, Any]:
    """The envelope, as where the tablet sends it."""
    if len(body) > MOST_RECORD:
        raise QCError("payload_too_large", TOO_LARGE)
    try:
        told: dict[str, Any] = _IN.load(reading.known(read_json(body)))
    except ma.ValidationError as error:
        raise from_validation(error) from error
    except ValueError as error:
        raise QCError("unreadable_body", UNREADABLE) from error
    return told


# --- deeds ---


def _deeds(sent: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Those by which somebody read a version, and the others; in the order in which they were done."""
    read = [one for one in sent if _is_reading(one["body"])]
    return read, [one for one in sent if one not in read]


def _is_reading(body: str) -> bool:
    try:
        said = read_json(body.encode("utf-8", "surrogatepass"))
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("kind") == "read"


def _deed(tablet: Actor, one: Mapping[str, Any]) -> dict[str, Any]:
    body = one["body"].encode("utf-8", "surrogatepass")
    about: Mapping[str, Any] = {}
    outcome = Outcome("damaged", DAMAGED)
    if hashlib.sha256(body).hexdigest() == one["sha256"]:
        about, outcome = _settled(tablet, one, body)
    held = outcome.status in ("stored", "here")
    return {
        "uuid": one["uuid"], "sha256": one["sha256"], "receipt": one["uuid"] if held else None,
        **{name: about.get(name) for name in ("kind", "badge")}, "status": outcome.status, "detail": outcome.detail,
    }  # fmt: skip


def _settled(tablet: Actor, one: Mapping[str, Any], body: bytes) -> tuple[Mapping[str, Any], Outcome]:
    """What a deed says of itself, and what came of it: one that is kept as refused says why."""
    if len(body) > MOST_RECORD:
        return {}, Outcome("refused", TOO_LARGE)
    try:
        said, told = deed_reading.read(body, strict=False)
    except QCError as error:
        return {}, Outcome("refused", error.detail)
    try:
        row, new = deeds.receive(tablet, one["uuid"], body, said, told, one["seal"])
    except NotFound as error:
        return told, Outcome("refused", error.detail)
    except QCError as error:
        if error.code == "unavailable":
            raise
        return told, Outcome("refused", error.detail)
    return told, Outcome("stored" if new else "here", unpacked(row.reason) if row.reason else "")


# --- pictures ---


def _picture(tablet: Actor, one: Mapping[str, Any], daily_mb: int) -> dict[str, Any]:
    try:
        data = base64.b64decode(one["data"], validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if hashlib.sha256(data).hexdigest() != one["sha256"]:
        outcome = Outcome("damaged", DAMAGED)
    else:
        outcome = _outcome(lambda: _put(tablet, one["site"], one["sha256"], data, daily_mb))
    return {"sha256": one["sha256"], "status": outcome.status, "detail": outcome.detail}


def _put(tablet: Actor, site: str | None, sha256: str, data: bytes, daily_mb: int) -> bool:
    return media.put(tablet, media.place_for(tablet, site), sha256, data, "image/jpeg", daily_mb=daily_mb)[1]


def _outcome(store: Callable[[], bool]) -> Outcome:
    """What is refused of one thing stops none of the others."""
    try:
        return Outcome("stored" if store() else "here")
    except NotFound as error:
        return Outcome("refused", error.detail)
    except QCError as error:
        if error.code == "unavailable":
            raise
        return Outcome("variant" if error.details.get("kept_as") else "refused", error.detail)


def _tell(actor: Actor, told: Mapping[str, Any], taken: Taken) -> None:
    """Who brought in what; a file that held nothing new is no event."""
    device = taken.device
    new = [one["uuid"] for one in taken.records if one["status"] == "stored"]
    done = [one["uuid"] for one in taken.deeds if one["status"] == "stored"]
    seen = [one["sha256"] for one in taken.pictures if one["status"] == "stored"]
    if not new and not done and not seen:
        return
    data = {
        "device": device.id, "device_name": device.name, "made_at": told["made_at"], "hmac": told["hmac"],
        "records": len(taken.records), "stored": new, "deeds": done, "pictures": len(seen),
    }  # fmt: skip
    with audit.change(actor.author, "copy.imported", site_id=device.site_id, data=data):
        pass
