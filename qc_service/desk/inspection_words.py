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

REASONS: dict[str, Text] = {
    "self_check": later("Own work"),
    "version_withdrawn": later("Version no longer held"),
    "checks_changed": later("Checks had changed"),
    "identity_unconfirmed": later("Not certain who inspected"),
    "not_qualified": later("Not qualified then"),
    "lot_shipped": later("Inspected after it was shipped"),
    "unit_unknown": later("Unit unknown"),
    "unmatched": later("Lot or version unknown"),
    "unknown_checks": later("Checks that the version does not have"),
    "unknown_fields": later("Not all of it can be read"),
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
    "sealed": later("signed on the tablet"),
    "unproved": later("named, and not proved"),
    "external": later("named by another system"),
}
MEANINGS: dict[str, Text] = {
    "inspected": later("inspected it"),
    "inspection_confirmed": later("gave their word for it"),
    "inspection_owned": later("said that it was theirs"),
    "inspection_disowned": later("said that it was not theirs"),
    "inspection_matched": later("said which lot it was"),
    "units_disposed": later("decided what becomes of units"),
    "inspection_void_asked": later("asked to void it"),
    "inspection_voided": later("agreed to void it"),
}
METHODS: dict[str, Text] = {
    "pin": later("signed with PIN"),
    "card": later("signed with badge card"),
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
