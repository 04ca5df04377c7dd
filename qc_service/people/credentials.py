"""PINs and passwords: Argon2id over HMAC-SHA256 with a pepper that is not in the database.

A stolen database alone gives no PIN away, though there are only a million of them.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from qc_service import audit
from qc_service.config import Settings
from qc_service.db import connected, db
from qc_service.errors import NotFound, invalid
from qc_service.people import throttle
from qc_service.people.models import Credential, CredentialPast, Person, Session
from qc_service.people.rules import password_refused, pin_refused


@dataclass(frozen=True, slots=True)
class _Vault:
    pepper: bytes
    hasher: PasswordHasher
    decoy: str  # verified where there is nothing to verify, so that a badge's existence costs no other time

    def mixed(self, secret: str) -> bytes:
        return hmac.digest(self.pepper, secret.encode("utf-8", "surrogatepass"), "sha256")


_vaults: list[_Vault] = []


def init_people(settings: Settings) -> None:
    """Keep the pepper and the cost of a hash for this process; to be called beside `init_db`."""
    low = settings.password_cost == "low"  # noqa: S105 - the name of a cost, not a secret
    hasher = PasswordHasher(time_cost=1 if low else 2, memory_cost=8 if low else 19 * 1024, parallelism=1, type=Type.ID)
    pepper = settings.pin_pepper.encode()
    _vaults[:] = [_Vault(pepper, hasher, hasher.hash(hashlib.sha256(b"decoy" + pepper).digest()))]


def _vault() -> _Vault:
    if not _vaults:
        raise RuntimeError("call init_people(settings) first")
    return _vaults[0]


def _outside_transaction() -> None:
    """A slow hash would hold the only writer; and wrong tries must stay counted when a request is refused."""
    if db.in_transaction():
        raise RuntimeError("secrets are hashed and checked before the transaction begins")


def hashed(secret: str) -> str:
    _outside_transaction()
    vault = _vault()
    return vault.hasher.hash(vault.mixed(secret))


def verified(kept: str | None, secret: str) -> bool:
    """Is it the secret of that hash? Without a hash: no, after the same work."""
    _outside_transaction()
    vault = _vault()
    try:
        vault.hasher.verify(kept or vault.decoy, vault.mixed(secret))
    except VerifyMismatchError:
        return False
    return kept is not None


def keyed(text: str, what: str = "badge") -> str:
    """A keyed hash of what was typed as a badge, since a PIN may be typed there; or of a card's secret."""
    told = f"{what}\0{text}".encode("utf-8", "surrogatepass")
    return hmac.new(_vault().pepper, told, "sha256").hexdigest()


def refuse_unfit(kind: str, secret: str, person: Person, pointer: str = "") -> None:
    """Raise `Invalid` where this cannot be the person's PIN or password."""
    if kind == "pin":
        reason = pin_refused(secret, person.code)
    else:
        reason = password_refused(secret, person.code, person.name)
    if reason is not None:
        raise invalid(pointer or f"/{kind}", reason)


def set_pin(author: audit.Author, person_id: str, pin: str, *, must_change: bool = False) -> None:
    """Give a person a PIN. `must_change`: it was chosen by another, and the next sign-in names a new one."""
    _set(author, person_id, "pin", pin, must_change=must_change)


def set_password(author: audit.Author, person_id: str, password: str, *, must_change: bool = False) -> None:
    """Give a person a password; `must_change` as for a PIN."""
    _set(author, person_id, "password", password, must_change=must_change)


def _set(author: audit.Author, person_id: str, kind: str, secret: str, *, must_change: bool) -> None:
    with connected():
        person = Person.get_or_none(Person.id == person_id)
        if person is None:
            raise NotFound("person")
        refuse_unfit(kind, secret, person)
        new = hashed(secret)
        data = {"person": person_id, "must_change": must_change}
        with audit.change(author, f"person.{kind}_set", data=data) as change:
            keep(change, person_id, kind, new, must_change=must_change)
            end_sessions(change, Session.person_id == person_id)
            throttle.forgive(keyed(person.code), kind)


def keep(change: audit.Change, person_id: str, kind: str, new: str, *, must_change: bool) -> None:
    """Write a person's new hash in the running change."""
    row = Credential.get_or_none((Credential.person_id == person_id) & (Credential.kind == kind))
    if row is None:
        change.insert(
            Credential,
            person_id=person_id,
            kind=kind,
            hash=new,
            must_change=must_change,
            changed_at=change.now,
        )
    else:
        if kind == "pin" and not row.must_change:  # nobody ever signed with one that had to be changed first
            change.insert(CredentialPast, person_id=person_id, kind=kind, hash=row.hash, until=change.now)
        change.update(row, hash=new, must_change=must_change, changed_at=change.now)


def end_sessions(change: audit.Change, condition: Any) -> None:
    """Let the sessions that meet the condition end with the running change, whose event says why."""
    query = Session.update(ended_at=change.now).where(condition & Session.ended_at.is_null())
    ended = query.execute()
    if ended:
        change.data["sessions_ended"] = ended
