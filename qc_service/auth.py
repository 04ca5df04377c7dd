"""The actor of a request, and the mark that every view carries. `app.py` plugs in how a request becomes an actor.

No Flask in here: services take an actor as an argument, and workers use services.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from qc_service.audit import Author
from qc_service.errors import NotFound, QCError
from qc_service.policy import POLICY, card_allows, roles_allow, scopes_allow
from qc_service.texts import later

View = TypeVar("View", bound=Callable[..., Any])

ALL_SITES = "*"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an API key or a tablet by itself, with what they were granted.

    `roles` maps a site's id, or `*`, to role names.
    """

    kind: str  # person · key · device · anonymous
    id: str = ""
    name: str = ""
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    key_site: str | None = None
    device_id: str | None = None
    session_id: str | None = None
    via: str = "api"
    language: str = ""  # a person's own; "" where nobody said
    badge: str = ""  # a person's
    human_id: str = ""  # the human being whose account it is
    by_card: bool = False  # signed in with a badge card, and so for the floor's own work only

    @property
    def author(self) -> Author:
        return Author(f"{self.kind}:{self.id}" if self.id else self.kind, self.device_id, self.via)

    def sites_for(self, action: str) -> frozenset[str] | None:
        """Ids of the sites in which this actor may do it; None means every site."""
        if self.kind == "key":
            if not scopes_allow(self.scopes, action):
                return frozenset()
            return None if self.key_site is None else frozenset({self.key_site})
        if self.kind == "device":
            if not POLICY[action].tablet:
                return frozenset()
            return None if self.key_site is None else frozenset({self.key_site})
        mine = {} if self.by_card and not card_allows(action) else self.roles
        if roles_allow(mine.get(ALL_SITES, frozenset()), action):
            return None
        return frozenset(site for site, roles in mine.items() if roles_allow(roles, action))

    def may(self, action: str, site_id: str | None = None) -> bool:
        """May they do it in this site? Without a site: in any."""
        sites = self.sites_for(action)
        if sites is None:
            return True
        return bool(sites) if site_id is None else site_id in sites

    def need(self, action: str, site_id: str, what: str = "record") -> None:
        """Refuse another site's record as if it were not there, and one's own site for want of a role."""
        if self.may(action, site_id):
            return
        if self.sees(site_id):
            raise QCError("scope_missing", _needed(self, action))
        raise NotFound(what)

    def sees(self, site_id: str) -> bool:
        if self.kind in ("key", "device"):
            return self.key_site in (None, site_id)
        return bool(self.roles.get(site_id) or self.roles.get(ALL_SITES))


ANONYMOUS = Actor("anonymous")


def _needed(actor: Actor, action: str) -> str:
    rule = POLICY[action]
    if actor.by_card and not card_allows(action):
        return later("A card is for the floor's own work: sign in with your PIN for this.")
    if actor.kind != "key":
        return later("That needs one of the roles %(roles)s.", roles=rule.roles)
    if rule.scope is None:
        return later("That needs a person: no key may do it.")
    return later("That needs a key with the scope %(scope)s.", scope=rule.scope)


def allow(action: str) -> Callable[[View], View]:
    """Mark a view with the action of the policy table that it performs."""
    if action not in POLICY:
        raise KeyError(f"no row for {action} in the policy table")

    def mark(view: View) -> View:
        view.qc_action = action  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Mark a view that anybody may call. The list of these is part of the contract."""
    view.qc_action = None  # type: ignore[attr-defined]
    return view


_actor: ContextVar[Actor] = ContextVar("actor", default=ANONYMOUS)


def actor() -> Actor:
    """The actor of the running request."""
    return _actor.get()


def act_as(who: Actor) -> None:
    """Set at the head of every request; workers never ask."""
    _actor.set(who)


def check(view: Any) -> None:
    """Called before every request: a view without a mark is locked."""
    if view is None:
        return
    if not hasattr(view, "qc_action"):
        raise QCError("scope_missing", "This address has no rule and is therefore closed.")
    action = view.qc_action
    if action is None:
        return
    who = actor()
    if who.kind == "anonymous":
        raise QCError("unauthenticated", "Send 'Authorization: Bearer …' with an API key or a session token.")
    if not who.may(action):
        raise QCError("scope_missing", _needed(who, action))
