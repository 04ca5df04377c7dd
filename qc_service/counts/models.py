"""Production counts: every revision as it came, and the document as it stands with what is charged to it."""

import peewee

from qc_service.db import JsonField, Record, UtcField


class CountRevision(Record):
    """One revision of a document, exactly as it was received."""

    history = True

    count_id = peewee.TextField()
    revision = peewee.IntegerField()
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    source = peewee.TextField()
    external_id = peewee.TextField()
    external_version = peewee.TextField(null=True)
    product = peewee.TextField(null=True)
    lot = peewee.TextField(null=True)
    period_start = UtcField()
    period_end = UtcField()
    total = peewee.IntegerField(null=True)
    good = peewee.IntegerField(null=True)
    scrapped = peewee.IntegerField(null=True)
    reworked = peewee.IntegerField(null=True)
    inspected = peewee.IntegerField(null=True)
    defective = peewee.IntegerField(null=True)
    defects = JsonField(null=True)
    rework_in_good = peewee.BooleanField()
    open = peewee.BooleanField(null=True)  # never false: what is not said is not open
    charged_to = peewee.TextField(null=True)
    work_order = peewee.TextField(null=True)
    operation = peewee.TextField(null=True)
    shift = peewee.TextField(null=True)
    received_at = UtcField()

    class Meta:
        primary_key = peewee.CompositeKey("count_id", "revision")


class ProductionCount(Record):
    """The document as it stands. Its quantities include what other documents charge to it; `is_lot` is false for those.

    `changed_seq` is the number, in the line's stream, of the event that last changed it: who follows a line asks for
    what is above the last number it saw.
    """

    trail = "digest"

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    source = peewee.TextField()
    external_id = peewee.TextField()
    external_version = peewee.TextField(null=True)
    revision = peewee.IntegerField()
    product = peewee.TextField(null=True)
    lot = peewee.TextField(null=True)
    period_start = UtcField()
    period_end = UtcField()
    total = peewee.IntegerField(null=True)
    good = peewee.IntegerField(null=True)
    scrapped = peewee.IntegerField(null=True)
    reworked = peewee.IntegerField(null=True)
    inspected = peewee.IntegerField(null=True)
    defective = peewee.IntegerField(null=True)
    defects = JsonField(null=True)
    charged_to = peewee.TextField(null=True)
    is_lot = peewee.BooleanField()
    open = peewee.BooleanField(null=True)  # it or a charge of it; never false
    changed_seq = peewee.IntegerField()
    created_at = UtcField()
    updated_at = UtcField()
