"""What an inspection is, in a word and one sentence, and what is to be known besides."""

from dataclasses import dataclass
from typing import Any

from qc_service.desk.inspection_words import NOTES, REASONS, RESULTS, STANDINGS, STATES
from qc_service.inspections.models import Inspection
from qc_service.texts import Text
from qc_service.words import Words

_BY_STATE: dict[str, tuple[str, ...]] = {
    "accepted": ("also_inspected", "incomplete", "maker_unknown"),
    "quarantined": ("self_check", "version_withdrawn", "checks_changed"),
    "unconfirmed": (
        "disowned", "identity_unconfirmed", "not_qualified", "unknown_lot", "unmatched", "unknown_checks",
        "too_many_units", "gauge_expired", "correction_unconfirmed",
    ),
}  # fmt: skip
_COUNTING = ("accepted", "maker_unknown")
_KINDS = {
    "self_check": "own",
    "unknown_lot": "unknown_lot",
    "also_inspected": "not_counted",
    "incomplete": "not_counted",
    "inspector_unknown": "not_counted",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an inspection stands, and what decides how that is told."""

    state: str
    reasons: tuple[str, ...] = ()
    lot_known: bool = True
    counted: bool = False

    @property
    def lead(self) -> str:
        """What the one sentence is about: the state, or the first of the reasons that led to it."""
        known = {"unknown_lot" if one == "unmatched" and not self.lot_known else one for one in self.reasons}
        found = next((one for one in _BY_STATE.get(self.state, ()) if one in known), self.state)
        return "inspector_unknown" if found in _COUNTING and not self.counted else found

    @property
    def kind(self) -> str:
        """The word for it, which is also its colour: the state, but for what people look for by another name."""
        return _KINDS.get(self.lead, self.state)

    @property
    def notes(self) -> list[Text]:
        """What the sentence does not say: every other reason, unless it matters no more."""
        if self.state in ("superseded", "void"):
            return []
        said = {self.lead, "unmatched"} if self.lead == "unknown_lot" else {self.lead}
        return [NOTES.get(one) or STANDINGS[one] for one in REASONS if one in self.reasons and one not in said]


def standing(row: Inspection | None, words: Words, *, counted: bool) -> dict[str, Any]:
    """What it is: a word, its colour, a sentence, and what is to be known besides."""
    found = Standing(row.state, tuple(row.reasons), row.lot_id is not None, counted) if row else Standing("received")
    return {
        "kind": found.kind, "word": words.say(STATES[found.kind]),
        "sentence": words.say(STANDINGS[found.lead]), "notes": [words.say(one) for one in found.notes],
        "result": row.result if row else None,
        "result_word": words.say(RESULTS[row.result]) if row and row.result else "",
    }  # fmt: skip
