"""The one sentence that says what is wrong, and the paragraph under it. Pure text from an evidence document's numbers.

The grammar of the sentence: where and what, counts before percents, before and after the fix, the verdict; at most
30 words, so that the same text serves as subject, push, inbox line and chart title.
"""

from collections.abc import Mapping
from datetime import datetime
from math import exp
from typing import Any

from qc_service.counts.measures import EVENTS
from qc_service.flags.guard_sentences import guarded
from qc_service.texts import later
from qc_service.words import Words

PATTERNS = {
    "never_worked": later("never worked"),
    "short_of_promise": later("short of its promise"),
    "relapsed": later("relapsed"),
}
_LINE_WORDS, _WHAT_WORDS = 5, 3  # of a line's and a defect's name, so that every sentence stays within 30


def sentence(doc: Mapping[str, Any], words: Words) -> str:
    """At most 30 words."""
    where, numbers = _where(doc, words), doc["numbers"]
    day = words.day(datetime.fromisoformat(doc["fix"]["in_effect_at"]))
    before = words.say("Before the %(day)s fix %(rate)s", day=day, rate=words.percent(numbers["baseline_rate"]))
    if numbers["baseline_rate"] is None:
        before = words.say("Promised %(rate)s", rate=words.percent(numbers["promised_rate"]))
    if not numbers["lots"]:
        return words.say("%(where)s: nothing counted since the %(day)s fix. Too early to tell.", where=where, day=day)
    return f"{where}: {_count(numbers, words)}. {before}{_then(doc, words)}. {_verdict(doc, words)}"


def _where(doc: Mapping[str, Any], words: Words) -> str:
    what = doc["defect_code"] or words.say(EVENTS[doc["measure"]["events"]])
    return f"{shortened(doc['line']['name'], _LINE_WORDS)}, {shortened(what, _WHAT_WORDS)}"


def shortened(name: str, most: int) -> str:
    parts = name.split()
    return " ".join(parts[:most]) + ("…" if len(parts) > most else "")


def _recent(numbers: Mapping[str, Any]) -> tuple[int, int, int] | None:
    """Of a relapse: the lot from which it shows, and units and events since then."""
    first = numbers["change_located"]
    if numbers["pattern"] != "relapsed" or first is None or first < 2 or not numbers["change_units"]:
        return None
    return first, numbers["change_units"], numbers["change_events"]


def _count(numbers: Mapping[str, Any], words: Words) -> str:
    recent = _recent(numbers)
    units, events = (recent[1], recent[2]) if recent else (numbers["units"], numbers["events"])
    values = {"events": words.number(events), "units": words.number(units), "rate": words.percent(events / units)}
    if recent:
        return words.say("%(events)s of %(units)s since lot %(lot)s (%(rate)s)", lot=recent[0], **values)
    return words.say("%(events)s of %(units)s since the fix (%(rate)s)", **values)


def _then(doc: Mapping[str, Any], words: Words) -> str:
    numbers = doc["numbers"]
    recent = _recent(numbers)
    if recent:
        units, events = numbers["units"] - recent[1], numbers["events"] - recent[2]
        return words.say(", just after it %(rate)s", rate=words.percent(events / units))
    if doc["verdict"] == "holding" or numbers["baseline_rate"] is None:
        return ""
    return words.say(", promised %(rate)s", rate=words.percent(numbers["promised_rate"]))


def _verdict(doc: Mapping[str, Any], words: Words) -> str:
    numbers = doc["numbers"]
    if doc["verdict"] == "holding":
        return words.say("Holding.")
    if doc["verdict"] == "not_holding":
        return words.say("Not holding: %(pattern)s.", pattern=words.say(PATTERNS[doc["pattern"]]))
    if (doc.get("guards") or {}).get("withheld_at_lot"):
        return words.say("Too early: the rate was moving.")
    if doc["leaning"]:
        return words.say("Too early, leaning to not holding.")
    if numbers["lots_needed"]:
        return words.say("Too early: about %(lots)s more lots.", lots=words.number(numbers["lots_needed"]))
    return words.say("Too early to tell.")


def explanation(doc: Mapping[str, Any], words: Words) -> str:
    """How sure this is, and why, in plain words; the promise to keep is about the frozen numbers."""
    numbers, fix = doc["numbers"], doc["fix"]
    facts = {
        "title": fix["title"],
        "day": words.day(datetime.fromisoformat(fix["in_effect_at"])),
        "promise": words.percent(numbers["promised_rate"]),
        "what": words.say(EVENTS[doc["measure"]["events"]]),
        "alarm": words.percent(numbers["alarm_rate"]),
        "proof": words.percent(numbers["verification_rate"]),
        "lot": numbers["verified_at_lot"],
        "flag": numbers["flagged_at_lot"],
    }
    promised = words.say("The fix “%(title)s” (%(day)s) promised %(promise)s %(what)s.", **facts)
    if numbers["stays_at"]:
        promised = words.say("The fix “%(title)s” (%(day)s) promised to stay at %(promise)s %(what)s.", **facts)
    if numbers["assumed"]:
        promised = words.say(
            "No promise was given for the fix “%(title)s” (%(day)s), so half the rate before it was assumed: "
            "%(promise)s.",
            **facts,
        )
    told = {"holding": _holding, "not_holding": _not_holding, "too_early": _too_early}
    more = guarded(doc, words)
    said = f"{promised} {told[doc['verdict']](numbers, facts, words)}{_between(doc, words)}"
    return said + (f" {more}" if more else "")


def _odds(numbers: Mapping[str, Any]) -> int:
    """One in so many: the frozen error budget, rounded to whole fixes."""
    return round(exp(numbers["log_threshold"]))


def _between(doc: Mapping[str, Any], words: Words) -> str:
    """Between which rates the fix has brought it; of a relapse, which has two, nothing is said."""
    interval = doc["numbers"].get("interval")
    if not interval or doc["pattern"] == "relapsed":
        return ""
    low, high = (words.percent(end) for end in interval)
    said = words.say(
        "With %(sure)s confidence the rate since the fix lies between %(low)s and %(high)s, however often you look.",
        sure=words.percent_to(0.95, 0),
        low=low,
        high=high,
    )
    return f" {said}"


def _holding(numbers: Mapping[str, Any], facts: dict[str, Any], words: Words) -> str:
    proved = words.say("It was proved on lot %(lot)s that it keeps more than half of that (below %(proof)s).", **facts)
    if numbers["stays_at"]:
        proved = words.say("It was proved on lot %(lot)s that the rate stays below %(proof)s.", **facts)
    odds = words.number(min(int(exp(min(numbers["log_e_ok"], 20.0))), 1_000_000))
    if numbers["log_e_ok"] < numbers["log_threshold"]:
        odds = words.number(_odds(numbers))
    sure = words.say(
        "Were it not so, proof this strong would turn up less than once in %(odds)s fixes, however often you look, "
        "provided that lots did not become more clustered after it.",
        odds=odds,
    )
    return f"{proved} {sure}"


def _not_holding(numbers: Mapping[str, Any], facts: dict[str, Any], words: Words) -> str:
    recent = _recent(numbers)
    parts = []
    if numbers["verified_at_lot"]:
        parts.append(words.say("It was proved to work on lot %(lot)s.", **facts))
    if recent:
        parts.append(
            words.say(
                "Since lot %(first)s, %(events)s of %(units)s units were %(what)s (%(rate)s).",
                first=recent[0],
                events=words.number(recent[2]),
                units=words.number(recent[1]),
                rate=words.percent(recent[2] / recent[1]),
                what=facts["what"],
            )
        )
    parts.append(words.say("The alarm number is %(alarm)s; it was passed for good on lot %(flag)s.", **facts))
    parts.append(
        words.say(
            "If the fix still held, evidence this strong would turn up less than once in %(odds)s fixes, "
            "however often you look.",
            odds=words.number(_odds(numbers)),
        )
    )
    return " ".join(parts)


def _too_early(numbers: Mapping[str, Any], facts: dict[str, Any], words: Words) -> str:
    if not numbers["lots"]:
        return words.say("No lot has been counted since.")
    if numbers["lots_needed"]:
        more = words.say(
            "At this rate about %(lots)s more lots will prove it.", lots=words.number(numbers["lots_needed"])
        )
    else:
        more = words.say("How many more lots it takes cannot be told yet.")
    return words.say("It is judged against the alarm number %(alarm)s.", **facts) + " " + more
