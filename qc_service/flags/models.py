"""What the numbers said: watches with their state, verdicts, the evidence frozen for them, and flags."""

import peewee

from qc_service.db import JsonField, Record, UtcField


class Watch(Record):
    """One fix under watch: the detector's state after its last lot, and what it found. Rebuildable from the counts.

    `seen_seq` is the number, in the line's stream, of the last event whose counts are folded in.
    """

    trail = "digest"

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    fix_id = peewee.TextField(unique=True)
    method = peewee.TextField()
    config = JsonField()
    state = JsonField()
    finding = JsonField()
    seen_seq = peewee.IntegerField()
    last_key = JsonField(null=True)  # period_end, source, external_id of the last lot
    lots = peewee.IntegerField()
    verdict = peewee.TextField()
    pattern = peewee.TextField(null=True)
    leaning = peewee.BooleanField()
    reasons = JsonField()
    sentence = peewee.TextField()
    explanation = peewee.TextField()
    evidence_id = peewee.TextField(null=True)
    ends_at = UtcField(null=True)
    as_of = UtcField()


class WatchPoint(Record):
    """One lot after the fix as the watch judged it: what charts are drawn from."""

    trail = "digest"

    watch_id = peewee.TextField()
    number = peewee.IntegerField()  # lots counted from 1 after the fix
    site_id = peewee.TextField()
    count_id = peewee.TextField()
    revision = peewee.IntegerField()
    source = peewee.TextField()
    external_id = peewee.TextField()
    period_start = UtcField()
    period_end = UtcField()
    n = peewee.IntegerField()
    d = peewee.IntegerField()
    log_e_fail = peewee.DoubleField()
    log_e_ok = peewee.DoubleField()
    rate_low = peewee.DoubleField(null=True)  # the rate since the fix with 95 % confidence, as it was known then
    rate_high = peewee.DoubleField(null=True)

    class Meta:
        primary_key = peewee.CompositeKey("watch_id", "number")


class WatchBand(Record):
    """What the worker keeps of a watch to find the next `rate_low` and `rate_high`. Rebuildable from the counts.

    Apart from the watch, which pages read: it has some 10 kB.
    """

    trail = "digest"

    watch_id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    state = JsonField()


class Verdict(Record):
    """A change of verdict. One that a correction took away is withdrawn by a later row, never deleted."""

    history = True

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    watch_id = peewee.TextField()
    fix_id = peewee.TextField()
    number = peewee.IntegerField()  # 1, 2, 3 … of its watch
    verdict = peewee.TextField()
    pattern = peewee.TextField(null=True)
    at_lot = peewee.IntegerField(null=True)
    lots = peewee.IntegerField()
    reason = peewee.TextField()  # first_judged · new_lots · corrected · superseded
    withdraws = peewee.TextField(null=True)  # the verdict that this one takes back
    detail = JsonField(null=True)  # which lots were corrected
    sentence = peewee.TextField()
    evidence_id = peewee.TextField()
    recorded_at = UtcField()


class Evidence(Record):
    """Everything that was known when a verdict was given, or lots were held, frozen: the document and its hash."""

    trail = "digest"
    history = True

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField(null=True)
    fix_id = peewee.TextField(null=True)
    document = JsonField()
    sha256 = peewee.TextField()
    created_at = UtcField()


class Flag(Record):
    """Something that is wrong, from when it was seen until it was not: an episode of a line.

    Of lots that are on hold for one cause it is an episode of their site, and one is open for each cause. Of calls from
    a line one is open for each kind; of a line that got worse without a fix, for each measure; of recurring fixes, for
    each measure and defect code.
    """

    guards = ("flag_cause_once", "flag_call_once", "flag_line_once", "flag_recurring_once")

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField(null=True)
    # fix_not_holding · line_out_of_control · fixes_recurring · lots_held · line_stopped · help_called
    kind = peewee.TextField()
    measure = peewee.TextField(null=True)
    defect_code = peewee.TextField(null=True)
    fix_id = peewee.TextField(null=True)
    cause_kind = peewee.TextField(null=True)  # of lots on hold: as in `LotHold`
    cause = peewee.TextField(null=True)
    details = JsonField(null=True)  # what the sentence names of the cause; its calls or fixes
    lots = peewee.IntegerField(null=True)  # how many are on hold for it
    raised_by = peewee.TextField(null=True)  # the person who said so, if one did
    episode = peewee.IntegerField()
    state = peewee.TextField()  # open · closed
    sentence = peewee.TextField()
    evidence_id = peewee.TextField()
    opened_at = UtcField()
    closed_at = UtcField(null=True)
    close_reason = peewee.TextField(null=True)


class Listing(Record):
    """A fix that is, or once was, on its site's list of fixes that do not hold (e-BH).

    `since`: the end of the lot with which it came onto the list; `log_e`: ln E then, the stake that rests; `listed` of
    `watches`: how many were on the list with it, of how many begun. `rests_at`: since when it reaches the bar; null
    while it is carried along because so many fixes began since.
    """

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    fix_id = peewee.TextField(unique=True)
    state = peewee.TextField()  # standing · withdrawn
    since = UtcField()
    log_e = peewee.DoubleField()
    listed = peewee.IntegerField()
    watches = peewee.IntegerField()
    rests_at = UtcField(null=True)
    recorded_at = UtcField()  # of its latest move


class ListingMove(Record):
    """A fix came onto the list, or a correction took it off or moved it. Rows are only ever added."""

    history = True

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField()
    fix_id = peewee.TextField()
    number = peewee.IntegerField()  # 1, 2, 3 … of its fix
    move = peewee.TextField()  # entered · moved · withdrawn
    reason = peewee.TextField()  # new_lots · corrected · others_corrected
    since = UtcField()
    log_e = peewee.DoubleField()
    listed = peewee.IntegerField()
    watches = peewee.IntegerField()
    recorded_at = UtcField()


class SiteList(Record):
    """The rule of a site's list as it last stood: how many watches had begun, and what the next one needs."""

    site_id = peewee.TextField(primary_key=True)
    fdr = peewee.DoubleField()
    watches = peewee.IntegerField()
    listed = peewee.IntegerField()  # that reach the bar
    log_next = peewee.DoubleField()  # ln E with which one more would be listed by itself
    as_of = UtcField()


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
