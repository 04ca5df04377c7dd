"""`qc sops`: files judged line by line, and published at the first set-up only."""

import pytest

from qc_service.db import connected
from qc_service.procedures import finding
from qc_service.procedures.models import Procedure, ProcedureTranslation
from sops.library import load
from sops.translations import texts
from tests.attacks import found as broken

GOOD = """title: Fill a can
purpose: Every can is full.
language: en
steps:
  - {id: fill, text: Fill it.}
checks:
  - {id: weight, step: fill, type: measure, text: Weight, unit: g, min: 338, max: 345, severity: major}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "CAN.yaml").write_text(GOOD)
    (tmp_path / "BAD.yaml").write_text(GOOD.replace("max: 345", "max: 337").replace("steps:", "stepps:"))
    (tmp_path / "TORN.yaml").write_text("title: 'never closed\n")
    return tmp_path


def test_check_names_file_line_and_what_to_do_and_says_no(qc, folder):
    status, out, err = qc(
        "sops", "check", str(folder / "CAN.yaml"), str(folder / "BAD.yaml"), str(folder / "TORN.yaml")
    )
    lines = out.splitlines()
    assert status == 1
    assert lines[0] == f"{folder}/CAN.yaml: no mistakes"
    assert any(line.startswith(f"{folder}/BAD.yaml:4: ") and "steps" in line for line in lines)
    assert any(line.startswith(f"{folder}/TORN.yaml:") for line in lines)
    assert "2 of 3 file(s)" in err
    assert not (qc.home / "qc.db").exists()  # nothing is set up for it


def test_check_of_good_files_says_yes(qc, folder):
    assert qc("sops", "check", str(folder / "CAN.yaml"))[0] == 0


def test_a_file_that_is_not_there_is_named(qc, folder):
    status, _, err = qc("sops", "check", str(folder / "NONE.yaml"))
    assert (status, "NONE.yaml" in err) == (1, True)


def test_publish_puts_a_first_version_in_force_and_refuses_the_next_with_what_to_do(qc, folder):
    assert qc("sops", "publish", str(folder / "CAN.yaml"))[:2] == (0, "CAN version 1 is in force\n")
    status, out, err = qc("sops", "publish", str(folder / "CAN.yaml"))
    assert (status, out) == (1, "")
    assert "POST /v1/procedures/CAN/versions" in err
    assert "another person" in err
    with connected():
        found = finding.in_force(Procedure.get())
        assert (found.version.number, found.version.author, found.decisions[0].kind) == (1, "cli", "published")
        assert broken() == []


def test_publish_publishes_all_files_or_none(qc, folder):
    assert qc("sops", "publish", str(folder / "CAN.yaml"), str(folder / "BAD.yaml"))[0] == 1
    assert qc("audit", "verify")[0] == 0
    with connected():
        assert Procedure.select().count() == 0


def test_a_first_start_publishes_what_the_service_comes_with_once(qc):
    assert qc("migrate", "--procedures")[0] == 0
    assert qc("migrate", "--procedures")[1] == "The database is up to date.\n"
    shipped = load()
    with connected():
        assert [one.code for one in Procedure.select().order_by(Procedure.code)] == [one.code for one in shipped]
        for one in shipped:
            procedure = Procedure.get(Procedure.code == one.code)
            assert finding.in_force(procedure).document == one.document
            kept = ProcedureTranslation.select().where(ProcedureTranslation.procedure_id == procedure.id)
            assert {row.path for row in kept} == set(texts(one.document))
            assert {row.status for row in kept} == {"draft"}
        assert broken() == []


def test_a_plant_that_has_a_procedure_gets_none_of_them(qc, folder):
    qc("sops", "publish", str(folder / "CAN.yaml"))
    qc("migrate", "--procedures")
    with connected():
        assert [one.code for one in Procedure.select()] == ["CAN"]
