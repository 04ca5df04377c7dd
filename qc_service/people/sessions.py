"""From a token to an actor, on every request's way: one SELECT, so that roles are read anew each time."""

from datetime import datetime, timedelta
from typing import Any

import peewee

from qc_service import audit
from qc_service.auth import ALL_SITES, Actor
from qc_service.db import write
from qc_service.people import throttle, tokens
from qc_service.people.models import ApiKey, Device, Person, RoleGrant, Session
from qc_service.people.rules import SEEN_EVERY, USUAL_FOR, alive

KEPT_FOR = timedelta(days=90)  # ended sessions; longer than a tablet stays a person's usual one
assert KEPT_FOR > USUAL_FOR  # noqa: S101 - a constant of this module

_COLUMNS = (
    Session.hash, Session.person_id, Session.device_id, Session.kind, Session.last_seen_at,
    Session.expires_at, Session.ended_at, Person.name, Person.active,
    Device.revoked_at, RoleGrant.role, RoleGrant.site_id,
)  # fmt: skip


def identify_bearer(token: str, now: datetime) -> Actor | None:
    """The actor of an API key or of a session. A tablet's own token names nobody."""
    found = tokens.read(token)
    if found is None:
        return None
    kind, record_id = found
    if kind == "qck":
        return _key_actor(record_id, token, now)
    return _session_actor(record_id, token, now, ("tablet", "desk")) if kind == "qcs" else None


def identify_cookie(token: str, now: datetime) -> Actor | None:
    """The actor of a desk session; a tablet's session is no cookie."""
    found = tokens.read(token)
    return _session_actor(found[1], token, now, ("desk",)) if found and found[0] == "qcs" else None


def _key_actor(key_id: str, token: str, now: datetime) -> Actor | None:
    key = ApiKey.get_or_none(ApiKey.id == key_id)
    if key is None or not tokens.fits(token, key.hash) or key.revoked_at is not None or key.expires_at <= now:
        return None
    return Actor("key", key.id, key.name, scopes=frozenset(key.scopes), key_site=key.site_id)


def _session_actor(session_id: str, token: str, now: datetime, kinds: tuple[str, ...]) -> Actor | None:
    rows = _session_rows(session_id)
    if not rows:
        return None
    session = rows[0]
    live = session["ended_at"] is None and alive(
        session["kind"], session["last_seen_at"], session["expires_at"], now
    )
    allowed = session["active"] and session["revoked_at"] is None and session["kind"] in kinds
    if not (tokens.fits(token, session["hash"]) and live and allowed):
        return None
    if now - session["last_seen_at"] >= SEEN_EVERY:
        _seen(session_id, now)
    return Actor(
        "person", session["person_id"], session["name"], _roles(rows),
        device_id=session["device_id"], session_id=session_id, via=session["kind"],
    )  # fmt: skip


def _session_rows(session_id: str) -> list[dict[str, Any]]:
    """The session with its person and tablet, once for each role that the person holds."""
    rows: Any = (
        Session.select(*_COLUMNS)
        .join(Person, on=(Person.id == Session.person_id))
        .join_from(Session, Device, peewee.JOIN.LEFT_OUTER, on=(Device.id == Session.device_id))
        .join_from(Person, RoleGrant, peewee.JOIN.LEFT_OUTER, on=(RoleGrant.person_id == Person.id))
        .where(Session.id == session_id)
        .dicts()
    )
    return list(rows)


def _roles(rows: list[dict[str, Any]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        if row["role"] is not None:
            found.setdefault(row["site_id"] or ALL_SITES, set()).add(row["role"])
    return {site: frozenset(roles) for site, roles in found.items()}


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
