"""A procedure begins: empty, from a file, or as a copy."""

import io

import pytest

from qc_service.db import connected
from qc_service.procedures.models import Procedure, ProcedureVersion
from tests.authoring import (
    ONE_ENGINE,
    begun,
    from_file,
    text_of,
)
from tests.procedure_life import document


@ONE_ENGINE
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": ""}, "code"), ({"title": ""}, "title"), ({"purpose": ""}, "purpose"),
        ({"first_step": ""}, "first_step"),
        ({"code": "a/b"}, "code"), ({"owner": "NOBODY"}, "owner"), ({"start": "file"}, "file"),
        ({"start": "copy"}, "copy_of"), ({"title": "x" * 121}, "title"),
    ],
)  # fmt: skip
def test_what_is_missing_from_a_new_procedure_is_said_and_nothing_is_lost(author, typed, field):
    begun(author, **typed)

    assert author.answer.status_code == 422
    assert field in author.errors, author.errors
    assert author.fields["purpose"] == typed.get("purpose", "Every can leaves tight and full.")
    with connected():
        assert Procedure.select().count() == 0


@ONE_ENGINE
def test_a_code_that_is_taken_is_told_beside_it(author):
    begun(author)
    begun(author)
    assert "code" in author.errors


@ONE_ENGINE
def test_a_file_with_mistakes_is_refused_with_their_lines(author):
    author.get("/procedures/new")
    file = (io.BytesIO(b"title: Can\nlanguage: en\nsteps: []\n"), "can.yaml")

    author.post("/procedures/new", title="Can", code="CAN", start="file", file=file)

    assert author.answer.status_code == 422
    assert "Line 1:" in author.text
    with connected():
        assert Procedure.select().count() == 0


@ONE_ENGINE
def test_a_workbook_becomes_a_new_version_for_one_line(author):
    from sops.workbook import write_xlsx

    from_file(author)
    author.get("/procedures/CAN/versions/new")
    file = (io.BytesIO(write_xlsx(document("344"), [])), "can.xlsx")

    author.post("/procedures/CAN/versions/new", **{"start": "file", "for": "line:L1", "base": "1", "file": file})

    assert author.answer.status_code == 303, author.text
    with connected():
        assert ProcedureVersion.get(ProcedureVersion.number == 2).line_id is not None
    assert text_of(2)["checks"][1]["max"] == "344"


@ONE_ENGINE
def test_a_procedure_is_begun_as_a_copy_of_another(author):
    from_file(author)
    begun(author, code="JAR", title="Fill a jar", start="copy", copy_of="CAN")
    author.follow()
    assert author.headline == "Fill a jar"
    assert "Filled weight" in author.text


@ONE_ENGINE
def test_lines_owner_and_title_are_changed_on_the_procedures_page(author):
    from_file(author)
    author.get("/procedures/CAN")
    author.post("/procedures/CAN/lines", add="L1")
    author.follow()
    assert "Remove : L1" in author.text
    author.post("/procedures/CAN/details", title="Fill a can", owner="P-4")
    author.follow()
    assert author.headline == "Fill a can"
    assert "Owner: Quang Tran" in author.text
    author.post("/procedures/CAN/lines", remove="L1")
    author.follow()
    assert "None was named" in author.text
    author.post("/procedures/CAN/lines")
    assert author.errors == {"add": "Choose a line."}
