"""What somebody may do with a version now, and in words why not: nobody presses a button that then refuses."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from qc_service.auth import Actor
from qc_service.desk.may import allowed, human, needs_role
from qc_service.lines.models import Site
from qc_service.people.models import Person
from qc_service.people.staff import people_with_role
from qc_service.policy import POLICY
from qc_service.procedures import hands
from qc_service.procedures.finding import Found
from qc_service.procedures.models import Procedure
from qc_service.texts import Text, later
from sops.versions import State

ACTIONS = {
    "submit": "procedure.submit",
    "review": "procedure.review",
    "return": "procedure.review",
    "approve": "procedure.approve",
    "publish": "procedure.publish",
    "withdraw": "procedure.withdraw",
    "discard": "procedure.draft",
}
BY_STATE: dict[State, tuple[str, ...]] = {
    State.DRAFT: ("submit", "discard"),
    State.IN_REVIEW: ("review", "approve", "return", "discard"),
    State.APPROVED: ("publish", "discard"),
    State.SCHEDULED: ("withdraw",),
    State.IN_FORCE: ("withdraw",),
    State.SUPERSEDED: (),
    State.WITHDRAWN: (),
}
OTHER_HANDS = {"review": ("author", "approver"), "approve": ("author", "reviewer")}
NOT_TWICE = {
    "author": later("You wrote this version yourself, so somebody else reviews and approves it."),
    "reviewer": later("You reviewed this version, so somebody else approves it."),
    "approver": later("You approved this version, so somebody else reviews it."),
}
DONE = later("You have reviewed it already.")


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can be done with the version as it is. why_not: "" where this person may do it."""

    kind: str
    why_not: Text | str = ""


def ways(actor: Actor, found: Found) -> list[Way]:
    """What can be done with the version now, by anybody, and whether this person may."""
    mine = _parts_of(actor, found)
    return [Way(kind, _why_not(actor, found, kind, mine)) for kind in BY_STATE[found.state]]


def _parts_of(actor: Actor, found: Found) -> set[str]:
    """The parts that this human being has in the version, by whichever account."""
    me = human(actor)
    return {hand.role for hand in hands.live(found.version.id) if hand.human_id == me}


def _why_not(actor: Actor, found: Found, kind: str, mine: set[str]) -> Text | str:
    action = ACTIONS[kind]
    if not allowed(actor, action, found.site_id):
        if found.site_id is None and actor.may(action):
            return later("This version is the whole plant's: who has the role in every site may do it.")
        return needs_role(action)
    for part in OTHER_HANDS.get(kind, ()):
        if part in mine:
            return NOT_TWICE[part]
    return DONE if kind == "review" and "reviewer" in mine else ""


def owners(one: Procedure) -> list[Person]:
    """Who may own a procedure: who may answer for it in its site, or in any."""
    sites = [one.site_id] if one.site_id else [row.id for row in Site.select(Site.id)]
    return _unique(person for site in sites for person in people_with_role(POLICY["report.answer"].roles, site))


def _unique(found: Iterable[Person]) -> list[Person]:
    return sorted({person.id: person for person in found}.values(), key=lambda one: one.name)


def people(found: Collection[Person]) -> list[dict[str, str]]:
    return [{"code": one.code, "name": f"{one.name} ({one.code})"} for one in found]
