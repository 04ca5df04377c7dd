"""What people do at a tablet besides inspecting: as it was received, byte for byte, and what came of it."""

import peewee

from qc_service.db import JsonField, LongBlobField, Record, UtcField


class Deed(Record):
    """One deed. It is settled in the transaction that stores it, so that none is ever half done."""

    history = True

    uuid = peewee.TextField(primary_key=True)
    sha256 = peewee.TextField()
    kind = peewee.TextField()  # made · read · deviation · step_report
    site_id = peewee.TextField(null=True)
    line_id = peewee.TextField(null=True)
    line = peewee.TextField()  # as it was named
    badge = peewee.TextField()  # as it was named
    person_id = peewee.TextField(null=True)  # whose PIN or session proves it
    device_id = peewee.TextField(null=True)
    sender = peewee.TextField()
    via = peewee.TextField()
    attestation = peewee.TextField()  # session · sealed · unproved
    observed_at = UtcField()  # as the deed says
    happened_at = UtcField()  # never after it was received
    received_at = UtcField()
    state = peewee.TextField()  # done · refused
    record_id = peewee.TextField(null=True)  # what came of it
    code = peewee.TextField(null=True)  # why it was refused
    reason = JsonField(null=True)  # the same as a text that can be said in every language
    notes = JsonField()  # what is to be known of one that was done all the same
    noted = peewee.BooleanField()  # whether there are any
    body = LongBlobField()
