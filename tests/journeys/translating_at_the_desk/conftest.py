"""Two people at a desk, and one on the floor who reads Danish."""

import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.people import staff
from qc_service.people.models import Person
from tests.plant import Plant
from tests.procedure_life import Life
from tests.reader import Desk


@pytest.fixture
def life(app):
    with connected():
        plant = Plant(app)
    plant.line("L1", "S1")
    return Life(app)


@pytest.fixture
def anna(life):
    return life.somebody("ANNA")


@pytest.fixture
def bo(life):
    return life.somebody("BO")


@pytest.fixture
def danes(life):
    made = life.somebody("DITTE", "operator", site="S1")
    with connected():
        staff.change_person(audit.COMMAND, Person.get(Person.code == "DITTE").id, language="da")
    return made


@pytest.fixture
def desk(life, anna):
    return Desk(life.app, "ANNA")


@pytest.fixture
def other(life, bo):
    return Desk(life.app, "BO")
