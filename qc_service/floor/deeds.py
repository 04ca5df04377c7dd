"""Deeds: what somebody does at a tablet besides inspecting, perhaps long before the tablet can send it.

One transaction stores the bytes and has the service do what they say, as the person whose PIN is sealed with them. What
the service refuses is undone and kept with its reason. Nothing is ever stored and not settled, so nothing is swept.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import peewee
from marshmallow import EXCLUDE, ValidationError

from qc_service import audit
from qc_service.auth import Actor
from qc_service.db import db, write
from qc_service.errors import NotFound, QCError, from_validation, status_of
from qc_service.floor.deed_kinds import KINDS, Doer, Done, Note, Refused
from qc_service.floor.models import Deed
from qc_service.inspections import attesting, rules
from qc_service.inspections.attesting import Signer
from qc_service.lines import service as lines
from qc_service.lines.models import Line, Site
from qc_service.people import sessions
from qc_service.people.models import Device, Person
from qc_service.texts import Text, later, packed

SEND = "deed.send"
MOST = 500  # that are listed at once

_NO_PIN = later("That is not the PIN or the card of badge %(badge)s. Sign in with your own badge, and do it again.")
_NO_ROLE = later("%(name)s has no role here: ask a supervisor.")
_LEFT = later("%(name)s no longer worked here then: ask a supervisor.")


@dataclass(frozen=True, slots=True)
class Sent:
    """A deed as it came. `said`: all of its body; `told`: what every deed says, as it was read."""

    uuid: str
    body: bytes
    digest: str
    said: Mapping[str, Any]
    told: Mapping[str, Any]


def receive(actor: Actor, uuid: str, body: bytes, said: Mapping[str, Any], told: Mapping[str, Any],
            seal: str | None = None) -> tuple[Deed, bool]:  # fmt: skip
    """The deed as it stands, and whether it is new. `told` has passed `DeedIn`."""
    sent = Sent(uuid, body, hashlib.sha256(body).hexdigest(), said, told)
    kept = _kept(actor, sent)
    if kept is not None:
        return kept, False
    line = _line(actor, told)
    signer = _signer(actor, sent, seal)
    try:
        with write():
            return _settle(actor, sent, line, signer), True
    except peewee.IntegrityError as error:  # the same was sent twice at once, or another change of the lot came between
        kept = _kept(actor, sent)
        if kept is None:
            text = later("Another change came at the same moment. Nothing was stored: send it again.")
            raise QCError("unavailable", text, retry_after=1) from error
        return kept, False


def _kept(actor: Actor, sent: Sent) -> Deed | None:
    """The deed under this address, if it is there and is this one."""
    kept: Deed | None = Deed.get_or_none(Deed.uuid == sent.uuid)
    if kept is None:
        return None
    if kept.site_id is not None and not actor.sees(kept.site_id):
        raise NotFound("record", sent.uuid)
    if kept.sha256 != sent.digest:
        raise QCError("revision_conflict", later("Another deed has this address: send yours under one of its own."))
    return kept


def _line(actor: Actor, told: Mapping[str, Any]) -> Line | None:
    """Where it was done. A tablet's deed is kept also where nobody knows the line; a person is told at once."""
    try:
        found: Line = lines.line_for(actor, SEND, told["line"], told["site"])
    except QCError:
        if actor.device_id is None:
            raise
        return None
    return found


def _signer(actor: Actor, sent: Sent, seal: str | None) -> Signer | None:
    if actor.kind == "person":
        return attesting.session(actor)
    badge = sent.told["badge"]
    return attesting.sealed(actor, sent.digest, badge, sent.told, seal) if badge else None


def _settle(actor: Actor, sent: Sent, line: Line | None, signer: Signer | None) -> Deed:
    now = db.obj.now()
    at = _when(sent.told, now)
    try:
        with db.atomic():  # what is refused leaves nothing behind but the deed itself
            done = _do(actor, sent, line, signer, at)
    except QCError as error:
        if status_of(error.code) >= 500:
            raise
        return _refused(actor, sent, line, signer, (error.code, _why(error)), at)
    except Refused as error:
        return _refused(actor, sent, line, signer, (error.code, error.detail), at)
    assert signer is not None  # noqa: S101 - nothing is done for who proved nothing
    author = audit.Author(f"person:{signer.proof.person_id}", actor.device_id, actor.via)
    notes = [{"code": code, "text": packed(text)} for code, text in done.notes]
    # in the stream that the deed itself has just written to: no other lock, so that no two can wait for each other
    place = (done.site_id, done.line_id)
    return _store(author, actor, sent, line, signer, at, place, state="done", record_id=done.record_id, notes=notes)


def _refused(
    actor: Actor, sent: Sent, line: Line | None, signer: Signer | None, why: Note, at: datetime
) -> Deed:  # fmt: skip
    place = (line.site_id, line.id) if line is not None else (_only_site(actor), None)
    code, text = why
    return _store(
        actor.author, actor, sent, line, signer, at, place, state="refused", code=code, reason=packed(text), notes=[]
    )


def _store(
    author: audit.Author, actor: Actor, sent: Sent, line: Line | None, signer: Signer | None, at: datetime,
    place: tuple[str | None, str | None], **outcome: Any,
) -> Deed:  # fmt: skip
    told = sent.told
    data = {"uuid": sent.uuid, "kind": told["kind"], "badge": _badge(actor, told), "code": outcome.get("code")}
    with audit.change(
        author, f"deed.{outcome['state']}", site_id=place[0], line_id=place[1], data=data, follow=False
    ) as change:
        change.observed_at = told["observed_at"]
        row: Deed = change.insert(
            Deed, uuid=sent.uuid, sha256=sent.digest, kind=told["kind"],
            site_id=line.site_id if line is not None else _only_site(actor), line_id=line and line.id,
            line=told["line"], badge=_badge(actor, told), person_id=signer and signer.proof.person_id,
            device_id=actor.device_id, sender=actor.author.name, via=actor.via,
            attestation=signer.attestation if signer else "unproved", observed_at=told["observed_at"],
            happened_at=at, received_at=change.now, noted=bool(outcome["notes"]), body=sent.body, **outcome,
        )  # fmt: skip
    return row


def _do(actor: Actor, sent: Sent, line: Line | None, signer: Signer | None, at: datetime) -> Done:
    if signer is None:
        raise Refused("identity_unconfirmed", later(_NO_PIN, badge=repr(sent.told["badge"] or "")))
    if line is None:
        lines.line_for(actor, SEND, sent.told["line"], sent.told["site"])  # says what is wrong with it
        raise NotFound("line", sent.told["line"])
    kind = KINDS[sent.told["kind"]]
    try:
        told = kind.schema.load(sent.said, unknown=EXCLUDE)
    except ValidationError as error:
        raise from_validation(error) from error
    return kind.do(Doer(_actor(actor, signer, at), signer.proof, line, Site.get_by_id(line.site_id).code, at), told)


def _actor(actor: Actor, signer: Signer, at: datetime) -> Actor:
    """The person whose deed it is, with what they may do at the place of the tablet that delivers it."""
    if actor.kind == "person":
        return actor
    person: Person = Person.get_by_id(signer.proof.person_id)
    if not person.active and person.updated_at <= at:
        raise Refused("left", later(_LEFT, name=person.name))
    device: Device = Device.get_by_id(actor.id)
    who = sessions.actor_at(person, device, db.obj.now())
    if not who.roles:
        raise Refused("scope_missing", later(_NO_ROLE, name=person.name))
    return replace(who, by_card=signer.proof.method == "card")


def _when(told: Mapping[str, Any], now: datetime) -> datetime:
    """When it happened by our clock; where that is doubtful, when it came."""
    offset = rules.ahead(told["clock_offset_ms"])
    at, doubtful = rules.happened(told["observed_at"], now, offset, jumped=told["clock_jumped"])
    return now if doubtful else at


def _why(error: QCError) -> Text:
    """What the service said against it; of a field that is wrong, with the field's name."""
    detail = error.detail if isinstance(error.detail, Text) else later(error.detail)
    if error.code != "validation_failed" or not error.errors:
        return detail
    one = error.errors[0]
    what = one.detail if isinstance(one.detail, Text) else later(one.detail)
    return later("%(field)s: %(what)s", field=one.pointer.strip("/"), what=what) if one.pointer else what


def _badge(actor: Actor, told: Mapping[str, Any]) -> str:
    return str(told["badge"] or actor.badge)


def _only_site(actor: Actor) -> str | None:
    sites = actor.sites_for(SEND)
    return next(iter(sites)) if sites is not None and len(sites) == 1 else None


def listed(actor: Actor, action: str, *, refused: bool) -> list[Deed]:
    """What did not count or, else, what counted and is to be known of; the newest first."""
    query = Deed.select().where(lines.in_sites(Deed, actor.sites_for(action)))
    query = query.where(Deed.state == "refused") if refused else query.where(Deed.state == "done", Deed.noted)
    return list(query.order_by(Deed.received_at.desc(), Deed.uuid).limit(MOST))
