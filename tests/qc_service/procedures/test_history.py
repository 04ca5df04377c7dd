"""What was written and decided is never changed: not by the service, and not by SQL with the application's rights."""

import peewee
import pytest

from qc_service import clock
from qc_service.db import db, is_postgres, write
from qc_service.people import credentials
from qc_service.procedures.models import (
    Procedure,
    ProcedureDraft,
    ProcedureHand,
    ProcedurePublication,
    ProcedureVersion,
)
from tests.attacks import found as broken
from tests.plant import Plant
from tests.site_procedures import STATES, procedure_of

HISTORY = ("procedure_version", "procedure_draft", "procedure_decision", "signature")
REFUSAL = r"never|only be withdrawn|(?i:unique|foreign key)"
WAYS = (False,)  # gives_way
KEPT = (*HISTORY, "procedure_publication", "procedure_hand")


@pytest.fixture
def numbers(app, database) -> dict[str, str]:
    """A procedure with a version in each state."""
    credentials.init_people(app.config["QC"])
    plant = Plant(app)
    plant.line()
    site_id = db.execute_sql("SELECT id FROM site").fetchone()[0]
    return procedure_of("fern", "S1", site_id, "L1")


def refused(statement: str, *values: object) -> None:
    with pytest.raises(peewee.DatabaseError, match=REFUSAL), write():
        db.execute_sql(statement.replace("?", db.obj.param), values)


@pytest.mark.parametrize("table", HISTORY)
def test_no_row_of_history_is_updated(numbers, table):
    column = "number" if table == "procedure_version" else "digest" if table != "signature" else "printed_name"
    refused(f'UPDATE "{table}" SET "{column}" = "{column}"')  # noqa: S608


@pytest.mark.parametrize("table", KEPT)
def test_no_row_is_deleted(numbers, table):
    refused(f'DELETE FROM "{table}"')  # noqa: S608


@pytest.mark.parametrize("column", ["scope", "effective_at", "change_class", "procedure_id"])
def test_a_publication_is_not_moved(numbers, column):
    values = {"scope": "", "effective_at": clock.fixed(clock.now()), "change_class": "none", "procedure_id": "x"}
    refused(f'UPDATE procedure_publication SET "{column}" = ?', values[column])  # noqa: S608


def test_a_publication_is_withdrawn_once(numbers):
    now = clock.fixed(clock.now())
    with write():
        text = "UPDATE procedure_publication SET withdrawn_at = ?, gives_way = ?".replace("?", db.obj.param)
        db.execute_sql(text, [now, *WAYS])
    refused("UPDATE procedure_publication SET withdrawn_at = ?, gives_way = ?", now, *WAYS)
    refused("UPDATE procedure_publication SET withdrawn_at = NULL, gives_way = NULL")


def test_a_published_version_gets_no_further_revision(numbers):
    version = _version(numbers["in_force"])
    copy = (
        "INSERT INTO procedure_draft (version_id, revision, document, digest, written_at) "
        "SELECT version_id, 2, document, digest, written_at FROM procedure_draft WHERE version_id = ?"
    )
    refused(copy, version.id)


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_in_force_without_an_approval_by_somebody_else(numbers, state):
    """A decision that was never made cannot be added with the hand of one who wrote the version."""
    version = _version(numbers[state])
    refused(
        "INSERT INTO procedure_decision (id, version_id, number, kind, round, revision, digest, author, at, hand_id, "
        "hand_role) SELECT 'dcs_x', d.version_id, 99, 'approved', 9, d.revision, d.digest, 'cli', d.written_at, h.id, "
        "'approver' FROM procedure_draft d JOIN procedure_hand h ON h.version_id = d.version_id AND h.role = 'author' "
        "WHERE d.version_id = ?",
        version.id,
    )


@pytest.mark.parametrize("guard", sorted(ProcedureHand.guards + ProcedurePublication.guards + ProcedureDraft.guards))
def test_a_guard_that_was_taken_away_is_named(numbers, guard):
    with write():
        if guard in ("procedure_hand_one_part", "procedure_hand_one_approver", "procedure_publication_moment"):
            db.execute_sql(f"DROP INDEX {guard}")
        else:
            table = "_".join(guard.split("_")[:2])
            db.execute_sql(f"DROP TRIGGER {guard}" + (f" ON {table}" if is_postgres() else ""))
    words = "it is missing or switched off, so the database lets through what a rule forbids"
    assert broken() == [f"guard {guard} — {words}"]


def test_what_the_service_does_leaves_the_trail_whole(numbers):
    assert broken() == []


def test_two_publications_of_a_variant_never_begin_at_one_moment(numbers):
    row = ProcedurePublication.get()
    other = _version(numbers["approved"])
    refused(
        "INSERT INTO procedure_publication (version_id, procedure_id, scope, effective_at, change_class) "
        "SELECT ?, procedure_id, scope, effective_at, change_class FROM procedure_publication WHERE version_id = ?",
        other.id, row.version_id,
    )  # fmt: skip


def _version(number: str) -> ProcedureVersion:
    procedure = Procedure.get(Procedure.code == "sop-fern")
    return ProcedureVersion.get(
        (ProcedureVersion.procedure_id == procedure.id) & (ProcedureVersion.number == int(number))
    )
