"""Lots on hold and who lets them go, the second-person rule set aside for one lot, gauges and their calibration."""

from qc_service import ddl

TABLES = """
CREATE TABLE lot_hold (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, lot_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('said', 'version_withdrawn', 'version_superseded', 'inspection', 'gauge')),
    cause KEYTEXT NOT NULL, number INT NOT NULL CHECK (number >= 1), reason TEXT, details TEXT NOT NULL,
    held_by TEXT NOT NULL, person_id TEXT REFERENCES person (id), at UTC NOT NULL,
    UNIQUE (lot_id, kind, cause, number), UNIQUE (lot_id, id), UNIQUE (lot_id, kind, cause, id),
    CHECK ((kind = 'said') = (reason IS NOT NULL)), CHECK (kind = 'said' OR number = 1),
    FOREIGN KEY (site_id, lot_id) REFERENCES lot (site_id, id),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE INDEX lot_hold_site ON lot_hold (site_id, id);
CREATE INDEX lot_hold_line ON lot_hold (line_id, id);
CREATE TABLE open_hold (
    hold_id TEXT PRIMARY KEY NOT NULL, lot_id TEXT NOT NULL, kind TEXT NOT NULL, cause KEYTEXT NOT NULL,
    FOREIGN KEY (lot_id, kind, cause, hold_id) REFERENCES lot_hold (lot_id, kind, cause, id));
CREATE UNIQUE INDEX open_hold_once ON open_hold (lot_id, kind, cause);

CREATE TABLE lot_request (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, lot_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('release', 'override')), number INT NOT NULL CHECK (number >= 1),
    reason TEXT NOT NULL, person_id TEXT NOT NULL REFERENCES person (id), human_id TEXT NOT NULL REFERENCES person (id),
    at UTC NOT NULL, signature_id TEXT NOT NULL REFERENCES signature (id),
    UNIQUE (lot_id, kind, number), UNIQUE (lot_id, kind, id), UNIQUE (lot_id, kind, human_id, id),
    FOREIGN KEY (site_id, lot_id) REFERENCES lot (site_id, id),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE INDEX lot_request_site ON lot_request (site_id, kind, id);
CREATE INDEX lot_request_human ON lot_request (human_id);
CREATE INDEX lot_request_person ON lot_request (person_id);
CREATE TABLE lot_agreement (
    request_id TEXT PRIMARY KEY NOT NULL, lot_id TEXT NOT NULL, kind TEXT NOT NULL, asked_human TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id), human_id TEXT NOT NULL REFERENCES person (id),
    at UTC NOT NULL, signature_id TEXT NOT NULL REFERENCES signature (id), CHECK (human_id <> asked_human),
    FOREIGN KEY (lot_id, kind, asked_human, request_id) REFERENCES lot_request (lot_id, kind, human_id, id));
CREATE INDEX lot_agreement_lot ON lot_agreement (lot_id, kind);
CREATE INDEX lot_agreement_human ON lot_agreement (human_id);
CREATE INDEX lot_agreement_person ON lot_agreement (person_id);
CREATE TABLE released_hold (
    request_id TEXT NOT NULL, hold_id TEXT NOT NULL, lot_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'release'), PRIMARY KEY (request_id, hold_id),
    FOREIGN KEY (lot_id, kind, request_id) REFERENCES lot_request (lot_id, kind, id),
    FOREIGN KEY (lot_id, hold_id) REFERENCES lot_hold (lot_id, id));
CREATE INDEX released_hold_hold ON released_hold (hold_id);

CREATE TABLE gauge (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL REFERENCES site (id), code KEYTEXT NOT NULL,
    name TEXT NOT NULL, unit TEXT NOT NULL, created_at UTC NOT NULL,
    UNIQUE (site_id, code), UNIQUE (site_id, id));
CREATE INDEX gauge_code ON gauge (code);
CREATE TABLE gauge_calibration (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, gauge_id TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('in_tolerance', 'out_of_tolerance')), calibrated_at UTC NOT NULL,
    due_on TEXT, note TEXT, recorded_by TEXT NOT NULL, person_id TEXT REFERENCES person (id), at UTC NOT NULL,
    UNIQUE (gauge_id, calibrated_at), CHECK ((result = 'in_tolerance') = (due_on IS NOT NULL)),
    FOREIGN KEY (site_id, gauge_id) REFERENCES gauge (site_id, id));
CREATE TABLE gauge_block (
    gauge_id TEXT NOT NULL, number INT NOT NULL CHECK (number >= 1), site_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('blocked', 'unblocked')), reason TEXT NOT NULL, said_by TEXT NOT NULL,
    person_id TEXT REFERENCES person (id), at UTC NOT NULL, PRIMARY KEY (gauge_id, number),
    CHECK ((kind = 'blocked') = (number - number / 2 * 2 = 1)), CHECK (kind = 'blocked' OR person_id IS NOT NULL),
    FOREIGN KEY (site_id, gauge_id) REFERENCES gauge (site_id, id));
CREATE TABLE gauge_use (
    uuid TEXT NOT NULL, check_id TEXT NOT NULL, site_id TEXT NOT NULL, lot_id TEXT NOT NULL, gauge KEYTEXT NOT NULL,
    gauge_id TEXT, fault TEXT CHECK (fault IN ('unknown', 'expired', 'out_of_tolerance', 'blocked')), at UTC NOT NULL,
    PRIMARY KEY (uuid, check_id), CHECK ((gauge_id IS NULL) = (fault IS NOT NULL AND fault = 'unknown')),
    FOREIGN KEY (uuid, check_id) REFERENCES inspection_answer (uuid, check_id),
    FOREIGN KEY (lot_id, uuid) REFERENCES inspection (lot_id, uuid),
    FOREIGN KEY (site_id, lot_id) REFERENCES lot (site_id, id),
    FOREIGN KEY (site_id, gauge_id) REFERENCES gauge (site_id, id));
CREATE INDEX gauge_use_gauge ON gauge_use (site_id, gauge, at);
CREATE INDEX gauge_use_lot ON gauge_use (lot_id);
CREATE INDEX inspection_version ON inspection (version_id, lot_id)
"""

HISTORY = ("lot_hold", "lot_request", "lot_agreement", "released_hold", "gauge_calibration", "gauge_block", "gauge_use")

_HUMAN = "(SELECT coalesce(human_id, id) FROM person WHERE id = NEW.person_id)"
_ASKED = (
    "(SELECT coalesce(person.human_id, person.id) FROM lot_request JOIN person ON person.id = lot_request.person_id "
    "WHERE lot_request.id = NEW.request_id)"
)
_MADE = "EXISTS (SELECT 1 FROM participation WHERE lot_id = NEW.lot_id AND role = 'maker' AND human_id IN ({}))"
_LET_GO = (
    "EXISTS (SELECT 1 FROM released_hold JOIN lot_agreement ON lot_agreement.request_id = released_hold.request_id "
    "JOIN lot_request ON lot_request.id = released_hold.request_id "
    "JOIN person AS asked ON asked.id = lot_request.person_id "
    "JOIN person AS agreed ON agreed.id = lot_agreement.person_id "
    "WHERE released_hold.hold_id = OLD.hold_id "
    "AND coalesce(asked.human_id, asked.id) <> coalesce(agreed.human_id, agreed.id) "
    "AND NOT EXISTS (SELECT 1 FROM participation "
    "WHERE participation.lot_id = OLD.lot_id AND participation.role = 'maker' "
    "AND participation.human_id IN (coalesce(asked.human_id, asked.id), coalesce(agreed.human_id, agreed.id))))"
)

# What a trigger refuses: name, table, when, the condition, the sentence, and the account held still meanwhile.
REFUSALS = (
    (
        "lot_request_human", "lot_request", "INSERT", f"NEW.human_id <> {_HUMAN}",
        "a request is signed by the human whose account it is", "NEW.person_id",
    ),
    (
        "lot_request_maker", "lot_request", "INSERT", _MADE.format("NEW.human_id"),
        "who made a lot does not ask for its release", "",
    ),
    (
        "lot_agreement_human", "lot_agreement", "INSERT", f"NEW.human_id <> {_HUMAN}",
        "an agreement is signed by the human whose account it is", "NEW.person_id",
    ),
    (
        "lot_agreement_other", "lot_agreement", "INSERT", f"NEW.human_id = {_ASKED}",
        "who asked for a release does not agree to it", "",
    ),
    (
        "lot_agreement_maker", "lot_agreement", "INSERT", _MADE.format(f"NEW.human_id, {_ASKED}"),
        "a lot is not let go by who made it", "",
    ),
    (
        "open_hold_fixed", "open_hold", "UPDATE", "1 = 1", "a hold is open or it is not: nothing of that changes", "",
    ),
    (
        "open_hold_kept", "open_hold", "DELETE", f"NOT {_LET_GO}", "a hold stays until two others let the lot go", "",
    ),
)  # fmt: skip


def up(migrator, db):
    ddl.run(TABLES)
    db.execute_sql(f"ALTER TABLE lot ADD COLUMN shipped_at {'TIMESTAMPTZ' if ddl.is_postgres() else 'TEXT'}")
    ddl.protect(*HISTORY)
    for name, table, verb, condition, sentence, account in REFUSALS:
        ddl.refuse(name, table, verb, condition, sentence, hold=account)
