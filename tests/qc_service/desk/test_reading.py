"""What somebody has to read, what changed for them, and signing it at a desk."""

import copy
import csv
import io
import re
from datetime import timedelta

import pytest

from qc_service import clock
from qc_service.db import connected
from qc_service.procedures.models import Acknowledgement, SkillRecord
from tests.desk_client import ONE_ENGINE, at_desk, get, post
from tests.plant import Plant
from tests.procedure_life import PASSWORD, SIGNED, Life, document

CAN = "/procedures/CAN/versions"
SKILL = {"text": "Ten cans sealed tight.", "valid_for_days": 365}


@pytest.fixture
def life(app):
    with connected():
        plant = Plant(app)
        plant.line("L1", "S1", "Filler 1")
        plant.line("M1", "S2", "Filler 2")
    return Life(app)


@pytest.fixture
def anna(life):
    return life.somebody("ANNA")


@pytest.fixture
def bo(life):
    return life.somebody("BO")


@pytest.fixture
def oda(life):
    """An operator of site S1 at a desk."""
    life.somebody("ODA", "operator", site="S1")
    return at_desk(life.app, "ODA")


def acknowledged():
    with connected():
        return Acknowledgement.select().count()


@ONE_ENGINE
def test_a_new_version_is_on_the_list_until_it_is_read_and_signed(life, anna, bo, oda):
    life.published(anna, bo)
    listed = get(oda, "/reading").text
    assert "To read and sign: 1" in listed
    assert "new to you" in listed
    assert f"{CAN}/1/read" in listed

    answer = post(oda, f"{CAN}/1/read", password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/reading")
    after = get(oda, "/reading").text
    assert "Signed: you have read and understood CAN, version 1." in after
    assert "You have read everything." in after


@ONE_ENGINE
def test_what_is_new_since_the_last_one_that_was_read_stands_first_in_sentences(life, anna, bo, oda):
    life.published(anna, bo)
    post(oda, f"{CAN}/1/read", password=PASSWORD)
    life.published(anna, bo, doc=document("344"))
    life.published(anna, bo, doc=document("343"))

    page = get(oda, f"{CAN}/3/read").text
    assert "New since version 1, which you read" in page
    assert "345 → 343" in page
    assert page.index("345 → 343") < page.index("Close the lid and crimp it all round.")
    assert "Why it was changed:" in page


@ONE_ENGINE
@pytest.mark.parametrize("password", ["", "wrong"])
def test_nothing_is_signed_without_the_password_and_the_page_says_so_beside_its_field(life, anna, bo, oda, password):
    life.published(anna, bo)
    answer = post(oda, f"{CAN}/1/read", password=password)
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text
    assert "Filled weight" in answer.text
    assert acknowledged() == 0


@ONE_ENGINE
def test_signing_again_changes_nothing(life, anna, bo, oda):
    life.published(anna, bo)
    for _ in range(2):
        assert post(oda, f"{CAN}/1/read", password=PASSWORD).status_code == 303
    assert acknowledged() == 1
    assert "You had signed CAN, version 1, already." in get(oda, "/reading").text


@ONE_ENGINE
def test_a_version_that_is_not_to_be_read_any_more_is_refused_with_what_to_do(life, anna, bo, oda):
    life.published(anna, bo)
    life.published(anna, bo, doc=document("344"))
    assert "read version 2 instead" in get(oda, f"{CAN}/1/read").text
    life.draft(anna, doc=document("341"))
    assert get(oda, f"{CAN}/3/read").status_code == 409
    assert get(oda, f"{CAN}/9/read").status_code == 404


@ONE_ENGINE
def test_a_version_to_come_is_on_the_list_before_it_is_in_force(life, anna, bo, oda):
    life.published(anna, bo, at=clock.now() + timedelta(days=2))
    assert "Read it before" in get(oda, "/reading").text


@ONE_ENGINE
def test_only_who_works_by_procedures_is_asked_to_read(life, anna, bo):
    life.published(anna, bo)
    life.somebody("AUDI", "auditor")
    assert "You have read everything." in get(at_desk(life.app, "AUDI"), "/reading").text


@ONE_ENGINE
def test_a_site_that_a_procedure_is_not_used_in_has_nothing_to_read(life, anna, bo, oda):
    life.published(anna, bo)
    anna.done("PUT", "/procedures/CAN/lines", {"lines": [{"line": "M1", "site": "S2"}]})
    assert "You have read everything." in get(oda, "/reading").text


# --- who has still to read ---


@ONE_ENGINE
def test_a_supervisor_sees_by_line_who_has_still_to_read(life, anna, bo, oda):
    life.published(anna, bo)
    anna.done("PUT", "/procedures/CAN/lines", {"lines": [{"line": "L1", "site": "S1"}, {"line": "M1", "site": "S2"}]})
    page = get(at_desk(life.app, "ANNA"), "/procedures/CAN/pending").text
    first, second = page.index("Filler 1"), page.index("Filler 2")
    assert first < page.index("Name of ODA") < second
    assert page.count("Name of ODA") == 1
    assert page.count("Name of BO") >= 2


@ONE_ENGINE
def test_the_list_as_a_file_starts_no_formula(life, anna, bo):
    life.published(anna, bo)
    life.somebody("=ODA", "operator")
    answer = get(at_desk(life.app, "ANNA"), "/procedures/CAN/pending.csv")
    assert answer.content_type.startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0][:3] == ["procedure", "version", "line"]
    assert "'=ODA" in {row[3] for row in rows}


@ONE_ENGINE
def test_a_skill_that_somebody_showed_is_confirmed_by_another_with_a_password(life, anna, bo, oda):
    life.published(anna, bo, doc={**copy.deepcopy(document()), "skill": SKILL})
    assert "You have not shown it yet" in get(oda, "/reading").text
    desk = at_desk(life.app, "ANNA")
    page = get(desk, "/procedures/CAN/pending").text
    assert "not shown yet" in page
    assert "ANNA" not in re.search(r'<select id="person".*?</select>', page, re.DOTALL)[0]

    missing = post(desk, "/procedures/CAN/skills", person="", password=PASSWORD)
    assert 'id="person-error"' in missing.text
    wrong = post(desk, "/procedures/CAN/skills", person="ODA", password="wrong")
    assert (wrong.status_code, 'value="ODA" selected' in wrong.text) == (422, True)
    assert post(desk, "/procedures/CAN/skills", person="ODA", password=PASSWORD).status_code == 303
    with connected():
        assert SkillRecord.select().count() == 1
    assert "You have not shown it yet" not in get(oda, "/reading").text


@ONE_ENGINE
def test_a_skill_that_runs_out_within_a_month_is_named_with_its_day(life, anna, bo, oda):
    life.published(anna, bo, doc={**copy.deepcopy(document()), "skill": SKILL})
    shown = clock.iso(clock.now() - timedelta(days=350))
    anna.done("POST", "/procedures/CAN/skills", {**SIGNED, "person": "ODA", "shown_at": shown})
    assert "It runs out on" in get(oda, "/reading").text
    assert "runs out on" in get(at_desk(life.app, "ANNA"), "/procedures/CAN/pending").text


@ONE_ENGINE
def test_an_operator_has_no_form_to_confirm_skills(life, anna, bo, oda):
    life.published(anna, bo, doc={**copy.deepcopy(document()), "skill": SKILL})
    assert "Confirm a skill" not in get(oda, "/procedures/CAN/pending").text
    assert post(oda, "/procedures/CAN/skills", person="ANNA", password=PASSWORD).status_code == 403
