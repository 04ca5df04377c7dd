"""What happened while a record was filled in, in the reader's words."""

from collections.abc import Mapping
from typing import Any

from qc_service.inspections import filling
from qc_service.texts import Text, later
from qc_service.words import NAMES, Words

Part = dict[str, Any]

SAID: dict[str, Text] = {
    "handed_over": later("%(name)s took over from %(other)s"),
    "photo": later("A picture was taken"),
    "language": later("It was read in %(language)s from then on"),
    "offline": later("The tablet had no network"),
    "online": later("The tablet had a network again"),
}


def meanwhile(told: Mapping[str, Any], words: Words) -> list[Part]:
    return [{"at": one["at"], "text": _said(one, words)} for one in filling.events(told)]


def _said(one: Mapping[str, Any], words: Words) -> str:
    to = one["to"] or ""
    return words.say(SAID[one["what"]], name=to, other=one["from"] or "", language=NAMES.get(to, to))
