"""A tablet that delivers what people inspected while it was offline, each with the PIN sealed for the service."""

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from qc_service import audit, clock, codes
from qc_service.db import connected
from qc_service.lines.models import Site
from qc_service.people import access, cards, credentials, signin, staff
from tests.floor_life import Floor
from tests.procedure_life import PASSWORD, Somebody

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


@dataclass
class Tablet:
    floor: Floor
    token: str
    id: str

    def deliver(
        self, body: dict[str, Any], pin: str | None, *, at: str | None = None, other: bytes | None = None
    ) -> Any:
        """Send a record with the PIN sealed for it, or for `other` bytes. Gives its address and the answer."""
        name, data = at or str(uuid.uuid4()), json.dumps(body).encode()
        headers = {"QC-Seal": self.sealed(pin, other or data)} if pin is not None else {}
        return name, self.call(
            "PUT", f"/v1/inspections/{name}", data=data, content_type="application/json", headers=headers
        )

    def does(
        self, kind: str, badge: str, pin: str | None, *, at: str | None = None, lang: str = "", **more: Any
    ) -> Any:
        """Send a deed of somebody at line L1, with their PIN sealed for it; gives the answer."""
        told = {"kind": kind, "badge": badge, "line": "L1", "observed_at": clock.iso(clock.now()), **more}
        data = json.dumps(told).encode()
        headers = {"QC-Seal": self.sealed(pin, data)} if pin is not None else {}
        path = f"/v1/floor/deeds/{at or uuid.uuid4()}" + (f"?lang={lang}" if lang else "")
        return self.call("PUT", path, data=data, content_type="application/json", headers=headers)

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        return self.floor.plant.call(method, path, token=self.token, **kwargs)

    def sealed(self, secret: str, data: bytes) -> str:
        """A PIN, or what a badge card's code says, sealed for these bytes."""
        key = self.call("GET", "/v1/seal-key").json
        public = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
        card = codes.read(secret).secret
        told = {
            **({"card": card} if card else {"pin": secret}),
            "nonce": uuid.uuid4().hex,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        return base64.urlsafe_b64encode(public.encrypt(json.dumps(told).encode(), OAEP)).decode()

    def judged(self, body: dict[str, Any], pin: str | None, **kwargs: Any) -> str:
        """Send a record and have it judged; gives its address."""
        name, answer = self.deliver(body, pin, **kwargs)
        assert answer.status_code == 201, answer.text
        self.floor.plant.work()
        return name


def tablet_of(floor: Floor, name: str = "Tablet 4") -> Tablet:
    with connected():
        device, token = access.enrol_device(audit.COMMAND, name, site_id=Site.get(Site.code == "S1").id)
    return Tablet(floor, token, device.id)


def set_pin(badge: str, pin: str) -> None:
    with connected():
        person = staff.person_with(badge)
        assert person is not None
        credentials.set_pin(audit.COMMAND, person.id, pin)


def card_of(badge: str) -> str:
    """What the code of the person's new badge card says."""
    with connected():
        person = staff.person_with(badge)
        assert person is not None
        return cards.issue(audit.COMMAND, person.id)[1]


def lose_card(badge: str) -> None:
    with connected():
        person = staff.person_with(badge)
        assert person is not None
        cards.lose(audit.COMMAND, person.id)


def signed_in_again(floor: Floor, badge: str) -> Somebody:
    """The person in a new session: one who gets another PIN is signed out everywhere."""
    with connected():
        return Somebody(floor.life, badge, signin.sign_in_at_desk(badge, PASSWORD, "10.0.0.7", clock.now()).token)


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
