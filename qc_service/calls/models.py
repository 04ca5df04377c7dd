"""Calls from the floor: who wants the line stopped or somebody to come, who answered, and how it ended."""

import peewee

from qc_service.db import Record, UtcField


class LineCall(Record):
    """Somebody pressed. It is taken as it was sent: a lot or a badge that nobody knows is no reason to refuse it."""

    history = True

    uuid = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    kind = peewee.TextField()  # stop · help
    lot = peewee.TextField(null=True)
    procedure = peewee.TextField(null=True)
    check_id = peewee.TextField(null=True)
    badge = peewee.TextField(null=True)  # as it was named; none where nobody was signed in
    person_id = peewee.TextField(null=True)  # whose badge it is, if they work there
    device_id = peewee.TextField(null=True)
    sender = peewee.TextField()  # as the trail names them
    sha256 = peewee.TextField()  # of what was sent, so that the same again is the same
    pressed_at = UtcField()  # by the sender's clock, as the next
    sent_at = UtcField(null=True)
    received_at = UtcField()
    late = peewee.BooleanField()  # it is history, and never an alarm


class CallAnswer(Record):
    """Somebody who may said that they are coming."""

    history = True
    guards = ("call_answer_fresh",)

    uuid = peewee.TextField()
    person_id = peewee.TextField()
    site_id = peewee.TextField()
    at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("uuid", "person_id")


class CallEnd(Record):
    """The line runs again, or whoever called was helped: said by somebody who may, with a reason."""

    history = True
    guards = ("call_end_fresh",)

    uuid = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    person_id = peewee.TextField()
    reason = peewee.TextField()
    at = UtcField()
