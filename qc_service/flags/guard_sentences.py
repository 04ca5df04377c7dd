"""What else must be known, in words: pure text from the guards of an evidence document."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from qc_service.words import Words


def guarded(doc: Mapping[str, Any], words: Words) -> str:
    """Sentences that follow the explanation; documents of before there were guards have none."""
    guards = doc.get("guards")
    return " ".join(_sentences(doc, guards, words)) if guards else ""


def _sentences(doc: Mapping[str, Any], guards: Mapping[str, Any], words: Words) -> Iterator[str]:
    if guards["trend"]:
        yield _trend(guards, words)
    if guards["season"]:
        low, high = (words.percent(guards["season"][name]) for name in ("low", "high"))
        yield words.say(
            "Before the fix the rate went up and down with the year, between %(low)s and %(high)s: a comparison with "
            "its mean misleads.",
            low=low,
            high=high,
        )
    if guards["withheld_at_lot"]:
        yield words.say(
            "On lot %(lot)s the numbers alone would have spoken against the fix; for this reason that is not said. A "
            "relapse from what is proved since still is.",
            lot=guards["withheld_at_lot"],
        )
    if guards["blocks"] > 1:
        yield words.say(
            "Lots here resemble their neighbours, so %(size)s lots are judged as one: %(waiting)s of %(size)s lots of "
            "the next block are in.",
            size=guards["blocks"],
            waiting=guards["waiting"],
        )
    if guards.get("open"):
        yield words.say(
            "Lots still open: %(count)s. Rework may come; they are judged once they are closed.",
            count=words.number(guards["open"]["lots"]),
        )
    for one in guards.get("overlapping", ()):
        yield words.say(
            "Another fix, “%(title)s”, came into effect on %(day)s in the same period: its effect cannot be told "
            "apart.",
            title=one["title"],
            day=words.day(datetime.fromisoformat(one["in_effect_at"])),
        )
    if guards["together_with"]:
        yield words.say(
            "It shares its error budget with what was declared together with it, so proof must reach %(threshold)s.",
            threshold=words.number(doc["numbers"]["threshold"]),
        )


def _trend(guards: Mapping[str, Any], words: Words) -> str:
    trend = guards["trend"]
    values = {
        "first": words.percent(trend["first"]),
        "last": words.percent(trend["last"]),
        "lots": words.number(guards["baseline_lots"]),
    }
    if trend["last"] < trend["first"]:
        return words.say(
            "Before the fix the rate was already falling, from %(first)s to %(last)s over %(lots)s lots: part of what "
            "came since would have come without it.",
            **values,
        )
    if trend["per_year"]:
        return words.say(
            "Before the fix the rate was already rising, from %(first)s to %(last)s over %(lots)s lots, by %(share)s a "
            "year: a comparison with its mean misleads.",
            share=words.percent(trend["per_year"]),
            **values,
        )
    return words.say(
        "Before the fix the rate was already rising, from %(first)s to %(last)s over %(lots)s lots: a comparison with "
        "its mean misleads.",
        **values,
    )
