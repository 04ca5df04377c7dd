import pytest

from tests.floor_life import Floor, floor_of


@pytest.fixture
def floor(app) -> Floor:
    return floor_of(app)


@pytest.fixture
def mia(floor):
    """Who makes."""
    return floor.person("MIA")


@pytest.fixture
def ines(floor):
    """Who inspects."""
    return floor.person("INES")


@pytest.fixture
def omar(floor):
    """Who inspects too."""
    return floor.person("OMAR")


@pytest.fixture
def boss(floor):
    return floor.life.somebody("BOSS", "quality_manager", "supervisor")
