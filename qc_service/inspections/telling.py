"""What an inspection is, in one sentence, and what is to be known besides. Never an accusation."""

from dataclasses import dataclass

from qc_service.inspections.rules import REASONS
from qc_service.texts import Text, later

# One sentence for each state, or for the reason that led to it.
STANDINGS: dict[str, Text] = {
    "received": later("It has arrived and is judged in a moment."),
    "accepted": later("It counts, and it is a check by a second person."),
    "maker_unknown": later("It counts. Whether it is a check by a second person is known once the makers are named."),
    "also_inspected": later("Another inspection of the same units came first and counts; this one is kept beside it."),
    "incomplete": later("Not every check is answered, so it does not count."),
    "inspector_unknown": later("Nobody here is known as its inspector, so it does not count."),
    "superseded": later("A correction took its place."),
    "void": later("Two people agreed that it does not stand. It stays to be read."),
    "self_check": later("The inspector also made the lot: it is kept as their own check, and another person inspects."),
    "version_withdrawn": later("The version it was done by no longer held: inspect again by the one in force."),
    "checks_changed": later("Checks had changed since its version: only those are to be checked again."),
    "identity_unconfirmed": later("It waits for a supervisor's word: it is not certain who inspected."),
    "not_qualified": later("It waits for a supervisor's word: the inspector was not qualified for this version then."),
    "unknown_lot": later("Its lot is not known here yet: it is judged again as soon as it is."),
    "lot_shipped": later("It waits for a supervisor's word: its lot had been shipped before it was inspected."),
    "unit_unknown": later("It waits for a supervisor's word: its lot has no such unit."),
    "unmatched": later("It names a procedure, a version or an inspection that is not known here: have it sent anew."),
    "gauge_expired": later("It waits for a supervisor's word: a gauge was not fit for use then."),
    "disowned": later("The person it names says that it was not theirs: have it inspected again."),
    "unconfirmed": later("It waits for a supervisor's word."),
    "quarantined": later("It is kept apart and does not count."),
    "unknown_checks": later("It waits for a supervisor's word: it answers checks that its version does not have."),
    "unknown_fields": later("It waits for a supervisor's word: it says more than this release can read."),
    "too_many_units": later("More units do not conform than were inspected: have it corrected."),
    "correction_unconfirmed": later("It is a correction, and waits for another person's word."),
}
# What is to be known besides, whatever the state.
NOTES: dict[str, Text] = {
    "maker_unknown": later("Nobody has said who made the lot yet."),
    "deviation_missing": later("No deviation covers the units that were to be used as they are: they are on hold."),
    "old_version": later("A newer version with other words was in force: it counts all the same."),
    "time_estimated": later("The tablet's clock was not certain: the time is estimated."),
    "media_pending": later("Pictures are still to come."),
    "incomplete": later("Not every check is answered."),
    "identity_unconfirmed": later("It is not certain who inspected."),
    "not_qualified": later("The inspector was not qualified for this version then."),
    "lot_shipped": later("Its lot had been shipped before it was inspected."),
    "unit_unknown": later("Its lot has no such unit."),
    "unmatched": later("It names a procedure, a version or an inspection that is not known here."),
    "unknown_checks": later("It answers checks that its version does not have."),
    "unknown_fields": later("It says more than this release can read."),
    "gauge_expired": later("A gauge was not fit for use then."),
    "correction_unconfirmed": later("It is a correction."),
}

_BY_STATE: dict[str, tuple[str, ...]] = {
    "accepted": ("also_inspected", "incomplete", "maker_unknown"),
    "quarantined": ("self_check", "version_withdrawn", "checks_changed"),
    "unconfirmed": (
        "disowned", "identity_unconfirmed", "not_qualified", "unknown_lot", "lot_shipped", "unit_unknown", "unmatched",
        "unknown_checks",
        "unknown_fields", "too_many_units", "gauge_expired", "correction_unconfirmed",
    ),
}  # fmt: skip
_COUNTING = ("accepted", "maker_unknown")


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
    def sentence(self) -> Text:
        return STANDINGS[self.lead]

    @property
    def notes(self) -> list[Text]:
        """What the sentence does not say: every other reason, unless it matters no more."""
        if self.state in ("superseded", "void"):
            return []
        stray = {"unknown_lot", "lot_shipped", "unit_unknown"} & {self.lead, *self.reasons}
        said = {self.lead, "unmatched"} if stray else {self.lead}
        return [NOTES.get(one) or STANDINGS[one] for one in REASONS if one in self.reasons and one not in said]
