"""Fixes (ISO 9000: corrective actions): what was declared is history, what became of it is kept beside it."""

import peewee

from qc_service.db import JsonField, Record, UtcField


class Fix(Record):
    """A declared fix with its measure, its promise and its baseline, all frozen before it is judged."""

    history = True

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    measure = peewee.TextField()
    defect_code = peewee.TextField(null=True)
    title = peewee.TextField()
    cause = peewee.TextField(null=True)
    action = peewee.TextField(null=True)
    owner = peewee.TextField(null=True)
    in_effect_at = UtcField()
    method = peewee.TextField()
    mode = peewee.TextField()
    promise = JsonField(null=True)  # as it was asked for
    together_with = JsonField(null=True)  # ids of the fixes of the same action, which share its error budget
    frozen = JsonField()  # rules.Frozen
    baseline = JsonField()  # {"asked": lots, "lots": [each lot, those left out with their reason]}
    declared_at = UtcField()
    declared_by = peewee.TextField()


class FixState(Record):
    """`ends_at`: from when a later fix of the same line, measure and defect took over."""

    fix_id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    ends_at = UtcField(null=True)
    superseded_by = peewee.TextField(null=True)
    baseline_changed_at = UtcField(null=True)
    baseline_change = JsonField(null=True)
    updated_at = UtcField()
