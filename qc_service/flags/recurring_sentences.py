"""The one sentence about fix after fix of the same thing, and the paragraph under it. At most 30 words."""

from collections.abc import Mapping
from typing import Any

from qc_service.counts.measures import EVENTS
from qc_service.flags.sentences import shortened
from qc_service.texts import later
from qc_service.words import Words

_LINE_WORDS, _WHAT_WORDS = 5, 3
_ORDINALS = {3: later("Third"), 4: later("Fourth"), 5: later("Fifth"), 6: later("Sixth")}


def sentence(doc: Mapping[str, Any], words: Words) -> str:
    """At most 30 words: how many fixes, for what, in how many days."""
    what = doc["defect_code"] or words.say(EVENTS[doc["measure"]["events"]])
    where = f"{shortened(doc['line']['name'], _LINE_WORDS)}, {shortened(what, _WHAT_WORDS)}"
    facts = {"where": where, "days": words.number(max(doc["days"], 1))}
    if doc["count"] in _ORDINALS:
        return words.say(
            "%(where)s: %(which)s fix in %(days)s days, and none has been proved.",
            which=words.say(_ORDINALS[doc["count"]]).lower(),
            **facts,
        )
    return words.say(
        "%(where)s: %(count)s fixes in %(days)s days, and none has been proved.",
        count=words.number(doc["count"]),
        **facts,
    )


def explanation(doc: Mapping[str, Any], words: Words) -> str:
    """What follows from it."""
    seen = sum(one["verdict"] == "not_holding" for one in doc["fixes"])
    parts = [
        words.say("Of these fixes, %(count)s are known not to hold.", count=words.number(seen))
        if seen
        else words.say("None of these fixes was judged on enough lots before the next one came.")
    ]
    parts.append(
        words.say(
            "Another fix of the same kind is likely to go the same way: look for the cause first, and give the next "
            "one time to be proved. This closes when one is proved, or when none came for %(days)s days.",
            days=words.number(doc["within_days"]),
        )
    )
    return " ".join(parts)
