"""People, sign-in, keys and tablets on the wire."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from qc_service.people.models import ApiKey, Device, Person
from qc_service.people.rules import KEY_DAYS_MAX, PASSWORD_LONGEST
from qc_service.policy import ROLES, SCOPES
from qc_service.schemas import Code, Moment, PageArgs, Reply, Schema, Text, reply_schema
from sops.languages import LANGUAGES

LANGUAGE = validate.OneOf(LANGUAGES, error="Languages are: {choices}.")
ROLE = validate.OneOf(ROLES, error="Roles are: {choices}.")
SCOPE = validate.OneOf((*SCOPES, "*"), error="Scopes are: {choices}.")
EMAIL = (validate.Length(max=254), validate.Email(error="That is no e-mail address."))


def _secret(**kwargs: Any) -> fields.String:
    """A secret as it was typed, untrimmed; what it must be is the service's to say."""
    return fields.String(validate=validate.Length(min=1, max=PASSWORD_LONGEST), load_only=True, **kwargs)


class SignIn(Schema):
    """`badge, pin, device` or `card, device` on a tablet, or `badge, password` at a desk."""

    badge = Code()
    pin = _secret()
    card = _secret(metadata={"description": "What the code on a badge card says"})
    device = _secret(metadata={"description": "The enrolled tablet's token"})
    password = _secret()
    new_pin = _secret(metadata={"description": "Replaces the PIN; needed where another person chose it"})
    new_password = _secret(metadata={"description": "Replaces the password; needed where another person chose it"})

    @ma.validates_schema
    def one_form(self, data: dict[str, Any], **_: Any) -> None:
        given = set(data) - {"new_pin", "new_password"}
        if "badge" not in given and "card" not in given:
            raise ma.ValidationError("Missing data for required field.", "badge")
        if given not in ({"badge", "pin", "device"}, {"card", "device"}, {"badge", "password"}):
            raise ma.ValidationError("Send pin and device on a tablet, or password at a desk.", "pin")
        if "card" in given and given != set(data):
            raise ma.ValidationError("A card comes with device only.", "card")
        other = "new_password" if "pin" in given else "new_pin"
        if other in data:
            raise ma.ValidationError(f"{other} does not go with this form of signing in.", other)


class RoleOut(Reply):
    role = fields.String()
    site = fields.String(allow_none=True, metadata={"description": "The site's code; null: in every site"})
    expires_at = Moment(metadata={"description": "When it ends or ended by itself; absent: it does not"})


PersonOut = reply_schema(
    "Person", Person, "id", "code", "name", "email", "language", "active", "created_at", "updated_at",
    roles=fields.List(fields.Nested(RoleOut)),
)  # fmt: skip
SessionPerson = reply_schema(
    "SessionPerson", Person, "id", "code", "name", "language", roles=fields.List(fields.Nested(RoleOut))
)
KeyOut = reply_schema(
    "Key", ApiKey, "id", "name", "created_at", "expires_at", "revoked_at",
    scopes=fields.List(fields.String()), site=fields.String(allow_none=True),
)  # fmt: skip
KeyMade = reply_schema(
    "KeyMade", ApiKey, "id", "name", "created_at", "expires_at", "revoked_at",
    scopes=fields.List(fields.String()), site=fields.String(allow_none=True),
    token=fields.String(metadata={"description": "Shown this once"}),
)  # fmt: skip
DeviceOut = reply_schema(
    "Device", Device, "id", "name", "enrolled_at", "revoked_at",
    site=fields.String(allow_none=True), locked=fields.Boolean(),
)  # fmt: skip
DeviceMade = reply_schema(
    "DeviceMade", Device, "id", "name", "enrolled_at", "revoked_at",
    site=fields.String(allow_none=True), locked=fields.Boolean(),
    token=fields.String(metadata={"description": "Shown this once"}),
)  # fmt: skip


class CardMade(Reply):
    """A badge card, as it is printed."""

    badge = fields.String()
    name = fields.String()
    card = fields.String(metadata={"description": "What its code says; shown this once"})
    issued_at = Moment()


class SignedInOut(Reply):
    token = fields.String(metadata={"description": "Shown this once; send it as a bearer token"})
    person = fields.Nested(SessionPerson)
    expires_at = Moment(metadata={"description": "The latest end; an idle session ends earlier"})
    idle_for = fields.Integer(metadata={"description": "Seconds without a request that end the session"})


class MeOut(Reply):
    """Who the token speaks for: a person with roles, or a key with scopes."""

    kind = fields.String()
    id = fields.String()
    name = fields.String()
    code = fields.String()
    language = fields.String()
    roles = fields.List(fields.Nested(RoleOut))
    device = fields.String(allow_none=True)
    scopes = fields.List(fields.String())
    site = fields.String(allow_none=True)
    expires_at = Moment()


class PersonIn(Schema):
    code = Code(required=True, metadata={"description": "Also the badge; never given to another person"})
    name = Text(required=True)
    roles = fields.List(
        fields.String(validate=ROLE),
        required=True,
        validate=validate.Length(min=1, max=20),
    )
    site = Code(
        load_default=None,
        allow_none=True,
        metadata={"description": "Where the roles hold; absent: everywhere"},
    )
    email = fields.String(load_default=None, allow_none=True, validate=EMAIL)
    language = fields.String(load_default="en", validate=LANGUAGE)


class PersonPatch(Schema):
    name = Text()
    email = fields.String(allow_none=True, validate=EMAIL)
    language = fields.String(validate=LANGUAGE)
    active = fields.Boolean(truthy={True}, falsy={False})


class RoleIn(Schema):
    role = fields.String(required=True, validate=ROLE)
    site = Code(
        load_default=None,
        allow_none=True,
        metadata={"description": "Where the role holds; absent: everywhere"},
    )
    expires_at = Moment(
        load_default=None,
        allow_none=True,
        metadata={"description": "For an auditor: from this moment on the role is gone by itself; absent: it stays"},
    )


class SiteArg(Schema):
    site = Code(load_default=None, metadata={"description": "The site's code; absent: the role that holds everywhere"})


class PinIn(Schema):
    pin = _secret(required=True)


class PasswordIn(Schema):
    password = _secret(required=True)


class KeyIn(Schema):
    name = Text(required=True)
    scopes = fields.List(
        fields.String(validate=SCOPE),
        required=True,
        validate=validate.Length(min=1, max=100),
    )
    site = Code(load_default=None, allow_none=True, metadata={"description": "Absent: all sites"})
    days = fields.Integer(
        strict=True, load_default=KEY_DAYS_MAX, validate=validate.Range(min=1, max=KEY_DAYS_MAX)
    )  # fmt: skip


class DeviceIn(Schema):
    name = Text(required=True)
    site = Code(load_default=None, allow_none=True, metadata={"description": "Absent: all sites"})


class PeopleArgs(PageArgs):
    code = Code(load_default=None, metadata={"description": "Only the person with this badge"})


def page_of(name: str, reply: type[Reply]) -> type[Reply]:
    made: type[Reply] = type(
        f"{name}Page",
        (Reply,),
        {
            "data": fields.List(fields.Nested(reply)),
            "has_more": fields.Boolean(),
            "next_cursor": fields.String(allow_none=True),
        },
    )
    return made


PeoplePage, KeyPage, DevicePage = (
    page_of("People", PersonOut),
    page_of("Key", KeyOut),
    page_of("Device", DeviceOut),
)
