"""Inspections: records as they were received, what they were judged to be, and which of them count."""

from qc_service import ddl

TABLES = """
CREATE TABLE inspection_record (
    uuid TEXT PRIMARY KEY NOT NULL, sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    site_id TEXT REFERENCES site (id), sender TEXT NOT NULL, via TEXT NOT NULL,
    attestation TEXT NOT NULL CHECK (attestation IN ('session', 'sealed', 'unproved', 'external')),
    person_id TEXT REFERENCES person (id), device_id TEXT REFERENCES device (id), device_seq INT,
    received_at UTC NOT NULL, body BLOB NOT NULL);
CREATE INDEX inspection_record_device ON inspection_record (device_id, device_seq) WHERE device_id IS NOT NULL;
CREATE INDEX inspection_record_received ON inspection_record (received_at, uuid);
CREATE TABLE inspection_variant (
    uuid TEXT NOT NULL REFERENCES inspection_record (uuid), sha256 TEXT NOT NULL, sender TEXT NOT NULL,
    via TEXT NOT NULL, device_id TEXT REFERENCES device (id), received_at UTC NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (uuid, sha256));

CREATE TABLE inspection (
    uuid TEXT PRIMARY KEY NOT NULL REFERENCES inspection_record (uuid),
    site_id TEXT REFERENCES site (id), line_id TEXT, lot_id TEXT, lot TEXT NOT NULL, unit KEYTEXT,
    procedure_id TEXT REFERENCES procedure (id), procedure_code TEXT NOT NULL,
    version_id TEXT REFERENCES procedure_version (id), version INT NOT NULL,
    person_id TEXT REFERENCES person (id), human_id TEXT REFERENCES person (id), inspector TEXT NOT NULL,
    attestation TEXT NOT NULL CHECK (attestation IN ('session', 'sealed', 'unproved', 'external')),
    round INT NOT NULL CHECK (round >= 1), amends TEXT REFERENCES inspection_record (uuid),
    reinspects TEXT REFERENCES inspection_record (uuid), awaits TEXT,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'quarantined', 'unconfirmed', 'superseded', 'void')),
    findings TEXT NOT NULL, missing TEXT NOT NULL, reasons TEXT NOT NULL,
    result TEXT CHECK (result IN ('pass', 'fail', 'incomplete')),
    units_inspected INT NOT NULL CHECK (units_inspected >= 0), units_defective INT NOT NULL,
    accepted INT NOT NULL CHECK (accepted >= 0), rework INT NOT NULL CHECK (rework >= 0),
    scrap INT NOT NULL CHECK (scrap >= 0), hold INT NOT NULL CHECK (hold >= 0),
    observed_at UTC NOT NULL, happened_at UTC NOT NULL, received_at UTC NOT NULL, judged_at UTC NOT NULL,
    CHECK (accepted + rework + scrap + hold = units_inspected), CHECK (units_defective <= units_inspected),
    UNIQUE (lot_id, uuid), FOREIGN KEY (site_id, lot_id) REFERENCES lot (site_id, id),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE INDEX inspection_lot ON inspection (lot_id, happened_at);
CREATE INDEX inspection_line ON inspection (line_id, happened_at);
CREATE INDEX inspection_waiting ON inspection (site_id, lot) WHERE lot_id IS NULL;
CREATE INDEX inspection_awaits ON inspection (awaits) WHERE awaits IS NOT NULL;
CREATE INDEX inspection_procedure ON inspection (procedure_id, happened_at);
CREATE INDEX inspection_person ON inspection (person_id);
CREATE UNIQUE INDEX inspection_amended_once ON inspection (amends) WHERE amends IS NOT NULL AND state = 'accepted';
CREATE TABLE counted_inspection (
    uuid TEXT PRIMARY KEY NOT NULL, lot_id TEXT NOT NULL, human_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role = 'inspector'),
    FOREIGN KEY (lot_id, uuid) REFERENCES inspection (lot_id, uuid),
    FOREIGN KEY (lot_id, human_id, role) REFERENCES participation (lot_id, human_id, role));
CREATE INDEX counted_inspection_part ON counted_inspection (lot_id, human_id);

CREATE TABLE inspection_answer (
    uuid TEXT NOT NULL REFERENCES inspection (uuid), number INT NOT NULL CHECK (number >= 1), check_id TEXT NOT NULL,
    spec TEXT NOT NULL, value TEXT, reason TEXT, shown_at UTC, answered_at UTC,
    outcome TEXT NOT NULL CHECK (outcome IN (
        'ok', 'defect', 'recorded', 'not_applicable', 'cannot_check', 'missing', 'unreadable')),
    code TEXT NOT NULL, detail TEXT NOT NULL, samples TEXT NOT NULL,
    PRIMARY KEY (uuid, number), UNIQUE (uuid, check_id));
CREATE TABLE nonconformity (
    id TEXT PRIMARY KEY NOT NULL, uuid TEXT NOT NULL REFERENCES inspection (uuid), number INT NOT NULL,
    check_id TEXT NOT NULL, defect_code TEXT, severity TEXT, units INT NOT NULL CHECK (units >= 1),
    asked TEXT NOT NULL CHECK (asked IN ('rework', 'scrap', 'hold', 'use_as_is', 'return', 'replace')),
    disposition TEXT NOT NULL CHECK (disposition IN ('rework', 'scrap', 'hold', 'use_as_is', 'return', 'replace')),
    deviation TEXT, photo TEXT, implied BOOL NOT NULL, UNIQUE (uuid, number), UNIQUE (uuid, id));
CREATE TABLE disposition (
    id TEXT PRIMARY KEY NOT NULL, uuid TEXT NOT NULL, nonconformity_id TEXT NOT NULL,
    number INT NOT NULL CHECK (number >= 1),
    was TEXT NOT NULL CHECK (was IN ('rework', 'scrap', 'hold', 'use_as_is', 'return', 'replace')),
    becomes TEXT NOT NULL CHECK (becomes IN ('rework', 'scrap', 'hold', 'use_as_is', 'return', 'replace')),
    units INT NOT NULL CHECK (units >= 1), reason TEXT NOT NULL, deviation_id TEXT REFERENCES deviation (id),
    decided_by TEXT NOT NULL, person_id TEXT REFERENCES person (id), human_id TEXT REFERENCES person (id),
    at UTC NOT NULL, signature_id TEXT REFERENCES signature (id), CHECK (was <> becomes),
    UNIQUE (nonconformity_id, number), FOREIGN KEY (uuid, nonconformity_id) REFERENCES nonconformity (uuid, id));
CREATE TABLE inspection_act (
    id TEXT PRIMARY KEY NOT NULL, uuid TEXT NOT NULL REFERENCES inspection (uuid),
    kind TEXT NOT NULL CHECK (kind IN ('confirmed', 'owned', 'disowned', 'void_asked', 'voided')),
    person_id TEXT NOT NULL REFERENCES person (id), human_id TEXT NOT NULL REFERENCES person (id),
    reason TEXT, at UTC NOT NULL, signature_id TEXT NOT NULL REFERENCES signature (id),
    CHECK (kind <> 'void_asked' OR reason IS NOT NULL));
CREATE UNIQUE INDEX inspection_act_once ON inspection_act (uuid, kind)
"""

_INSPECTOR = (
    "(SELECT coalesce(person.human_id, person.id) FROM inspection JOIN person ON person.id = inspection.person_id "
    "WHERE inspection.uuid = NEW.uuid)"
)

HISTORY = (
    "inspection_record",
    "inspection_variant",
    "inspection_answer",
    "nonconformity",
    "disposition",
    "inspection_act",
)

REFUSALS = (
    (
        "counted_inspection_whose", "counted_inspection", "INSERT",
        f"{_INSPECTOR} IS NULL OR NEW.human_id <> {_INSPECTOR}", "an inspection counts for the human who made it",
        "NEW.human_id",
    ),
    (
        "counted_inspection_fixed", "counted_inspection", "UPDATE", "1 = 1",
        "an inspection counts or it does not: nothing of that changes", "",
    ),
)  # fmt: skip


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect(*HISTORY)
    for name, table, verb, condition, sentence, account in REFUSALS:
        ddl.refuse(name, table, verb, condition, sentence, hold=account)
