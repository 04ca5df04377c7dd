import pytest

from qc_service.db import connected
from tests.plant import Plant


@pytest.fixture
def plant(app):
    with connected():
        made = Plant(app)
    made.line("L1", "S1")
    return made
