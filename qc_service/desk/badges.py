"""Badge cards: who has one, making one, and saying that it is lost."""

from collections.abc import Sequence
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from peewee import fn

from qc_service.auth import actor, allow
from qc_service.desk.blueprint import blp
from qc_service.desk.pages import flash, page, words
from qc_service.desk.paper_pdf import qr_path
from qc_service.errors import QCError
from qc_service.people import cards, scope, staff
from qc_service.people.models import BadgeCard, Person, RoleGrant
from qc_service.people.rules import commanded
from qc_service.policy import ROLE_NAMES, ROLES
from qc_service.texts import later

ISSUE = "card.issue"
MOST = 200  # at once; of more, somebody looks for one


@blp.get("/badges", endpoint="badges")
@allow(ISSUE)
def list_badges() -> ResponseReturnValue:
    asked = request.args.get("q", "").strip().replace("\0", "")[:120]
    query = staff.people_in(actor().sites_for(ISSUE)).where(Person.active).order_by(Person.name, Person.code)
    if asked:
        query = query.where(fn.LOWER(Person.name).contains(asked.lower()) | (fn.LOWER(Person.code) == asked.lower()))
    people = list(query.limit(MOST + 1))
    rows = _rows(people[:MOST])
    return page("badges.html", nav=_nav(), tab="badges", q=asked, rows=rows, more=len(people) > MOST, most=MOST)


@blp.post("/badges/<person_id>/card", endpoint="badge_card")
@allow(ISSUE)
def make(person_id: str) -> ResponseReturnValue:
    """The code is in this one answer and nowhere else: whoever reloads the page makes another card."""
    person = scope.ours(actor(), ISSUE, Person, person_id)
    scope.need_card(actor(), person)
    card, text = cards.issue(actor().author, person.id)
    side, dark = qr_path(text)
    return page(
        "badge_card.html", nav=_nav(), name=person.name, badge=person.code, issued_at=card.issued_at, side=side,
        dark=dark,
    )  # fmt: skip


@blp.post("/badges/<person_id>/lost", endpoint="badge_lost")
@allow(ISSUE)
def lost(person_id: str) -> ResponseReturnValue:
    person = scope.seen(actor(), ISSUE, Person, person_id)  # seen is enough: it cannot wait
    cards.lose(actor().author, person.id)
    flash("success", words().say(later("The card of %(name)s lets nobody in any more.", name=person.name)))
    return redirect(url_for("desk.badges"), 303)


def _nav() -> str:
    """It stands beside the tablets, for whoever sees those."""
    return "inspections" if actor().may("inspection.read") else "badges"


def _rows(people: Sequence[Person]) -> list[dict[str, Any]]:
    ids = [person.id for person in people]
    grants, live = staff.grants_of(ids), cards.of_people(ids)
    return [_row(person, grants[person.id], live.get(person.id)) for person in people]


def _row(person: Person, grants: list[RoleGrant], card: BadgeCard | None) -> dict[str, Any]:
    sites = actor().sites_for(ISSUE)
    roles = {grant.role for grant in grants if sites is None or grant.site_id is None or grant.site_id in sites}
    return {
        "id": person.id, "name": person.name, "badge": person.code, "since": card.issued_at if card else None,
        "roles": [words().say(ROLE_NAMES[role]) for role in ROLES if role in roles], "may": _may(person, grants),
    }  # fmt: skip


def _may(person: Person, grants: list[RoleGrant]) -> bool:
    """May whoever looks hand out a card to this person?"""
    if not commanded(actor().sites_for(ISSUE), {grant.site_id for grant in grants}):
        return False
    try:
        scope.need_card(actor(), person, grants)
    except QCError:
        return False
    return True
