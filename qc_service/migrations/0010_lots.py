"""Lots, who made them, and the second-person rule: in a lot one human being is a maker or an inspector, never both."""

from qc_service import ddl

TABLES = """
CREATE TABLE work_order (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL REFERENCES site (id), code KEYTEXT NOT NULL,
    created_at UTC NOT NULL, UNIQUE (site_id, code), UNIQUE (site_id, id));
CREATE TABLE lot (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL, code KEYTEXT NOT NULL,
    product TEXT, quantity INT CHECK (quantity >= 1), procedure_id TEXT REFERENCES procedure (id),
    work_order_id TEXT, created_at UTC NOT NULL, updated_at UTC NOT NULL,
    UNIQUE (site_id, code), UNIQUE (site_id, id),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id),
    FOREIGN KEY (site_id, work_order_id) REFERENCES work_order (site_id, id));
CREATE INDEX lot_code ON lot (code);
CREATE INDEX lot_line ON lot (line_id, id);
CREATE TABLE lot_unit (
    lot_id TEXT NOT NULL REFERENCES lot (id), code KEYTEXT NOT NULL, added_at UTC NOT NULL,
    PRIMARY KEY (lot_id, code));
CREATE TABLE participation (
    lot_id TEXT NOT NULL REFERENCES lot (id), human_id TEXT NOT NULL REFERENCES person (id),
    role TEXT NOT NULL CHECK (role IN ('maker', 'inspector', 'self_check')),
    PRIMARY KEY (lot_id, human_id, role));
CREATE UNIQUE INDEX participation_one_side ON participation (lot_id, human_id) WHERE role IN ('maker', 'inspector');
CREATE INDEX participation_human ON participation (human_id);
CREATE TABLE lot_maker (
    id TEXT PRIMARY KEY NOT NULL, lot_id TEXT NOT NULL, site_id TEXT NOT NULL, unit KEYTEXT, step TEXT,
    person_id TEXT NOT NULL REFERENCES person (id), human_id TEXT NOT NULL REFERENCES person (id),
    role TEXT NOT NULL CHECK (role = 'maker'), source TEXT NOT NULL CHECK (source IN ('floor', 'system', 'import')),
    named_by TEXT NOT NULL, named_at UTC NOT NULL, made_at UTC,
    FOREIGN KEY (site_id, lot_id) REFERENCES lot (site_id, id),
    FOREIGN KEY (lot_id, human_id, role) REFERENCES participation (lot_id, human_id, role));
CREATE UNIQUE INDEX lot_maker_once ON lot_maker (lot_id, person_id, coalesce(unit, ''), coalesce(step, ''));
CREATE INDEX lot_maker_person ON lot_maker (person_id)
"""

_ROOT = "(SELECT human_id FROM person WHERE id = NEW.human_id) IS NOT NULL"
_HUMAN = "(SELECT coalesce(human_id, id) FROM person WHERE id = NEW.person_id)"
_MOVED = (
    "NOT (OLD.role = 'inspector' AND NEW.role = 'self_check' AND NEW.lot_id = OLD.lot_id "
    "AND NEW.human_id = OLD.human_id)"
)
_STILL_MADE = (
    "OLD.role = 'maker' AND EXISTS (SELECT 1 FROM lot_maker JOIN person ON person.id = lot_maker.person_id "
    "WHERE lot_maker.lot_id = OLD.lot_id AND coalesce(person.human_id, person.id) = OLD.human_id)"
)

# What a trigger refuses: name, table, when, the condition, the sentence, and the account held still meanwhile.
REFUSALS = (
    (
        "participation_root", "participation", "INSERT", _ROOT,
        "who takes part in a lot is a human being, not one of their accounts", "NEW.human_id",
    ),
    (
        "participation_fixed", "participation", "UPDATE", _MOVED, "an inspector may become a self-check, nothing else",
        "",
    ),
    (
        "participation_kept", "participation", "DELETE", _STILL_MADE,
        "who made a lot stays its maker", "OLD.human_id",
    ),
    (
        "lot_maker_human", "lot_maker", "INSERT", f"NEW.human_id <> {_HUMAN}",
        "a lot is made by the human whose account it is", "NEW.person_id",
    ),
)  # fmt: skip


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("lot_maker")
    for name, table, verb, condition, sentence, account in REFUSALS:
        ddl.refuse(name, table, verb, condition, sentence, hold=account)
