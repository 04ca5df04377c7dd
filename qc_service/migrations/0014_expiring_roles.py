"""An auditor's role that ends by itself at a moment."""

from qc_service import ddl

COLUMN = "ALTER TABLE role_grant ADD COLUMN expires_at {} CHECK (expires_at IS NULL OR role = 'auditor')"


def up(migrator, db):
    ddl.run(COLUMN.format("TIMESTAMPTZ" if ddl.is_postgres() else "TEXT"))
