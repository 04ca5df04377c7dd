"""Who works here, what they may do, and what lets them in. A secret is only ever kept as a hash."""

import peewee

from qc_service.db import JsonField, Record, UtcField


class SiteRef(Record):
    """A site's id and code, for reading only.

    Sites belong to a later slice, which may know people and which people may not know; a role, a key and
    a tablet are yet given for a site by its code. The one who writes the table is that slice's model.
    """

    trail = "none"

    id = peewee.TextField(primary_key=True)
    code = peewee.TextField(unique=True)

    class Meta:
        table_name = "site"


class Person(Record):
    id = peewee.TextField(primary_key=True)
    code = peewee.TextField(unique=True)  # the badge; never changed and never given to another person
    name = peewee.TextField()
    email = peewee.TextField(null=True)
    language = peewee.TextField()
    active = peewee.BooleanField()
    human_id = peewee.TextField(null=True)  # the account that stands for the human being; null: this one does
    created_at = UtcField()
    updated_at = UtcField()


class RoleGrant(Record):
    """A role that a person holds in a site, or everywhere. Revoking deletes the row; the trail keeps it.

    One with a moment at which it expires ends there by itself, and its row stays.
    """

    id = peewee.TextField(primary_key=True)
    person_id = peewee.TextField()
    role = peewee.TextField()
    site_id = peewee.TextField(null=True)
    created_at = UtcField()
    expires_at = UtcField(null=True)


class Credential(Record):
    trail = "digest"  # the hash of a six-digit PIN stays out of a history that is exported

    person_id = peewee.TextField()
    kind = peewee.TextField()
    hash = peewee.TextField()
    must_change = peewee.BooleanField()  # another person chose it: worth one sign-in, which names a new one
    changed_at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("person_id", "kind")


class CredentialPast(Record):
    """A PIN that was valid until then: what was sealed with it before still proves who did it."""

    trail = "digest"
    history = True

    person_id = peewee.TextField()
    kind = peewee.TextField()
    hash = peewee.TextField()
    until = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("person_id", "kind", "until")


class BadgeCard(Record):
    """A card with a secret, which lets its person in on a tablet by a scan. One of a person lives at a time."""

    trail = "digest"
    guards = ("badge_card_live", "badge_card_ended", "badge_card_kept")

    id = peewee.TextField(primary_key=True)
    person_id = peewee.TextField()
    hash = peewee.TextField(unique=True)
    issued_at = UtcField()
    ended_at = UtcField(null=True)
    ended = peewee.TextField(null=True)  # lost · replaced


class ApiKey(Record):
    trail = "digest"

    id = peewee.TextField(primary_key=True)
    name = peewee.TextField()
    hash = peewee.TextField(unique=True)
    scopes = JsonField()
    site_id = peewee.TextField(null=True)
    created_at = UtcField()
    expires_at = UtcField()
    revoked_at = UtcField(null=True)


class Device(Record):
    """A tablet. Its token is the second factor beside a PIN, and alone lets nobody in."""

    trail = "digest"

    id = peewee.TextField(primary_key=True)
    name = peewee.TextField()
    hash = peewee.TextField(unique=True)
    site_id = peewee.TextField(null=True)
    enrolled_at = UtcField()
    revoked_at = UtcField(null=True)


class Session(Record):
    trail = "none"  # its start and its end are events; being seen is no record

    id = peewee.TextField(primary_key=True)
    hash = peewee.TextField(unique=True)
    person_id = peewee.TextField()
    device_id = peewee.TextField(null=True)
    kind = peewee.TextField()
    card_id = peewee.TextField(null=True)  # it was begun with this card, and ends with it
    created_at = UtcField()
    last_seen_at = UtcField()
    expires_at = UtcField()
    ended_at = UtcField(null=True)


class Tries(Record):
    """Wrong tries of one kind: by a badge, in a place, or both.

    The badge is a keyed hash, since anything may be typed there.
    """

    trail = "none"

    kind = peewee.TextField()
    subject = peewee.TextField()
    place = peewee.TextField()
    misses = peewee.IntegerField()
    since = UtcField(null=True)
    blocked_until = UtcField(null=True)

    class Meta:
        primary_key = peewee.CompositeKey("kind", "subject", "place")
