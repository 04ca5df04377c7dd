"""From a token to an actor, on every request's way: one SELECT, so that roles are read anew each time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import peewee

from qc_service import audit
from qc_service.auth import ALL_SITES, Actor
from qc_service.db import Prepared, write
from qc_service.people import signin, throttle, tokens
from qc_service.people.models import ApiKey, Device, Person, RoleGrant, Session
from qc_service.people.rules import SEEN_EVERY, USUAL_FOR, alive

KEPT_FOR = timedelta(days=90)  # ended sessions; longer than a tablet stays a person's usual one
assert KEPT_FOR > USUAL_FOR  # noqa: S101 - a constant of this module


_SESSION_COLUMNS = (
    Session.hash, Session.person_id, Session.device_id, Session.kind, Session.last_seen_at,
    Session.expires_at, Session.ended_at, Person.name, Person.active, Person.language, Person.code, Person.human_id,
    Device.revoked_at, Session.card_id,
    RoleGrant.site_id, RoleGrant.role, RoleGrant.expires_at,
)  # fmt: skip
_KEY_COLUMNS = (
    ApiKey.hash, ApiKey.name, ApiKey.scopes, ApiKey.site_id, ApiKey.expires_at, ApiKey.revoked_at,
)  # fmt: skip


def _session_query(session_id: str) -> Any:
    """The session with its person and tablet, once for each role that the person holds."""
    return (
        Session.select(*_SESSION_COLUMNS)
        .join(Person, on=(Person.id == Session.person_id))
        .join_from(Session, Device, peewee.JOIN.LEFT_OUTER, on=(Device.id == Session.device_id))
        .join_from(Person, RoleGrant, peewee.JOIN.LEFT_OUTER, on=(RoleGrant.person_id == Person.id))
        .where(Session.id == session_id)
    )


def _key_query(key_id: str) -> Any:
    return ApiKey.select(*_KEY_COLUMNS).where(ApiKey.id == key_id)


_SESSION, _KEY = Prepared(_SESSION_COLUMNS, _session_query), Prepared(_KEY_COLUMNS, _key_query)


def identify_bearer(token: str, now: datetime, *, tablet: bool = False) -> Actor | None:
    """The actor of an API key or of a session. A tablet's own token is one only where a tablet may act by itself."""
    found = tokens.read(token)
    if found is None:
        return None
    kind, record_id = found
    if kind == "qck":
        return _key_actor(record_id, token, now)
    if kind == "qcd":
        return _device_actor(token) if tablet else None
    return _session_actor(record_id, token, now, ("tablet", "desk")) if kind == "qcs" else None


def identify_cookie(token: str, now: datetime) -> Actor | None:
    """The actor of a desk session; a tablet's session is no cookie."""
    found = tokens.read(token)
    return _session_actor(found[1], token, now, ("desk",)) if found and found[0] == "qcs" else None


def _key_actor(key_id: str, token: str, now: datetime) -> Actor | None:
    rows = _KEY.rows(key_id)
    if not rows:
        return None
    kept, name, scopes, site_id, expires_at, revoked_at = rows[0]
    if not tokens.fits(token, kept) or revoked_at is not None or expires_at <= now:
        return None
    return Actor("key", key_id, name, scopes=frozenset(scopes), key_site=site_id)


def _device_actor(token: str) -> Actor | None:
    device = signin.enrolled_device(token)
    if device is None:
        return None
    return Actor("device", device.id, device.name, key_site=device.site_id, device_id=device.id, via="tablet")


def _session_actor(session_id: str, token: str, now: datetime, kinds: tuple[str, ...]) -> Actor | None:
    rows = _SESSION.rows(session_id)
    if not rows:
        return None
    kept, person_id, device_id, kind, seen_at, expires_at, ended_at, name, active, language = rows[0][:10]
    badge, human_id, device_revoked_at, card_id = rows[0][10:14]
    live = ended_at is None and alive(kind, seen_at, expires_at, now)
    allowed = active and device_revoked_at is None and kind in kinds
    if not (tokens.fits(token, kept) and live and allowed):
        return None
    if now - seen_at >= SEEN_EVERY:
        _seen(session_id, now)
    roles = _roles((row[14], row[15]) for row in rows if row[15] is not None and _holds(row[16], now))
    return Actor(
        "person",
        person_id,
        name,
        roles,
        device_id=device_id,
        session_id=session_id,
        via=kind,
        language=language,
        badge=badge,
        human_id=human_id or person_id,
        by_card=card_id is not None,
    )


def actor_at(person: Person, device: Device, now: datetime) -> Actor:
    """Somebody who acts through a tablet that delivers for them: with what they were granted in its site, no more."""
    grants = RoleGrant.select().where(RoleGrant.person_id == person.id)
    roles = _roles((grant.site_id, grant.role) for grant in grants if _holds(grant.expires_at, now))
    if device.site_id is not None:
        here = roles.get(ALL_SITES, frozenset()) | roles.get(device.site_id, frozenset())
        roles = {device.site_id: here} if here else {}
    return Actor(
        "person", person.id, person.name, roles, device_id=device.id, via="tablet", language=person.language,
        badge=person.code, human_id=person.human_id or person.id,
    )  # fmt: skip


def _holds(expires_at: datetime | None, now: datetime) -> bool:
    """A role that was given until a moment is gone from that moment on, whoever is signed in."""
    return expires_at is None or now < expires_at


def _roles(grants: Iterable[tuple[str | None, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for site_id, role in grants:
        found.setdefault(site_id or ALL_SITES, set()).add(role)
    return {site_id: frozenset(roles) for site_id, roles in found.items()}


def _seen(session_id: str, now: datetime) -> None:
    with write():
        query = Session.update(last_seen_at=now)
        query.where((Session.id == session_id) & (Session.last_seen_at < now)).execute()


def sign_out(author: audit.Author, session_id: str) -> None:
    """End a session; ending it twice is one event."""
    session = Session.get_by_id(session_id)
    device = Device.get_or_none(Device.id == session.device_id) if session.device_id else None
    data = {"session": session_id, "person": session.person_id}
    with audit.change(
        author, "session.ended", site_id=device.site_id if device else None, data=data, follow=False
    ) as change:
        query = Session.update(ended_at=change.now)
        if not query.where((Session.id == session_id) & Session.ended_at.is_null()).execute():
            change.discard()


def forget_old(now: datetime) -> int:
    """Delete sessions and counts of wrong tries that have long ended; returns how many rows that were."""
    before = now - KEPT_FOR
    with write():
        sessions = Session.delete().where(Session.expires_at < before).execute()
        return int(sessions) + throttle.forget(before, now)
