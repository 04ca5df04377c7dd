"""Lines under watch against their own past: one row for each measure, and what was accepted as a new normal."""

import peewee

from qc_service.db import JsonField, Record, UtcField


class LineWatch(Record):
    """One measure of a line, watched without a fix: the detector's state after its last lot, and what it found.

    `began_at`, `began_with` and `began_ref` say from which lots its past is taken and why from there; they follow from
    the line's fixes and from what was accepted, so that the whole row can be made again from what it rests on.
    """

    trail = "digest"

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    measure = peewee.TextField()
    method = peewee.TextField()
    began_at = UtcField(null=True)  # lots that began then or later; none: all of them
    began_with = peewee.TextField()  # first_lot · fix_declared · fix_proved · new_normal · fix_judged (silent)
    began_ref = peewee.TextField(null=True)  # the fix, or the acceptance
    state = JsonField(null=True)
    finding = JsonField(null=True)
    seen_seq = peewee.IntegerField()
    last_key = JsonField(null=True)  # period_end, source, external_id of the last lot
    lots = peewee.IntegerField()  # those of the past too
    verdict = peewee.TextField()  # learning · in_control · out_of_control · silent
    changed_at = UtcField(null=True)  # when the lot began from which the rate most likely rose
    sentence = peewee.TextField()
    explanation = peewee.TextField()
    evidence_id = peewee.TextField(null=True)
    as_of = UtcField()


class LineWatchPoint(Record):
    """One lot as the watch of a line took it: as part of the past, or judged."""

    trail = "digest"

    watch_id = peewee.TextField()
    number = peewee.IntegerField()  # counted from 1 with the first lot of the past
    site_id = peewee.TextField()
    count_id = peewee.TextField()
    revision = peewee.IntegerField()
    source = peewee.TextField()
    external_id = peewee.TextField()
    period_start = UtcField()
    period_end = UtcField()
    n = peewee.IntegerField()
    d = peewee.IntegerField()
    log_e = peewee.DoubleField(null=True)  # none: a lot of the past

    class Meta:
        primary_key = peewee.CompositeKey("watch_id", "number")


class LineNormal(Record):
    """Somebody who may said that what a line does since a change is its new normal: its past begins there."""

    history = True

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    measure = peewee.TextField()
    flag_id = peewee.TextField()
    from_at = UtcField()
    reason = peewee.TextField()
    accepted_by = peewee.TextField()  # as the trail names them
    accepted_at = UtcField()
