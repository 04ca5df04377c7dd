"""Two people who write procedures, and one on the floor who reads Danish."""

import pytest

from tests.translating_api import speaking


@pytest.fixture
def life(life, lines):
    return life


@pytest.fixture
def danes(life):
    """An operator of site S1 who reads Danish."""
    return speaking(life, "DITTE", "da", "operator", site="S1")
