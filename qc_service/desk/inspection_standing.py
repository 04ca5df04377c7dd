"""What an inspection is, in a word and one sentence, and what is to be known besides."""

from typing import Any

from qc_service.desk.inspection_words import RESULTS, STATES
from qc_service.inspections.models import Inspection
from qc_service.inspections.telling import Standing
from qc_service.words import Words

_KINDS = {
    "self_check": "own",
    "unknown_lot": "unknown_lot",
    "also_inspected": "not_counted",
    "incomplete": "not_counted",
    "inspector_unknown": "not_counted",
}


def standing(row: Inspection | None, words: Words, *, counted: bool) -> dict[str, Any]:
    """What it is: a word, its colour, a sentence, and what is to be known besides."""
    found = Standing(row.state, tuple(row.reasons), row.lot_id is not None, counted) if row else Standing("received")
    kind = _KINDS.get(found.lead, found.state)  # the state, but for what people look for by another name
    return {
        "kind": kind, "word": words.say(STATES[kind]), "sentence": words.say(found.sentence),
        "notes": [words.say(one) for one in found.notes], "result": row.result if row else None,
        "result_word": words.say(RESULTS[row.result]) if row and row.result else "",
    }  # fmt: skip
