"""Procedures: versions and who had a hand in them, translations, who has read what, deviations, signatures."""

from qc_service import ddl

PEOPLE = """
ALTER TABLE person ADD COLUMN human_id TEXT REFERENCES person (id) CHECK (human_id <> id);
CREATE INDEX person_human ON person (human_id)
"""

TABLES = """
CREATE TABLE signature (
    id TEXT PRIMARY KEY NOT NULL, person_id TEXT NOT NULL REFERENCES person (id),
    human_id TEXT NOT NULL REFERENCES person (id), printed_name TEXT NOT NULL, badge TEXT NOT NULL,
    meaning TEXT NOT NULL, method TEXT NOT NULL CHECK (method IN ('pin', 'password', 'session')),
    device_id TEXT REFERENCES device (id), signed_at UTC NOT NULL, record_type TEXT NOT NULL, record_id TEXT NOT NULL,
    site_id TEXT REFERENCES site (id), event_id TEXT NOT NULL, UNIQUE (event_id, record_id));
CREATE INDEX signature_record ON signature (record_type, record_id);

CREATE TABLE procedure (
    id TEXT PRIMARY KEY NOT NULL, code TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    site_id TEXT REFERENCES site (id), owner_id TEXT REFERENCES person (id),
    created_at UTC NOT NULL, updated_at UTC NOT NULL);
CREATE TABLE procedure_line (
    procedure_id TEXT NOT NULL REFERENCES procedure (id), line_id TEXT NOT NULL, site_id TEXT NOT NULL,
    PRIMARY KEY (procedure_id, line_id), FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE INDEX procedure_line_where ON procedure_line (line_id);
CREATE TABLE procedure_version (
    id TEXT PRIMARY KEY NOT NULL, procedure_id TEXT NOT NULL REFERENCES procedure (id),
    number INT NOT NULL CHECK (number >= 1), site_id TEXT REFERENCES site (id), line_id TEXT,
    base_id TEXT REFERENCES procedure_version (id), author_id TEXT REFERENCES person (id),
    author TEXT NOT NULL, created_at UTC NOT NULL,
    UNIQUE (procedure_id, number), CHECK (line_id IS NULL OR site_id IS NOT NULL),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE TABLE procedure_draft (
    version_id TEXT NOT NULL REFERENCES procedure_version (id), revision INT NOT NULL CHECK (revision >= 1),
    document TEXT NOT NULL, digest TEXT NOT NULL, change_note TEXT, written_by TEXT REFERENCES person (id),
    human_id TEXT REFERENCES person (id), written_at UTC NOT NULL, PRIMARY KEY (version_id, revision));
CREATE TABLE procedure_hand (
    id TEXT PRIMARY KEY NOT NULL, version_id TEXT NOT NULL REFERENCES procedure_version (id),
    role TEXT NOT NULL CHECK (role IN ('author', 'reviewer', 'approver')),
    person_id TEXT NOT NULL REFERENCES person (id), human_id TEXT NOT NULL REFERENCES person (id), voided_at UTC,
    UNIQUE (version_id, id, role), CHECK (role <> 'author' OR voided_at IS NULL));
CREATE UNIQUE INDEX procedure_hand_one_part ON procedure_hand (version_id, human_id) WHERE voided_at IS NULL;
CREATE UNIQUE INDEX procedure_hand_one_approver ON procedure_hand (version_id)
    WHERE role = 'approver' AND voided_at IS NULL;
CREATE INDEX procedure_hand_person ON procedure_hand (person_id);
CREATE TABLE procedure_decision (
    id TEXT PRIMARY KEY NOT NULL, version_id TEXT NOT NULL REFERENCES procedure_version (id), number INT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        'submitted', 'reviewed', 'returned', 'approved', 'published', 'withdrawn', 'discarded', 'reopened')),
    round INT NOT NULL CHECK (round >= 1), revision INT NOT NULL, digest TEXT NOT NULL,
    person_id TEXT REFERENCES person (id), human_id TEXT REFERENCES person (id), author TEXT NOT NULL, at UTC NOT NULL,
    change_class TEXT CHECK (change_class IN ('none', 'wording', 'check_changed', 'safety')),
    effective_at UTC, gives_way BOOL, reason TEXT, signature_id TEXT REFERENCES signature (id),
    hand_id TEXT, hand_role TEXT CHECK (hand_role = 'approver'),
    UNIQUE (version_id, number),
    CHECK ((kind = 'approved') = (hand_id IS NOT NULL)), CHECK ((hand_id IS NULL) = (hand_role IS NULL)),
    FOREIGN KEY (version_id, revision) REFERENCES procedure_draft (version_id, revision),
    FOREIGN KEY (version_id, hand_id, hand_role) REFERENCES procedure_hand (version_id, id, role));
CREATE UNIQUE INDEX procedure_decision_approved ON procedure_decision (version_id, round) WHERE kind = 'approved';
CREATE UNIQUE INDEX procedure_decision_hand ON procedure_decision (hand_id) WHERE hand_id IS NOT NULL;
CREATE UNIQUE INDEX procedure_decision_once ON procedure_decision (version_id, kind)
    WHERE kind IN ('published', 'withdrawn', 'discarded');
CREATE TABLE procedure_publication (
    version_id TEXT PRIMARY KEY NOT NULL REFERENCES procedure_version (id),
    procedure_id TEXT NOT NULL REFERENCES procedure (id), scope TEXT NOT NULL, effective_at UTC NOT NULL,
    change_class TEXT NOT NULL CHECK (change_class IN ('none', 'wording', 'check_changed', 'safety')),
    withdrawn_at UTC, gives_way BOOL, CHECK ((withdrawn_at IS NULL) = (gives_way IS NULL)));
CREATE UNIQUE INDEX procedure_publication_moment ON procedure_publication (procedure_id, scope, effective_at)
    WHERE withdrawn_at IS NULL OR withdrawn_at >= effective_at;

CREATE TABLE procedure_translation (
    id TEXT PRIMARY KEY NOT NULL, procedure_id TEXT NOT NULL REFERENCES procedure (id), path TEXT NOT NULL,
    language TEXT NOT NULL, source_sha TEXT NOT NULL, number INT NOT NULL CHECK (number >= 1), text TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'reviewed')),
    origin TEXT NOT NULL CHECK (origin IN ('typed', 'imported', 'shipped')), person_id TEXT REFERENCES person (id),
    human_id TEXT REFERENCES person (id), author TEXT NOT NULL, at UTC NOT NULL,
    UNIQUE (procedure_id, path, language, source_sha, number));
CREATE INDEX procedure_translation_source ON procedure_translation (source_sha, language);
CREATE TABLE translation_override (
    version_id TEXT PRIMARY KEY NOT NULL REFERENCES procedure_version (id), reason TEXT NOT NULL,
    languages TEXT NOT NULL, gaps TEXT NOT NULL, asked_by TEXT NOT NULL REFERENCES person (id),
    asked_human TEXT NOT NULL REFERENCES person (id), asked_at UTC NOT NULL,
    asked_signature TEXT NOT NULL REFERENCES signature (id), confirmed_by TEXT REFERENCES person (id),
    confirmed_human TEXT REFERENCES person (id) CHECK (confirmed_human <> asked_human), confirmed_at UTC,
    confirmed_signature TEXT REFERENCES signature (id),
    CHECK ((confirmed_by IS NULL) = (confirmed_human IS NULL) AND (confirmed_by IS NULL) = (confirmed_at IS NULL)
        AND (confirmed_by IS NULL) = (confirmed_signature IS NULL)));

CREATE TABLE acknowledgement (
    id TEXT PRIMARY KEY NOT NULL, version_id TEXT NOT NULL REFERENCES procedure_version (id),
    person_id TEXT NOT NULL REFERENCES person (id), human_id TEXT NOT NULL REFERENCES person (id), at UTC NOT NULL,
    language TEXT NOT NULL, signature_id TEXT NOT NULL REFERENCES signature (id), UNIQUE (version_id, human_id));
CREATE INDEX acknowledgement_person ON acknowledgement (person_id);
CREATE TABLE skill_record (
    id TEXT PRIMARY KEY NOT NULL, procedure_id TEXT NOT NULL REFERENCES procedure (id),
    version_id TEXT NOT NULL REFERENCES procedure_version (id), person_id TEXT NOT NULL REFERENCES person (id),
    human_id TEXT NOT NULL REFERENCES person (id), shown_at UTC NOT NULL, expires_at UTC,
    confirmed_by TEXT NOT NULL REFERENCES person (id),
    confirmed_human TEXT NOT NULL REFERENCES person (id) CHECK (confirmed_human <> human_id),
    confirmed_at UTC NOT NULL, signature_id TEXT NOT NULL REFERENCES signature (id));
CREATE INDEX skill_record_person ON skill_record (person_id, procedure_id);

CREATE TABLE deviation (
    id TEXT PRIMARY KEY NOT NULL, procedure_id TEXT NOT NULL REFERENCES procedure (id),
    version_id TEXT NOT NULL REFERENCES procedure_version (id), check_id TEXT NOT NULL, site_id TEXT NOT NULL,
    line_id TEXT NOT NULL, lot TEXT, reason TEXT NOT NULL, asked_by TEXT NOT NULL REFERENCES person (id),
    asked_human TEXT NOT NULL REFERENCES person (id), asked_at UTC NOT NULL,
    asked_quantity INT NOT NULL CHECK (asked_quantity >= 1), asked_until UTC NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'granted', 'refused', 'ended')),
    quantity INT, used INT NOT NULL CHECK (used >= 0), expires_at UTC, decided_by TEXT REFERENCES person (id),
    decided_human TEXT REFERENCES person (id) CHECK (decided_human <> asked_human), decided_at UTC, decision_note TEXT,
    signature_id TEXT REFERENCES signature (id),
    ended_by TEXT REFERENCES person (id), ended_at UTC, end_reason TEXT, UNIQUE (site_id, id),
    CHECK ((state = 'ended') = (ended_by IS NOT NULL)), CHECK ((ended_by IS NULL) = (ended_at IS NULL)),
    CHECK ((ended_by IS NULL) = (end_reason IS NULL)), CHECK (used <= coalesce(quantity, 0)),
    CHECK ((state = 'asked') = (decided_human IS NULL)),
    CHECK (state <> 'granted' OR (quantity >= 1 AND expires_at IS NOT NULL)),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE INDEX deviation_where ON deviation (line_id, state);
CREATE TABLE deviation_use (
    deviation_id TEXT NOT NULL, number INT NOT NULL, site_id TEXT NOT NULL, quantity INT NOT NULL CHECK (quantity >= 1),
    used_by TEXT NOT NULL, reference TEXT NOT NULL, at UTC NOT NULL,
    PRIMARY KEY (deviation_id, number), UNIQUE (deviation_id, reference),
    FOREIGN KEY (site_id, deviation_id) REFERENCES deviation (site_id, id));
CREATE TABLE step_report (
    id TEXT PRIMARY KEY NOT NULL, procedure_id TEXT NOT NULL REFERENCES procedure (id),
    version_id TEXT NOT NULL REFERENCES procedure_version (id),
    item TEXT NOT NULL CHECK (item IN ('step', 'check')), item_id TEXT NOT NULL,
    site_id TEXT NOT NULL REFERENCES site (id), line_id TEXT, text TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id), at UTC NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'answered')), answer TEXT, answered_by TEXT REFERENCES person (id),
    answered_at UTC, outcome TEXT CHECK (outcome IN ('will_change', 'explained', 'not_a_fault')),
    CHECK ((state = 'answered') = (answer IS NOT NULL)), CHECK ((answer IS NULL) = (outcome IS NULL)),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE INDEX step_report_where ON step_report (site_id, state)
"""

HISTORY = (
    "signature", "procedure_version", "procedure_draft", "procedure_decision", "procedure_translation",
    "acknowledgement", "skill_record", "deviation_use",
)  # fmt: skip

# What a trigger refuses: name, table, when, the condition, and the sentence.
_HUMAN = "(SELECT coalesce(human_id, id) FROM person WHERE id = NEW.person_id)"
_CLOSED = "kind IN ('published', 'withdrawn', 'discarded')"
_ANOTHER_HAND = (
    "SELECT 1 FROM procedure_hand other JOIN person ON person.id = OLD.person_id "
    "WHERE other.version_id = OLD.version_id AND other.role = OLD.role AND other.id <> OLD.id "
    "AND other.voided_at IS NULL AND (SELECT coalesce(human_id, id) FROM person WHERE id = other.person_id) "
    "= coalesce(person.human_id, person.id)"
)
_MOVED = (
    "NEW.id <> OLD.id OR NEW.version_id <> OLD.version_id OR NEW.role <> OLD.role OR NEW.person_id <> OLD.person_id "
    f"OR OLD.voided_at IS NOT NULL OR (NEW.human_id <> OLD.human_id AND NEW.human_id <> {_HUMAN})"
)
_REWRITTEN = (
    "NEW.version_id <> OLD.version_id OR NEW.procedure_id <> OLD.procedure_id OR NEW.scope <> OLD.scope "
    "OR NEW.effective_at <> OLD.effective_at OR NEW.change_class <> OLD.change_class OR OLD.withdrawn_at IS NOT NULL"
)
_DECIDED = f"SELECT 1 FROM procedure_decision WHERE version_id = NEW.version_id AND {_CLOSED}"  # noqa: S608
REFUSALS = (
    (
        "procedure_draft_open", "procedure_draft", "INSERT", f"EXISTS ({_DECIDED})",
        "history is never changed: the version is published",
    ),
    (
        "procedure_hand_human", "procedure_hand", "INSERT", f"NEW.human_id <> {_HUMAN}",
        "a hand belongs to the human whose account it is",
    ),
    ("procedure_hand_moved", "procedure_hand", "UPDATE", _MOVED, "who had a hand in a version never changes"),
    (
        "procedure_hand_kept", "procedure_hand", "DELETE", f"NOT EXISTS ({_ANOTHER_HAND})",
        "who had a hand in a version is never forgotten",
    ),
    (
        "procedure_publication_fixed", "procedure_publication", "UPDATE", _REWRITTEN,
        "a publication can only be withdrawn, once",
    ),
    ("procedure_publication_kept", "procedure_publication", "DELETE", "1 = 1", "a publication is never forgotten"),
)  # fmt: skip


def up(migrator, db):
    ddl.run(PEOPLE)
    ddl.run(TABLES)
    ddl.protect(*HISTORY)
    for refusal in REFUSALS:
        ddl.refuse(*refusal)
