"""A tablet's saved copy, made as the tablet makes it."""

import base64
import hashlib
import hmac
import json
import uuid
from typing import Any

from qc_service.canonical import canonical
from tests.tablet_life import Tablet

MADE_AT = "2026-03-02T06:00:00.000Z"
PATH = "/v1/floor/copies"


def kept(tablet: Tablet, body: dict[str, Any], pin: str | None, seq: int = 1, at: str | None = None) -> dict[str, Any]:
    """A record as it lies on the tablet."""
    text = json.dumps({**body, "device_seq": seq})
    data = text.encode()
    return {
        "uuid": at or str(uuid.uuid4()), "seq": seq, "sha256": hashlib.sha256(data).hexdigest(),
        "seal": tablet.sealed(pin, data) if pin is not None else None, "body": text,
    }  # fmt: skip


def deed(tablet: Tablet, body: dict[str, Any], pin: str | None) -> dict[str, Any]:
    """What somebody else did there, as it lies on the tablet."""
    one = kept(tablet, body, pin)
    return {name: one[name] for name in ("uuid", "sha256", "seal", "body")}


def picture(data: bytes, site: str | None = "S1") -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "site": site, "data": base64.b64encode(data).decode()}


def copy_of(token: str, device: str, *records: dict[str, Any], pictures: tuple[dict[str, Any], ...] = (),
            deeds: tuple[dict[str, Any], ...] = ()) -> Any:  # fmt: skip
    return signed(hashlib.sha256(token.encode()).hexdigest(), {
        "format": "qc-copy-1", "device": device, "made_at": MADE_AT, "records": list(records),
        "deeds": list(deeds), "pictures": list(pictures),
    })  # fmt: skip


def signed(token_sha256: str, told: dict[str, Any]) -> dict[str, Any]:
    """The file with its proof, written down here once more and not taken from the service."""
    said = {
        **told,
        "records": [{name: value for name, value in one.items() if name != "body"} for one in told["records"]],
        "deeds": [{name: value for name, value in one.items() if name != "body"} for one in told["deeds"]],
        "pictures": [{name: value for name, value in one.items() if name != "data"} for one in told["pictures"]],
    }
    proof = hmac.new(bytes.fromhex(token_sha256), canonical(said), hashlib.sha256).hexdigest()
    return {**told, "hmac": proof}
