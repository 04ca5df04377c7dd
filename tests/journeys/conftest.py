import pytest

from qc_service import audit
from qc_service.db import connected
from qc_service.people import credentials, staff
from tests.plant import Plant
from tests.procedure_life import Life
from tests.reader import PASSWORD, PEOPLE, Desk
from tests.witness import Witness


@pytest.fixture
def plant(app):
    app.test_client_class = Witness  # whatever a story gets for an answer is as the API describes it
    with connected():
        made = Plant(app)
    made.line("L1", "S1")
    return made


@pytest.fixture
def people(plant):
    """The plant with somebody in every role."""
    with connected():
        credentials.init_people(plant.app.config["QC"])
        for badge, (name, role) in PEOPLE.items():
            staff.add_person(audit.COMMAND, badge, name, [role], password=PASSWORD)
    return plant


@pytest.fixture
def desk(people):
    """A supervisor in front of the desk."""
    return Desk(people.app)


@pytest.fixture
def life(app) -> Life:
    app.test_client_class = Witness
    return Life(app)


@pytest.fixture
def lines(app):
    """Lines that procedures are followed on: two of one site, one of another."""
    with connected():
        plant = Plant(app)
    for line, site in (("L1", "S1"), ("L2", "S1"), ("M1", "S2")):
        plant.line(line, site)


@pytest.fixture
def anna(life):
    return life.somebody("ANNA")


@pytest.fixture
def bo(life):
    return life.somebody("BO")


@pytest.fixture
def admin(life):
    return life.somebody("ADMIN", "admin")


@pytest.fixture
def oda(life):
    return life.somebody("ODA", "operator", site="S1")
