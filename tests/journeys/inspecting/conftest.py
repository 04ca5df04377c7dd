import pytest

from tests.floor_life import Floor, floor_of
from tests.witness import Witness


@pytest.fixture
def floor(app) -> Floor:
    app.test_client_class = Witness
    return floor_of(app)


@pytest.fixture
def mia(floor):
    """Who makes."""
    return floor.person("MIA")


@pytest.fixture
def ines(floor):
    """Who inspects."""
    return floor.person("INES")
