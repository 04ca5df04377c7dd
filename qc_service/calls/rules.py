"""When a call is an alarm and when it is history."""

from datetime import datetime, timedelta

LATE_AFTER = timedelta(minutes=2)  # by then whoever pressed has pulled the cord
REASON_SHORTEST = 10  # characters, as of an alert

KINDS = ("stop", "help")
ALARMS = {"stop": "line_stopped", "help": "help_called"}  # the kind of flag and alert that a call opens
CALLS = {alarm: kind for kind, alarm in ALARMS.items()}


def is_late(pressed_at: datetime, sent_at: datetime | None, received_at: datetime) -> bool:
    """Did it wait too long before it was sent?

    Both times of a tablet are by its own clock, so that one which is wrong makes no stop late that was sent at once. A
    clock that was set meanwhile, forward or back, says that nobody knows how long it waited.
    """
    if sent_at is not None:
        return abs(sent_at - pressed_at) > LATE_AFTER
    return received_at - pressed_at > LATE_AFTER
