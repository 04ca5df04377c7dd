"""What the pages of inspections call things, and what they say of one. Never an accusation."""

from qc_service.texts import Text, later

STATES: dict[str, Text] = {
    "received": later("Not judged yet"),
    "accepted": later("Accepted"),
    "quarantined": later("Set aside"),
    "unconfirmed": later("Waits for a word"),
    "superseded": later("Corrected"),
    "void": later("Void"),
    # not states of their own, but what people look for
    "own": later("Own work"),
    "unknown_lot": later("Lot unknown"),
    "not_counted": later("Accepted, not counted"),
}
FILTERED = ("received", "accepted", "quarantined", "unconfirmed", "superseded", "void")

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
    "unmatched": later("It names a procedure, a version or an inspection that is not known here: have it sent anew."),
    "gauge_expired": later("It waits for a supervisor's word: a gauge was not fit for use then."),
    "disowned": later("The person it names says that it was not theirs: have it inspected again."),
    "unconfirmed": later("It waits for a supervisor's word."),
    "quarantined": later("It is kept apart and does not count."),
    "unknown_checks": later("It waits for a supervisor's word: it answers checks that its version does not have."),
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
    "unmatched": later("It names a procedure, a version or an inspection that is not known here."),
    "unknown_checks": later("It answers checks that its version does not have."),
    "gauge_expired": later("A gauge was not fit for use then."),
    "correction_unconfirmed": later("It is a correction."),
}
REASONS: dict[str, Text] = {
    "self_check": later("Own work"),
    "version_withdrawn": later("Version no longer held"),
    "checks_changed": later("Checks had changed"),
    "identity_unconfirmed": later("Not certain who inspected"),
    "not_qualified": later("Not qualified then"),
    "unmatched": later("Lot or version unknown"),
    "unknown_checks": later("Checks that the version does not have"),
    "too_many_units": later("More units than were inspected"),
    "disowned": later("Not theirs, they say"),
    "gauge_expired": later("Gauge not fit for use"),
    "correction_unconfirmed": later("Correction"),
    "maker_unknown": later("Makers not named"),
    "also_inspected": later("Inspected by two people"),
    "incomplete": later("Not every check answered"),
    "deviation_missing": later("Deviation missing"),
    "old_version": later("Older version"),
    "time_estimated": later("Time estimated"),
    "media_pending": later("Pictures to come"),
}

RESULTS: dict[str, Text] = {
    "pass": later("Pass"),
    "fail": later("Fail"),
    "incomplete": later("Incomplete"),
}
OUTCOMES: dict[str, Text] = {
    "ok": later("OK"),
    "defect": later("Defect"),
    "recorded": later("Recorded"),
    "not_applicable": later("Not applicable"),
    "cannot_check": later("Cannot check"),
    "missing": later("Not answered"),
    "unreadable": later("Cannot be read"),
}
DISPOSITIONS: dict[str, Text] = {
    "rework": later("Rework"),
    "scrap": later("Scrap"),
    "hold": later("On hold"),
    "use_as_is": later("Use as it is"),
    "return": later("Return"),
    "replace": later("Replace"),
}
ATTESTED: dict[str, Text] = {
    "session": later("signed in and sent it"),
    "sealed": later("signed on the tablet with PIN"),
    "unproved": later("named, and not proved"),
    "external": later("named by another system"),
}
MEANINGS: dict[str, Text] = {
    "inspected": later("inspected it"),
    "inspection_confirmed": later("gave their word for it"),
    "inspection_owned": later("said that it was theirs"),
    "inspection_disowned": later("said that it was not theirs"),
    "units_disposed": later("decided what becomes of units"),
    "inspection_void_asked": later("asked to void it"),
    "inspection_voided": later("agreed to void it"),
}
METHODS: dict[str, Text] = {
    "pin": later("signed with PIN"),
    "password": later("signed with password"),
    "session": later("was signed in"),
    "sealed": later("signed on the tablet with PIN"),
}
SOURCES: dict[str, Text] = {
    "floor": later("named by a person"),
    "system": later("named by another system"),
    "import": later("named in an imported inspection"),
}
DECISIONS: dict[str, Text] = {
    "allow": later("May go on"),
    "hold": later("Stays here"),
    "reject": later("Rejected"),
}
