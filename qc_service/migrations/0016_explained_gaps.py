"""Numbers of a tablet that never arrived, explained by somebody who leads; and those that arrived after all."""

from qc_service import ddl

TABLES = """
CREATE TABLE gap_explanation (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT REFERENCES site (id), device_id TEXT NOT NULL REFERENCES device (id),
    kind TEXT NOT NULL CHECK (kind IN ('missing', 'late')), first INT NOT NULL CHECK (first >= 1), last INT NOT NULL,
    reason TEXT NOT NULL, person_id TEXT NOT NULL REFERENCES person (id), human_id TEXT NOT NULL REFERENCES person (id),
    at UTC NOT NULL, signature_id TEXT NOT NULL REFERENCES signature (id), CHECK (last >= first));
CREATE UNIQUE INDEX gap_explanation_first ON gap_explanation (device_id, kind, first);
CREATE UNIQUE INDEX gap_explanation_last ON gap_explanation (device_id, kind, last);
CREATE INDEX gap_explanation_site ON gap_explanation (site_id, id)
"""

_OVERLAPS = (
    "EXISTS (SELECT 1 FROM gap_explanation WHERE gap_explanation.device_id = NEW.device_id "
    "AND gap_explanation.kind = NEW.kind AND gap_explanation.id <> NEW.id "
    "AND gap_explanation.first <= NEW.last AND gap_explanation.last >= NEW.first)"
)


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("gap_explanation")
    sentence = "a number of a tablet is explained once"
    ddl.refuse("gap_explanation_apart", "gap_explanation", "INSERT", _OVERLAPS, sentence)
