"""The one sentence about a line that is watched without a fix, and the paragraph under it.

At most 30 words, as the sentence about a fix.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qc_service.counts.measures import EVENTS
from qc_service.flags.sentences import shortened
from qc_service.texts import later
from qc_service.words import Words

_LINE_WORDS = 5


def sentence(doc: Mapping[str, Any], words: Words) -> str:
    """At most 30 words: where, from what to what, since when."""
    numbers, where = doc["numbers"], _where(doc, words)
    if doc["verdict"] == "silent":
        return words.say("%(where)s: its fix is being judged.", where=where)
    if doc["verdict"] == "learning":
        return words.say(
            "%(where)s: %(lots)s lots so far, too few to know what is usual.",
            where=where,
            lots=words.number(numbers["past_lots"]),
        )
    before = words.percent(numbers["past_rate"])
    if doc["verdict"] == "in_control":
        return words.say(
            "%(where)s: usually %(before)s, and nothing says that it got worse.", where=where, before=before
        )
    day, rate, _, _ = _since(doc)
    return words.say(
        "%(where)s: risen from %(before)s to %(now)s since %(day)s, and no fix is declared.",
        where=where,
        before=before,
        now=words.percent(rate),
        day=words.day(day),
    )


def _where(doc: Mapping[str, Any], words: Words) -> str:
    return f"{shortened(doc['line']['name'], _LINE_WORDS)}, {words.say(EVENTS[doc['measure']['events']])}"


def _since(doc: Mapping[str, Any]) -> tuple[datetime, float, int, int]:
    """From when it is worse, the rate, events and units since; all lots that were watched where no rise is seen."""
    numbers, change = doc["numbers"], doc["change"]
    units, events = numbers["change_units"], numbers["change_events"]
    if not units:
        units, events = numbers["units"], numbers["events"]
    return datetime.fromisoformat(change["period_start"]), events / units, events, units


PASTS = {
    "first_lot": later("Its first %(lots)s lots had %(events)s of %(units)s units %(what)s (%(rate)s)."),
    "fix_declared": later(
        "Its first %(lots)s lots since the last fix had %(events)s of %(units)s units %(what)s (%(rate)s)."
    ),
    "fix_proved": later(
        "Its first %(lots)s lots since the last fix was proved had %(events)s of %(units)s units %(what)s (%(rate)s)."
    ),
    "new_normal": later(
        "Its first %(lots)s lots of what was accepted as normal had %(events)s of %(units)s units %(what)s (%(rate)s)."
    ),
}


def explanation(doc: Mapping[str, Any], words: Words) -> str:
    """What it is held against, how sure this is, and why."""
    numbers = doc["numbers"]
    if doc["verdict"] == "silent":
        return words.say("While a fix is judged, its own watch speaks. The line is watched again once it is proved.")
    if doc["verdict"] == "learning":
        return words.say("A line is held against its own first lots: 20 to 60 of them, until they say enough.")
    what = words.say(EVENTS[doc["measure"]["events"]])
    past = words.say(
        PASTS[doc["began"]["with"]],
        lots=words.number(numbers["past_lots"]),
        events=words.number(numbers["past_events"]),
        units=words.number(numbers["past_units"]),
        what=what,
        rate=words.percent(numbers["past_rate"]),
    )
    alarm = words.percent(numbers["alarm_rate"])
    if doc["verdict"] == "in_control":
        return f"{past} {words.say('The alarm number is %(alarm)s.', alarm=alarm)}"
    day, rate, events, units = _since(doc)
    now = words.say(
        "Since %(day)s, %(events)s of %(units)s units were %(what)s (%(rate)s).",
        day=words.day(day),
        events=words.number(events),
        units=words.number(units),
        what=what,
        rate=words.percent(rate),
    )
    passed = words.say(
        "The alarm number is %(alarm)s; it was passed for good on lot %(flag)s after those.",
        alarm=alarm,
        flag=words.number(numbers["flagged_at_lot"]),
    )
    sure = words.say(
        "Were the line no worse than that, evidence this strong would turn up on less than one line in 20, "
        "however often you look."
    )
    return f"{past} {now} {passed} {sure}"
