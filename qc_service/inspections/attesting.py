"""Who signs what was sent: whoever is signed in, or whose PIN or card a tablet sealed for exactly these bytes.

Inspections and whatever else people do at a tablet without a network are proved in this one way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qc_service import clock
from qc_service.auth import Actor
from qc_service.inspections import rules
from qc_service.people import seal as seals
from qc_service.people import signin, staff
from qc_service.people.models import Device
from qc_service.signing import Proof


@dataclass(frozen=True, slots=True)
class Signer:
    attestation: str
    proof: Proof


def session(actor: Actor) -> Signer:
    """Somebody who proved who they are when they signed in, and not again since."""
    proof = Proof(actor.id, actor.human_id, actor.name, actor.badge, "session", actor.device_id, clock.now())
    return Signer("session", proof)


def sealed(actor: Actor, digest: str, badge: str, told: Mapping[str, Any], seal: str | None) -> Signer | None:
    """Whose PIN or card the tablet sealed for the bytes with this hash; None where it is not that of the badge.

    `told` has when it was done, by the tablet's clock. Not to be called inside a transaction: a miss must stay counted.
    """
    secret = seals.opened(seal, digest) if seal else None
    person = staff.person_with(badge)
    device: Device | None = Device.get_or_none(Device.id == actor.id)
    if secret is None or person is None or device is None:
        return None
    now = clock.now()
    if not signin.sealed_by(person, secret, device, _used_at(told, secret[0], now), now):
        return None
    human = staff.human_of(person)
    return Signer("sealed", Proof(person.id, human, person.name, person.code, secret[0], device.id, now))


def _used_at(told: Mapping[str, Any], kind: str, now: datetime) -> datetime:
    """When the secret was used. Whoever has a lost card may set a tablet's clock back too: then now counts."""
    if kind == "card" and told["clock_jumped"]:
        return now
    return rules.happened(told["observed_at"], now, rules.ahead(told["clock_offset_ms"]), jumped=False)[0]
