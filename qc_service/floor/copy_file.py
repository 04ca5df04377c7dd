"""Reading a tablet's saved copy: is it whole, and did that tablet make it? Nothing is stored before both are certain.

A token is kept as its SHA-256 alone, which the tablet can compute as well: that is the key of the proof. It covers what
the file says of each record, deed and picture; their bytes are bound to it by their own SHA-256, so that one which was
damaged is named and the others can still be taken.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from qc_service.auth import Actor
from qc_service.canonical import canonical
from qc_service.errors import NotFound, QCError
from qc_service.floor.copy_schemas import FORMAT, CopyIn
from qc_service.people import scope
from qc_service.people.models import Device
from qc_service.texts import Text, later
from qc_service.web import read_json

ACTION = "copy.import"
MOST_BYTES = 64 * 1024 * 1024
TOO_LARGE = later("A tablet's copy has at most 64 MB. Choose the file that the tablet saved, and no other.")
REASONS: dict[str, Text] = {
    "no_copy": later("This is no tablet's copy. Choose the file that the tablet saved; its name begins with qc-."),
    "cut_off": later("The file ends too early. Copy it from the tablet once more, or save it there again."),
    "unproved": later("Nothing in the file proves which tablet made it. Save the copy on the tablet again."),
    "newer": later("The file is of a newer release of the form than this service. Update the service first."),
    "unknown_tablet": later(
        "The file is of no tablet that you may see. Somebody of that tablet's site can bring it in."
    ),
    "changed": later("The file was changed after the tablet saved it. Nothing was taken: save it on the tablet again."),
}
_COPY = CopyIn()


def read(actor: Actor, data: bytes) -> tuple[Device, Mapping[str, Any]]:
    """The tablet that made the file, and what it holds."""
    told = _told(data)
    try:
        device = scope.seen(actor, ACTION, Device, told["device"])
    except NotFound as error:
        raise refused("unknown_tablet") from error
    if not hmac.compare_digest(proof(device.hash, told), told["hmac"]):
        raise refused("changed")
    return device, told


def refused(reason: str) -> QCError:
    return QCError("copy_refused", REASONS[reason], reason=reason)


def proof(token_sha256: str, told: Mapping[str, Any]) -> str:
    """HMAC-SHA-256 over what the file says, with the SHA-256 of the tablet's token as its key."""
    said = canonical({
        "deeds": [{name: one[name] for name in ("seal", "sha256", "uuid")} for one in told["deeds"]],
        "device": told["device"], "format": told["format"], "made_at": told["made_at"],
        "pictures": [{name: one[name] for name in ("sha256", "site")} for one in told["pictures"]],
        "records": [{name: one[name] for name in ("seal", "seq", "sha256", "uuid")} for one in told["records"]],
    })  # fmt: skip
    return hmac.new(bytes.fromhex(token_sha256), said, hashlib.sha256).hexdigest()


def _told(data: bytes) -> dict[str, Any]:
    try:
        said = read_json(data)
    except ValueError as error:
        whole = data.strip()
        raise refused("cut_off" if whole.startswith(b"{") and not whole.endswith(b"}") else "no_copy") from error
    if not isinstance(said, dict) or not {"device", "records"} <= said.keys():
        raise refused("no_copy")
    if "format" not in said or "hmac" not in said:
        raise refused("unproved")
    if said["format"] != FORMAT:
        raise refused("newer")
    try:
        told: dict[str, Any] = _COPY.load(said)
        canonical({**told, "records": [], "deeds": [], "pictures": []}).decode()
    except (ma.ValidationError, ValueError) as error:
        raise refused("changed") from error
    return told
