"""Pictures: the bytes as they came, the copies that screens show, and the places where each may be seen.

All three are history, and all three are in the database, originals too. A picture is part of a record: it must be
written in the record's own transaction, be in the same backup as the record, and be covered by the same chain of
events; a folder of files beside the database would need all of that made anew, and would sooner or later differ
from it. What it costs is a larger database. The trail carries the hash of the bytes and not the bytes.

The bytes stand last in their rows, so that the engine reads the rest of a row without them.
"""

import peewee

from qc_service.db import LongBlobField, Record, UtcField


class MediaBytes(Record):
    """The original, by the hash of its bytes. Width and height are as one looks at it."""

    history = True

    sha256 = peewee.TextField(primary_key=True)
    type = peewee.TextField()
    width = peewee.IntegerField()
    height = peewee.IntegerField()
    size = peewee.IntegerField()
    added_by = peewee.TextField()
    added_at = UtcField()
    content = LongBlobField()


class MediaCopy(Record):
    """A copy for screens, made when the original came. It is in the trail because it is what people act on."""

    history = True

    sha256 = peewee.TextField()  # the original's
    side = peewee.IntegerField()  # no side of it is longer
    width = peewee.IntegerField()
    height = peewee.IntegerField()
    type = peewee.TextField()
    content = LongBlobField()

    class Meta:
        primary_key = peewee.CompositeKey("sha256", "side")


class MediaPlace(Record):
    """A site in which the picture may be seen, or `plant`: it may be seen in all."""

    history = True

    sha256 = peewee.TextField()
    place = peewee.TextField()  # the site's id, since no part of a key may be null
    site_id = peewee.TextField(null=True)
    added_by = peewee.TextField()
    added_at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("sha256", "place")
