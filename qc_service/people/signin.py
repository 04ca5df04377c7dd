"""Signing in, and proving it again: badge and PIN or a card on an enrolled tablet, badge and password at a desk.

A badge that nobody has, a person who has left and a wrong secret get the same answer after the same work.
"""

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from qc_service import audit, codes
from qc_service.audit import Author
from qc_service.db import connected, write
from qc_service.errors import QCError, invalid
from qc_service.people import cards, credentials, throttle, tokens
from qc_service.people.models import Credential, CredentialPast, Device, Person, Session
from qc_service.people.rules import SESSION_LONGEST, USUAL_FOR
from qc_service.texts import later

log = structlog.get_logger(__name__)
MUST_CHANGE = {
    "pin": later("Another person chose this PIN: send your own as new_pin beside it."),
    "password": later("Another person chose this password: send your own as new_password beside it."),
}
OLD_PINS = 3  # that are tried for a record from before a change; each costs a slow hash
SAME_AS_OLD = {"pin": later("The new PIN is the old one."), "password": later("The new password is the old one.")}


@dataclass(frozen=True, slots=True)
class SignedIn:
    token: str  # shown once
    session: Session
    person: Person


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What was typed, and where."""

    badge: str
    kind: str  # pin · card · password
    secret: str = field(repr=False)
    device: Device | None
    client: str

    @property
    def counters(self) -> tuple[throttle.Counter, ...]:
        subject = credentials.keyed(self.badge)
        if self.device is not None and self.kind == "card":
            return throttle.for_card(subject, self.device.id)
        if self.device is not None:
            return throttle.for_pin(subject, self.device.id)
        return throttle.for_password(subject, self.client)


def sign_in_on_tablet(
    badge: str, pin: str, device_token: str, now: datetime, *, new_pin: str | None = None
) -> SignedIn:
    """Start a session on an enrolled tablet. `new_pin` replaces the PIN: a must where another chose it."""
    with connected():
        return _sign_in(_Attempt(badge, "pin", pin, _tablet(device_token), ""), now, new_pin)


def sign_in_with_card(card: str, device_token: str, now: datetime) -> SignedIn:
    """Start a session on an enrolled tablet with what the code of a badge card says."""
    with connected():
        return _sign_in(_of_card(card, _tablet(device_token)), now, None)


def sign_in_at_desk(
    badge: str, password: str, client: str, now: datetime, *, new_password: str | None = None
) -> SignedIn:
    """Start a session at a desk; `client` is the address that the request came from."""
    with connected():
        return _sign_in(_Attempt(badge, "password", password, None, client), now, new_password)


def confirm(
    person_id: str, now: datetime, *, pin: str | None = None, password: str | None = None, card: str | None = None,
    device_id: str | None = None, client: str = "",
) -> None:  # fmt: skip
    """Does this signed-in person prove again who they are? Counted like a sign-in; refused by raising.

    Not to be called inside a transaction: a miss must stay counted when the refused request is rolled back.
    """
    with connected():
        person = Person.get_by_id(person_id)
        device = Device.get_or_none((Device.id == (device_id or "")) & Device.revoked_at.is_null())
        given = {name for name, one in (("pin", pin), ("password", password), ("card", card)) if one is not None}
        if pin is not None and device is not None and given == {"pin"}:
            attempt = _Attempt(person.code, "pin", pin, device, "")
        elif card is not None and device is not None and given == {"card"}:
            said = codes.read(card)  # another person's proves nothing, and is counted
            secret = said.secret if said.badge == person.code else None
            attempt = _Attempt(person.code, "card", secret or "", device, "")
        elif password is not None and device_id is None and given == {"password"}:
            attempt = _Attempt(person.code, "password", password, None, client)
        else:
            raise invalid("/pin", later("Sign with the PIN on a tablet, or with the password at a desk."))
        _prove(attempt, now)
        throttle.give_back(attempt.counters, now)


def sealed_by(person: Person, told: tuple[str, str], device: Device, at: datetime, now: datetime) -> bool:
    """Was this, a kind and a secret, the person's PIN or card at that moment? Counted like a sign-in on that tablet.

    A PIN that was changed or a card that ended since is good for what was sealed before. Not to be called inside a
    transaction.
    """
    attempt = _Attempt(person.code, *told, device, "")
    with connected():
        excused = "pin_person" if _usual(person.id, device, now) else ""
        try:
            filled = throttle.reserve(attempt.counters, now, excused=excused)
        except QCError:
            return False
        if _was_theirs(person.id, attempt, at):
            throttle.give_back(attempt.counters, now)
            return True
        _missed(attempt, person, filled, now)
    return False


def _was_theirs(person_id: str, attempt: _Attempt, at: datetime) -> bool:
    if attempt.kind == "card":
        return cards.valid_at(person_id, attempt.secret, at)
    same = (Credential.person_id == person_id) & (Credential.kind == "pin") & ~Credential.must_change
    past = (CredentialPast.person_id == person_id) & (CredentialPast.kind == "pin") & (CredentialPast.until >= at)
    credential = Credential.get_or_none(same)
    older = CredentialPast.select().where(past).order_by(CredentialPast.until).limit(OLD_PINS)
    kept = [credential.hash if credential else None, *(row.hash for row in older)]
    return any(credentials.verified(one, attempt.secret) for one in kept)


def _of_card(card: str, device: Device) -> _Attempt:
    """What is no card at all is counted as a miss too."""
    said = codes.read(card)
    return _Attempt(said.badge or "", "card", said.secret or "", device, "")


def _tablet(token: str) -> Device:
    device = enrolled_device(token)
    if device is None:
        raise QCError("credentials_wrong", later("This tablet is not enrolled: ask a supervisor to enrol it."))
    return device


def enrolled_device(token: str) -> Device | None:
    """The tablet of this token, while it is enrolled."""
    found = tokens.read(token)
    if found is None or found[0] != "qcd":
        return None
    device: Device | None = Device.get_or_none(Device.id == found[1])
    if device is None or not tokens.fits(token, device.hash) or device.revoked_at is not None:
        return None
    return device


def _sign_in(attempt: _Attempt, now: datetime, new_secret: str | None) -> SignedIn:
    person, must_change, card_id = _prove(attempt, now)
    author = Author(f"person:{person.id}", attempt.device.id if attempt.device else None)
    if new_secret is not None:
        throttle.give_back(attempt.counters, now)
        _replace(author, attempt, person, new_secret)
    elif must_change:
        throttle.give_back(attempt.counters, now)
        raise invalid(
            f"/new_{attempt.kind}",
            MUST_CHANGE[attempt.kind],
            "must_change",
        )
    with write():
        if new_secret is None:
            throttle.give_back(attempt.counters, now)
        return _start(author, attempt, person, now, card_id)


def _replace(author: Author, attempt: _Attempt, person: Person, new_secret: str) -> None:
    pointer = f"/new_{attempt.kind}"
    if new_secret == attempt.secret:
        raise invalid(pointer, SAME_AS_OLD[attempt.kind])
    credentials.refuse_unfit(attempt.kind, new_secret, person, pointer)
    change = credentials.set_pin if attempt.kind == "pin" else credentials.set_password
    change(author, person.id, new_secret)


def _prove(attempt: _Attempt, now: datetime) -> tuple[Person, bool, str | None]:
    """The person whose badge and secret these are, whether the secret must be replaced, and the card; or a refusal."""
    badge = "" if "\0" in attempt.badge else attempt.badge  # PostgreSQL cannot even ask for it
    person = Person.get_or_none(Person.code == badge)
    person_id = person.id if person else ""
    excused = "pin_person" if _usual(person_id, attempt.device, now) else ""
    filled = throttle.reserve(attempt.counters, now, excused=excused)
    found = _found(person_id, attempt)
    if found is not None and person is not None and person.active:
        return person, *found
    _missed(attempt, person, filled, now)
    raise _wrong()


def _found(person_id: str, attempt: _Attempt) -> tuple[bool, str | None] | None:
    """Whether the right secret must be replaced, and the card that it is of; None where it is wrong."""
    if attempt.kind == "card":
        card = cards.fitting(person_id, attempt.secret)
        return (False, card.id) if card else None
    same = (Credential.person_id == person_id) & (Credential.kind == attempt.kind)
    credential = Credential.get_or_none(same)
    right = credentials.verified(credential.hash if credential else None, attempt.secret)
    return (credential.must_change, None) if right and credential is not None else None


def _wrong() -> QCError:
    return QCError(
        "credentials_wrong", later("Check the badge and what you typed; after a few wrong tries you must wait.")
    )


def _usual(person_id: str, device: Device | None, now: datetime) -> bool:
    """Has this person signed in on this tablet lately?"""
    since = now - USUAL_FOR
    query = Session.select(Session.id).where(
        (Session.person_id == person_id)
        & (Session.device_id == (device.id if device else ""))
        & (Session.created_at >= since)
    )
    return bool(query.exists())


def _missed(attempt: _Attempt, person: Person | None, filled: tuple[throttle.Counter, ...], now: datetime) -> None:
    """Put in the trail, and so before whoever is alerted, that a badge's or a tablet's tries are used up."""
    device = attempt.device
    log.warning("sign_in.missed", person=person.id if person else None, device=device.id if device else None)
    for counter in filled:
        event_type = {"pin_person": "sign_in.limited", "pin_device": "device.locked"}.get(counter.kind)
        if event_type is None or device is None or not throttle.still_full(counter, now):
            continue
        data: dict[str, str | None] = {"device": device.id, "device_name": device.name}
        if event_type == "sign_in.limited":
            data |= {"person": person.id if person else None}
        with audit.change(Author("anonymous", device.id), event_type, site_id=device.site_id, data=data):
            pass


def _start(author: Author, attempt: _Attempt, person: Person, now: datetime, card_id: str | None) -> SignedIn:
    if card_id is not None and not cards.still_live(card_id):
        raise _wrong()
    session_id, token = tokens.mint("qcs")
    device, kind = attempt.device, "tablet" if attempt.device else "desk"
    data = {"session": session_id, "person": person.id, "kind": kind, **({"card": card_id} if card_id else {})}
    with audit.change(
        author, "session.started", site_id=device.site_id if device else None, data=data, follow=False
    ) as change:
        session = change.insert(
            Session, id=session_id, hash=tokens.digest(token), person_id=person.id, kind=kind,
            card_id=card_id, device_id=device.id if device else None, created_at=now, last_seen_at=now,
            expires_at=now + SESSION_LONGEST,
        )  # fmt: skip
    return SignedIn(token, session, person)
