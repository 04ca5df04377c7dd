"""Lots on hold: why, who put them there, and who let them go. What two people agree on is history as well."""

import peewee

from qc_service.db import JsonField, Record, UtcField


class LotHold(Record):
    """A lot was put on hold for a cause. What happens by itself holds a lot for one cause once and never again."""

    history = True

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    lot_id = peewee.TextField()
    kind = peewee.TextField()
    cause = peewee.TextField()
    number = peewee.IntegerField()  # a person may say the same again after the lot was let go
    reason = peewee.TextField(null=True)  # a person's words
    details = JsonField()  # of what happened by itself: what its sentence names
    held_by = peewee.TextField()
    person_id = peewee.TextField(null=True)
    at = UtcField()


class OpenHold(Record):
    """The hold stands: nobody, or nobody who may, has let the lot go."""

    guards = ("open_hold_once", "open_hold_fixed", "open_hold_kept")

    hold_id = peewee.TextField(primary_key=True)
    lot_id = peewee.TextField()
    kind = peewee.TextField()
    cause = peewee.TextField()


class LotRequest(Record):
    """A quality manager asks to let a lot go: from its holds (`release`), or without a second person (`override`)."""

    history = True
    guards = ("lot_request_human", "lot_request_maker")

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    lot_id = peewee.TextField()
    kind = peewee.TextField()
    number = peewee.IntegerField()
    reason = peewee.TextField()
    person_id = peewee.TextField()
    human_id = peewee.TextField()  # as it was known then
    at = UtcField()
    signature_id = peewee.TextField()


class LotAgreement(Record):
    """Another quality manager agrees: only now does it hold."""

    history = True
    guards = ("lot_agreement_human", "lot_agreement_other", "lot_agreement_maker")

    request_id = peewee.TextField(primary_key=True)
    lot_id = peewee.TextField()
    kind = peewee.TextField()
    asked_human = peewee.TextField()
    person_id = peewee.TextField()
    human_id = peewee.TextField()
    at = UtcField()
    signature_id = peewee.TextField()


class ReleasedHold(Record):
    """A hold that a request to release speaks of: one that came afterwards stays."""

    history = True

    request_id = peewee.TextField()
    hold_id = peewee.TextField()
    lot_id = peewee.TextField()
    kind = peewee.TextField()

    class Meta:
        primary_key = peewee.CompositeKey("request_id", "hold_id")
