"""An alert is a flag as people live with it: taken, put off, closed; and beside it, who was told of it."""

import peewee

from qc_service.db import JsonField, Record, UtcField


class Alert(Record):
    """At most one is open per fingerprint; what fires again soon after it was resolved is the same alert."""

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    line_id = peewee.TextField(null=True)  # none: it is about lots of a site, on whichever lines they were made
    flag_id = peewee.TextField()  # of the latest episode
    kind = peewee.TextField()
    measure = peewee.TextField(null=True)
    defect_code = peewee.TextField(null=True)
    fix_id = peewee.TextField(null=True)
    fingerprint = peewee.TextField()
    state = peewee.TextField()  # firing · acknowledged · resolved
    severity = peewee.TextField()  # info · warning · error · critical; never falls within an episode
    verdict = peewee.TextField(null=True)
    pattern = peewee.TextField(null=True)
    sentence = peewee.TextField()
    explanation = peewee.TextField(null=True)
    evidence_id = peewee.TextField()
    episode = peewee.IntegerField()  # counted over all alerts of the fingerprint
    occurrences = peewee.IntegerField()
    opened_at = UtcField()
    last_seen_at = UtcField()
    acknowledged_by = peewee.TextField(null=True)  # as the trail names them; the next is the printed name
    acknowledged_name = peewee.TextField(null=True)
    acknowledged_at = UtcField(null=True)
    snoozed_until = UtcField(null=True)
    snoozes = peewee.IntegerField()  # so that only the latest snooze wakes it
    resolved_at = UtcField(null=True)
    resolved_by = peewee.TextField(null=True)
    resolve_reason = peewee.TextField(null=True)
    owner = peewee.TextField(null=True)  # of the fix


class AlertLog(Record):
    """What happened to an alert, who did it and in their words."""

    history = True

    alert_id = peewee.TextField()
    number = peewee.IntegerField()  # 1, 2, 3 … of its alert
    site_id = peewee.TextField()
    line_id = peewee.TextField(null=True)
    at = UtcField()
    author = peewee.TextField()  # as the trail names them
    who = peewee.TextField()  # the printed name, as it was then
    what = peewee.TextField()  # rules.EVENTS
    text = peewee.TextField()
    detail = JsonField(null=True)

    class Meta:
        primary_key = peewee.CompositeKey("alert_id", "number")


class Notification(Record):
    """One thing that one recipient is told on one channel. How it ended is a row of the alert's log."""

    trail = "none"

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField()
    alert_id = peewee.TextField()
    episode = peewee.IntegerField()
    recipient = peewee.TextField(null=True)  # a person; none for a channel that has no person at its end
    name = peewee.TextField()  # printed name of the recipient
    channel = peewee.TextField()
    address = peewee.TextField(null=True)  # none: the person has none, and cannot be told
    reason = peewee.TextField()  # first · updated · resolved · reminder · woken
    number = peewee.IntegerField()  # of its reason in the episode
    message = JsonField()  # what is told, frozen when it was decided, so that every try sends the same
    state = peewee.TextField()  # due · sending · sent · failed · dropped (taken back before anybody was told)
    due_at = UtcField()  # when it is tried next
    claimed_until = UtcField(null=True)  # until then the worker that is sending it has it alone
    attempts = peewee.IntegerField()
    message_id = peewee.TextField(null=True)  # the channel's own name of the message
    last_error = peewee.TextField(null=True)
    created_at = UtcField()
    sent_at = UtcField(null=True)


class NotificationAttempt(Record):
    """One try to send. One without an end was cut short: its worker died."""

    trail = "none"

    notification_id = peewee.TextField()
    number = peewee.IntegerField()
    site_id = peewee.TextField()
    started_at = UtcField()
    ended_at = UtcField(null=True)
    outcome = peewee.TextField(null=True)  # sent · retryable · unknown · permanent
    detail = peewee.TextField(null=True)

    class Meta:
        primary_key = peewee.CompositeKey("notification_id", "number")
