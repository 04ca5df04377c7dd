"""The desk speaks of procedures in the reader's language: titles, skills, and what is new to them."""

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.desk.procedure_titles import titles
from qc_service.people import staff
from qc_service.procedures.models import Procedure, ProcedureTranslation
from qc_service.procedures.shipping import publish_first
from sops.library import load
from tests.desk_client import ONE_ENGINE, browser, sign_in
from tests.plant import Plant
from tests.two_sites import PASSWORD

WELD = next(one for one in load() if one.code == "WELD")
TITLE = next(one.text for one in WELD.translations if (one.path, one.language) == ("title", "fil"))
SKILL = next(one.text for one in WELD.translations if (one.path, one.language) == ("skill.text", "fil"))


@pytest.fixture
def desk(app):
    """A quality manager who reads Filipino, in a plant with one shipped procedure."""
    with connected():
        staff.add_person(
            audit.COMMAND, "P-3", "Sofia Lindqvist", ["quality_manager"], password=PASSWORD, language="fil"
        )
        Plant(app).line("L1", "Hall A", "Cartoner 1")
        publish_first(audit.COMMAND, "WELD", WELD.document, WELD.translations)
    client = browser(app)
    assert sign_in(client).status_code == 303
    return client


def page(desk, path):
    answer = desk.get(path, base_url=desk.base)
    assert answer.status_code == 200
    return answer.text


@ONE_ENGINE
@pytest.mark.parametrize(
    "path",
    ["/procedures", "/procedures/WELD", "/procedures/new", "/procedures/WELD/versions/new", "/deviations/new",
     "/procedures/WELD/translate", "/procedures/WELD/pending", "/reading"],
)  # fmt: skip
def test_a_procedure_is_called_what_it_is_called_in_the_readers_language(desk, path):
    found = page(desk, path)
    assert TITLE in found
    assert WELD.document["title"] not in found.replace('value="' + WELD.document["title"], "")


@ONE_ENGINE
def test_a_procedure_is_found_by_its_title_in_the_readers_language(desk):
    assert "/procedures/WELD" in page(desk, "/procedures?q=" + TITLE.split()[0].lower())
    assert "/procedures/WELD" not in page(desk, "/procedures?q=sorbetes")


@ONE_ENGINE
def test_a_title_that_the_plant_gave_itself_stays_as_it_is_and_what_was_reviewed_goes_before_a_draft(desk):
    with connected():
        weld = Procedure.get(Procedure.code == "WELD")
        row = ProcedureTranslation.get(
            (ProcedureTranslation.procedure_id == weld.id) & (ProcedureTranslation.path == "title")
            & (ProcedureTranslation.language == "fil")
        )  # fmt: skip
        kept = dict(row.__data__)
        ProcedureTranslation.insert(
            {**kept, "id": "trn_1", "number": 900, "status": "reviewed", "text": "Tama"}
        ).execute()
        ProcedureTranslation.insert({**kept, "id": "trn_2", "number": 901, "text": "Bago"}).execute()
        assert titles([weld], "fil") == {weld.id: "Tama"}
        assert titles([weld], "en") == {weld.id: WELD.document["title"]}
        weld.title = "Our own weld"
        assert titles([weld], "fil") == {weld.id: "Our own weld"}


@ONE_ENGINE
def test_a_skill_to_show_is_told_in_the_readers_language(desk):
    assert SKILL in page(desk, "/reading")


@ONE_ENGINE
def test_the_first_version_is_new_and_changes_nothing(desk):
    for path in ("/procedures/WELD", "/procedures/WELD/versions/1", "/procedures/WELD/versions/1/compare"):
        found = page(desk, path)
        assert "Bago" in found
        assert "Nagbago ang mga tseke" not in found
        assert "change--check_changed" not in found
    waiting = page(desk, "/procedures/WELD/pending")
    assert "bago ang lahat" in waiting
    assert "nagbago ang mga tseke" not in waiting


@ONE_ENGINE
def test_the_label_to_scan_is_reached_from_the_procedure(desk):
    assert 'href="/procedures/WELD/label.pdf"' in page(desk, "/procedures/WELD")
