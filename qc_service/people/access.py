"""API keys and tablets: made, shown once, withdrawn."""

from collections.abc import Sequence
from datetime import timedelta

from qc_service import audit
from qc_service.db import connected
from qc_service.errors import FieldProblem, Invalid, NotFound, invalid
from qc_service.people import credentials, throttle, tokens
from qc_service.people.models import ApiKey, Device, Session
from qc_service.people.rules import KEY_DAYS_MAX
from qc_service.people.staff import need_site
from qc_service.policy import SCOPES

EVERY_SCOPE = "*"


def create_key(
    author: audit.Author,
    name: str,
    scopes: Sequence[str],
    *,
    site_id: str | None = None,
    days: int = KEY_DAYS_MAX,
) -> tuple[ApiKey, str]:
    """An API key for one site or for all, and its token.

    Two keys of a name may live, while one replaces the other.
    """
    _check_scopes(scopes)
    if not 1 <= days <= KEY_DAYS_MAX:
        raise invalid("/days", f"A key lives 1 to {KEY_DAYS_MAX} days; make the next one before it ends.")
    key_id, token = tokens.mint("qck")
    data = {"key": key_id, "name": name, "scopes": sorted(set(scopes))}
    with connected(), audit.change(author, "key.created", site_id=site_id, data=data) as change:
        need_site(site_id)
        key = change.insert(
            ApiKey, id=key_id, name=name, hash=tokens.digest(token), scopes=data["scopes"], site_id=site_id,
            created_at=change.now, expires_at=change.now + timedelta(days=days),
            revoked_at=None,
        )  # fmt: skip
    return key, token


def _check_scopes(scopes: Sequence[str]) -> None:
    allowed = (*SCOPES, EVERY_SCOPE)
    if not scopes:
        raise invalid("/scopes", f"Name at least one of: {', '.join(allowed)}")
    wrong = [
        FieldProblem(f"/scopes/{place}", "invalid", f"{scope!r} is none of: {', '.join(allowed)}")
        for place, scope in enumerate(scopes)
        if scope not in allowed
    ]
    if wrong:
        raise Invalid(*wrong)


def revoke_key(author: audit.Author, key_id: str) -> None:
    """The key's next request is refused."""
    with connected():
        key = ApiKey.get_or_none(ApiKey.id == key_id)
        if key is None:
            raise NotFound("key")
        data = {"key": key.id, "name": key.name}
        with audit.change(author, "key.revoked", site_id=key.site_id, data=data) as change:
            if key.revoked_at is None:
                change.update(key, revoked_at=change.now)
            else:
                change.discard()


def enrol_device(author: audit.Author, name: str, *, site_id: str | None = None) -> tuple[Device, str]:
    """A tablet of one site or of all, and its token."""
    device_id, token = tokens.mint("qcd")
    data = {"device": device_id, "name": name}
    with connected(), audit.change(author, "device.enrolled", site_id=site_id, data=data) as change:
        need_site(site_id)
        device = change.insert(
            Device,
            id=device_id,
            name=name,
            hash=tokens.digest(token),
            site_id=site_id,
            enrolled_at=change.now,
            revoked_at=None,
        )
    return device, token


def revoke_device(author: audit.Author, device_id: str) -> None:
    """No PIN counts on this tablet from now on, and the sessions on it end."""
    with connected():
        device = _device(device_id)
        data = {"device": device.id, "name": device.name}
        with audit.change(author, "device.revoked", site_id=device.site_id, data=data) as change:
            if device.revoked_at is not None:
                change.discard()
                return
            change.update(device, revoked_at=change.now)
            credentials.end_sessions(change, Session.device_id == device.id)
            throttle.unlock(device.id)  # nothing is left to lock


def unlock_device(author: audit.Author, device_id: str) -> None:
    """A supervisor has looked: the tablet gets a new budget of wrong tries. An open one keeps its count."""
    with connected():
        device = _device(device_id)
        data = {"device": device.id, "name": device.name}
        with audit.change(author, "device.unlocked", site_id=device.site_id, data=data) as change:
            if throttle.locked_devices([device.id], change.now):
                throttle.unlock(device.id)
            else:
                change.discard()


def _device(device_id: str) -> Device:
    device: Device | None = Device.get_or_none(Device.id == device_id)
    if device is None:
        raise NotFound("tablet")
    return device
