"""What every page asks of whoever looks at it: which human being they are, and whose an act is that is not theirs."""

from qc_service.auth import Actor
from qc_service.people.models import Person
from qc_service.people.staff import human_of
from qc_service.policy import POLICY, ROLE_NAMES
from qc_service.texts import Text, later


def allowed(actor: Actor, action: str, site_id: str | None) -> bool:
    """May they act on what belongs to this site or, without one, to the whole plant or to no site yet?"""
    return actor.may(action, site_id) if site_id else actor.sites_for(action) is None


def needs_role(action: str) -> Text:
    """Why somebody may not, in words."""
    return later("That needs one of the roles %(roles)s.", roles=tuple(ROLE_NAMES[one] for one in POLICY[action].roles))


def human(actor: Actor) -> str:
    """The human being whose account it is; nobody where no person looks."""
    person = Person.get_or_none(Person.id == actor.id)
    return human_of(person) if person is not None else ""
