"""The one sentence about a line that was stopped, or somebody who calls for help, and the paragraph under it.

At most 30 words, as the sentence about a fix.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qc_service.flags.sentences import shortened
from qc_service.texts import later
from qc_service.words import Words

_WHO_WORDS, _LINE_WORDS, _CODE_WORDS = 4, 5, 3


def sentence(doc: Mapping[str, Any], words: Words) -> str:
    """At most 30 words: who stopped which line, at what."""
    first = doc["calls"][0]
    where = _where(first)
    texts = {
        ("line_stopped", True): later("%(who)s stopped %(line)s: %(where)s."),
        ("line_stopped", False): later("%(who)s stopped %(line)s."),
        ("help_called", True): later("%(who)s calls for help at %(line)s: %(where)s."),
        ("help_called", False): later("%(who)s calls for help at %(line)s."),
    }
    line = shortened(doc["line"]["name"], _LINE_WORDS)
    return words.say(texts[doc["kind"], bool(where)], who=who(first), line=line, where=where)


def who(call: Mapping[str, Any]) -> str:
    if call["name"]:
        return shortened(call["name"], _WHO_WORDS)
    if call["badge"]:
        return later("Badge %(badge)s", badge=shortened(call["badge"], _CODE_WORDS))
    if call["tablet"]:
        return later("Somebody at %(tablet)s", tablet=shortened(call["tablet"], _CODE_WORDS))
    return later("Somebody")


def _where(call: Mapping[str, Any]) -> tuple[str, ...]:
    told = {name: shortened(call[name], _CODE_WORDS) for name in ("lot", "procedure", "check") if call[name]}
    said: dict[str, str] = dict(told)
    if "lot" in told:
        said["lot"] = later("lot %(lot)s", lot=told["lot"])
    if "check" in told:
        said["check"] = later("check %(check)s", check=told["check"])
    return tuple(said.values())


def explanation(doc: Mapping[str, Any], words: Words) -> str:
    """When it was pressed, how often since, and who ends it."""
    first = doc["calls"][0]
    moment = words.moment(datetime.fromisoformat(first["received_at"]))
    pressed = words.say("Pressed on %(moment)s.", moment=moment)
    if first["tablet"]:
        pressed = words.say("Pressed on %(moment)s at %(tablet)s.", moment=moment, tablet=first["tablet"])
    more = words.say("Pressed again since: %(count)s.", count=words.number(doc["count"] - 1))
    ends = {
        "line_stopped": later("A supervisor or quality manager says when the line runs again, and why it may."),
        "help_called": later("A supervisor or quality manager who comes says so, and how it ended."),
    }
    return " ".join([pressed, *([more] if doc["count"] > 1 else []), words.say(ends[doc["kind"]])])
