"""Badge cards: made, shown once, ended; and whether a secret is a card's.

The secret is 160 random bits, too many to be guessed, so it needs no slow hash. It is kept as a keyed one all the same:
a stolen database neither holds a card nor lets anybody check one.
"""

import base64
import hmac
import secrets
from datetime import datetime

from qc_service import audit, codes
from qc_service.db import connected, locked, new_id
from qc_service.errors import NotFound, QCError
from qc_service.people import credentials, throttle
from qc_service.people.models import BadgeCard, Person, Session
from qc_service.texts import later

BYTES = 20  # 160 bits, which are 32 letters without any filling
OLD_CARDS = 20  # that are looked through for a record from before the card was ended
NOBODYS = "0" * 64  # no hash: compared with where there is no card, so that a badge without one costs the same


def issue(author: audit.Author, person_id: str) -> tuple[BadgeCard, str]:
    """A new card for the person, and the text of its code. The one before it ends at once, with its sessions."""
    with connected():
        person = _person(person_id)
        if not person.active:
            raise QCError("illegal_transition", later("That person has left: no card lets them in."), state="left")
        secret = base64.b32encode(secrets.token_bytes(BYTES)).decode()
        data = {"person": person.id, "code": person.code}
        with audit.change(author, "person.card_issued", data=data) as change:
            locked(Person.select().where(Person.id == person.id)).get()  # two at once end one another
            _end(change, person.id, "replaced")
            card: BadgeCard = change.insert(
                BadgeCard, id=new_id("crd"), person_id=person.id, hash=credentials.keyed(secret, "card"),
                issued_at=change.now, ended_at=None, ended=None,
            )  # fmt: skip
            change.data["card"] = card.id
            throttle.forgive(credentials.keyed(person.code), "card")
    return card, codes.card_of(person.code, secret)


def lose(author: audit.Author, person_id: str) -> None:
    """The person's card is lost: it lets nobody in any more, and what it began ends. Without one nothing happens."""
    with connected():
        person = _person(person_id)
        data = {"person": person.id, "code": person.code}
        with audit.change(author, "person.card_lost", data=data) as change:
            if not _end(change, person.id, "lost"):
                change.discard()


def live(person_id: str) -> BadgeCard | None:
    found: BadgeCard | None = BadgeCard.get_or_none((BadgeCard.person_id == person_id) & BadgeCard.ended_at.is_null())
    return found


def fitting(person_id: str, secret: str) -> BadgeCard | None:
    """The person's live card, if the secret is its own."""
    card = live(person_id)
    return card if _fits(card, secret) else None


def valid_at(person_id: str, secret: str, at: datetime) -> bool:
    """Was it the secret of the person's card at that moment? One that ended later is good for what came before."""
    lasting = BadgeCard.ended_at.is_null() | (BadgeCard.ended_at > at)
    query = BadgeCard.select().where((BadgeCard.person_id == person_id) & lasting)
    return any(_fits(card, secret) for card in query.order_by(BadgeCard.issued_at.desc()).limit(OLD_CARDS))


def still_live(card_id: str) -> bool:
    """Held until commit: a session that is begun meanwhile is not forgotten when the card ends."""
    card = locked(BadgeCard.select().where(BadgeCard.id == card_id)).get()
    return card.ended_at is None


def of_people(person_ids: list[str]) -> dict[str, BadgeCard]:
    """The live cards of these people."""
    query = BadgeCard.select().where(BadgeCard.person_id.in_(person_ids) & BadgeCard.ended_at.is_null())
    return {card.person_id: card for card in query}


def _fits(card: BadgeCard | None, secret: str) -> bool:
    same = hmac.compare_digest(credentials.keyed(secret, "card"), card.hash if card else NOBODYS)
    return same and card is not None


def _end(change: audit.Change, person_id: str, how: str) -> bool:
    card = locked(BadgeCard.select().where((BadgeCard.person_id == person_id) & BadgeCard.ended_at.is_null())).first()
    if card is None:
        return False
    change.update(card, ended_at=change.now, ended=how)
    change.data["ended"] = card.id
    credentials.end_sessions(change, Session.card_id == card.id)
    return True


def _person(person_id: str) -> Person:
    person: Person | None = Person.get_or_none(Person.id == person_id)
    if person is None:
        raise NotFound("person")
    return person
