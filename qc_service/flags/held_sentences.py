"""The one sentence about lots on hold, and the paragraph under it: where and what, how many, what it takes.

At most 30 words, as the sentence about a fix.
"""

from collections.abc import Mapping
from typing import Any

from qc_service.flags.sentences import shortened
from qc_service.texts import Text, later
from qc_service.words import Words

_WHERE_WORDS, _CODE_WORDS, _SAID_WORDS, _LOTS_NAMED = 5, 3, 8, 5


def sentence(doc: Mapping[str, Any], words: Words) -> str:
    """At most 30 words."""
    what, held = words.say(_what(doc["cause"])), _count(doc, words)
    return words.say(
        "%(where)s, %(what)s: %(held)s. Two quality managers let each go.",
        where=_where(doc, words),
        what=what,
        held=held,
    )


def _where(doc: Mapping[str, Any], words: Words) -> str:
    if len(doc["lines"]) == 1:
        return shortened(doc["lines"][0], _WHERE_WORDS)
    site = shortened(doc["site"]["name"], _CODE_WORDS)
    return words.say("%(count)s lines of %(site)s", count=words.number(len(doc["lines"])), site=site)


def _what(cause: Mapping[str, Any]) -> Text:
    told = cause["details"]
    names = {name: shortened(told[name], _CODE_WORDS) for name in ("gauge", "procedure") if name in told}
    if "version" in told:
        names["version"] = told["version"]
    if cause["kind"] == "said":
        return later("“%(reason)s”", reason=shortened(told["reason"].rstrip(".!"), _SAID_WORDS))
    if cause["kind"] == "gauge":
        return later("gauge %(gauge)s out of tolerance", **names)
    texts = {
        "version_withdrawn": later("%(procedure)s version %(version)s withdrawn", **names),
        "version_superseded": later("%(procedure)s version %(version)s changes what is safe", **names),
        "inspection": later("%(procedure)s version %(version)s used past its time", **names),
    }
    return texts[cause["kind"]]


def _count(doc: Mapping[str, Any], words: Words) -> str:
    if doc["count"] == doc["ever"]:
        return words.say_many("%(count)s lot on hold", "%(count)s lots on hold", doc["count"])
    values = {"open": words.number(doc["count"]), "ever": words.number(doc["ever"])}
    return words.say("%(open)s of %(ever)s lots on hold", **values)


def explanation(doc: Mapping[str, Any], words: Words) -> str:
    """Why they stay, and which they are."""
    why = words.say(_why(doc["cause"]))
    names = ", ".join(one["lot"] for one in doc["lots"][:_LOTS_NAMED])
    more = doc["count"] - min(len(doc["lots"]), _LOTS_NAMED)
    which = words.say("On hold: %(lots)s.", lots=names)
    if more:
        which = words.say("On hold: %(lots)s and %(count)s more.", lots=names, count=words.number(more))
    goes = words.say("Two quality managers who did not make a lot let it go: one asks, the other agrees.")
    return f"{why} {which} {goes}"


def _why(cause: Mapping[str, Any]) -> Text:
    told = cause["details"]
    if cause["kind"] == "said":
        return later("Somebody put them on hold: %(reason)s", reason=told["reason"])
    if cause["kind"] == "gauge":
        return later(
            "Gauge %(gauge)s was found out of tolerance: what it measured since it was last found good may be wrong.",
            gauge=told["gauge"],
        )
    names = {"procedure": told["procedure"], "version": told["version"]}
    texts = {
        "version_withdrawn": later(
            "Version %(version)s of %(procedure)s was withdrawn, and they were inspected by it.", **names
        ),
        "version_superseded": later(
            "Version %(version)s of %(procedure)s changes what is safe, and they were inspected before it.", **names
        ),
        "inspection": later(
            "They were inspected by version %(version)s of %(procedure)s when it was not to be used any more.", **names
        ),
    }
    return texts[cause["kind"]]
