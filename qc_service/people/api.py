"""Signing in, people, API keys and tablets over HTTP."""

from collections.abc import Sequence
from typing import Any

from flask import request

from qc_service import clock, paging
from qc_service.auth import actor, allow, public
from qc_service.db import write
from qc_service.errors import NotFound
from qc_service.idempotency import unrepeated
from qc_service.people import access, cards, credentials, schemas, scope, sessions, signin, staff, throttle
from qc_service.people.models import ApiKey, Device, Person, RoleGrant
from qc_service.people.rules import IDLE
from qc_service.schemas import PageArgs
from qc_service.web import Blueprint

blp = Blueprint("people", __name__, url_prefix="/v1", description="Who works here, and what lets them in")

Reply = dict[str, Any]


@blp.route("/sessions", methods=["POST"])
@public
@unrepeated  # the answer is a token, and a hash of the body would give the PIN away
@blp.doc(security=[])
@blp.arguments(schemas.SignIn)
@blp.response(201, schemas.SignedInOut)
def create_session(body: dict[str, Any]) -> Reply:
    """Sign in with badge and PIN or a badge card on an enrolled tablet, or with badge and password at a desk."""
    now = clock.now()
    if "card" in body:
        made = signin.sign_in_with_card(body["card"], body["device"], now)
    elif "pin" in body:
        made = signin.sign_in_on_tablet(body["badge"], body["pin"], body["device"], now, new_pin=body.get("new_pin"))
    else:
        client, new = request.remote_addr or "", body.get("new_password")
        made = signin.sign_in_at_desk(body["badge"], body["password"], client, now, new_password=new)
    return {
        "token": made.token,
        "person": _person(made.person, None),
        "expires_at": made.session.expires_at,
        "idle_for": int(IDLE[made.session.kind].total_seconds()),
    }


@blp.route("/sessions/current", methods=["DELETE"])
@allow("session.end")
@blp.response(204)
def end_session() -> None:
    """Sign out."""
    session_id = actor().session_id
    if session_id is None:
        raise NotFound("session")
    sessions.sign_out(actor().author, session_id)


@blp.route("/me", methods=["GET"])
@allow("me.read")
@blp.response(200, schemas.MeOut)
def show_me() -> Reply:
    """Who the token speaks for."""
    who = actor()
    if who.kind == "key":
        key = ApiKey.get_by_id(who.id)
        return {"kind": "key", **_key(key, scope.site_codes())}
    return {"kind": "person", **_person(Person.get_by_id(who.id), None), "device": who.device_id}


@blp.route("/people", methods=["GET"])
@allow("person.read")
@blp.arguments(schemas.PeopleArgs, location="query")
@blp.response(200, schemas.PeoplePage)
def list_people(args: dict[str, Any]) -> Reply:
    """The people of the sites that you may see."""
    sites = actor().sites_for("person.read")
    query = staff.people_in(sites)
    if args["code"] is not None:
        query = query.where(Person.code == args["code"])
    page = paging.page(query, Person, args, lambda person: person)
    return {**page, "data": _people(page["data"], sites)}


@blp.route("/people", methods=["POST"])
@allow("person.write")
@blp.arguments(schemas.PersonIn)
@blp.response(201, schemas.PersonOut)
def create_person(body: dict[str, Any]) -> Reply:
    """Add a person with roles in one site or in all; PIN and password follow on their own addresses."""
    site_id = scope.site_for(actor(), "person.write", body.pop("site"))
    person = staff.add_person(actor().author, **body, site_id=site_id)
    return _person(person, actor().sites_for("person.read"))


@blp.route("/people/<person_id>", methods=["GET"])
@allow("person.read")
@blp.response(200, schemas.PersonOut)
def get_person(person_id: str) -> Reply:
    """One person."""
    return _person(scope.seen(actor(), "person.read", Person, person_id), actor().sites_for("person.read"))


@blp.route("/people/<person_id>", methods=["PATCH"])
@allow("person.write")
@blp.arguments(schemas.PersonPatch)
@blp.response(200, schemas.PersonOut)
def change_person(body: dict[str, Any], person_id: str) -> Reply:
    """Change a name, an e-mail address or a language; `active: false` ends all sessions at once."""
    scope.ours(actor(), "person.write", Person, person_id)
    author, active = actor().author, body.pop("active", None)
    with write():
        if active is not None:
            (staff.reactivate_person if active else staff.deactivate_person)(author, person_id)
        person = staff.change_person(author, person_id, **body)
    return _person(person, actor().sites_for("person.read"))


@blp.route("/people/<person_id>/roles", methods=["POST"])
@allow("person.write")
@blp.arguments(schemas.RoleIn)
@blp.response(200, schemas.PersonOut)
def grant_role(body: dict[str, Any], person_id: str) -> Reply:
    """Give a role in a site, or everywhere; an auditor's may end by itself."""
    person = scope.seen(actor(), "person.write", Person, person_id)
    site_id = scope.site_for(actor(), "person.write", body["site"])
    staff.grant_role(actor().author, person.id, body["role"], site_id=site_id, expires_at=body["expires_at"])
    return _person(person, actor().sites_for("person.read"))


@blp.route("/people/<person_id>/roles/<role>", methods=["DELETE"])
@allow("person.write")
@blp.arguments(schemas.SiteArg, location="query")
@blp.response(204)
def revoke_role(args: dict[str, Any], person_id: str, role: str) -> None:
    """Take a role back."""
    person = scope.seen(actor(), "person.write", Person, person_id)
    site_id = scope.site_for(actor(), "person.write", args["site"])
    staff.revoke_role(actor().author, person.id, role, site_id=site_id)


@blp.route("/people/<person_id>/pin", methods=["POST"])
@allow("person.reset_pin")
@unrepeated
@blp.arguments(schemas.PinIn)
@blp.response(204)
def reset_pin(body: dict[str, Any], person_id: str) -> None:
    """Give a person a PIN for one sign-in, at which they choose their own. Ends sessions and blocks."""
    person = scope.ours(actor(), "person.reset_pin", Person, person_id)
    scope.need_reset(actor(), person)
    credentials.set_pin(actor().author, person.id, body["pin"], must_change=True)


@blp.route("/people/<person_id>/card", methods=["POST"])
@allow("card.issue")
@unrepeated  # the answer holds the card's secret
@blp.response(201, schemas.CardMade)
def issue_card(person_id: str) -> Reply:
    """Make a badge card; what its code says is shown this once. The one before it ends at once, with its sessions."""
    person = scope.ours(actor(), "card.issue", Person, person_id)
    scope.need_card(actor(), person)
    card, text = cards.issue(actor().author, person.id)
    return {"badge": person.code, "name": person.name, "card": text, "issued_at": card.issued_at}


@blp.route("/people/<person_id>/card", methods=["DELETE"])
@allow("card.issue")
@blp.response(204)
def lose_card(person_id: str) -> None:
    """The badge card is lost: it lets nobody in any more, and the sessions that it began end."""
    person = scope.seen(actor(), "card.issue", Person, person_id)  # seen is enough: it cannot wait
    cards.lose(actor().author, person.id)


@blp.route("/people/<person_id>/password", methods=["POST"])
@allow("person.write")
@unrepeated
@blp.arguments(schemas.PasswordIn)
@blp.response(204)
def reset_password(body: dict[str, Any], person_id: str) -> None:
    """Give a person a password for one sign-in, at which they choose their own. Ends their sessions."""
    person = scope.ours(actor(), "person.write", Person, person_id)
    scope.need_reset(actor(), person)
    credentials.set_password(actor().author, person.id, body["password"], must_change=True)


@blp.route("/keys", methods=["GET"])
@allow("key.write")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.KeyPage)
def list_keys(args: dict[str, Any]) -> Reply:
    """The API keys of the sites that you administer."""
    codes = scope.site_codes()
    query = scope.in_sites(ApiKey, actor().sites_for("key.write"))
    return paging.page(query, ApiKey, args, lambda key: _key(key, codes))


@blp.route("/keys", methods=["POST"])
@allow("key.write")
@unrepeated
@blp.arguments(schemas.KeyIn)
@blp.response(201, schemas.KeyMade)
def create_key(body: dict[str, Any]) -> Reply:
    """Make an API key; its token is shown this once."""
    site_id = scope.site_for(actor(), "key.write", body.pop("site"))
    key, token = access.create_key(actor().author, **body, site_id=site_id)
    return {**_key(key, scope.site_codes()), "token": token}


@blp.route("/keys/<key_id>", methods=["DELETE"])
@allow("key.write")
@blp.response(204)
def revoke_key(key_id: str) -> None:
    """Withdraw an API key; its next request is refused."""
    access.revoke_key(actor().author, scope.ours(actor(), "key.write", ApiKey, key_id).id)


@blp.route("/devices", methods=["GET"])
@allow("device.enrol")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.DevicePage)
def list_devices(args: dict[str, Any]) -> Reply:
    """The tablets of your sites."""
    query = scope.in_sites(Device, actor().sites_for("device.enrol"))
    page = paging.page(query, Device, args, lambda device: device)
    return {**page, "data": _devices(page["data"])}


@blp.route("/devices", methods=["POST"])
@allow("device.enrol")
@unrepeated
@blp.arguments(schemas.DeviceIn)
@blp.response(201, schemas.DeviceMade)
def enrol_device(body: dict[str, Any]) -> Reply:
    """Enrol a tablet; its token is shown this once."""
    site_id = scope.site_for(actor(), "device.enrol", body["site"])
    device, token = access.enrol_device(actor().author, body["name"], site_id=site_id)
    return {**_devices([device])[0], "token": token}


@blp.route("/devices/<device_id>", methods=["DELETE"])
@allow("device.enrol")
@blp.response(204)
def revoke_device(device_id: str) -> None:
    """Withdraw a tablet, a lost one say: no PIN counts on it any more, and its sessions end."""
    access.revoke_device(actor().author, scope.ours(actor(), "device.enrol", Device, device_id).id)


@blp.route("/devices/<device_id>/unlock", methods=["POST"])
@allow("device.unlock")
@blp.response(200, schemas.DeviceOut)
def unlock_device(device_id: str) -> Reply:
    """Give a tablet that used up its wrong tries a new budget."""
    device = scope.seen(actor(), "device.unlock", Device, device_id)  # seen is enough: it stands here
    access.unlock_device(actor().author, device.id)
    return _devices([device])[0]


def _person(person: Person, sites: frozenset[str] | None) -> Reply:
    return _people([person], sites)[0]


def _people(people: Sequence[Person], sites: frozenset[str] | None) -> list[Reply]:
    codes = scope.site_codes()
    grants: dict[str, list[RoleGrant]] = staff.grants_of([person.id for person in people])
    return [{**person.__data__, "roles": scope.roles_of(grants[person.id], codes, sites)} for person in people]


def _key(key: ApiKey, codes: dict[str | None, str | None]) -> Reply:
    return {**key.__data__, "site": codes[key.site_id]}


def _devices(devices: Sequence[Device]) -> list[Reply]:
    codes = scope.site_codes()
    locked = throttle.locked_devices([device.id for device in devices], clock.now())
    return [{**device.__data__, "site": codes[device.site_id], "locked": device.id in locked} for device in devices]
