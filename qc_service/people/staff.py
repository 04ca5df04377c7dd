"""People and their roles. Their events stand in the plant's stream: a person is one, wherever they work."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from qc_service import audit
from qc_service.clock import iso
from qc_service.db import connected, db, locked, new_id
from qc_service.errors import FieldProblem, Invalid, NotFound, QCError, invalid
from qc_service.people import credentials
from qc_service.people.models import Person, RoleGrant, Session, SiteRef
from qc_service.policy import ROLES
from qc_service.texts import later
from sops.languages import LANGUAGES

EXPIRING_ROLES = ("auditor",)  # nothing hangs on when they held it, as it does on who might inspect at some time


def add_person(
    author: audit.Author, code: str, name: str, roles: Sequence[str], *, site_id: str | None = None,
    pin: str | None = None, password: str | None = None, email: str | None = None, language: str = "en",
) -> Person:  # fmt: skip
    """A new person, whose code is also the badge, with roles in one site or in all."""
    _check_roles(roles)
    _check_language(language)
    draft = Person(id=new_id("per"), code=code, name=name)
    secrets = {kind: secret for kind, secret in (("pin", pin), ("password", password)) if secret is not None}
    for kind, secret in secrets.items():
        credentials.refuse_unfit(kind, secret, draft)
    hashes = {kind: credentials.hashed(secret) for kind, secret in secrets.items()}
    data = {"person": draft.id, "code": code, "roles": sorted(set(roles)), "site": site_id}
    with connected(), audit.change(author, "person.added", data=data) as change:
        need_site(site_id)
        if person_with(code) is not None:
            raise QCError("already_exists", f"Badge {code!r} is taken; none is ever given to another person.")
        person: Person = change.insert(
            Person, id=draft.id, code=code, name=name, email=email, language=language, active=True,
            created_at=change.now, updated_at=change.now,
        )  # fmt: skip
        for role in sorted(set(roles)):
            _grant(change, person.id, role, site_id)
        for kind, new in hashes.items():
            credentials.keep(change, person.id, kind, new, must_change=False)
    return person


def person_with(code: str) -> Person | None:
    """The person with this badge."""
    found: Person | None = Person.get_or_none(Person.code == code)
    return found


def human_of(person: Person) -> str:
    """The human being whose account this is, named by the account that stands for them."""
    human: str = person.human_id or person.id
    return human


def locked_human(person_id: str) -> str:
    """The same, held until commit: nobody is found to be somebody else meanwhile."""
    return human_of(locked(Person.select().where(Person.id == person_id)).get())


def change_person(author: audit.Author, person_id: str, **values: object) -> Person:
    """Change name, e-mail or language."""
    with connected():
        person = _person(person_id)
        before = {name: getattr(person, name) for name in values}
        data = {"person": person.id, "before": before, "after": values}
        with audit.change(author, "person.changed", data=data) as change:
            if before == values:
                change.discard()
            else:
                change.update(person, **values, updated_at=change.now)
        return person


def deactivate_person(author: audit.Author, person_id: str) -> None:
    """The person has left: the next request of each of their sessions is refused; the badge stays theirs."""
    with connected():
        person = _not_oneself(author, person_id)
        data = {"person": person.id, "code": person.code}
        with audit.change(author, "person.deactivated", data=data) as change:
            if not person.active:
                change.discard()
                return
            change.update(person, active=False, updated_at=change.now)
            credentials.end_sessions(change, Session.person_id == person.id)


def reactivate_person(author: audit.Author, person_id: str) -> None:
    """The person is back, with the roles and secrets they had; sessions stay ended."""
    with connected():
        person = _not_oneself(author, person_id)
        data = {"person": person.id, "code": person.code}
        with audit.change(author, "person.reactivated", data=data) as change:
            if person.active:
                change.discard()
            else:
                change.update(person, active=True, updated_at=change.now)


def grant_role(
    author: audit.Author, person_id: str, role: str, *, site_id: str | None = None, expires_at: datetime | None = None
) -> None:
    """Give a role in a site, or everywhere, for good or until a moment. Whether the author commands it is asked at
    the door. Given again, it ends when it was said last."""
    with connected():
        _check_roles([role], "/role")
        person = _not_oneself(author, person_id)
        until = {} if expires_at is None else {"expires_at": iso(expires_at)}
        data = {"person": person.id, "role": role, "site": site_id, **until}
        with audit.change(author, "role.granted", data=data) as change:
            need_site(site_id)
            _check_end(role, expires_at, change.now)
            held = _held(person.id, role, site_id)
            if held is None:
                _grant(change, person.id, role, site_id, expires_at)
            elif held.expires_at != expires_at:
                change.update(held, expires_at=expires_at)
            else:
                change.discard()


def revoke_role(author: audit.Author, person_id: str, role: str, *, site_id: str | None = None) -> None:
    """Take a role back; it is gone at the person's next request."""
    with connected():
        _check_roles([role], "/role")
        person = _not_oneself(author, person_id)
        data = {"person": person.id, "role": role, "site": site_id}
        with audit.change(author, "role.revoked", data=data) as change:
            held = _held(person.id, role, site_id)
            if held is None:
                raise NotFound("role of that person")
            change.delete(RoleGrant, [{"id": held.id}])


def people_with_role(roles: Collection[str], site_id: str | None) -> list[Person]:
    """Active people who hold one of the roles in that site or everywhere; without a site: everywhere."""
    with connected():
        holders = RoleGrant.select(RoleGrant.person_id).where(
            RoleGrant.role.in_(list(roles)) & (RoleGrant.site_id.is_null() | (RoleGrant.site_id == site_id))
            & (RoleGrant.expires_at.is_null() | (RoleGrant.expires_at > db.obj.now()))
        )  # fmt: skip
        return list(Person.select().where(Person.active & Person.id.in_(holders)).order_by(Person.code))


def grants_of(person_ids: Collection[str]) -> dict[str, list[RoleGrant]]:
    """Each person's roles."""
    found: dict[str, list[RoleGrant]] = {person_id: [] for person_id in person_ids}
    query = RoleGrant.select().where(RoleGrant.person_id.in_(list(person_ids)))
    for grant in query.order_by(RoleGrant.role, RoleGrant.site_id):
        found[grant.person_id].append(grant)
    return found


def people_in(sites: frozenset[str] | None) -> Any:
    """The people who hold a role in one of these sites or everywhere; None: all people."""
    if sites is None:
        return Person.select()
    here = RoleGrant.site_id.is_null() | RoleGrant.site_id.in_(list(sites))
    holders = RoleGrant.select(RoleGrant.person_id).where(here)
    return Person.select().where(Person.id.in_(holders))


def need_site(site_id: str | None) -> None:
    if site_id is not None and SiteRef.get_or_none(SiteRef.id == site_id) is None:
        raise invalid("/site", "There is no such site.", "unknown_ref")


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise invalid("/language", later("Languages are: %(known)s.", known=LANGUAGES))


def _check_roles(roles: Sequence[str], pointer: str = "/roles") -> None:
    if not roles:
        raise invalid(pointer, f"Name at least one of: {', '.join(ROLES)}")
    wrong = [
        FieldProblem(
            f"{pointer}/{place}" if pointer == "/roles" else pointer,
            "invalid",
            f"{role!r} is no role. Roles are: {', '.join(ROLES)}",
        )
        for place, role in enumerate(roles)
        if role not in ROLES
    ]
    if wrong:
        raise Invalid(*wrong)


def _check_end(role: str, expires_at: datetime | None, now: datetime) -> None:
    if expires_at is None:
        return
    if role not in EXPIRING_ROLES:
        raise invalid("/expires_at", later("Only an auditor's role ends by itself: take any other back in its time."))
    if expires_at <= now:
        raise invalid("/expires_at", later("That moment has passed: name one that is to come."))


def _person(person_id: str) -> Person:
    person: Person | None = Person.get_or_none(Person.id == person_id)
    if person is None:
        raise NotFound("person")
    return person


def _not_oneself(author: audit.Author, person_id: str) -> Person:
    if author.name == f"person:{person_id}":
        raise QCError("same_person", "Nobody changes their own roles or activity: ask another administrator.")
    return _person(person_id)


def _held(person_id: str, role: str, site_id: str | None) -> RoleGrant | None:
    here = RoleGrant.site_id.is_null() if site_id is None else RoleGrant.site_id == site_id
    same = (RoleGrant.person_id == person_id) & (RoleGrant.role == role) & here
    found: RoleGrant | None = RoleGrant.get_or_none(same)
    return found


def _grant(
    change: audit.Change, person_id: str, role: str, site_id: str | None, expires_at: datetime | None = None
) -> None:
    change.insert(
        RoleGrant, id=new_id("rol"), person_id=person_id, role=role, site_id=site_id, created_at=change.now,
        expires_at=expires_at,
    )  # fmt: skip
