import pytest

from qc_service.db import connected
from tests.plant import Plant
from tests.witness import Witness


@pytest.fixture
def plant(app):
    app.test_client_class = Witness  # whatever a story gets for an answer is as the API describes it
    with connected():
        made = Plant(app)
    made.line("L1", "S1")
    return made
