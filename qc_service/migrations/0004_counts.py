"""Production counts."""

from qc_service import ddl

TABLES = """
CREATE TABLE production_count (
    id TEXT PRIMARY KEY NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL,
    source KEYTEXT NOT NULL, external_id KEYTEXT NOT NULL, external_version TEXT, revision INT NOT NULL,
    product TEXT, lot TEXT, period_start UTC NOT NULL, period_end UTC NOT NULL,
    total INT, good INT, scrapped INT, reworked INT, inspected INT, defective INT, defects TEXT,
    charged_to TEXT, is_lot BOOL NOT NULL, changed_seq INT NOT NULL,
    created_at UTC NOT NULL, updated_at UTC NOT NULL,
    UNIQUE (site_id, source, external_id), UNIQUE (site_id, id),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id));
CREATE INDEX production_count_order ON production_count (line_id, period_end, source, external_id);
CREATE INDEX production_count_changed ON production_count (line_id, changed_seq);
CREATE INDEX production_count_charged ON production_count (site_id, source, charged_to) WHERE charged_to IS NOT NULL;
CREATE TABLE count_revision (
    count_id TEXT NOT NULL, revision INT NOT NULL, site_id TEXT NOT NULL, line_id TEXT NOT NULL,
    source KEYTEXT NOT NULL, external_id KEYTEXT NOT NULL, external_version TEXT,
    product TEXT, lot TEXT, period_start UTC NOT NULL, period_end UTC NOT NULL,
    total INT, good INT, scrapped INT, reworked INT, inspected INT, defective INT, defects TEXT,
    rework_in_good BOOL NOT NULL, charged_to TEXT, work_order TEXT, operation TEXT, shift TEXT,
    received_at UTC NOT NULL,
    PRIMARY KEY (count_id, revision),
    FOREIGN KEY (site_id, count_id) REFERENCES production_count (site_id, id),
    FOREIGN KEY (site_id, line_id) REFERENCES line (site_id, id))
"""


def up(migrator, db):
    ddl.run(TABLES)
    ddl.protect("count_revision")
