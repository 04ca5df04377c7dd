"""Pages say the same on both engines: on PostgreSQL they are asked in a campaign."""

import pytest

from tests.conftest import MOSTLY_SQLITE


@pytest.fixture(params=MOSTLY_SQLITE)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param
