"""A step that does not work, from its page to the answer."""

import pytest

from qc_service.db import connected
from qc_service.procedures.models import StepReport
from tests.desk_client import ONE_ENGINE, at_desk, get, post
from tests.plant import Plant
from tests.procedure_life import Life

FORM = "/procedures/CAN/versions/1/report"


@pytest.fixture
def life(app):
    with connected():
        Plant(app).line("L1", "S1", "Filler 1")
    made = Life(app)
    made.published(made.somebody("ANNA"), made.somebody("BO"))
    return made


@pytest.fixture
def oda(life):
    life.somebody("ODA", "operator", site="S1")
    return at_desk(life.app, "ODA")


def reported(desk, **changes):
    form = {"item": "step:seal", "text": "The lid does not lie flat.", "line": "L1", **changes}
    return post(desk, FORM, **form)


@ONE_ENGINE
def test_a_step_is_reported_from_its_page_and_answered_by_a_supervisor(life, oda):
    assert 'value="step:seal" selected' in get(oda, FORM, step="seal").text
    where = reported(oda).headers["Location"]
    page = get(oda, where).text
    assert "Reported. You are told when it is answered." in page
    assert "It waits for a supervisor of the site." in page

    anna = at_desk(life.app, "ANNA")
    listed = get(anna, "/step-reports").text
    assert "Reports that wait for your answer: 1" in listed
    assert "The lid does not lie flat." in listed
    done = post(anna, f"{where}/answer", outcome="explained", answer="Press it first.")
    assert done.status_code == 303
    told = get(oda, where).text
    assert "It is right, and here is how" in told
    assert "Press it first." in told
    assert "Filler 1" in told
    assert "The lid does not lie flat." in get(oda, "/step-reports", tab="mine").text


@ONE_ENGINE
@pytest.mark.parametrize(
    ("change", "field"), [({"item": ""}, "item"), ({"item": "step:none"}, "item"), ({"text": ""}, "text")]
)
def test_what_is_missing_stands_beside_its_field(oda, change, field):
    answer = reported(oda, **change)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    with connected():
        assert StepReport.select().count() == 0


@ONE_ENGINE
def test_an_answer_needs_an_outcome_and_words(life, oda):
    where = reported(oda, item="check:tight").headers["Location"]
    anna = at_desk(life.app, "ANNA")
    answer = post(anna, f"{where}/answer", outcome="", answer="")
    assert answer.status_code == 422
    assert 'id="outcome-error"' in answer.text
    assert 'id="answer-error"' in answer.text


@ONE_ENGINE
def test_the_owner_alone_answers(life, oda):
    life.somebody("OWEN")
    at = at_desk(life.app, "ANNA")
    with connected():
        from qc_service.people.models import Person
        from qc_service.procedures.models import Procedure

        Procedure.update(owner_id=Person.get(Person.code == "OWEN").id).execute()
    where = reported(oda).headers["Location"]
    page = get(at, where).text
    assert "It waits for the procedure&#39;s owner: Name of OWEN." in page
    assert 'name="outcome"' not in page
    forced = post(at, f"{where}/answer", outcome="explained", answer="Press it first.")
    assert (forced.status_code, "Name of OWEN" in forced.text) == (422, True)
    assert 'name="outcome"' in get(at_desk(life.app, "OWEN"), where).text


@ONE_ENGINE
def test_a_report_of_nothing_is_not_there(oda):
    assert get(oda, "/step-reports/rep_nothing").status_code == 404
    assert get(oda, "/procedures/CAN/versions/9/report").status_code == 404
