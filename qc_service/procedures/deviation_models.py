"""Deviations from a version (ISO 9000: permission to depart from it), their use, and steps reported as not working."""

import peewee

from qc_service.db import Record, UtcField


class Deviation(Record):
    """Permission to depart from one check on one line, for so many units and so long."""

    id = peewee.TextField(primary_key=True)
    procedure_id = peewee.TextField()
    version_id = peewee.TextField()
    check_id = peewee.TextField()
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    lot = peewee.TextField(null=True)
    reason = peewee.TextField()
    asked_by = peewee.TextField()
    asked_human = peewee.TextField()
    asked_at = UtcField()
    asked_quantity = peewee.IntegerField()
    asked_until = UtcField()
    state = peewee.TextField()  # asked · granted · refused · ended
    quantity = peewee.IntegerField(null=True)
    used = peewee.IntegerField()
    expires_at = UtcField(null=True)
    decided_by = peewee.TextField(null=True)
    decided_human = peewee.TextField(null=True)
    decided_at = UtcField(null=True)
    decision_note = peewee.TextField(null=True)
    signature_id = peewee.TextField(null=True)
    ended_by = peewee.TextField(null=True)
    ended_at = UtcField(null=True)
    end_reason = peewee.TextField(null=True)


class DeviationUse(Record):
    history = True

    deviation_id = peewee.TextField()
    number = peewee.IntegerField()
    site_id = peewee.TextField()
    quantity = peewee.IntegerField()
    used_by = peewee.TextField()
    reference = peewee.TextField()
    at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("deviation_id", "number")


class StepReport(Record):
    """Somebody says that a step or a check does not work as it is written, and gets an answer."""

    id = peewee.TextField(primary_key=True)
    procedure_id = peewee.TextField()
    version_id = peewee.TextField()
    item = peewee.TextField()  # step · check
    item_id = peewee.TextField()
    site_id = peewee.TextField()
    line_id = peewee.TextField(null=True)
    text = peewee.TextField()
    photo = peewee.TextField(null=True)  # by the hash of its bytes; it may follow later
    person_id = peewee.TextField()
    at = UtcField()
    state = peewee.TextField()  # open · answered
    answer = peewee.TextField(null=True)
    answered_by = peewee.TextField(null=True)
    answered_at = UtcField(null=True)
    outcome = peewee.TextField(null=True)  # will_change · explained · not_a_fault
