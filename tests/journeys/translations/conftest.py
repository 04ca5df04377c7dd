"""Two people who write procedures, and one on the floor who reads Danish."""

import pytest

from qc_service.db import connected
from tests.plant import Plant
from tests.procedure_life import Life
from tests.translating_api import speaking
from tests.witness import Witness


@pytest.fixture
def life(app):
    app.test_client_class = Witness
    with connected():
        plant = Plant(app)
    for line, site in (("L1", "S1"), ("M1", "S2")):
        plant.line(line, site)
    return Life(app)


@pytest.fixture
def anna(life):
    return life.somebody("ANNA")


@pytest.fixture
def bo(life):
    return life.somebody("BO")


@pytest.fixture
def danes(life):
    """An operator of site S1 who reads Danish."""
    return speaking(life, "DITTE", "da", "operator", site="S1")
