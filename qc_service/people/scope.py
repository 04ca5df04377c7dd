"""Which people, keys and tablets an actor sees and commands.

What belongs to every site is seen from each, and changed only by who may do so everywhere. What belongs
to another site does not exist.
"""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from qc_service.auth import Actor
from qc_service.db import Record
from qc_service.errors import NotFound, QCError, invalid
from qc_service.people.models import ApiKey, Device, Person, RoleGrant, SiteRef
from qc_service.people.rules import commanded, may_reset_pin, visible
from qc_service.people.staff import grants_of
from qc_service.texts import later

Row = TypeVar("Row", bound=Record)
NAMES: dict[type[Record], str] = {Person: "person", ApiKey: "key", Device: "tablet"}


def site_for(actor: Actor, action: str, code: str | None) -> str | None:
    """The id of the site that a request names; no site means all, for who may do it in all."""
    sites = actor.sites_for(action)
    if code is None:
        if sites is not None:
            raise QCError("scope_missing", "Name a site: only who may do it in every site may leave it out.")
        return None
    site = SiteRef.get_or_none(SiteRef.code == code)
    if site is None or not visible(sites, [site.id]):
        raise invalid("/site", f"No site {code!r} in which you may do that.", "unknown_ref")
    return str(site.id)


def seen(actor: Actor, action: str, model: type[Row], record_id: str) -> Row:
    """The record, if the actor may see it."""
    row = None if "\0" in record_id else model.get_or_none(model._meta.primary_key == record_id)  # noqa: SLF001
    if row is None or not visible(actor.sites_for(action), owners(row)):
        raise NotFound(NAMES[model], record_id)
    return row


def ours(actor: Actor, action: str, model: type[Row], record_id: str) -> Row:
    """The record, if the actor may change it."""
    row = seen(actor, action, model, record_id)
    if not commanded(actor.sites_for(action), owners(row)):
        raise QCError("scope_missing", f"This {NAMES[model]} belongs to other sites too: who commands all of them may.")
    return row


def owners(row: Any) -> Collection[str | None]:
    """The sites a record belongs to; None stands for all of them."""
    if isinstance(row, Person):
        return {grant.site_id for grant in grants_of([row.id])[row.id]}
    return [row.site_id]


def need_reset(actor: Actor, person: Person) -> None:
    """Refuse who would come by a PIN that signs more than their own."""
    if actor.id == person.id:
        raise QCError("same_person", "Change your own where you sign in: send the new one beside the old one.")
    _need_below(actor, grants_of([person.id])[person.id])


def need_card(actor: Actor, person: Person, grants: Collection[RoleGrant] | None = None) -> None:
    """Refuse who would come by a card that lets in as more than themselves, or hand out their own."""
    if actor.id == person.id:
        raise QCError("same_person", later("Nobody makes a card for themselves: ask another person."))
    _need_below(actor, grants_of([person.id])[person.id] if grants is None else grants)


def _need_below(actor: Actor, grants: Collection[RoleGrant]) -> None:
    by_admin = commanded(actor.sites_for("person.write"), {grant.site_id for grant in grants})
    if not may_reset_pin({grant.role for grant in grants}, by_admin=by_admin):
        raise QCError("scope_missing", "That person has more than a floor role: an administrator may do it.")


def in_sites(model: type[Record], sites: frozenset[str] | None) -> Any:
    """The rows of a model with a `site_id` that somebody who acts in these sites sees."""
    query = model.select()
    if sites is None:
        return query
    column = model._meta.fields["site_id"]  # noqa: SLF001
    return query.where(column.is_null() | column.in_(list(sites)))


def site_codes() -> dict[str | None, str | None]:
    return {None: None, **{site.id: site.code for site in SiteRef.select()}}


def roles_of(
    grants: Iterable[RoleGrant], codes: dict[str | None, str | None], sites: frozenset[str] | None
) -> list[dict[str, Any]]:
    """Roles as replies show them; those in sites that the reader does not see are left out."""
    return [_shown(grant, codes) for grant in grants if visible(sites, [grant.site_id])]


def _shown(grant: RoleGrant, codes: dict[str | None, str | None]) -> dict[str, Any]:
    until = {} if grant.expires_at is None else {"expires_at": grant.expires_at}
    return {"role": grant.role, "site": codes[grant.site_id], **until}
