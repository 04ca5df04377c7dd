"""Inspections: the record as it was received, what it was judged to be, and whether it counts.

What was received, each answer with the check it was judged against, and each nonconformity are history. `Inspection`
is what follows from them and from all that was learnt since: it may change, and every change is an event.
"""

import peewee

from qc_service.db import JsonField, LongBlobField, Record, UtcField


class InspectionRecord(Record):
    """One request as it was received, byte for byte. Its address is chosen by whoever sent it."""

    history = True

    uuid = peewee.TextField(primary_key=True)
    sha256 = peewee.TextField()
    site_id = peewee.TextField(null=True)
    sender = peewee.TextField()
    via = peewee.TextField()
    attestation = peewee.TextField()  # how we know who inspected
    person_id = peewee.TextField(null=True)
    device_id = peewee.TextField(null=True)
    device_seq = peewee.IntegerField(null=True)
    received_at = UtcField()
    body = LongBlobField()


class InspectionVariant(Record):
    """Another body that came under an address which was taken. It is never judged, and never lost."""

    history = True

    uuid = peewee.TextField()
    sha256 = peewee.TextField()
    sender = peewee.TextField()
    via = peewee.TextField()
    device_id = peewee.TextField(null=True)
    received_at = UtcField()
    body = LongBlobField()

    class Meta:
        primary_key = peewee.CompositeKey("uuid", "sha256")


class Inspection(Record):
    """What a record was judged to be; none yet for one that was only received."""

    guards = ("inspection_amended_once",)

    uuid = peewee.TextField(primary_key=True)
    site_id = peewee.TextField(null=True)
    line_id = peewee.TextField(null=True)
    lot_id = peewee.TextField(null=True)
    lot = peewee.TextField()
    unit = peewee.TextField(null=True)
    procedure_id = peewee.TextField(null=True)
    procedure_code = peewee.TextField()
    version_id = peewee.TextField(null=True)
    version = peewee.IntegerField()
    person_id = peewee.TextField(null=True)
    human_id = peewee.TextField(null=True)  # as it was known when it was last judged
    inspector = peewee.TextField()
    attestation = peewee.TextField()
    round = peewee.IntegerField()
    amends = peewee.TextField(null=True)
    reinspects = peewee.TextField(null=True)
    awaits = peewee.TextField(null=True)  # the address of a record that it names and that is not here yet
    findings = JsonField()  # what was found when it was judged, whatever follows from it
    missing = JsonField()  # checks that are new or changed in the version that was in force
    state = peewee.TextField()
    reasons = JsonField()
    result = peewee.TextField(null=True)
    units_inspected = peewee.IntegerField()
    units_defective = peewee.IntegerField()
    accepted = peewee.IntegerField()
    rework = peewee.IntegerField()
    scrap = peewee.IntegerField()
    hold = peewee.IntegerField()
    observed_at = UtcField()  # as the record says
    happened_at = UtcField()  # never after it was received
    received_at = UtcField()
    judged_at = UtcField()


class CountedInspection(Record):
    """The inspection enters the line's numbers; the database takes it only from one who is no maker of the lot."""

    guards = ("counted_inspection_whose", "counted_inspection_fixed")

    uuid = peewee.TextField(primary_key=True)
    lot_id = peewee.TextField()
    human_id = peewee.TextField()
    role = peewee.TextField()


class InspectionAnswer(Record):
    """One answer, with a copy of the check that it was judged against."""

    history = True

    uuid = peewee.TextField()
    number = peewee.IntegerField()
    check_id = peewee.TextField()
    spec = JsonField()
    value = JsonField(null=True)
    reason = peewee.TextField(null=True)
    shown_at = UtcField(null=True)
    answered_at = UtcField(null=True)
    outcome = peewee.TextField()
    code = peewee.TextField()
    detail = peewee.TextField()
    samples = JsonField()

    class Meta:
        primary_key = peewee.CompositeKey("uuid", "number")


class Nonconformity(Record):
    """Units that do not conform, and what the inspector did with them."""

    history = True

    id = peewee.TextField(primary_key=True)
    uuid = peewee.TextField()
    number = peewee.IntegerField()
    check_id = peewee.TextField()
    defect_code = peewee.TextField(null=True)
    severity = peewee.TextField(null=True)
    units = peewee.IntegerField()
    asked = peewee.TextField()  # what the inspector wrote
    disposition = peewee.TextField()  # what became of the units at once
    deviation = peewee.TextField(null=True)  # as it was named
    photo = peewee.TextField(null=True)
    implied = peewee.BooleanField()


class Disposition(Record):
    """Somebody decided anew what becomes of some units of a nonconformity."""

    history = True

    id = peewee.TextField(primary_key=True)
    uuid = peewee.TextField()
    nonconformity_id = peewee.TextField()
    number = peewee.IntegerField()
    was = peewee.TextField()
    becomes = peewee.TextField()
    units = peewee.IntegerField()
    reason = peewee.TextField()
    deviation_id = peewee.TextField(null=True)
    decided_by = peewee.TextField()
    person_id = peewee.TextField(null=True)
    human_id = peewee.TextField(null=True)
    at = UtcField()
    signature_id = peewee.TextField(null=True)


class InspectionAct(Record):
    """What somebody decided about an inspection, with their signature."""

    history = True
    guards = ("inspection_act_once",)

    id = peewee.TextField(primary_key=True)
    uuid = peewee.TextField()
    kind = peewee.TextField()
    person_id = peewee.TextField()
    human_id = peewee.TextField()
    reason = peewee.TextField(null=True)
    at = UtcField()
    signature_id = peewee.TextField()


class InspectionMatch(Record):
    """Somebody said which lot a record was of that names one which nobody knows, with their signature."""

    history = True
    guards = ("inspection_match_once",)

    id = peewee.TextField(primary_key=True)
    uuid = peewee.TextField()
    lot_id = peewee.TextField()
    sent = peewee.TextField()  # the code that the record names
    person_id = peewee.TextField()
    human_id = peewee.TextField()
    note = peewee.TextField(null=True)
    at = UtcField()
    signature_id = peewee.TextField()


class GapExplanation(Record):
    """Why numbers of a tablet never arrived (`missing`), or what became of those that arrived all the same (`late`)."""

    history = True
    guards = ("gap_explanation_first", "gap_explanation_last", "gap_explanation_apart")

    id = peewee.TextField(primary_key=True)
    site_id = peewee.TextField(null=True)
    device_id = peewee.TextField()
    kind = peewee.TextField()
    first = peewee.IntegerField()
    last = peewee.IntegerField()
    reason = peewee.TextField()
    person_id = peewee.TextField()
    human_id = peewee.TextField()  # as it was known then
    at = UtcField()
    signature_id = peewee.TextField()
