"""Whose answer a report waits for."""

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.lines.models import Line
from qc_service.people import staff
from qc_service.people.models import Person
from qc_service.procedures import reports
from qc_service.procedures.deviation_models import StepReport
from qc_service.procedures.models import Procedure
from tests.plant import Plant
from tests.site_floor import floor_of
from tests.site_procedures import acting, procedure_of


@pytest.fixture
def site_id(app):
    with connected():
        Plant(app).line("L1", "S1")
        yield Line.get(Line.code == "L1").site_id


@pytest.fixture
def report(site_id):
    procedure = procedure_of("fern", "S1", site_id, "L1")
    return StepReport.get_by_id(
        floor_of("fern", site_id, "L1", procedure["procedure"], procedure["in_force"])["report"]
    )


@pytest.fixture
def lea(site_id):
    return staff.add_person(audit.COMMAND, "LEA", "Lea", ["supervisor"], site_id=site_id)


def badges(people):
    return [person.code for person in people]


def inbox(code):
    return [row.id for row in reports.reports_for(Person.get(Person.code == code).id)]


def test_the_owner_alone_answers_while_they_can(report, lea):
    assert badges(reports.answerers(report)) == ["Writer-fern"]
    assert (inbox("Writer-fern"), inbox("LEA"), inbox("Worker-fern")) == ([report.id], [], [])


def test_without_an_owner_who_works_here_it_waits_for_the_supervisors_of_the_site(report, lea):
    Person.update(active=False).where(Person.code == "Writer-fern").execute()

    assert badges(reports.answerers(report)) == ["LEA"]
    assert inbox("LEA") == inbox("Boss-fern") == [report.id]


def test_an_owner_of_no_procedure_is_nobody(report, lea):
    Procedure.update(owner_id=None).execute()

    assert reports.owner_of(report) is None
    assert badges(reports.answerers(report)) == ["LEA"]


def test_an_owner_answers_by_whichever_of_their_accounts(report, lea, site_id):
    writer = Person.get(Person.code == "Writer-fern")
    Person.update(human_id=writer.id).where(Person.id == lea.id).execute()

    answered = reports.answer(acting(lea, site_id), report.id, "explained", "Turn it round.")

    assert (answered.state, answered.answered_by) == ("answered", lea.id)


def test_what_is_answered_waits_for_nobody(report, site_id):
    reports.answer(
        acting(Person.get(Person.code == "Writer-fern"), site_id), report.id, "not_a_fault", "It is meant so."
    )

    assert inbox("Writer-fern") == []
